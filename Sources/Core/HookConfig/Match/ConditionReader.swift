// SPDX-License-Identifier: Apache-2.0
// The match language: path → value, list, or operator map. The tree that comes out has the meaning that ``ValueTest``
// describes; this file only decides what a piece of YAML says.

internal import HookCore
internal import YAMLBridge

/// Reads conditions.
enum ConditionReader {
    /// Keys that combine conditions instead of naming a path.
    static let combinators: [(key: String, summary: String)] = [
        ("all_of", "A list of maps of conditions; all of them hold."),
        ("any_of", "A list of maps of conditions; at least one of them holds."),
        ("not", "A map of conditions that does not hold, or a list of maps none of which holds."),
    ]

    enum Paths {
        /// From a root: `data.a`.
        case rooted
        /// Below an element of an array.
        case relative
    }

    /// A map of conditions, all of which must hold.
    static func condition(_ node: YAMLNode, _ paths: Paths, _ checker: Checker) -> Condition? {
        guard
            let entries = checker.entries(
                of: node, expected: "a map of conditions", example: "{data.action: published}")
        else { return nil }
        guard !entries.isEmpty else {
            checker.report(
                "match/empty", at: node.at, "no condition stands here", hint: "leave the key out to match everything")
            return nil
        }
        let parts = entries.compactMap { self.part($0.key, $0.entry, paths, checker) }
        guard parts.count == entries.count else { return nil }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private static func part(
        _ key: String, _ entry: YAMLNode.Entry, _ paths: Paths, _ checker: Checker
    ) -> Condition? {
        switch key {
        case "all_of": return self.conditions(entry.value, paths, checker).map { .and($0) }
        case "any_of": return self.conditions(entry.value, paths, checker).map { .or($0) }
        case "not":
            if entry.value.items != nil { return self.conditions(entry.value, paths, checker).map { .not(.or($0)) } }
            return self.condition(entry.value, paths, checker).map { .not($0) }
        default:
            guard let path = self.path(key, at: entry.key, paths, checker) else { return nil }
            return self.test(entry.value, checker).map { .field(path, $0, entry.key.at) }
        }
    }

    private static func conditions(_ node: YAMLNode, _ paths: Paths, _ checker: Checker) -> [Condition]? {
        guard let items = node.items else {
            checker.reportType(node, expected: "a list of maps of conditions", example: "[{data.a: 1}, {data.b: 2}]")
            return nil
        }
        guard !items.isEmpty else {
            checker.report(
                "config/empty-list", at: node.at, "the list is empty", hint: "leave the key out, or give a condition")
            return nil
        }
        let parts = items.compactMap { self.condition($0, paths, checker) }
        return parts.count == items.count ? parts : nil
    }

    private static func path(_ text: String, at key: YAMLNode, _ paths: Paths, _ checker: Checker) -> FieldPath? {
        do throws(PathFailure) {
            switch paths {
            case .rooted: return try PathParser.path(text)
            case .relative: return FieldPath(.data, try PathParser.segments(text))
            }
        } catch {
            checker.report("match/path", error, in: key)
            return nil
        }
    }

    /// A scalar, a list (any of), or a map of operators (all of).
    static func test(_ node: YAMLNode, _ checker: Checker) -> ValueTest? {
        switch node.content {
        case .scalar: return self.scalar(node, checker).map { .equals($0) }
        case .sequence(let items):
            guard !items.isEmpty else {
                checker.report(
                    "config/empty-list", at: node.at, "the list is empty and matches nothing", hint: "give a value")
                return nil
            }
            let tests = items.compactMap { self.test($0, checker) }
            return tests.count == items.count ? .anyOf(tests) : nil
        case .mapping: return self.operators(node, checker)
        }
    }

    private static func operators(_ node: YAMLNode, _ checker: Checker) -> ValueTest? {
        guard let entries = checker.entries(of: node, expected: "a map of operators") else { return nil }
        guard !entries.isEmpty else {
            checker.report("match/empty", at: node.at, "no operator stands here", hint: "for example {gte: 100}")
            return nil
        }
        var tests: [ValueTest] = []
        for (key, entry) in entries {
            if let found = MatchOperator.all.first(where: { $0.name == key }) {
                if let test = found.read(entry.value, checker) { tests.append(test) }
            } else {
                self.reportUnknown(key, entry, checker)
            }
        }
        guard tests.count == entries.count else { return nil }
        return tests.count == 1 ? tests[0] : .allOf(tests)
    }

    private static func reportUnknown(_ key: String, _ entry: YAMLNode.Entry, _ checker: Checker) {
        let known = MatchOperator.all.map(\.name)
        let familiar = [
            "equals": "eq", "ne": "not", "neq": "not", "starts_with": "prefix", "startswith": "prefix",
            "ends_with": "suffix", "endswith": "suffix", "min": "gte", "max": "lte", "regex": "glob", "one_of": "in",
        ]
        let near = familiar[key] ?? NearestName.to(key, among: known)
        checker.report(
            "match/operator", at: entry.key.at, "no operator is called \"\(key)\"", near: near,
            instead: "operators: \(known.joined(separator: ", "))")
    }

    /// A scalar of the match language.
    static func scalar(_ node: YAMLNode, _ checker: Checker) -> JSONScalar? {
        checker.warnIfAmbiguous(node)
        switch node.scalar {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let text): return .number(JSONNumber(text: Array(text.utf8)[...]))
        case .string(let text): return .string(text)
        case .unusableNumber(let text):
            checker.report(
                "match/operand", at: node.at, "JSON has no number \(text)", hint: "quote it where text is meant")
        case nil: checker.report("match/operand", at: node.at, "expected one value, found \(node.found)")
        }
        return nil
    }

    /// What `any`, `all` and `none` ask of an element: operators on the element itself, or conditions on paths
    /// below it.
    static func element(_ node: YAMLNode, _ checker: Checker) -> ElementTest? {
        guard node.entries?.isEmpty == false, self.namesPaths(node) else {
            return self.test(node, checker).map { .value($0) }
        }
        return self.condition(node, .relative, checker).map { .object($0) }
    }

    /// Whether the keys of a map are paths rather than operators; `not`, `all_of` and `any_of` are decided
    /// by what they hold.
    private static func namesPaths(_ node: YAMLNode) -> Bool {
        guard let entries = node.entries else {
            return node.items.map { $0.contains { self.namesPaths($0) } } ?? false
        }
        return entries.contains { entry in
            guard let key = entry.key.raw else { return false }
            if key == "all_of" || key == "any_of" { return true }
            if key == "not" { return self.namesPaths(entry.value) }
            guard !MatchOperator.all.contains(where: { $0.name == key }) else { return false }
            // An unknown key beside known operators, or near one with a bare value, is taken for a path all the same:
            // an element's keys can be called anything.
            return true
        }
    }
}
