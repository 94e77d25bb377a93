// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Windows and emitted events from outside: sent, collected, closed, delivered.
@Suite struct WindowTests {
    private static func project(_ sink: String, _ aggregate: String, script: String = Self.digest) throws -> Project {
        try Project([
            "routes/main.yaml": """
            version: 1
            sources:
              shop: {path: /in/shop, verify: none, event: {type: {data: type}, id: {data: id}}}
            destinations:
              sums: {url: "\(sink)/sums"}
              emitted: {url: "\(sink)/emitted"}
            routes:
              digest:
                event: order.created
                aggregate: \(aggregate)
                to: sums
                emit: order.digest@1
              after: {event: order.digest@1, to: emitted}

            """,
            "scripts/orders.lua": script,
        ])
    }

    private static let digest = """
        function digest(events, ctx)
          local ids, total = array {}, 0
          for _, event in ipairs(events) do
            table.insert(ids, event.data.id)
            total = total + event.data.total
          end
          return {customer = ctx.window.key, orders = ids, total = total, reason = ctx.window.reason, n = ctx.window.count}
        end

        """

    private static func order(_ server: Server, _ id: String, _ customer: String, total: Int = 5) throws {
        let answer = try HTTP.post(
            server.ingest, "/in/shop", [("content-type", "application/json")],
            #"{"type":"order.created","id":"\#(id)","customer":"\#(customer)","total":\#(total)}"#)
        #expect(answer.status == 202)
    }

    @Test func `orders of one customer become one digest, by count and by idleness`() throws {
        let sink = try Sink()
        let server = try Server(
            try Self.project(
                sink.url,
                "{key: data.customer, close: {idle: 300ms, after: 1h, count: 2}, script: orders.lua#digest}"))
        try Self.order(server, "A-1", "C1")
        try Self.order(server, "A-2", "C1", total: 7)
        try Self.order(server, "B-1", "C2")
        let sums = try sink.wait("/sums", 2).map { try JSONValue(parsing: $0.body) }
        let first = try #require(sums.first { $0.text("customer") == "C1" })
        #expect(first.text("reason") == "count" && first.at("total")?.intValue == 12 && first.at("n")?.intValue == 2)
        #expect(first.list("orders") == [.string("A-1"), .string("A-2")])
        #expect(sums.first { $0.text("customer") == "C2" }?.text("reason") == "idle")
        _ = try sink.wait("/emitted", 2)
        try server.until("no window is left", "/api/v1/windows") { $0.list("items").isEmpty }
        let digests = try server.ask("events", "list", "--type", "order.digest").list("items")
        #expect(digests.count == 2 && digests.allSatisfy { $0.text("parent")?.hasPrefix("evt_") == true })
        let member = try server.ask("events", "list", "--fate", "aggregated").list("items")
        #expect(member.count == 3)
        let detail = try server.ask("events", "get", digests[0].text("parent") ?? "")
        #expect(detail.list("emitted").map { $0.text("id") } == [digests[0].text("id")])
        let metrics = try HTTP.get(server.admin, "/metrics").text
        #expect(metrics.contains(#"hookswitch_window_members_total{route="digest"} 3"#))
        #expect(metrics.contains(#"hookswitch_window_closes_total{route="digest",reason="count"} 1"#))
    }

    @Test func `windows are listed, and closed when somebody asks`() throws {
        let sink = try Sink()
        let server = try Server(
            try Self.project(sink.url, "{key: data.customer, close: {after: 1h}, script: orders.lua#digest}"))
        try Self.order(server, "A-1", "C1")
        try Self.order(server, "B-1", "7")
        let list = try server.ask("windows", "list")
        #expect(list.text("schema") == "hookswitch/windows@1")
        #expect(list.list("items").map { $0.text("key") } == ["C1", "7"])
        #expect(list.list("items").allSatisfy { $0.text("state") == "open" && $0.at("count")?.intValue == 1 })
        #expect(try HTTP.get(server.admin, "/metrics").text.contains(#"hookswitch_windows_open{route="digest"} 2"#))
        #expect(try server.run(["windows", "close"]).code == 64)
        #expect(try server.run(["windows", "close", "digest"]).code == 64)
        #expect(try server.ask("windows", "close", "digest", "--dry-run").at("count")?.intValue == 2)
        #expect(try server.ask("windows", "close", "digest", "--key", "C1", "--yes").at("count")?.intValue == 1)
        let body = try JSONValue(parsing: try sink.wait("/sums", 1)[0].body)
        #expect(body.text("customer") == "C1" && body.text("reason") == "requested")
        #expect(try server.ask("windows", "close", "--all", "--yes").at("count")?.intValue == 1)
        _ = try sink.wait("/sums", 2)
    }

    @Test func `a window whose script fails is held, and goes on after a fix`() throws {
        let sink = try Sink()
        let project = try Self.project(
            sink.url, "{key: data.customer, close: {count: 2, after: 1h}, script: orders.lua#digest}",
            script: "function digest(events, ctx) return {n = events[1].data.missing.x} end\n")
        let server = try Server(project, ["--no-watch"])
        try Self.order(server, "A-1", "C1")
        try Self.order(server, "A-2", "C1")
        let held = try server.until("it is held", "/api/v1/held") { $0.list("items").count == 1 }
        #expect(held.text("items.0.window") == "win_1" && held.text("items.0.code") == "script/runtime")
        #expect(try server.ask("windows", "list", "--state", "held").list("items").count == 1)
        // A third order opens a window of its own, under whatever function there is then.
        try Self.order(server, "A-3", "C1")
        let id = held.text("items.0.id") ?? ""
        #expect(try server.run(["held", "replay", id]).code == 1)
        try project.write("scripts/orders.lua", Self.digest)
        #expect(try server.run(["reload", "--wait"]).code == 0)
        #expect(try server.ask("held", "replay", id).at("count")?.intValue == 1)
        let body = try JSONValue(parsing: try sink.wait("/sums", 1)[0].body)
        #expect(body.list("orders") == [.string("A-1"), .string("A-2")] && body.text("reason") == "replayed")
        // The third closed under the old function, which failed again.
        try server.until("the third is held", "/api/v1/held") { $0.list("items").count == 1 }
    }

    @Test func `a reload closes windows of another function, and lets the others go on`() throws {
        let sink = try Sink()
        let aggregate = "{key: data.customer, close: {after: 1h}, script: orders.lua#digest}"
        let project = try Self.project(sink.url, aggregate)
        let server = try Server(project, ["--no-watch"])
        try Self.order(server, "A-1", "C1")
        try project.replace("routes/main.yaml", "after: 1h", "after: 2h")
        #expect(try server.run(["reload", "--wait"]).code == 0)
        #expect(try server.ask("windows", "list").list("items").map { $0.text("id") } == ["win_1"])
        try project.replace("scripts/orders.lua", "reason = ctx", "new = true, reason = ctx")
        let plan = try server.run(["reload", "--plan"])
        #expect(plan.out.contains("digest") && plan.out.contains("windows"), "\(plan)")
        #expect(try server.run(["reload", "--wait"]).code == 0)
        let body = try JSONValue(parsing: try sink.wait("/sums", 1)[0].body)
        #expect(body.text("reason") == "reconfigured" && body.at("new") == nil)
        try Self.order(server, "A-2", "C1")
        #expect(try server.ask("windows", "list").list("items").map { $0.text("id") } == ["win_2"])
        // Without the route its window closes under the function that it had.
        try project.replace(
            "routes/main.yaml", "  digest:\n    event: order.created", "  other:\n    event: order.created")
        #expect(try server.run(["reload", "--wait"]).code == 0)
        let second = try JSONValue(parsing: try sink.wait("/sums", 2)[1].body)
        #expect(second.text("reason") == "reconfigured" && second.at("new") == .bool(true))
    }

    @Test func `windows outlive the process, and those that are overdue close at the start`() throws {
        let sink = try Sink()
        let project = try Self.project(
            sink.url, "{key: data.customer, close: {after: 1s}, script: orders.lua#digest}")
        let first = try Server(project)
        for number in 1...20 { try Self.order(first, "A-\(number)", "C\(number)") }
        first.process.signalProcess(SIGKILL)
        _ = try first.process.wait()
        let second = try Server(project)
        let bodies = try sink.wait("/sums", 20).map { try JSONValue(parsing: $0.body) }
        #expect(Set(bodies.compactMap { $0.text("customer") }).count == 20)
        try second.until("none is left", "/api/v1/windows") { $0.list("items").isEmpty }
    }

    @Test func `an event without the key is held`() throws {
        let sink = try Sink()
        let server = try Server(
            try Self.project(sink.url, "{key: data.nobody, close: {after: 1h}, with: collect}"))
        try Self.order(server, "A-1", "C1")
        let held = try server.ask("held", "list")
        #expect(held.text("items.0.code") == "aggregate/missing-key")
    }
}
