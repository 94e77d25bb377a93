// SPDX-License-Identifier: Apache-2.0
import HookCore

extension LuaLint {
    /// Paths below an event's data that none of its schemas has.
    ///
    /// - Parameter events: locals that hold the event, or in a converter the data themselves.
    /// - Parameter schemas: of every event that the code may get; empty where one of them has none.
    static func missingPaths(
        _ facts: LuaFacts, events: Set<Int>, areData: Bool = false, schemas: [(name: String, schema: JSONSchema)],
        places: LuaPlaces
    ) -> [Diagnostic] {
        guard !schemas.isEmpty else { return [] }
        var diagnostics: [Diagnostic] = []
        var seen: Set<Int> = []
        for use in facts.paths where !use.isWrite {
            guard let (keys, own) = self.dataKeys(use.path, facts, events, areData) else { continue }
            let path = keys.map { key -> JSONSchema.Key in
                if case .name(let name, _) = key { .name(name) } else { .element }
            }
            var nearest: String?
            var position = 0
            let isMissing = schemas.allSatisfy { _, schema in
                guard case .missing(let at, let known, let isClosed) = schema.look(up: path),
                    case .name(let name, _) = keys[at]
                else { return false }
                let near = NearestName.to(name, among: known)
                nearest = nearest ?? near
                position = at
                return isClosed || near != nil
            }
            // Keys of an alias were judged where the alias was made.
            guard isMissing, position >= keys.count - own, case .name(let name, let span) = keys[position],
                seen.insert(span.lowerBound).inserted
            else { continue }
            let mark = places.mark(span)
            diagnostics.append(
                Diagnostic(
                    "schema/unknown-path", .warning, at: mark,
                    "the schema of \(schemas[0].name) has no \"\(name)\" here",
                    hint: nearest.map { "did you mean \"\($0)\"?" }, fix: nearest.map { Diagnostic.Fix(at: mark, $0) }))
        }
        return diagnostics
    }

    /// Keys below `event.data`, and how many of them stand at this place; nil for what is no part of the data.
    private static func dataKeys(
        _ path: LuaFacts.Path, _ facts: LuaFacts, _ events: Set<Int>, _ areData: Bool
    ) -> (keys: [LuaFacts.Key], own: Int)? {
        var keys = path.keys
        var root = path.root
        var steps = 0
        while case .local(let index) = root, !events.contains(index) {
            let local = facts.locals[index]
            guard let alias = local.alias, !local.isWrittenAgain, steps < 20 else { return nil }
            keys = alias.keys + keys
            root = alias.root
            steps += 1
        }
        guard case .local(let index) = root, !facts.locals[index].isWrittenAgain else { return nil }
        var inside = keys
        if !areData {
            guard case .name("data", _)? = keys.first else { return nil }
            inside.removeFirst()
        }
        return inside.isEmpty ? nil : (inside, min(path.keys.count, inside.count))
    }
}
