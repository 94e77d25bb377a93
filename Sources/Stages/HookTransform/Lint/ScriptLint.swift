// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Lints every script of a project: files below `scripts/`, and code in route files.
struct ScriptLint {
    /// What is known about the data that a script gets: the schema of each event version, with its name.
    typealias Schemas = [ScriptID: [(name: String, schema: JSONSchema)]]

    let files: ProjectFiles
    let scripts: [ScriptSpec]
    var checks: [ScriptSpec] = []
    let schemas: Schemas
    /// Names of tables; nil: not known.
    var lookups: Set<String>?

    func findings() -> [Diagnostic] {
        guard let names = LuaNames.sandbox else { return [] }
        return self.inFiles(names) + self.inline(names)
    }

    // MARK: Files

    private func inFiles(_ names: LuaNames) -> [Diagnostic] {
        var uses: [String: [(name: String, id: ScriptID)]] = [:]
        for (index, spec) in self.scripts.enumerated() {
            if case .function(let file, let name) = spec.body {
                uses[RequireGraph.folder + file, default: []].append((name, ScriptID(index)))
            }
        }
        return self.files.files.flatMap { file -> [Diagnostic] in
            guard file.path.hasPrefix(RequireGraph.folder), file.path.hasSuffix(".lua"),
                let facts = LuaParser.facts(of: file.bytes)
            else { return [] }
            let places = LuaPlaces.file(SourceLines(file: file.path, bytes: file.bytes))
            var lint = LuaLint(facts, names: names, places: places, lookups: self.lookups)
            lint.run()
            return lint.diagnostics + self.missingPaths(facts, uses[file.path] ?? [], places)
        }
    }

    /// A function that several routes name gets the events of all of them.
    private func missingPaths(
        _ facts: LuaFacts, _ uses: [(name: String, id: ScriptID)], _ places: LuaPlaces
    ) -> [Diagnostic] {
        Dictionary(grouping: uses, by: \.name).sorted { $0.key < $1.key }.flatMap { name, uses -> [Diagnostic] in
            let known = uses.map { self.schemas[$0.id] ?? [] }
            guard let functions = facts.functions[name], functions.count == 1, let event = functions[0].first,
                known.allSatisfy({ !$0.isEmpty })
            else { return [] }
            let roles = Set(uses.map { self.scripts[$0.id.index].role == .convert })
            // A function that is both gets two things by one name.
            guard roles.count == 1 else { return [] }
            return LuaLint.missingPaths(
                facts, events: [event], areData: roles.contains(true), schemas: known.flatMap { $0 }, places: places)
        }
    }

    // MARK: Code in route files

    private func inline(_ names: LuaNames) -> [Diagnostic] {
        self.scripts.enumerated().flatMap { self.inline($1, self.schemas[ScriptID($0)] ?? [], names) }
            + self.checks.flatMap { self.inline($0, [], names) }
    }

    private func inline(
        _ spec: ScriptSpec, _ schemas: [(name: String, schema: JSONSchema)], _ names: LuaNames
    ) -> [Diagnostic] {
        let code: String
        let source: String
        switch spec.body {
        case .function: return []
        case .inline(let text): (code, source) = (text, text)
        // The line break ends a comment behind the expression.
        case .expression(let text): (code, source) = (text, "return " + text + "\n")
        }
        let isExpression = code.utf8.count != source.utf8.count
        guard let facts = LuaParser.facts(of: Array(source.utf8), given: Self.given(spec.role, isExpression)) else {
            return []
        }
        let places = LuaPlaces.inline(
            InlinePlaces(
                code: code, at: spec.mark, in: self.files[spec.mark.file] ?? [],
                offset: isExpression ? "return ".utf8.count : 0))
        var lint = LuaLint(facts, names: names, places: places, lookups: self.lookups)
        lint.run()
        return lint.diagnostics
            + LuaLint.missingPaths(
                facts, events: [0], areData: spec.role == .convert, schemas: schemas, places: places)
    }

    /// Locals around a piece of code, the event or result first.
    private static func given(_ role: ScriptSpec.Role, _ isExpression: Bool) -> [(name: String, alias: LuaFacts.Path?)]
    {
        if role == .check { return (["result"] + InlineCode.checkNames).map { ($0, nil) } }
        if role == .convert || role == .aggregate { return role.parameters.map { ($0, nil) } }
        let data = LuaFacts.Path(root: .local(0), keys: [.name("data", 0..<0)], span: 0..<0)
        let both: [(name: String, alias: LuaFacts.Path?)] = [("event", nil), ("ctx", nil)]
        return isExpression ? both + [("data", data), ("headers", nil), ("query", nil)] : both
    }
}
