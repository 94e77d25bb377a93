// SPDX-License-Identifier: Apache-2.0
// What follows from a test of the match language, as far as it can be said without an event.

internal import HookCore

extension ValueTest {
    /// Whether one value passes; nil where that depends on more than the value.
    func isPassed(by value: JSONScalar) -> Bool? {
        switch (self, value) {
        case (.equals(let wanted), _): return wanted == value
        case (.equalsIgnoringCase(let wanted), .string(let text)):
            return Self.lowered(wanted) == Self.lowered(text)
        case (.prefix(let part), .string(let text)): return text.utf8.starts(with: part.utf8)
        case (.suffix(let part), .string(let text)):
            return text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
        case (.contains(let part), .string(let text)): return Self.contains(Array(text.utf8), Array(part.utf8))
        case (.glob(let pattern), .string(let text)): return Glob(pattern).matches(text)
        case (.number(let comparison, let bound), .number(let number)):
            switch comparison {
            case .gt: return number > bound
            case .gte: return number >= bound
            case .lt: return number < bound
            case .lte: return number <= bound
            }
        case (.between(let low, let high), .number(let number)): return number >= low && number <= high
        case (.equalsIgnoringCase, _), (.prefix, _), (.suffix, _), (.contains, _), (.glob, _), (.number, _),
            (.between, _):
            return false
        case (.exists(let isThere), _): return isThere
        case (.anyOf(let tests), _):
            let answers = tests.map { $0.isPassed(by: value) }
            if answers.contains(true) { return true }
            return answers.contains(nil) ? nil : false
        case (.allOf(let tests), _):
            let answers = tests.map { $0.isPassed(by: value) }
            if answers.contains(false) { return false }
            return answers.contains(nil) ? nil : true
        case (.not(let test), _): return test.isPassed(by: value).map { !$0 }
        case (.cidr, _), (.elements, _): return nil
        }
    }

    /// Whether everything that passes this passes the other too, at one path. False where it is not known.
    func implies(_ other: ValueTest) -> Bool {
        switch (self, other) {
        case (.anyOf(let tests), _): return tests.allSatisfy { $0.implies(other) }
        case (_, .allOf(let tests)): return tests.allSatisfy { self.implies($0) }
        case (.allOf(let tests), _): return tests.contains { $0.implies(other) }
        case (_, .anyOf(let tests)): return tests.contains { self.implies($0) }
        case (.not(let one), .not(let two)): return two.implies(one)
        case (_, .not): return false
        case (.not, .exists(true)): return true
        case (.not, _): return false
        case (.exists(let one), .exists(let two)): return one == two
        case (.exists, _): return false
        // An empty array is there and has no value.
        case (_, .exists(let isThere)): return isThere
        case (.equals(let value), _): return other.isPassed(by: value) ?? false
        case (.prefix(let one), .prefix(let two)): return one.utf8.starts(with: two.utf8)
        case (.suffix(let one), .suffix(let two)): return one.utf8.suffix(two.utf8.count).elementsEqual(two.utf8)
        case (.contains(let one), .contains(let two)), (.prefix(let one), .contains(let two)),
            (.suffix(let one), .contains(let two)):
            return Self.contains(Array(one.utf8), Array(two.utf8))
        case (.glob(let one), .glob(let two)): return one == two
        case (.equalsIgnoringCase(let one), .equalsIgnoringCase(let two)): return Self.lowered(one) == Self.lowered(two)
        case (.number, _), (.between, _):
            guard let inner = NumberRange(self), let outer = NumberRange(other) else { return false }
            return outer.contains(inner)
        case (.cidr(let one), .cidr(let two)): return Set(one).isSubset(of: Set(two))
        default: return false
        }
    }

    private static func lowered(_ text: String) -> [UInt8] {
        text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}

/// Numbers from one to another; nil ends are open.
struct NumberRange {
    var low: (value: JSONNumber, isIncluded: Bool)?
    var high: (value: JSONNumber, isIncluded: Bool)?

    init() {}

    /// Nil for tests of other kinds.
    init?(_ test: ValueTest) {
        switch test {
        case .equals(.number(let value)):
            self.low = (value, true)
            self.high = (value, true)
        case .number(.gt, let value): self.low = (value, false)
        case .number(.gte, let value): self.low = (value, true)
        case .number(.lt, let value): self.high = (value, false)
        case .number(.lte, let value): self.high = (value, true)
        case .between(let low, let high):
            self.low = (low, true)
            self.high = (high, true)
        default: return nil
        }
    }

    var isEmpty: Bool {
        guard let low, let high else { return false }
        return high.value < low.value || (low.value == high.value && !(low.isIncluded && high.isIncluded))
    }

    func contains(_ inner: NumberRange) -> Bool {
        if let low {
            guard let other = inner.low, other.value >= low.value else { return false }
            if other.value == low.value && other.isIncluded && !low.isIncluded { return false }
        }
        if let high {
            guard let other = inner.high, other.value <= high.value else { return false }
            if other.value == high.value && other.isIncluded && !high.isIncluded { return false }
        }
        return true
    }

    func meeting(_ other: NumberRange) -> NumberRange {
        var result = self
        if let low = other.low,
            self.low.map({ low.value > $0.value || (low.value == $0.value && !low.isIncluded) }) ?? true
        {
            result.low = low
        }
        if let high = other.high,
            self.high.map({ high.value < $0.value || (high.value == $0.value && !high.isIncluded) }) ?? true
        {
            result.high = high
        }
        return result
    }
}

/// `*` for any run of characters, `\*` and `\\` for themselves.
struct Glob {
    private enum Step: Equatable { case any, byte(UInt8) }
    private let steps: [Step]

    init(_ pattern: String) {
        var steps: [Step] = []
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): if steps.last != .any { steps.append(.any) }
            case UInt8(ascii: "\\"): steps.append(.byte(rest.popFirst() ?? byte))
            default: steps.append(.byte(byte))
            }
        }
        self.steps = steps
    }

    /// Linear but for going back to the last `*`.
    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var step = 0
        var place = 0
        var lastAny: (step: Int, place: Int)?
        while place < bytes.count {
            if step < self.steps.count, self.steps[step] == .any {
                lastAny = (step, place)
                step += 1
            } else if step < self.steps.count, self.steps[step] == .byte(bytes[place]) {
                step += 1
                place += 1
            } else if let last = lastAny {
                step = last.step + 1
                place = last.place + 1
                lastAny = (last.step, place)
            } else {
                return false
            }
        }
        return self.steps[step...].allSatisfy { $0 == .any }
    }
}

extension Condition {
    /// Whether every event for which this holds also passes the other. False where it is not known.
    func implies(_ other: Condition) -> Bool {
        switch other {
        case .and(let parts): return parts.allSatisfy { self.implies($0) }
        case .or(let parts): if parts.contains(where: { self.implies($0) }) { return true }
        case .not, .field: break
        }
        switch (self, other) {
        case (.and(let parts), _): return parts.contains { $0.implies(other) }
        case (.or(let parts), _): return parts.allSatisfy { $0.implies(other) }
        case (.not(let one), .not(let two)): return two.implies(one)
        case (.field(let one, let test, _), .field(let two, let wanted, _)): return one == two && test.implies(wanted)
        default: return false
        }
    }
}
