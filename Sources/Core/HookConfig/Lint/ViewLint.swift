// SPDX-License-Identifier: Apache-2.0
// Routes whose targets see something else than the event: what is known of the event says nothing about them.

internal import HookCore

extension RouteSpec {
    /// Whether what follows `match` sees a part, or data that something was added to.
    var hasOwnView: Bool { self.split != nil || !self.enrich.isEmpty }

    /// The route's conditions where its targets see the same event.
    var ownViewMatch: Condition? { self.hasOwnView ? nil : self.match }

    /// Texts that are equal where two routes make the same views.
    var viewKey: String {
        let steps = self.enrich.map { "\($0.sourceKey) \($0.into) \($0.fallback ?? []) \($0.onError)" }
        return "\(self.split.map { "\($0.keys) \($0.parent ?? "")" } ?? "") \(steps)"
    }
}

extension EnrichSpec {
    fileprivate var sourceKey: String {
        switch self.source {
        case .table(let table, let key): "\(table.name) \(key)"
        case .http(let http): "\(http)"
        }
    }
}

/// The path of `split:` against the schemas of the events that may come.
struct SplitLint {
    let book: SchemaBook
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check(_ routes: [RouteSpec]) {
        guard !self.book.isEmpty else { return }
        for route in routes {
            guard let split = route.split else { continue }
            let schemas = self.book.schemas(of: route.events)
            guard !schemas.isEmpty else { continue }
            let answers = schemas.map { $0.schema.look(up: split.keys.map { .name($0) }) }
            self.check(split, zip(schemas, answers).map { ($0.name, $0.schema, $1) }, route)
        }
    }

    /// Said only where it holds for every event that may come.
    private func check(
        _ split: SplitSpec, _ answers: [(name: String, schema: JSONSchema, answer: JSONSchema.Answer)],
        _ route: RouteSpec
    ) {
        let never = answers.compactMap { item -> (message: String, known: [String], at: Int)? in
            switch item.answer {
            case .missing(let at, let known, _) where split.keys.indices.contains(at):
                ("the schema of \(item.name) has no \"\(split.keys[at])\" here", known, at)
            case .found(let place) where !item.schema.mayBe("array", place):
                ("\(split.path) is no list in the schema of \(item.name)", [], -1)
            default: nil
            }
        }
        guard never.count == answers.count, let first = never.first else { return }
        let isMissing = first.at >= 0
        let near = isMissing ? NearestName.to(split.keys[first.at], among: first.known) : nil
        let mark =
            isMissing
            ? split.mark.narrowed(to: split.keys[first.at], in: self.trees.bytes(split.mark.file)) : split.mark
        self.report(
            Diagnostic(
                isMissing ? "schema/unknown-path" : "schema/type", .warning, at: mark, first.message,
                hint: near.map { "did you mean \"\($0)\"?" } ?? "split needs a list",
                notes: [Diagnostic.Note("route \(route.name)")], fix: near.map { Diagnostic.Fix(at: mark, $0) }))
    }
}
