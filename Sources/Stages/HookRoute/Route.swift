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

    /// Compiles the routes, which were checked before.
    package init(routes specs: [RouteSpec]) {
        var compiler = RouteCompiler()
        for spec in specs { compiler.add(spec) }
        self.routes = compiler.routes
        self.engine = MatchTable(compiler.finish())
    }

    /// Memory of the compiled conditions and of the index, without the specifications of the routes.
    package var bytes: Int { self.engine.bytes }

    /// Which routes take the event, and what settled it for those that looked at it and did not.
    package func match<Scripts: ConditionScripts>(_ verified: Verified, scripts: inout Scripts) -> Routed {
        var decision = RouteDecision(event: verified.event)
        self.engine.read(verified.event) { reading in
            reading.forEachMatch { route in
                let plan = self.routes[Int(route)]
                if plan.spec.hasViews {
                    decision.decideViews(plan, self.engine, &scripts)
                } else {
                    decision.decide(plan, reading, &scripts)
                }
            }
        }
        return Routed(verified: verified, hits: decision.hits, fates: decision.fates, held: decision.held)
    }
}
