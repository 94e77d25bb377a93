// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Hummingbird

extension AdminRoutes {
    func addDeliveries(to api: RouterGroup<Context>) {
        api.get("/deliveries") { request, _ in
            let query = try self.query(request, ListQuery.deliveries.union(ListQuery.paging))
            let filter = try query.deliveryFilter()
            return try await self.list("deliveries", try query.page()) { page throws(StoreFailure) in
                try await self.store.deliveries(filter, page: page)
            } row: {
                $0.json
            }
        }
        api.get("/deliveries/{id}") { _, context in
            let id = try self.id(context, DeliveryID.init)
            guard let detail = try await self.asking({ () throws(StoreFailure) in try await self.store.delivery(id) })
            else { throw AdminProblem.notFound("No delivery has the id \(id).") }
            return Response.json(detail.json)
        }
        api.post("/deliveries/{id}/retry") { _, context in
            try await self.redriveOne(try self.id(context, DeliveryID.init))
        }
        api.post("/deliveries/{id}/cancel") { _, context in
            var filter = DeliveryFilter()
            filter.ids = [try self.id(context, DeliveryID.init)]
            filter.states = [.pending]
            return try await self.change(filter, verb: "cancelled") { filter throws(StoreFailure) in
                try await self.repairs.close(filter, as: .cancelled)
            }
        }
    }

    func addDead(to api: RouterGroup<Context>) {
        api.get("/dead") { request, _ in
            let query = try self.query(request, ListQuery.deliveries.subtracting(["state"]).union(ListQuery.paging))
            let filter = try query.deliveryFilter(states: [.dead])
            return try await self.list("dead", try query.page()) { page throws(StoreFailure) in
                try await self.store.deliveries(filter, page: page)
            } row: {
                $0.json
            }
        }
        api.get("/dead/groups") { _, _ in
            let status = try await self.asking { () throws(StoreFailure) in try await self.store.status() }
            let groups = status.deliveries.filter { $0.state == .dead }
            return Response.json([
                "schema": "hookswitch/dead-groups@1",
                "items": .array(
                    groups.map {
                        [
                            "destination": .string($0.destination.text), "code": .text($0.reason),
                            "count": .int($0.count),
                        ]
                    }),
                "cursor": .null,
            ])
        }
        api.post("/dead/redrive") { request, _ in
            try await self.changeDead(request, verb: "redriven") { filter throws(StoreFailure) in
                try await self.repairs.redrive(filter)
            }
        }
        api.post("/dead/discard") { request, _ in
            try await self.changeDead(request, verb: "discarded") { filter throws(StoreFailure) in
                try await self.repairs.close(filter, as: .discarded)
            }
        }
    }

    private func redriveOne(_ id: DeliveryID) async throws -> Response {
        var filter = DeliveryFilter()
        filter.ids = [id]
        filter.states = DeliveryState.allCases.filter { $0 != .pending }
        return try await self.change(filter, verb: "redriven") { filter throws(StoreFailure) in
            try await self.repairs.redrive(filter)
        }
    }

    private func changeDead(
        _ request: Request, verb: String, _ body: (DeliveryFilter) async throws(StoreFailure) -> Int
    ) async throws -> Response {
        let allowed = ListQuery.deliveries.subtracting(["state"]).union(["dry_run"])
        let filter = try self.query(request, allowed).deliveryFilter(states: [.dead])
        if self.isDryRun(request) {
            return Response.json(Self.changed(try await self.count(filter), verb, isDryRun: true))
        }
        return try await self.change(filter, verb: verb, body)
    }

    private func change(
        _ filter: DeliveryFilter, verb: String, _ body: (DeliveryFilter) async throws(StoreFailure) -> Int
    ) async throws -> Response {
        do throws(StoreFailure) {
            return Response.json(Self.changed(try await body(filter), verb, isDryRun: false))
        } catch {
            throw AdminProblem.store(error)
        }
    }

    static func changed(_ count: Int, _ verb: String, isDryRun: Bool) -> JSONValue {
        ["schema": "hookswitch/bulk@1", "verb": .string(verb), "count": .int(count), "dry_run": .bool(isDryRun)]
    }

    private func count(_ filter: DeliveryFilter) async throws -> Int {
        try await self.countAll { page throws(StoreFailure) in
            let found = try await self.store.deliveries(filter, page: page)
            return (found.items.count, found.cursor)
        }
    }
}
