// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Two tests that no single value passes.
struct Contradiction {
    let one: Int
    let two: Int
    let message: String

    /// The first one among tests that are all asked of the same value.
    static func first(in tests: [ValueTest]) -> Contradiction? {
        for two in tests.indices {
            for one in tests.indices.prefix(two) {
                if let message = self.message(tests[one], tests[two]) {
                    return Contradiction(one: one, two: two, message: message)
                }
            }
        }
        return nil
    }

    private static func message(_ one: ValueTest, _ two: ValueTest) -> String? {
        if let range = NumberRange(one), let other = NumberRange(two), range.meeting(other).isEmpty {
            return "no number is \(one.words) and \(two.words)"
        }
        // `not` beside a value is looked at elsewhere, over all values of the path.
        if one.isNegative || two.isNegative { return nil }
        for (test, other) in [(one, two), (two, one)] {
            let values = test.plainValues
            if !values.isEmpty, values.count == test.alternatives,
                values.allSatisfy({ other.isPassed(by: $0) == false })
            {
                return "nothing is \(one.words) and \(two.words)"
            }
        }
        switch (one, two) {
        case (.prefix(let a), .prefix(let b)) where !a.utf8.starts(with: b.utf8) && !b.utf8.starts(with: a.utf8):
            return "no text begins with \"\(a)\" and with \"\(b)\""
        case (.suffix(let a), .suffix(let b)) where !Self.ends(a, b) && !Self.ends(b, a):
            return "no text ends with \"\(a)\" and with \"\(b)\""
        default: break
        }
        let kinds = [one.kinds, two.kinds].compactMap { $0 }
        if kinds.count == 2, kinds[0].isDisjoint(with: kinds[1]) {
            return
                "nothing is \(one.words) and \(two.words): one is for \(Self.list(kinds[0])), the other for \(Self.list(kinds[1]))"
        }
        return nil
    }

    private static func ends(_ text: String, _ part: String) -> Bool {
        text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
    }

    private static func list(_ kinds: Set<String>) -> String { kinds.sorted().joined(separator: " and ") }
}

extension ValueTest {
    var isNegative: Bool {
        switch self {
        case .not, .exists(false): true
        default: false
        }
    }

    /// Leaves of a list.
    var alternatives: Int {
        if case .anyOf(let tests) = self { tests.reduce(0) { $0 + $1.alternatives } } else { 1 }
    }

    /// The kinds of values that may pass; nil for any.
    var kinds: Set<String>? {
        switch self {
        case .prefix, .suffix, .contains, .glob, .equalsIgnoringCase, .cidr: ["text"]
        case .number, .between: ["numbers"]
        case .equals(.string): ["text"]
        case .equals(.number): ["numbers"]
        case .equals(.bool): ["true and false"]
        case .equals(.null): ["null"]
        case .anyOf(let tests):
            tests.reduce(into: Set<String>?.some([])) { $0 = $1.kinds.flatMap { [all = $0] in all?.union($0) } }
        default: nil
        }
    }

    /// `greater than 10`, `"a"`.
    var words: String {
        switch self {
        case .equals(let value): value.words
        case .equalsIgnoringCase(let text): "\"\(text)\" in any case"
        case .prefix(let text): "a text that begins with \"\(text)\""
        case .suffix(let text): "a text that ends with \"\(text)\""
        case .contains(let text): "a text with \"\(text)\" in it"
        case .glob(let text): "a text like \"\(text)\""
        case .number(.gt, let bound): "greater than \(JSONScalar.number(bound).words)"
        case .number(.gte, let bound): "at least \(JSONScalar.number(bound).words)"
        case .number(.lt, let bound): "less than \(JSONScalar.number(bound).words)"
        case .number(.lte, let bound): "at most \(JSONScalar.number(bound).words)"
        case .between(let low, let high): "from \(JSONScalar.number(low).words) to \(JSONScalar.number(high).words)"
        case .anyOf(let tests):
            tests.prefix(3).map(\.words).joined(separator: " or ") + (tests.count > 3 ? " or …" : "")
        default: "this"
        }
    }
}

extension JSONScalar {
    /// As it would stand in a message.
    var words: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .string(let text): "\"\(text)\""
        case .number(.integer(let value)): "\(value)"
        case .number(.unsigned(let value)): "\(value)"
        case .number(.double(let value)): "\(value)"
        }
    }
}
