// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Templates of destinations against the schemas of every event that may be sent there.
struct TemplateLint {
    let book: SchemaBook
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check(_ configuration: Configuration) {
        guard !self.book.isEmpty else { return }
        var schemas: [DestinationName: [SchemaBook.Named]] = [:]
        var isOpen: Set<DestinationName> = []
        for route in configuration.routes {
            let known = route.hasOwnView ? [] : self.book.schemas(of: route.events)
            for name in Set(route.allTargets.map(\.destination)) {
                if known.isEmpty { isOpen.insert(name) } else { schemas[name, default: []] += known }
            }
        }
        for destination in configuration.destinations where !isOpen.contains(destination.name) {
            guard let known = schemas[destination.name] else { continue }
            self.check(destination, known)
        }
    }

    private func check(_ destination: DestinationSpec, _ schemas: [SchemaBook.Named]) {
        let templates = [destination.url.path] + destination.headers.map(\.value) + destination.query.map(\.value)
        for path in templates.flatMap(\.fields) where path.root == .data {
            let keys = path.keys.map { JSONSchema.Key.name($0) }
            var found: (at: Int, known: [String])?
            let isMissing = schemas.allSatisfy { named in
                guard case .missing(let at, let known, _) = named.schema.look(up: keys) else { return false }
                found = found ?? (at, known)
                return true
            }
            guard isMissing, let found else { continue }
            let key = path.keys[found.at]
            let hole = self.trees.place(of: "{\(path)}", below: destination.mark)
            let mark = hole.map { $0.narrowed(to: key, in: self.trees.bytes($0.file)) } ?? destination.mark
            let near = NearestName.to(key, among: found.known)
            self.report(
                Diagnostic(
                    "schema/unknown-path", .warning, at: mark,
                    "the schema of \(schemas[0].name) has no \"\(key)\" here",
                    hint: near.map { "did you mean \"\($0)\"?" } ?? "the request cannot be made without it",
                    notes: [Diagnostic.Note("destination \(destination.name)")],
                    fix: near.flatMap { near in hole.map { _ in Diagnostic.Fix(at: mark, near) } }))
        }
    }
}
