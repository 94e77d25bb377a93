// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import HookTelemetry
import Hummingbird

/// Every path of the admin listener.
struct AdminRoutes: Sendable {
    typealias Context = BasicRequestContext

    let router: RouterProcess

    var store: any EventStore { self.router.store }
    var repairs: Repairs { Repairs(router: self.router) }

    func add(to routes: Hummingbird.Router<Context>) {
        routes.get("/livez") { _, _ in Response.text("ok\n", contentType: "text/plain; charset=utf-8") }
        routes.get("/readyz") { request, _ in await self.readiness(request) }
        routes.get("/metrics") { _, _ in try await self.metrics() }
        let api = routes.group("/api/v1")
        api.get("/status") { _, _ in Response.json(try await StatusReport(router: self.router).json()) }
        self.addConfiguration(to: api)
        self.addEvents(to: api)
        self.addDeliveries(to: api)
        self.addDead(to: api)
        self.addHeld(to: api)
        self.addWindows(to: api)
        self.addTap(to: api)
        self.addVersionUsage(to: api)
    }

    private func readiness(_ request: Request) async -> Response {
        let report = await StatusReport(router: self.router).readiness()
        let status: HTTPResponse.Status = report.isReady ? .ok : .serviceUnavailable
        if request.uri.queryParameters["verbose"] != nil { return .json(report.json, status: status) }
        return .text(report.isReady ? "ok\n" : "not ready\n", contentType: "text/plain; charset=utf-8", status: status)
    }

    private func metrics() async throws -> Response {
        .text(try await StatusReport(router: self.router).metrics(), contentType: MetricsPage.contentType)
    }

    private func addEvents(to api: RouterGroup<Context>) {
        api.get("/events") { request, _ in
            let query = try self.query(request, ListQuery.events.union(ListQuery.paging).union(["payload"]))
            let filter = try query.eventFilter()
            if try query.flag("payload") {
                return try await self.list("events", try query.page()) { page throws(StoreFailure) in
                    try await self.store.recorded(filter, page: page)
                } row: {
                    $0.saved
                }
            }
            return try await self.list("events", try query.page()) { page throws(StoreFailure) in
                try await self.store.events(filter, page: page)
            } row: {
                $0.json
            }
        }
        api.get("/events/{id}") { _, context in
            let id = try self.id(context, EventID.init)
            guard let detail = try await self.asking({ () throws(StoreFailure) in try await self.store.event(id) })
            else {
                throw AdminProblem.notFound("No event has the id \(id).")
            }
            return Response.json(detail.json)
        }
        api.post("/events/{id}/replay") { _, context in
            let id = try self.id(context, EventID.init)
            do throws(RepairFailure) {
                let new = try await self.repairs.replay(id)
                return Response.json(["schema": "hookswitch/replay@1", "event_id": .string(new.description)])
            } catch {
                throw AdminProblem.repair(error)
            }
        }
    }
}

// What the handlers share.
extension AdminRoutes {
    func query(_ request: Request, _ allowed: Set<String>) throws(AdminProblem) -> ListQuery {
        try ListQuery(request.uri.queryParameters.map { (String($0.key), String($0.value)) }, allowed: allowed)
    }

    /// The id in the path.
    func id<ID>(_ context: Context, _ read: (String) -> ID?) throws(AdminProblem) -> ID {
        let text = context.parameters.get("id") ?? ""
        guard let id = read(text) else { throw .badRequest("\"\(text)\" is no id of this kind") }
        return id
    }

    func asking<Answer: Sendable>(
        _ body: () async throws(StoreFailure) -> Answer
    ) async throws(AdminProblem) -> Answer {
        do throws(StoreFailure) { return try await body() } catch { throw .store(error) }
    }

    func list<Item: Sendable>(
        _ kind: String, _ page: PageRequest, _ ask: (PageRequest) async throws(StoreFailure) -> Page<Item>,
        row: (Item) -> JSONValue
    ) async throws(AdminProblem) -> Response {
        let found = try await self.asking { () throws(StoreFailure) in try await ask(page) }
        return .json([
            "schema": .string("hookswitch/\(kind)@1"),
            "items": .array(found.items.map(row)),
            "cursor": .text(found.cursor),
        ])
    }

    /// `?dry_run=true`: say how many, change nothing.
    func isDryRun(_ request: Request) -> Bool { request.uri.queryParameters["dry_run"] == "true" }

    /// Counts a list by walking its pages.
    func countAll(
        _ ask: (PageRequest) async throws(StoreFailure) -> (count: Int, cursor: String?)
    ) async throws(AdminProblem) -> Int {
        var total = 0
        var cursor: String?
        repeat {
            let page = PageRequest(limit: 1000, cursor: cursor)
            let found = try await self.asking { () throws(StoreFailure) in try await ask(page) }
            total += found.count
            cursor = found.cursor
        } while cursor != nil
        return total
    }
}
