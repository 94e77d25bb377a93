// SPDX-License-Identifier: Apache-2.0
// What a route sees of an event once its `match` holds: the event itself, the parts of its list, or either with what was
// looked up.
import HookCore

/// Makes the views of one route.
struct EventViews {
    /// Texts that are put together of checked ones: deeper than what may come in by what was added around it, and of
    /// duplicate keys, where a source allows them, the last counts.
    static let limits = JSONLimits(depthMax: 192, duplicateKeys: .last)

    /// What became of the views of one route.
    enum Outcome {
        /// In order, each a view or why it is held; never empty.
        case views([View])
        /// There is nothing to go on with.
        case none(reason: String)
        case failed(ScriptFailure)
        /// Nothing of the route goes on before this is answered: a route has one fate over all its parts.
        case waits(LookupRequest)
    }

    enum View {
        case event(Event)
        /// Of this part.
        case held(ScriptFailure, part: Int?)
    }

    let route: RouteSpec
    let answers: (any LookupAnswers)?

    func of(_ event: Event) -> Outcome {
        do throws(ScriptFailure) {
            let parts =
                try self.route.split.map { split throws(ScriptFailure) in
                    try EventParts.parts(of: event, split, targets: self.route.targets.countMax)
                } ?? [event]
            if parts.isEmpty { return .none(reason: "the list \(self.route.split?.path.description ?? "") is empty") }
            return self.route.enrich.isEmpty ? .views(parts.map { .event($0) }) : self.enriched(parts)
        } catch {
            return .failed(error)
        }
    }

    private func enriched(_ parts: [Event]) -> Outcome {
        let enricher = Enricher(route: self.route, answers: self.answers)
        var views: [View] = []
        views.reserveCapacity(parts.count)
        var waits: LookupRequest?
        for part in parts {
            switch enricher.run(part) {
            case .view(let view): views.append(.event(view))
            case .held(let failure): views.append(.held(failure, part: part.part))
            // The other parts are asked as well, so that whoever answers learns of all look-ups at once.
            case .waits(let request): waits = waits ?? request
            }
        }
        return waits.map { .waits($0) } ?? .views(views)
    }
}

extension RouteSpec {
    /// Whether what follows `match` sees something else than the event.
    package var hasViews: Bool { self.split != nil || !self.enrich.isEmpty }

    /// Whether it may have to wait for somebody's answer.
    package var asksPeers: Bool {
        self.enrich.contains { if case .http = $0.source { true } else { false } }
    }
}

extension RouteSpec.Targets {
    /// Most targets that one event can reach.
    var countMax: Int {
        switch self {
        case .list(let targets): targets.count
        case .cases(let cases): cases.map(\.targets.count).max() ?? 0
        }
    }
}
