// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// What a person does when something went wrong: dead letters, held events, single deliveries.
@Suite struct RepairTests {
    /// A server with three dead letters at `plain`: two refused, one never up.
    private func withDead(_ sink: Sink) throws -> Server {
        let server = try Server(try Project.shop(sink.url))
        sink.script("/plain", [400, 422, 503, 503, 503, 503])
        for (number, tries) in [(1, 1), (2, 2), (3, 6)] {
            #expect(try server.send("A-\(number)", total: 1).status == 202)
            try sink.wait("/plain", tries)
        }
        try server.until("three dead letters", "/api/v1/dead") { $0.list("items").count == 3 }
        return server
    }

    @Test func `dead letters are listed with a code and a reason, and grouped`() throws {
        let sink = try Sink()
        let server = try self.withDead(sink)
        let dead = try server.ask("dead", "list")
        #expect(dead.text("schema") == "hookswitch/dead@1")
        for item in dead.list("items") {
            for key in ["id", "event_id", "route", "destination", "code", "reason"] {
                #expect(item.text(key) != nil, "\(key)")
            }
        }
        #expect(
            Set(dead.list("items").map { $0.text("code") }) == [
                "delivery/refused-status", "delivery/attempts-exhausted",
            ])
        let groups = try server.ask("dead", "groups")
        #expect(
            Dictionary(
                uniqueKeysWithValues: groups.list("items").map { ($0.text("code") ?? "", $0.at("count")?.intValue) })
                == ["delivery/refused-status": 2, "delivery/attempts-exhausted": 1])
        #expect(try server.ask("dead", "list", "--reason", "delivery/attempts-exhausted").list("items").count == 1)
        #expect(try server.ask("dead", "list", "--limit", "2").text("cursor") != nil)
        let exported = try server.run(["dead", "export"]).out.split(separator: "\n")
        #expect(exported.count == 3)
        for line in exported {
            let letter = try JSONValue(parsing: Array(line.utf8))
            #expect(letter.text("body")?.contains("order.created") == true && !letter.list("attempts_list").isEmpty)
        }
    }

    @Test func `redrive asks first, and takes a filter or ids`() throws {
        let sink = try Sink()
        let server = try self.withDead(sink)
        let unasked = try server.run(["dead", "redrive"])
        #expect(unasked.code == 64 && unasked.err.contains("--yes"), "\(unasked)")
        let dry = try server.ask("dead", "redrive", "--dry-run")
        #expect(dry.at("count")?.intValue == 3 && dry.at("dry_run") == .bool(true))
        #expect(sink.received("/plain").count == 6)
        let some = try server.ask("dead", "redrive", "--yes", "--reason", "delivery/attempts-exhausted")
        #expect(some.at("count")?.intValue == 1)
        let seventh = try sink.wait("/plain", 7)[6]
        #expect(seventh.headers["webhook-id"] == sink.received("/plain")[5].headers["webhook-id"])
        let id = try server.ask("dead", "list").text("items.0.id") ?? ""
        #expect(try server.ask("dead", "redrive", id).at("count")?.intValue == 1)
        try server.until("one is left", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 2 }
        #expect(try server.run(["dead", "redrive", "--yes", "--since", "nonsense"]).code == 64)
        #expect(try server.run(["dead", "redrive", "dlv_nonsense"]).code == 64)
    }

    @Test func `discard ends dead letters for good`() throws {
        let sink = try Sink()
        let server = try self.withDead(sink)
        #expect(try server.run(["dead", "discard"]).code == 64)
        #expect(try server.ask("dead", "discard", "--yes", "--destination", "shaped").at("count")?.intValue == 0)
        #expect(try server.ask("dead", "discard", "--yes").at("count")?.intValue == 3)
        #expect(try server.ask("dead", "list").list("items").isEmpty)
        #expect(try server.ask("deliveries", "list", "--state", "discarded").list("items").count == 3)
    }

    @Test func `one delivery is retried or cancelled`() throws {
        let sink = try Sink()
        sink.script("/plain", Array(repeating: 503, count: 50))
        let project = try Project.shop(sink.url)
        try project.replace("routes/destinations.yaml", "[50ms, 50ms, 50ms]", "[1h]")
        let server = try Server(project)
        _ = try server.send("A-1", total: 1)
        try sink.wait("/plain")
        let id = sink.received("/plain")[0].headers["webhook-id"] ?? ""
        try server.until("waiting", "/api/v1/deliveries/\(id)") { $0.at("attempts")?.intValue == 1 }
        #expect(try server.ask("deliveries", "cancel", id).at("count")?.intValue == 1)
        #expect(try server.ask("deliveries", "get", id).text("state") == "cancelled")
        #expect(try server.ask("deliveries", "cancel", id).at("count")?.intValue == 0)
        sink.script("/plain", [])
        #expect(try server.ask("deliveries", "retry", id).at("count")?.intValue == 1)
        try server.until("delivered", "/api/v1/deliveries/\(id)") { $0.text("state") == "delivered" }
        #expect(try sink.wait("/plain", 2)[1].headers["webhook-id"] == id)
        #expect(try server.run(["deliveries", "get", "dlv_00000000000000000000000000001"]).code != 0)
    }

    @Test func `an event whose script fails is held, and replayed after the fix`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try Server(project, ["--no-watch"])
        for number in 1...3 { #expect(try server.send("F-\(number)", type: "fragile.thing").status == 202) }
        let held = try server.ask("held", "list")
        #expect(held.text("schema") == "hookswitch/held@1" && held.list("items").count == 3)
        let entry = held.list("items")[0]
        #expect(
            entry.text("code") == "script/runtime" && entry.text("place")?.hasPrefix("scripts/shape.lua:6") == true,
            "\(entry)")
        for key in ["id", "event_id", "route", "code", "reason"] { #expect(entry.text(key) != nil, "\(key)") }
        let still = try server.run(["held", "replay", entry.text("id") ?? ""])
        #expect(still.code == 1 && still.err.contains("shape.lua"), "\(still)")
        #expect(try server.run(["held", "discard"]).code == 64)
        #expect(try server.ask("held", "discard", "--dry-run").at("count")?.intValue == 3)
        #expect(try server.ask("held", "discard", entry.text("id") ?? "").at("count")?.intValue == 1)

        try project.replace("scripts/shape.lua", "event.data.missing.name", "event.data.id")
        #expect(try server.ask("reload").text("result") == "accepted")
        #expect(try server.run(["held", "replay"]).code == 64, "it asks first")
        #expect(try server.ask("held", "replay", "--dry-run").at("count")?.intValue == 2)
        let replayed = try server.ask("held", "replay", "--yes")
        #expect(replayed.at("count")?.intValue == 2, "\(replayed)")
        #expect(Set(try sink.wait("/fragile", 2).map(\.text)).count == 2)
        #expect(try server.ask("held", "list").list("items").isEmpty)
        #expect(try server.ask("events", "list", "--fate", "matched").list("items").count == 2)
    }
}
