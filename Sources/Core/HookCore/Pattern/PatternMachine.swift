// SPDX-License-Identifier: Apache-2.0
// All threads of a pattern at once, a scalar at a time (Pike's machine): never more than instructions times scalars.

/// One run over one text.
struct PatternMachine {
    /// Threads of one moment, each instruction once.
    private struct Threads {
        private var places: [Int]
        private(set) var list: [Int] = []

        init(_ count: Int) { self.places = [Int](repeating: 0, count: count) }

        func contains(_ thread: Int) -> Bool {
            let place = self.places[thread]
            return place < self.list.count && self.list[place] == thread
        }

        mutating func insert(_ thread: Int) {
            self.places[thread] = self.list.count
            self.list.append(thread)
        }

        mutating func removeAll() { self.list.removeAll(keepingCapacity: true) }
    }

    private let program: PatternProgram
    private var now: Threads
    private var then: Threads
    private var stack: [Int] = []

    private init(_ program: PatternProgram) {
        self.program = program
        self.now = Threads(program.instructions.count)
        self.then = Threads(program.instructions.count)
    }

    /// Whether the pattern matches somewhere; nil where `steps` have run out.
    static func matches(
        _ program: PatternProgram, _ text: UnsafeBufferPointer<UInt8>, steps: inout Int
    ) -> Bool? {
        var machine = PatternMachine(program)
        return unsafe machine.run(text, &steps)
    }

    private mutating func run(_ text: UnsafeBufferPointer<UInt8>, _ steps: inout Int) -> Bool? {
        var at = 0
        var before: UInt32?
        while true {
            let scalar = unsafe ScalarReader.next(text, &at)
            // A match may begin anywhere.
            if self.follow(self.program.entry, before, scalar, into: \.now) { return true }
            steps -= self.now.list.count + 1
            if steps < 0 { return nil }
            guard let scalar else { return false }
            let number = Int(self.program.classes.number(of: scalar))
            var after = at
            let following = unsafe ScalarReader.next(text, &after)
            self.then.removeAll()
            for thread in self.now.list {
                guard case .set(let set, let target) = self.program.instructions[thread],
                    self.program.classes.members[set][number]
                else { continue }
                if self.follow(target, scalar, following, into: \.then) { return true }
            }
            swap(&self.now, &self.then)
            before = scalar
        }
    }

    /// Adds a thread and all that it leads to without a scalar; true where that is the end of the pattern.
    private mutating func follow(
        _ entry: Int, _ before: UInt32?, _ after: UInt32?, into list: WritableKeyPath<PatternMachine, Threads>
    ) -> Bool {
        self.stack.append(entry)
        while let thread = self.stack.popLast() {
            if self[keyPath: list].contains(thread) { continue }
            self[keyPath: list].insert(thread)
            switch self.program.instructions[thread] {
            case .match:
                self.stack.removeAll()
                return true
            case .set: break
            case .split(let one, let other):
                self.stack.append(other)
                self.stack.append(one)
            case .start(let next): if before == nil { self.stack.append(next) }
            case .end(let next): if after == nil { self.stack.append(next) }
            case .boundary(let isNegated, let next):
                let isBoundary = Self.isWord(before) != Self.isWord(after)
                if isBoundary != isNegated { self.stack.append(next) }
            }
        }
        return false
    }

    private static func isWord(_ scalar: UInt32?) -> Bool { scalar.map { ScalarSet.words.contains($0) } ?? false }
}

enum ScalarReader {
    /// The scalar at a byte of valid UTF-8, which moves behind it; nil at the end.
    @inline(__always)
    static func next(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> UInt32? {
        guard at < text.count else { return nil }
        let first = unsafe UInt32(text[at])
        if first < 0x80 {
            at += 1
            return first
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        var value = first & (0x7F >> UInt32(length))
        for place in at + 1..<min(at + length, text.count) { value = unsafe value << 6 | UInt32(text[place] & 0x3F) }
        at = min(at + length, text.count)
        return value
    }
}
