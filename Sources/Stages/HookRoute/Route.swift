// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// Stage 3 of 6: chooses the routes that take an event, and their targets.
///
/// A table is compiled once from the routes of a configuration and never changes; a reload builds another one. All
/// enabled routes whose conditions hold fire, in the order in which they were given.
///
/// - Complexity: one walk over the event's tape, one look-up per value that some route asks for, then a check of every
///   route that was found. Linear in the event, whatever its arrays hold.
/// - Isolation: any thread; blocks only as long as another thread takes or returns its scratch.
package final class RouteTable: Sendable {
    let routes: [RoutePlan]
    private let engine: MatchTable
    let pins: VersionPins
    /// Of the catalogue, as far as it was given.
    package let versions: VersionTable

    /// Gives the event in another version.
    package typealias Converted = (Int) throws(ScriptFailure) -> Event

    /// Compiles the routes, which were checked before.
    ///
    /// - Parameter versions: of the catalogue; without them a route that pins a version takes that version alone.
    package init(routes specs: [RouteSpec], versions: VersionTable = VersionTable()) {
        var compiler = RouteCompiler()
        for spec in specs { compiler.add(spec) }
        self.routes = compiler.routes
        self.engine = MatchTable(compiler.finish())
        self.versions = versions
        self.pins = VersionPins(compiler.routes, versions)
    }

    /// Memory of the compiled conditions and of the index, without the specifications of the routes.
    package var bytes: Int { self.engine.bytes }

    /// Which routes take the event, and what settled it for those that looked at it and did not.
    ///
    /// - Parameter converted: asked for each version that some route pins and that the event did not come in; nil: such
    ///   routes do not take the event.
    /// - Parameter answers: what is known of look-ups; nil: nothing, so that routes that need one wait.
    package func match<Scripts: ConditionScripts>(
        _ verified: Verified, scripts: inout Scripts, converted: Converted? = nil,
        answers: (any LookupAnswers)? = nil
    ) -> Routed {
        var decision = RouteDecision(event: verified.event, answers: answers)
        self.engine.read(verified.event) { reading in
            reading.forEachMatch { route in self.decide(route, reading, &decision, &scripts) }
        }
        if !self.pins.isEmpty, let converted, let views = self.pins.views(of: verified.event) {
            for view in views { self.match(verified.event, view, converted, &decision, &scripts) }
        }
        return Routed(verified: verified, hits: decision.hits, fates: decision.fates, held: decision.held)
    }

    private func decide<Scripts: ConditionScripts>(
        _ route: UInt32, _ reading: MatchReading, _ decision: inout RouteDecision, _ scripts: inout Scripts
    ) {
        let plan = self.routes[Int(route)]
        if plan.spec.hasViews {
            decision.decideViews(plan, self.engine, &scripts)
        } else {
            decision.decide(plan, reading, &scripts)
        }
    }

    /// The routes that see the event in another version than it came in.
    private func match<Scripts: ConditionScripts>(
        _ event: Event, _ view: VersionPins.View, _ converted: Converted, _ decision: inout RouteDecision,
        _ scripts: inout Scripts
    ) {
        do throws(ScriptFailure) {
            let seen = try converted(view.version)
            decision.event = seen
            self.engine.read(seen) { reading in
                reading.forEachMatch { route in
                    if view.holds(route) { self.decide(route, reading, &decision, &scripts) }
                }
            }
        } catch {
            let open = self.undecided(view.routes, of: event, as: view.version)
            for route in open { decision.hold(self.routes[route].spec, error) }
        }
        decision.event = event
    }
}
