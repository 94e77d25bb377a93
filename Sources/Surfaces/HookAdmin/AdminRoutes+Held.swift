// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Hummingbird

extension AdminRoutes {
    func addHeld(to api: RouterGroup<Context>) {
        api.get("/held") { request, _ in
            let query = try self.query(request, ListQuery.held.union(ListQuery.paging))
            let filter = try query.heldFilter()
            return try await self.list("held", try query.page()) { page throws(StoreFailure) in
                try await self.store.held(filter, page: page)
            } row: {
                $0.json
            }
        }
        api.post("/held/{id}/replay") { request, context in
            let id = try self.id(context, HeldID.init)
            let force = try self.query(request, ["force"]).flag("force")
            do throws(RepairFailure) {
                let deliveries = try await self.repairs.replayHeld(id, force: force)
                return Response.json([
                    "schema": "hookswitch/replay@1", "event_id": .string(id.event.description),
                    "deliveries": .array(deliveries.map { .string($0.description) }),
                ])
            } catch {
                throw AdminProblem.repair(error)
            }
        }
        api.post("/held/replay") { request, _ in
            let query = try self.query(request, ListQuery.held.union(["dry_run", "force"]))
            let filter = try query.heldFilter()
            if self.isDryRun(request) {
                return Response.json(Self.changed(try await self.count(filter), "replayed", isDryRun: true))
            }
            return try await self.replayHeld(filter, force: try query.flag("force"))
        }
        api.post("/held/discard") { request, _ in
            let filter = try self.query(request, ListQuery.held.union(["dry_run"])).heldFilter()
            if self.isDryRun(request) {
                return Response.json(Self.changed(try await self.count(filter), "discarded", isDryRun: true))
            }
            let now = self.router.environment.wall()
            let count = try await self.asking { () throws(StoreFailure) in
                try await self.store.discardHeld(filter, limit: .max, now: now)
            }
            return Response.json(Self.changed(count, "discarded", isDryRun: false))
        }
    }

    private func count(_ filter: HeldFilter) async throws -> Int {
        try await self.countAll { page throws(StoreFailure) in
            let found = try await self.store.held(filter, page: page)
            return (found.items.count, found.cursor)
        }
    }

    /// Tries each matching entry once; those whose script still fails stay.
    private func replayHeld(_ filter: HeldFilter, force: Bool) async throws -> Response {
        var released = 0
        var failed: [JSONValue] = []
        var cursor: String?
        repeat {
            let page = PageRequest(limit: 200, cursor: cursor)
            let found = try await self.asking { () throws(StoreFailure) in try await self.store.held(filter, page: page)
            }
            for entry in found.items {
                do throws(RepairFailure) {
                    _ = try await self.repairs.replayHeld(entry.id, force: force)
                    released += 1
                } catch {
                    let problem = AdminProblem.repair(error)
                    failed.append([
                        "id": .string(entry.id.description), "code": .string(problem.code),
                        "reason": .string(problem.detail),
                    ])
                }
            }
            cursor = found.cursor
        } while cursor != nil
        return Response.json([
            "schema": "hookswitch/bulk@1", "verb": "replayed", "count": .int(released), "dry_run": false,
            "failed": .array(failed),
        ])
    }
}
