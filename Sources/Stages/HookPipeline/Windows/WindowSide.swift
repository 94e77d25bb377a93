// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTransform
import HookVerify

/// One configuration whose functions run over windows.
///
/// - Isolation: one thread, which must also drop it (it owns Lua states).
final class WindowSide {
    let revision: Revision
    let worker: ScriptWorker
    private let routes: [Int64: RouteSpec]
    private var tables: [RouteName: RouteTable] = [:]

    init(_ revision: Revision, worker: ScriptWorker) {
        self.revision = revision
        self.worker = worker
        self.routes = Dictionary(
            revision.configuration.routes.compactMap { route in route.aggregate.map { ($0.print, route) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// The route whose windows these are; nil where this configuration has another function, or none.
    func route(of print: Int64) -> RouteSpec? { self.routes[print] }

    var lanes: [WindowLane] {
        self.routes.map { WindowLane(route: $1.name, print: $0, revision: self.revision.id) }
            .sorted { $0.print < $1.print }
    }

    /// The route's targets alone.
    func table(of route: RouteSpec) -> RouteTable {
        if let known = self.tables[route.name] { return known }
        let table = RouteTable(routes: [route.ofWindows])
        self.tables[route.name] = table
        return table
    }
}

/// Turns windows into what is stored of them.
struct WindowRun {
    /// Has the function and the targets.
    let side: WindowSide
    /// Routes what is emitted.
    let current: WindowSide
    /// Fewer routes than those of `current`, in tests.
    var emittedTo: RouteTable?

    /// - Parameter note: sees the event before it is routed.
    func outcome(_ route: RouteSpec, _ batch: WindowBatch, note: (Event) -> Void = { _ in }) -> WindowEnd.Outcome {
        switch Aggregation(route, using: self.side.worker).run(batch) {
        case .failed(let failure): return .held(failure)
        case .dropped: return .closed(nil)
        case .event(let event):
            let hops = event.lineage?.hops ?? 1
            guard hops <= Event.Lineage.hopsMax else {
                return .held(
                    ScriptFailure(
                        code: "emit/too-many-hops", script: "\(route.name)",
                        message: "its events have come over \(Event.Lineage.hopsMax) routes that emit: a circle?"))
            }
            note(event)
            return .closed(self.prepare(event, route))
        }
    }

    private func prepare(_ event: Event, _ route: RouteSpec) -> Prepared {
        let verified = Verify.trusting(event)
        let table = self.emittedTo ?? self.current.revision.routes
        let taken =
            route.emit.map { _ in
                Pipeline.prepare(verified, routes: table, under: self.current.revision, with: self.current.worker)
            }
        guard route.hasTargets else {
            return taken
                ?? .alone(event, fate: Fate(route: route.name, kind: .matched), revision: self.side.revision.id)
        }
        let own = Pipeline.prepare(
            verified, routes: self.side.table(of: route), emittedTo: table, under: self.side.revision,
            with: self.side.worker)
        return taken.map(own.joined) ?? own
    }
}
