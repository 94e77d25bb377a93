// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Hummingbird

extension AdminRoutes {
    func addWindows(to api: RouterGroup<Context>) {
        api.get("/windows") { request, _ in
            let query = try self.query(request, ListQuery.windows.union(ListQuery.paging))
            let filter = try query.windowFilter()
            return try await self.list("windows", try query.page()) { page throws(StoreFailure) in
                try await self.store.windows(filter, page: page)
            } row: {
                $0.json
            }
        }
        api.post("/windows/close") { request, _ in
            let query = try self.query(request, ListQuery.windows.union(["dry_run"]))
            var filter = try query.windowFilter()
            filter.state = .open
            let asked = filter
            if self.isDryRun(request) {
                let count = try await self.countAll { page throws(StoreFailure) in
                    let found = try await self.store.windows(asked, page: page)
                    return (found.items.count, found.cursor)
                }
                return Response.json(Self.changed(count, "closed", isDryRun: true))
            }
            return Response.json(Self.changed(try await self.close(asked), "closed", isDryRun: false))
        }
    }

    /// In steps, so that accepting never waits long; they close as they come, after the answer.
    private func close(_ filter: WindowFilter) async throws(AdminProblem) -> Int {
        var total = 0
        while true {
            let count = try await self.asking { () throws(StoreFailure) in
                try await self.store.requestClose(filter, limit: Repairs.batchMax)
            }
            total += count
            self.router.windows.look()
            if count < Repairs.batchMax { return total }
        }
    }
}

extension ListQuery {
    static let windows: Set<String> = ["id", "route", "key", "state"]

    func windowFilter() throws(AdminProblem) -> WindowFilter {
        var filter = WindowFilter()
        if let ids = self["id"] {
            for text in ids.split(separator: ",") {
                guard let id = WindowID(String(text)) else { throw .badRequest("\"\(text)\" is no id of a window") }
                filter.ids.append(id)
            }
        }
        filter.route = self["route"].map { RouteName($0) }
        filter.key = self["key"].map(Self.key)
        switch self["state"] {
        case nil: break
        case "open": filter.state = .open
        case "held": filter.state = .held
        default: throw .badRequest("state must be one of open, held")
        }
        return filter
    }

    /// JSON, or the text of a key that is a text.
    private static func key(_ text: String) -> [UInt8] {
        // A text that is no JSON is a key as people write it.
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else { return JSONValue.string(text).encoded() }
        return value.encoded()
    }
}

extension WindowRow {
    var json: JSONValue {
        [
            "id": .string(self.id.description),
            "route": .string(self.route.text),
            // A key is JSON; where it cannot be read it is shown as it is.
            "key": (try? JSONValue(parsing: self.key)) ?? .string(String(decoding: self.key, as: UTF8.self)),
            "state": .string(self.state.word),
            "count": .int(self.count),
            "bytes": .int(self.bytes),
            "opened_at": .string(self.openedAt.rfc3339),
            "last_at": .string(self.lastAt.rfc3339),
            "due_at": self.state == .open ? .string(max(self.dueAt, self.openedAt).rfc3339) : .null,
            "closing": .text(self.forced?.rawValue),
            "revision": .string(self.revision.text),
        ]
    }
}
