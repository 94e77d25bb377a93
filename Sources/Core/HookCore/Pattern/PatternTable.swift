// SPDX-License-Identifier: Apache-2.0
// A pattern as a table from state and class to the next state, made once (subset construction): a look-up a scalar.
// Where the table would be large, there is none, and ``PatternMachine`` does the work.

final class PatternTable: Sendable {
    private static let statesMax = 8192
    private static let entriesMax = 131_072
    /// Instructions looked at while the table is made.
    private static let workMax = 2_000_000
    /// Every way from this state ends in a match.
    private static let accepted: UInt16 = 0xFFFF

    private let classes: PatternClasses
    private let classCount: Int
    private let next: [UInt16]
    /// Whether the text may end in a state.
    private let acceptsAtEnd: [Bool]

    init?(_ program: PatternProgram) {
        guard !program.hasBoundary else { return nil }
        self.classes = program.classes
        self.classCount = program.classes.count
        var maker = Maker(program: program)
        var next: [UInt16] = []
        var acceptsAtEnd: [Bool] = []
        guard maker.make(classCount: self.classCount, &next, &acceptsAtEnd) else { return nil }
        self.next = next
        self.acceptsAtEnd = acceptsAtEnd
    }

    /// HOT: whether the pattern matches somewhere in valid UTF-8.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var state = 0
        var at = 0
        if self.next.isEmpty { return true }
        while let scalar = unsafe ScalarReader.next(text, &at) {
            let target = self.next[state * self.classCount + Int(self.classes.number(of: scalar))]
            if target == Self.accepted { return true }
            state = Int(target)
        }
        return self.acceptsAtEnd[state]
    }

    private struct Maker {
        let program: PatternProgram
        var states: [[Int]: UInt16] = [:]
        var pending: [[Int]] = []
        var work = 0

        /// False where the table would be too large. An empty table means that everything matches.
        mutating func make(classCount: Int, _ next: inout [UInt16], _ acceptsAtEnd: inout [Bool]) -> Bool {
            guard let first = self.closure([self.program.entry], isStart: true) else { return true }
            // Behind the first scalar a match may begin too, but no longer at the start of the text.
            guard let anywhere = self.closure([self.program.entry], isStart: false) else {
                // A match that needs no scalar and no start would be one at the start too.
                return true
            }
            // Not among the states that are looked up: only here the text has just begun.
            self.pending.append(first)
            var at = 0
            while at < self.pending.count {
                let state = self.pending[at]
                acceptsAtEnd.append(self.ends(state, isStart: at == 0))
                for number in 0..<classCount {
                    var targets: [Int] = []
                    for thread in state {
                        if case .set(let set, let target) = self.program.instructions[thread],
                            self.program.classes.members[set][number]
                        {
                            targets.append(target)
                        }
                    }
                    self.work += state.count
                    guard let reached = self.closure(targets, isStart: false) else {
                        next.append(PatternTable.accepted)
                        continue
                    }
                    let all = anywhere.isEmpty ? reached : Array(Set(reached).union(anywhere)).sorted()
                    guard let target = self.number(of: all) else { return false }
                    next.append(target)
                }
                guard self.work <= PatternTable.workMax, next.count <= PatternTable.entriesMax else { return false }
                at += 1
            }
            return true
        }

        private mutating func number(of state: [Int]) -> UInt16? {
            if let known = self.states[state] { return known }
            guard self.pending.count < PatternTable.statesMax else { return nil }
            let number = UInt16(self.pending.count)
            self.states[state] = number
            self.pending.append(state)
            return number
        }

        /// Instructions that wait for a scalar or the end; nil where the pattern has matched.
        private mutating func closure(_ entries: [Int], isStart: Bool) -> [Int]? {
            var seen: Set<Int> = []
            var stack = entries
            var result: [Int] = []
            while let thread = stack.popLast() {
                guard seen.insert(thread).inserted else { continue }
                switch self.program.instructions[thread] {
                case .match: return nil
                case .set, .end: result.append(thread)
                case .split(let one, let other): stack += [one, other]
                case .start(let next): if isStart { stack.append(next) }
                case .boundary: break
                }
            }
            self.work += seen.count
            return result.sorted()
        }

        /// Whether the text may end here.
        private func ends(_ state: [Int], isStart: Bool) -> Bool {
            var seen: Set<Int> = []
            var stack = state
            while let thread = stack.popLast() {
                guard seen.insert(thread).inserted else { continue }
                switch self.program.instructions[thread] {
                case .match: return true
                case .set, .boundary: break
                case .end(let next): stack.append(next)
                case .split(let one, let other): stack += [one, other]
                case .start(let next): if isStart { stack.append(next) }
                }
            }
            return false
        }
    }
}
