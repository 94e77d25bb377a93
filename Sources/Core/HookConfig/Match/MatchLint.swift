// SPDX-License-Identifier: Apache-2.0
// Conditions that can never or always hold. A path may reach several values (arrays), so most pairs of tests on one
// path do not contradict each other; only what holds for every event is said.

internal import HookCore

struct MatchLint {
    let checker: Checker

    func check(_ condition: Condition) {
        switch condition {
        case .and(let parts):
            self.checkPairs(parts)
            parts.forEach(self.check)
        case .or(let parts): parts.forEach(self.check)
        case .not(let part): self.check(part)
        case .field(let path, let test, let mark):
            self.checkPairs([condition])
            self.check(path, test, at: mark)
        }
    }

    private func check(_ path: FieldPath, _ test: ValueTest, at mark: Mark?) {
        switch test {
        case .not(.exists(true)):
            self.warn("match/never", mark, "\"not: {exists: true}\" can never hold", "write {exists: false}")
        case .not(.exists(false)):
            self.warn(
                "match/always", mark, "\"not: {exists: false}\" holds wherever something is there",
                "write {exists: true}")
        case .prefix(""), .suffix(""), .contains(""), .glob("*"):
            self.warn("match/always", mark, "the test holds for every string", "write {exists: true}")
        case .number, .between:
            if Self.isText(path.root) {
                self.warn(
                    "match/never", mark, "\(path) is text and never a number",
                    "quote the value, or use another path")
            }
        case .equals(let value):
            if Self.isText(path.root), case .string = value { return }
            if Self.isText(path.root) {
                self.warn(
                    "match/never", mark, "\(path) is text and never equal to this", "quote the value")
            }
        case .exists(false) where Self.isAlwaysThere(path.root):
            self.warn("match/never", mark, "every event has a \(path.root.rawValue)", "remove the condition")
        case .exists(true) where Self.isAlwaysThere(path.root):
            self.warn("match/always", mark, "every event has a \(path.root.rawValue)", "remove the condition")
        case .allOf(let tests):
            tests.forEach { self.check(path, $0, at: mark) }
        case .anyOf(let tests): tests.forEach { self.check(path, $0, at: mark) }
        case .elements(_, .object(let condition)): self.check(condition)
        default: break
        }
    }

    /// `exists: false` beside anything that needs a value; a value and its own negation.
    private func checkPairs(_ parts: [Condition]) {
        var absent: [FieldPath: Mark?] = [:]
        var needed: [FieldPath: Mark?] = [:]
        var byPath: [FieldPath: [ValueTest]] = [:]
        for case .field(let path, let test, let mark) in parts {
            let tests = if case .allOf(let all) = test { all } else { [test] }
            for test in tests {
                if case .exists(false) = test { absent[path] = mark } else { needed[path] = mark }
            }
            byPath[path, default: []] += tests
        }
        for (path, tests) in byPath { self.checkNegation(tests, at: needed[path].flatMap { $0 }) }
        for (path, mark) in absent where needed[path] != nil {
            let other = needed[path].flatMap { $0 }
            self.checker.report(
                "match/conflict", at: mark, "\(path) cannot be absent and have a value", hint: "remove one of the two",
                notes: other == mark ? [] : [Diagnostic.Note("the other condition", at: other)])
        }
    }

    private func checkNegation(_ tests: [ValueTest], at mark: Mark?) {
        let wanted = tests.flatMap(Self.values)
        let refused = tests.flatMap { if case .not(let inner) = $0 { Self.values(inner) } else { [JSONScalar]() } }
        if !wanted.isEmpty, wanted.allSatisfy(refused.contains) {
            self.warn("match/never", mark, "the value is wanted and refused", "remove one of the two")
        }
    }

    private static func values(_ test: ValueTest) -> [JSONScalar] {
        switch test {
        case .equals(let value): [value]
        case .anyOf(let tests): tests.flatMap(Self.values)
        default: []
        }
    }

    /// Header and query values are text, whatever they look like: `headers.x-page: 2` holds for no request.
    private static func isText(_ root: FieldPath.Root) -> Bool {
        switch root {
        case .data, .version: false
        default: true
        }
    }

    private static func isAlwaysThere(_ root: FieldPath.Root) -> Bool {
        switch root {
        case .type, .source, .method, .path: true
        default: false
        }
    }

    private func warn(_ code: String, _ mark: Mark?, _ message: String, _ hint: String) {
        self.checker.report(code, .warning, at: mark, message, hint: hint)
    }
}
