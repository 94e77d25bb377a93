// SPDX-License-Identifier: Apache-2.0
// A pattern as instructions of a machine with many threads (Thompson's construction).

/// Instructions, and the classes of scalars that they tell apart.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Goes on behind one scalar of a set.
        case set(Int, next: Int)
        case split(Int, Int)
        case start(next: Int)
        case end(next: Int)
        case boundary(isNegated: Bool, next: Int)
        case match
    }

    static let instructionsMax = 20_000

    private(set) var instructions: [Instruction] = []
    private(set) var entry = 0
    private(set) var sets: [ScalarSet] = []
    private(set) var hasBoundary = false
    let classes: PatternClasses

    init(_ node: PatternNode) throws(TextPatternFailure) {
        var builder = Builder()
        let end = try builder.add(.match)
        self.entry = try builder.build(node, before: end)
        self.instructions = builder.instructions
        self.sets = builder.sets
        self.hasBoundary = builder.hasBoundary
        self.classes = PatternClasses(builder.sets)
    }

    /// Builds from the end to the beginning: what follows is known when an instruction is made.
    private struct Builder {
        var instructions: [Instruction] = []
        var sets: [ScalarSet] = []
        var numbers: [ScalarSet: Int] = [:]
        var hasBoundary = false

        mutating func add(_ instruction: Instruction) throws(TextPatternFailure) -> Int {
            guard self.instructions.count < PatternProgram.instructionsMax else {
                throw TextPatternFailure(
                    "the pattern is too large when its repetitions are written out", at: 0,
                    hint: "bound the length with maxLength")
            }
            self.instructions.append(instruction)
            return self.instructions.count - 1
        }

        mutating func build(_ node: PatternNode, before next: Int) throws(TextPatternFailure) -> Int {
            switch node {
            case .empty: return next
            case .set(let set): return try self.add(.set(self.number(of: set), next: next))
            case .start: return try self.add(.start(next: next))
            case .end: return try self.add(.end(next: next))
            case .boundary(let isNegated):
                self.hasBoundary = true
                return try self.add(.boundary(isNegated: isNegated, next: next))
            case .sequence(let parts):
                var at = next
                for part in parts.reversed() { at = try self.build(part, before: at) }
                return at
            case .choice(let options):
                var at = try self.build(options[options.count - 1], before: next)
                for option in options.dropLast().reversed() {
                    at = try self.add(.split(try self.build(option, before: next), at))
                }
                return at
            case .repeated(let part, let low, let high): return try self.repetition(part, low, high, before: next)
            }
        }

        private mutating func repetition(
            _ part: PatternNode, _ low: Int, _ high: Int?, before next: Int
        ) throws(TextPatternFailure) -> Int {
            var at = next
            if let high {
                for _ in 0..<(high - low) { at = try self.add(.split(try self.build(part, before: at), next)) }
            } else {
                let loop = try self.add(.split(next, next))
                self.instructions[loop] = .split(try self.build(part, before: loop), next)
                at = loop
            }
            for _ in 0..<low { at = try self.build(part, before: at) }
            return at
        }

        private mutating func number(of set: ScalarSet) -> Int {
            if let known = self.numbers[set] { return known }
            self.sets.append(set)
            self.numbers[set] = self.sets.count - 1
            return self.sets.count - 1
        }
    }
}

/// Scalars that no set of a pattern tells apart have one class.
struct PatternClasses: Sendable {
    private(set) var count = 0
    /// Class of each ASCII character.
    private(set) var ascii: [UInt16] = []
    /// Where runs of one class begin, ascending, the first at 0.
    private var starts: [UInt32] = []
    private var classes: [UInt16] = []
    /// Per set and class whether the set holds the class.
    private(set) var members: [[Bool]] = []

    init(_ sets: [ScalarSet]) {
        var cuts: Set<UInt32> = [0]
        for range in sets.flatMap(\.ranges) {
            cuts.insert(range.lowerBound)
            if range.upperBound < ScalarSet.last { cuts.insert(range.upperBound + 1) }
        }
        let starts = cuts.sorted()
        var signatures = [[Bool]](repeating: [], count: starts.count)
        for set in sets {
            var at = 0
            for (place, start) in starts.enumerated() {
                while at < set.ranges.count, set.ranges[at].upperBound < start { at += 1 }
                signatures[place].append(at < set.ranges.count && set.ranges[at].lowerBound <= start)
            }
        }
        var numbers: [[Bool]: UInt16] = [:]
        for (place, signature) in signatures.enumerated() {
            let number = numbers[signature] ?? UInt16(numbers.count)
            numbers[signature] = number
            if self.classes.last != number {
                self.starts.append(starts[place])
                self.classes.append(number)
            }
        }
        self.count = numbers.count
        self.members = sets.indices.map { set in
            var row = [Bool](repeating: false, count: numbers.count)
            for (signature, number) in numbers { row[Int(number)] = signature[set] }
            return row
        }
        self.ascii = (0..<128).map { self.search($0) }
    }

    @inline(__always)
    func number(of scalar: UInt32) -> UInt16 { scalar < 128 ? self.ascii[Int(scalar)] : self.search(scalar) }

    private func search(_ scalar: UInt32) -> UInt16 {
        var low = 0
        var high = self.starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.starts[middle] <= scalar { low = middle } else { high = middle }
        }
        return self.classes[low]
    }
}
