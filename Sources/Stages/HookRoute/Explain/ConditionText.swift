// SPDX-License-Identifier: Apache-2.0
// Tests and conditions written back as the route language has them.

import HookCore

/// Operator and wanted value of tests.
enum ConditionText {
    static func operation(_ test: ValueTest) -> (op: String, want: JSONValue) {
        switch test {
        case .equals(let scalar): ("eq", self.value(scalar))
        case .equalsIgnoringCase(let text): ("iequals", .string(text))
        case .prefix(let text): ("prefix", .string(text))
        case .suffix(let text): ("suffix", .string(text))
        case .contains(let text): ("contains", .string(text))
        case .glob(let text): ("glob", .string(text))
        case .number(let comparison, let bound): (comparison.rawValue, self.value(.number(bound)))
        case .between(let low, let high): ("between", [self.value(.number(low)), self.value(.number(high))])
        case .exists(let isThere): ("exists", .bool(isThere))
        case .cidr(let blocks): ("cidr", .array(blocks.map { .string($0.description) }))
        case .anyOf(let tests): self.list(tests).map { ("in", $0) } ?? ("any_of", .array(tests.map(self.map)))
        case .allOf(let tests): ("all_of", .array(tests.map(self.map)))
        case .not(.anyOf(let tests)): self.list(tests).map { ("not_in", $0) } ?? ("not", .array(tests.map(self.map)))
        case .not(let test): ("not", self.map(test))
        case .elements(let quantifier, .value(let test)): (quantifier.rawValue, self.map(test))
        case .elements(let quantifier, .object(let condition)): (quantifier.rawValue, self.map(condition))
        }
    }

    /// A list of scalars; nil where some test is something else.
    private static func list(_ tests: [ValueTest]) -> JSONValue? {
        var values: [JSONValue] = []
        for test in tests {
            guard case .equals(let scalar) = test else { return nil }
            values.append(self.value(scalar))
        }
        return .array(values)
    }

    private static func map(_ test: ValueTest) -> JSONValue {
        if case .equals(let scalar) = test { return self.value(scalar) }
        let (op, want) = self.operation(test)
        return .object([JSONValue.Member(op, want)])
    }

    static func map(_ condition: Condition) -> JSONValue {
        switch condition {
        case .and(let parts): .object([JSONValue.Member("all_of", .array(parts.map(self.map)))])
        case .or(let parts): .object([JSONValue.Member("any_of", .array(parts.map(self.map)))])
        case .not(let part): .object([JSONValue.Member("not", self.map(part))])
        case .field(let path, let test, _): .object([JSONValue.Member(path.description, self.map(test))])
        }
    }

    static func value(_ scalar: JSONScalar) -> JSONValue {
        switch scalar {
        case .null: .null
        case .bool(let value): .bool(value)
        case .string(let text): .string(text)
        case .number(.integer(let value)): .int(value)
        case .number(.unsigned(let value)): .int(value)
        // JSON has no infinity; this text reads as it again.
        case .number(.double(let value)): .number(value.isFinite ? "\(value)" : value < 0 ? "-1e999" : "1e999")
        }
    }
}
