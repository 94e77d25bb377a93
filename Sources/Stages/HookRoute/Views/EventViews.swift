// SPDX-License-Identifier: Apache-2.0
// What a route sees of an event once its `match` holds: the event itself, or the parts of its list.
import HookCore

enum EventViews {
    /// Texts that are put together of checked ones: deeper than what may come in by what was added around it, and of
    /// duplicate keys, where a source allows them, the last counts.
    static let limits = JSONLimits(depthMax: 192, duplicateKeys: .last)

    /// What became of the views of one route.
    enum Outcome {
        /// In order; never empty.
        case views([Event])
        /// There is nothing to go on with.
        case none(reason: String)
        case failed(ScriptFailure)
    }

    static func views(of event: Event, _ route: RouteSpec) -> Outcome {
        guard let split = route.split else { return .views([event]) }
        do throws(ScriptFailure) {
            let parts = try EventParts.parts(of: event, split, targets: route.targets.countMax)
            return parts.isEmpty ? .none(reason: "the list \(split.path) is empty") : .views(parts)
        } catch {
            return .failed(error)
        }
    }
}

extension RouteSpec {
    /// Whether what follows `match` sees something else than the event.
    package var hasViews: Bool { self.split != nil || !self.enrich.isEmpty }
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
