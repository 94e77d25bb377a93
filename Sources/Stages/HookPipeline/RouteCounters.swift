// SPDX-License-Identifier: Apache-2.0
import HookCore

/// The counters of `route_evaluations_total`, looked up once per revision and not per event.
struct RouteCounters: Sendable {
    private let counters: [RouteName: [Fate.Kind: Counter]]
    /// Of routes that aggregate.
    private let members: [RouteName: Counter]

    init(_ routes: [RouteSpec], signals: Signals) {
        self.members = Dictionary(
            routes.filter { $0.aggregate != nil }.map { ($0.name, signals.counter(.windowMembers, $0.name.text)) },
            uniquingKeysWith: { first, _ in first })
        self.counters = Dictionary(
            routes.map { route in
                let outcomes = Fate.Kind.allCases.map { kind in
                    (kind, signals.counter(.routeEvaluations, route.name.text, kind.rawValue))
                }
                return (route.name, Dictionary(uniqueKeysWithValues: outcomes))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Counts the fates of an event and of all that was emitted below it.
    func count(_ prepared: Prepared) {
        for fate in prepared.fates { self.counters[fate.route]?[fate.kind]?.add() }
        for member in prepared.members { self.members[member.route]?.add() }
        for child in prepared.emitted { self.count(child) }
    }
}
