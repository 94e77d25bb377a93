// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookTransform

extension Repairs {
    /// Runs a held window again under the running configuration.
    func replay(window id: WindowID, of route: RouteName) async throws(RepairFailure) {
        let router = self.router
        var filter = WindowFilter()
        filter.ids = [id]
        let found: WindowRow?
        do throws(StoreFailure) {
            found = try await router.store.windows(filter, page: PageRequest(limit: 1)).items.first
        } catch {
            throw .store(error)
        }
        guard let window = found else { throw .notFound }
        let revision = router.revision
        guard let spec = revision.configuration.route(route), spec.aggregate != nil else {
            throw .refused(
                code: "held/route-gone", detail: "route \(route) is not there any more, or does not aggregate any more")
        }
        let result = await offThePool(named: "replay") { () -> Result<Void, RepairFailure> in
            let worker = revision.makeWorker(environment: router.environment, signals: router.signals)
            let side = WindowSide(revision, worker: worker)
            do throws(RepairFailure) {
                return .success(try Self.close(window, spec, side, router))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// As many windows as the members fill.
    private static func close(
        _ window: WindowRow, _ route: RouteSpec, _ side: WindowSide, _ router: RouterProcess
    ) throws(RepairFailure) {
        guard let aggregate = route.aggregate else { throw .notFound }
        let reading = WindowReading(store: router.store)
        var failure: ScriptFailure?
        do throws(StoreFailure) {
            while failure == nil {
                let members = try reading.members(of: window.id, aggregate.close)
                guard let last = members.last else { break }
                let now = router.environment.wall()
                let batch = WindowBatch(
                    route: route.name, key: window.key, openedAt: window.openedAt, closedAt: now, reason: .replayed,
                    members: members)
                let outcome = WindowRun(side: side, current: side).outcome(route, batch)
                if case .held(let reason) = outcome {
                    failure = reason
                } else {
                    let end = WindowEnd(window: window.id, through: last.key, outcome: outcome)
                    let done = try reading.wait { router.store.end([end], now: now, then: $0) }
                    router.deliver.wake(done.tickets)
                    router.windows.look()
                    router.signals.counter(.windowCloses, route.name.text, WindowReason.replayed.rawValue).add()
                }
            }
        } catch {
            throw .store(error)
        }
        if let failure { throw .stillHeld(failure) }
    }
}
