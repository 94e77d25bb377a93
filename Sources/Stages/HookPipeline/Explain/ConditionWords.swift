// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Conditions of the match language as sentences.
package enum ConditionWords {
    /// One sentence a line; what is grouped is indented below its heading.
    package static func lines(of condition: Condition) -> [String] {
        switch condition {
        case .and(let parts): return parts.flatMap(self.lines)
        case .or(let parts): return ["any of these holds:"] + self.indented(parts)
        case .not(.field(let path, let test, _)): return ["not: \(path) \(self.phrase(test))"]
        case .not(let part): return ["this does not hold:"] + self.indented([part])
        case .field(let path, .allOf(let tests), _): return tests.map { self.sentence(path, $0) }
        case .field(let path, let test, _): return [self.sentence(path, test)]
        }
    }

    /// The same in one line, for labels.
    package static func short(_ condition: Condition) -> String {
        switch condition {
        case .and(let parts): parts.map(self.short).joined(separator: " and ")
        case .or(let parts): "(\(parts.map(self.short).joined(separator: " or ")))"
        case .not(let part): "not (\(self.short(part)))"
        case .field(let path, let test, _): self.sentence(path, test)
        }
    }

    private static func indented(_ parts: [Condition]) -> [String] {
        parts.flatMap { part -> [String] in
            if case .and(let inner) = part, inner.count > 1 {
                return ["  all of these:"] + inner.flatMap(self.lines).map { "    \($0)" }
            }
            return self.lines(of: part).map { "  \($0)" }
        }
    }

    private static func sentence(_ path: FieldPath, _ test: ValueTest) -> String {
        switch test {
        case .elements(let quantifier, .value(let test)):
            "\(self.word(quantifier)) element of \(path) \(self.phrase(test))"
        case .elements(let quantifier, .object(let condition)):
            "\(self.word(quantifier)) element of \(path) has: \(self.element(condition))"
        default: "\(path) \(self.phrase(test))"
        }
    }

    private static func word(_ quantifier: ValueTest.Quantifier) -> String {
        switch quantifier {
        // `some` takes a value that is no array for its own only element.
        case .any, .some: "some"
        case .all: "every"
        case .none: "no"
        }
    }

    /// Paths below an element begin at the element.
    private static func element(_ condition: Condition) -> String {
        switch condition {
        case .and(let parts): parts.map(self.element).joined(separator: " and ")
        case .or(let parts): "(\(parts.map(self.element).joined(separator: " or ")))"
        case .not(let part): "not (\(self.element(part)))"
        case .field(let path, let test, _):
            "\(path.keys.isEmpty ? "it" : String(path.description.dropFirst("data.".count))) \(self.phrase(test))"
        }
    }

    /// What stands behind the path.
    static func phrase(_ test: ValueTest) -> String {
        switch test {
        case .equals(let scalar): return "is \(self.text(scalar))"
        case .equalsIgnoringCase(let text): return "is \(self.quoted(text)) in any case"
        case .prefix(let text): return "begins with \(self.quoted(text))"
        case .suffix(let text): return "ends with \(self.quoted(text))"
        case .contains(let text): return "contains \(self.quoted(text))"
        case .glob(let text): return "looks like \(self.quoted(text))"
        case .number(let comparison, let bound): return "\(self.word(comparison)) \(self.text(.number(bound)))"
        case .between(let low, let high): return "is from \(self.text(.number(low))) to \(self.text(.number(high)))"
        case .exists(let isThere): return isThere ? "is there" : "is not there"
        case .cidr(let blocks): return "is an address in \(PolicyWords.list(blocks.map(\.description), "or"))"
        case .anyOf(let tests):
            return self.scalars(tests).map { "is one of \(PolicyWords.list($0, "or"))" }
                ?? PolicyWords.list(tests.map(self.phrase), "or")
        case .allOf(let tests): return PolicyWords.list(tests.map(self.phrase))
        case .not(.equals(let scalar)): return "is there and is not \(self.text(scalar))"
        case .not(.anyOf(let tests)):
            return self.scalars(tests).map { "is there and is none of \(PolicyWords.list($0, "or"))" }
                ?? "is there, but not so that it \(PolicyWords.list(tests.map(self.phrase), "or"))"
        case .not(let test): return "is there, but not so that it \(self.phrase(test))"
        case .elements(let quantifier, .value(let test)):
            return "has \(quantifier.rawValue) element that \(self.phrase(test))"
        case .elements(let quantifier, .object(let condition)):
            return "has \(quantifier.rawValue) element with \(self.element(condition))"
        }
    }

    private static func word(_ comparison: ValueTest.Comparison) -> String {
        switch comparison {
        case .gt: "is more than"
        case .gte: "is at least"
        case .lt: "is less than"
        case .lte: "is at most"
        }
    }

    /// Nil where some test is no plain value.
    private static func scalars(_ tests: [ValueTest]) -> [String]? {
        var texts: [String] = []
        for test in tests {
            guard case .equals(let scalar) = test else { return nil }
            texts.append(self.text(scalar))
        }
        return texts
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }

    private static func text(_ scalar: JSONScalar) -> String {
        switch scalar {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .string(let text): return self.quoted(text)
        case .number(let number):
            var bytes: [UInt8] = []
            // Infinity is the only number without a spelling, and reads as such.
            return JSONWriter.append(number, to: &bytes) ? String(decoding: bytes, as: UTF8.self) : "infinity"
        }
    }
}
