// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Paths of steps against the schemas of the events that a route takes.
///
/// Only the first layer of a target without a transform is asked: a script may make any body, and a layer behind another
/// one finds what that has left.
struct StepSchemaLint {
    let book: SchemaBook
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check(_ routes: [RouteSpec]) {
        guard !self.book.isEmpty else { return }
        // Steps behind a split, an enrichment or a window see something else than the event.
        for route in routes where !route.hasOwnView && route.aggregate == nil {
            let schemas = self.book.schemas(of: route.events)
            guard !schemas.isEmpty else { continue }
            // Steps of a route stand in every target.
            var seen: Set<Mark> = []
            let targets: [(target: TargetSpec, transform: ScriptID?)] =
                switch route.targets {
                case .list(let list): list.map { ($0, $0.transform ?? route.transform) }
                case .cases(let cases):
                    cases.flatMap { one in
                        one.targets.map { ($0, $0.transform ?? one.transform ?? route.transform) }
                    }
                }
            for (target, transform) in targets where transform == nil {
                for step in target.output.steps.first?.steps ?? [] where step.kind != .set {
                    if seen.insert(step.mark).inserted { self.check(step, schemas, route) }
                }
            }
        }
    }

    private func check(_ step: ReshapeSpec.Step, _ schemas: [SchemaBook.Named], _ route: RouteSpec) {
        let keys = step.keys.map { JSONSchema.Key.name($0) }
        var found: (at: Int, known: [String])?
        for named in schemas {
            guard case .missing(let at, let known, _) = named.schema.look(up: keys) else { return }
            if at >= found?.at ?? 0 { found = (at, known) }
        }
        guard let found, step.keys.indices.contains(found.at) else { return }
        let key = step.keys[found.at]
        let near = NearestName.to(key, among: found.known)
        let place = step.mark.narrowed(to: key, in: self.trees.bytes(step.mark.file))
        let known = found.known.prefix(8).joined(separator: ", ") + (found.known.count > 8 ? ", …" : "")
        self.report(
            Diagnostic(
                "schema/unknown-path", .warning, at: place,
                "the schema of \(schemas[0].name) has no \"\(key)\" here",
                hint: near.map { "did you mean \"\($0)\"?" } ?? (known.isEmpty ? nil : "it has \(known)"),
                notes: [Diagnostic.Note("route \(route.name), \(step.kind.rawValue)")],
                fix: near.map { Diagnostic.Fix(at: place, $0) }))
    }
}
