// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Conditions as text that is equal for equal conditions, whatever their order: to find things that stand twice.
enum ConditionKey {
    static func text(_ condition: Condition?) -> String {
        switch condition {
        case nil: "-"
        case .and(let parts): "and(\(parts.map(self.text).sorted().joined(separator: ",")))"
        case .or(let parts): "or(\(parts.map(self.text).sorted().joined(separator: ",")))"
        case .not(let part): "not(\(self.text(part)))"
        case .field(let path, let test, _): "\(path):\(self.text(test))"
        }
    }

    static func text(_ test: ValueTest) -> String {
        switch test {
        case .anyOf(let tests): "any(\(tests.map(self.text).sorted().joined(separator: ",")))"
        case .allOf(let tests): "all(\(tests.map(self.text).sorted().joined(separator: ",")))"
        case .not(let test): "not(\(self.text(test)))"
        case .elements(let quantifier, .value(let test)): "\(quantifier.rawValue)[\(self.text(test))]"
        case .elements(let quantifier, .object(let condition)): "\(quantifier.rawValue){\(self.text(condition))}"
        case .equals(.string(let text)): "=\(self.sized(text))"
        case .equals(let value): "=\(value.words)"
        case .equalsIgnoringCase(let text): "~\(self.sized(text))"
        case .prefix(let text): "^\(self.sized(text))"
        case .suffix(let text): "$\(self.sized(text))"
        case .contains(let text): "%\(self.sized(text))"
        case .glob(let text): "*\(self.sized(text))"
        case .number(let comparison, let bound): "\(comparison.rawValue) \(JSONScalar.number(bound).words)"
        case .between(let low, let high): "\(JSONScalar.number(low).words)...\(JSONScalar.number(high).words)"
        case .exists(let isThere): isThere ? "exists" : "missing"
        case .cidr(let blocks): "in \(blocks.map { "\($0.high):\($0.low)/\($0.prefix)" }.joined(separator: ","))"
        }
    }

    /// With its length before it, so that no text can look like two.
    private static func sized(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}
