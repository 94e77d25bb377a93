// SPDX-License-Identifier: Apache-2.0
// Conditions that can never or always hold, and parts of conditions that say nothing. A path may reach several values
// (arrays), so most pairs of tests on one path do not contradict each other: two maps on one path may be met by two
// elements. Tests in one map are meant for one value; what no single value passes is said, with that reservation.

internal import HookCore
internal import YAMLBridge

struct MatchLint {
    let checker: Checker
    /// The map of conditions, for places of operators and values.
    let node: YAMLNode

    func check(_ condition: Condition) {
        switch condition {
        case .and(let parts):
            self.checkPairs(parts)
            parts.forEach(self.check)
        case .or(let parts):
            self.checkAlternatives(parts)
            parts.forEach(self.check)
        case .not(let part): self.check(part)
        case .field(let path, let test, let mark):
            self.checkPairs([condition])
            self.check(path, test, at: mark)
            self.checkOneValue(path, test, at: mark)
            self.checkList(test, at: mark)
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
            if path.root.isText {
                self.warn(
                    "match/never", mark, "\(path) is text and never a number",
                    "quote the value, or use another path")
            }
        case .equals(let value):
            if path.root.isText, case .string = value { return }
            if path.root.isText {
                self.warn("match/never", mark, "\(path) is text and never equal to this", "quote the value")
            }
        case .exists(false) where path.root.isAlwaysThere:
            self.warn("match/never", mark, "every event has a \(path.root.rawValue)", "remove the condition")
        case .exists(true) where path.root.isAlwaysThere:
            self.warn("match/always", mark, "every event has a \(path.root.rawValue)", "remove the condition")
        case .allOf(let tests): tests.forEach { self.check(path, $0, at: mark) }
        case .anyOf(let tests): tests.forEach { self.check(path, $0, at: mark) }
        case .elements(_, .object(let condition)): self.check(condition)
        case .elements(_, .value(let test)):
            self.checkOneValue(nil, test, at: mark)
            self.checkList(test, at: mark)
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
        let wanted = tests.flatMap(\.plainValues)
        let refused = tests.flatMap { if case .not(let inner) = $0 { inner.plainValues } else { [JSONScalar]() } }
        if !wanted.isEmpty, wanted.allSatisfy(refused.contains) {
            self.warn("match/never", mark, "the value is wanted and refused", "remove one of the two")
        }
    }

    /// Several operators in one map that no single value passes.
    private func checkOneValue(_ path: FieldPath?, _ test: ValueTest, at mark: Mark?) {
        guard case .allOf(let tests) = test, let conflict = Contradiction.first(in: tests) else { return }
        let operators = mark.flatMap { SourceTrees.entry(at: $0, in: self.node) }?.value
        let places = [conflict.one, conflict.two].map { index in
            self.operatorMark(index, in: operators) ?? mark
        }
        let isSingle = path.map { $0.root != .data } ?? true
        let reservation = Diagnostic.Note(
            "two elements of an array could pass one each; any: {…} asks one element for both")
        self.checker.report(
            "match/contradiction", .warning, at: places[1], conflict.message, hint: "change one of the two",
            notes: (places[0] == places[1] ? [] : [Diagnostic.Note("the other test", at: places[0])])
                + (isSingle ? [] : [reservation]))
    }

    /// The tests of a map stand in the order of its keys; below `any:` and the like one level deeper.
    private func operatorMark(_ index: Int, in node: YAMLNode?) -> Mark? {
        guard let entries = node?.entries else { return nil }
        let names = entries.map { $0.key.raw ?? "" }
        if entries.count == 1, ["any", "all", "none"].contains(names[0]) {
            return self.operatorMark(index, in: entries[0].value)
        }
        guard entries.indices.contains(index) else { return nil }
        return entries[index].key.at
    }

    // MARK: Parts that say nothing

    /// The same value twice in a list, or one that another covers.
    private func checkList(_ test: ValueTest, at mark: Mark?) {
        switch test {
        case .not(let inner): self.checkList(inner, at: mark)
        case .allOf(let tests): tests.forEach { self.checkList($0, at: mark) }
        case .anyOf(let tests):
            guard let (index, other) = Self.covered(tests) else { return }
            let items = mark.flatMap { SourceTrees.entry(at: $0, in: self.node) }.flatMap {
                self.list(in: $0.value, of: tests)
            }
            let place = items?[index].at ?? mark
            let first = items?[other].at
            let isSame = ConditionKey.text(tests[index]) == ConditionKey.text(tests[other])
            self.checker.report(
                "match/redundant", .warning, at: place,
                isSame ? "the value stands twice in the list" : "another value of the list covers this one",
                hint: "remove it", notes: first.map { [Diagnostic.Note("the other one", at: $0)] } ?? [])
        default: break
        }
    }

    /// The list in YAML that became these alternatives.
    private func list(in node: YAMLNode, of tests: [ValueTest]) -> [YAMLNode]? {
        if let items = node.items { return items.count == tests.count ? items : nil }
        return node.entries?.lazy.compactMap { self.list(in: $0.value, of: tests) }.first
    }

    /// Lists are long at times; only small ones are compared pair by pair.
    private static let pairsMax = 64

    /// The first alternative that another one makes superfluous, and that other one.
    private static func covered(_ tests: [ValueTest]) -> (Int, Int)? {
        var seen: [JSONScalar: Int] = [:]
        for (index, test) in tests.enumerated() {
            guard case .equals(let value) = test else { continue }
            if let first = seen.updateValue(index, forKey: value) { return (index, first) }
        }
        // Different values never cover each other.
        guard tests.count <= Self.pairsMax, seen.count < tests.count else { return nil }
        for (index, test) in tests.enumerated() {
            for (other, wider) in tests.enumerated() where other != index && test.implies(wider) {
                // Of two equal ones the later is too much.
                if other < index || !wider.implies(test) { return (index, other) }
            }
        }
        return nil
    }

    /// `any_of` with an alternative that another one covers.
    private func checkAlternatives(_ parts: [Condition]) {
        guard parts.count <= Self.pairsMax else { return }
        for (index, part) in parts.enumerated() {
            for (other, wider) in parts.enumerated() where other != index && part.implies(wider) {
                guard other < index || !wider.implies(part) else { continue }
                self.checker.report(
                    "match/redundant", .warning, at: part.firstMark, "another alternative covers this one",
                    hint: "remove it", notes: wider.firstMark.map { [Diagnostic.Note("the other one", at: $0)] } ?? [])
                return
            }
        }
    }

    private func warn(_ code: String, _ mark: Mark?, _ message: String, _ hint: String) {
        self.checker.report(code, .warning, at: mark, message, hint: hint)
    }
}

extension Condition {
    var firstMark: Mark? {
        switch self {
        case .and(let parts), .or(let parts): parts.lazy.compactMap(\.firstMark).first
        case .not(let part): part.firstMark
        case .field(_, _, let mark): mark
        }
    }
}

extension FieldPath.Root {
    /// Header and query values are text, whatever they look like: `headers.x-page: 2` holds for no request.
    var isText: Bool {
        switch self {
        case .data, .version: false
        default: true
        }
    }

    var isAlwaysThere: Bool {
        switch self {
        case .type, .source, .method, .path: true
        default: false
        }
    }
}

extension ValueTest {
    /// The values of an equality, or of a list of them.
    var plainValues: [JSONScalar] {
        switch self {
        case .equals(let value): [value]
        case .anyOf(let tests): tests.flatMap(\.plainValues)
        default: []
        }
    }
}
