// SPDX-License-Identifier: Apache-2.0
// What would a change of the configuration do? Two revisions, the same events, the real stages 2 to 4 on both sides;
// what comes out is compared delivery by delivery. Nothing is sent, stored or read from the network, and test keys stand
// in for secrets.
//
// Most routes are the same on both sides, and a route is a function of the event and of what it is made of: so what is
// alike runs once, and only what differs runs twice.
import HookCore
import HookDeliver
import HookRoute
import HookTransform
import HookVerify

/// One revision, made ready for a comparison.
struct DiffSide: Sendable {
    let revision: Revision
    /// For requests of tests, which are signed with test keys.
    let testVerify: Verify
    /// All routes, for events that the two revisions read differently.
    let all: RouteTable
    /// The routes that the other side does not have, or has otherwise.
    let own: RouteTable
    let plans: DeliverPlan
}

/// Two revisions and what is alike in them. Immutable; each thread compares with a ``DiffWorker`` of its own.
package final class BehaviourDiff: Sendable {
    /// What the configurations say differently.
    package let plan: ReloadPlan
    let old: DiffSide
    let new: DiffSide
    /// Routes that do the same on both sides, as the old one has them.
    let shared: RouteTable
    /// Destinations whose requests look different for the same delivery.
    let reshaped: Set<DestinationName>
    /// Sources that read the same request differently.
    let rereading: Set<SourceName>

    package init(from old: Revision, to new: Revision) {
        let before = SpecAspects(old)
        let after = SpecAspects(new)
        let reshaped = Self.reshaped(before, old.configuration, after, new.configuration)
        let same = Self.sameRoutes(before, old, after, new)
        self.plan = ReloadPlan(from: old, to: new)
        self.reshaped = reshaped
        self.rereading = Self.rereading(before, old.configuration, after, new.configuration)
        self.shared = old.table(of: old.configuration.routes.filter { same.contains($0.name) })
        self.old = Self.side(old, without: same)
        self.new = Self.side(new, without: same)
    }

    private static func side(_ revision: Revision, without same: Set<RouteName>) -> DiffSide {
        let routes = revision.configuration.routes
        return DiffSide(
            revision: revision,
            testVerify: Verify(
                sources: revision.configuration.sources, secrets: TestSecrets(),
                jsonDepthMax: revision.configuration.server.ingest.jsonDepthMax,
                bodyBytesMax: revision.configuration.server.ingest.bodyBytesMax,
                catalogue: revision.configuration.catalogue),
            all: revision.table(of: routes), own: revision.table(of: routes.filter { !same.contains($0.name) }),
            plans: DeliverPlan(revision.configuration.destinations))
    }

    /// Routes that say the same, run the same scripts, and whose destinations ask the same fields of an event.
    private static func sameRoutes(
        _ before: SpecAspects, _ old: Revision, _ after: SpecAspects, _ new: Revision
    ) -> Set<RouteName> {
        let earlier = Dictionary(old.configuration.routes.map { ($0.name, $0) }) { first, _ in first }
        // What one route emits another may take, so then no route is alike by itself.
        if (old.configuration.routes + new.configuration.routes).contains(where: { $0.emit != nil }) { return [] }
        var same: Set<RouteName> = []
        // What versions there are, how they become one another and how they are called touches any route that takes such
        // events.
        guard before.versions == after.versions else { return same }
        for route in new.configuration.routes {
            // The whole text, not the parts that have a word: what a later version adds must not go unseen.
            guard let was = earlier[route.name], before.text(was) == after.text(route),
                route.destinations.allSatisfy({ old.templates[$0] == new.templates[$0] })
            else { continue }
            same.insert(route.name)
        }
        return same
    }

    private static func reshaped(
        _ before: SpecAspects, _ old: Configuration, _ after: SpecAspects, _ new: Configuration
    ) -> Set<DestinationName> {
        let earlier = Dictionary(old.destinations.map { ($0.name, $0) }) { first, _ in first }
        return Set(
            new.destinations.filter { destination in
                guard let was = earlier[destination.name] else { return true }
                return before.requestText(of: was) != after.requestText(of: destination)
            }.map(\.name))
    }

    private static func rereading(
        _ before: SpecAspects, _ old: Configuration, _ after: SpecAspects, _ new: Configuration
    ) -> Set<SourceName> {
        let earlier = Dictionary(old.sources.map { ($0.name, $0) }) { first, _ in first }
        let later = Dictionary(new.sources.map { ($0.name, $0) }) { first, _ in first }
        let isDepthSame = old.server.ingest.jsonDepthMax == new.server.ingest.jsonDepthMax
        return Set(
            Set(earlier.keys).union(later.keys).filter { name in
                guard let was = earlier[name], let now = later[name], isDepthSame else { return true }
                return before.text(was) != after.text(now)
            })
    }
}

extension RouteSpec {
    /// Every destination that it may send to.
    var destinations: Set<DestinationName> {
        switch self.targets {
        case .list(let targets): Set(targets.map(\.destination))
        case .cases(let cases): Set(cases.flatMap { $0.targets.map(\.destination) })
        }
    }
}
