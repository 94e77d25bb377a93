// SPDX-License-Identifier: Apache-2.0

package import HookCore
import Synchronization

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
    let program: Program
    let index: RouteIndex
    /// What each enabled route hangs on, for ``statistics``.
    let chosen: [(route: UInt32, keys: [AccessKey]?)]
    /// Scratches that nobody uses now. At most as many as ever matched at the same time.
    private let idle = Mutex<[Scratch]>([])

    /// Compiles the routes, which were checked before.
    package init(routes specs: [RouteSpec]) {
        var compiler = RouteCompiler()
        for spec in specs { compiler.add(spec) }
        let compiled = compiler.finish()
        self.routes = compiled.routes
        self.program = compiled.program
        self.index = compiled.index
        self.chosen = compiled.chosen
    }

    /// Which routes take the event, and what settled it for those that looked at it and did not.
    package func match<Scripts: ConditionScripts>(_ verified: Verified, scripts: inout Scripts) -> Routed {
        var scratch = self.takeScratch()
        scratch.reading.read(verified.event, for: self.program)
        var decision = RouteDecision(event: verified.event)
        for route in self.find(&scratch) {
            decision.decide(self.routes[Int(route)], self.program, &scratch.reading, &scripts)
        }
        scratch.reading.clear()
        self.giveBack(scratch)
        return Routed(verified: verified, hits: decision.hits, fates: decision.fates, held: decision.held)
    }

    /// The routes whose conditions hold, in order.
    func find(_ scratch: inout Scratch) -> [UInt32] {
        scratch.candidates.begin(scratch.reading.eventNumber)
        self.index.collect(&scratch.candidates, of: scratch.reading)
        var found: [UInt32] = []
        for route in scratch.candidates.routes
        where scratch.reading.holds(self.routes[Int(route)].condition, self.program) {
            found.append(route)
        }
        found.sort()
        return found
    }

    // MARK: Scratch

    private func takeScratch() -> Scratch {
        if let idle = self.idle.withLock({ $0.popLast() }), idle.reading.eventNumber < EventReading.eventNumberMax {
            return idle
        }
        return Scratch(
            reading: EventReading(for: self.program),
            candidates: Candidates(for: self.index, routeCount: self.routes.count))
    }

    private func giveBack(_ scratch: consuming Scratch) {
        let returned = scratch
        self.idle.withLock { $0.append(returned) }
    }
}

/// What one match needs besides the table, kept between events.
struct Scratch: Sendable {
    var reading: EventReading
    var candidates: Candidates
}

extension RouteTable {
    /// The same event with one hit alone, for showing what a target would get by itself.
    package static func isolate(_ hit: Routed.Hit, of routed: Routed) -> Routed {
        Routed(verified: routed.verified, hits: [hit], fates: [], held: [])
    }
}
