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
        case .elements(let quantifier, .value(let test)): "\(quantifier)[\(self.text(test))]"
        case .elements(let quantifier, .object(let condition)): "\(quantifier){\(self.text(condition))}"
        default: "\(test)"
        }
    }
}
