// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Look-ups of peers, several events in one request, and deliveries that are due later, on the built binary.
@Suite struct ReshapeTests {
    private static func project(_ sink: Sink, step: String = "") throws -> Project {
        try Project([
            "routes/a.yaml": """
            version: 1
            secrets: {shop_token: {env: SHOP_TOKEN}, bearer: {env: BEARER}}
            sources:
              shop:
                path: /in/shop
                verify: {token: {header: Authorization, scheme: Bearer, secret: shop_token}}
                event: {type: {data: type}, id: {data: id}}
                dedupe: {key: id, within: 24h}
            destinations:
              plain: {url: "\(sink.url)/plain"}
              shaped: {url: "\(sink.url)/shaped"}
              later: {url: "\(sink.url)/later"}
            routes:
              at-once: {event: "order.*", to: plain}
              with-customer:
                event: order.created
                enrich: {url: "\(sink.url)/crm/{data.customer}", into: data.who, auth: {bearer: bearer}\(step)}
                to: shaped
              hour-later: {event: order.later, to: {destination: later, deliver_after: 1h}}

            """
        ])
    }

    private static func order(_ id: String, customer: String = "C1") -> String {
        #"{"type":"order.created","id":"\#(id)","customer":"\#(customer)"}"#
    }

    @Test func `the sender is answered while the peer hangs, and the route goes on with its answer`() throws {
        let sink = try Sink()
        sink.say("/crm/C1", #"{"name": "Ada"}"#)
        sink.shut("/crm/C1")
        let server = try Server(try Self.project(sink))
        let answer = try server.order(Self.order("A-1"))
        #expect(answer.status == 202)
        try sink.wait("/plain")
        try sink.wait("/crm/C1")
        #expect(sink.received("/shaped").isEmpty)
        let held = try server.ask("held", "list")
        #expect(held.text("items.0.code") == "enrich/waiting" && held.text("items.0.route") == "with-customer")
        // A second event asks the same: one request serves both.
        #expect(try server.order(Self.order("A-2")).status == 202)
        sink.open("/crm/C1")
        let sent = try sink.wait("/shaped", 2)
        #expect(sent.allSatisfy { $0.text.hasSuffix(#","who":{"name": "Ada"}}"#) }, "\(sent.map(\.text))")
        #expect(sink.received("/crm/C1").count == 1)
        #expect(sink.received("/crm/C1")[0].headers["authorization"] == "Bearer marker-bearer-4711")
        // Answered from memory: it does not wait at all.
        #expect(try server.order(Self.order("A-3")).status == 202)
        try sink.wait("/shaped", 3)
        #expect(sink.received("/crm/C1").count == 1)
        try server.until("nothing is held", "/api/v1/held") { $0.list("items").isEmpty }
        #expect(try HTTP.get(server.admin, "/metrics").text.contains("hookswitch_lookups_total{"))
    }

    @Test(arguments: ["before-lookup", "before-lookup-end"])
    func `a process that is killed between commit and look-up goes on at the next start`(_ point: String) throws {
        let sink = try Sink()
        sink.say("/crm/C1", #"{"name":"Ada"}"#)
        let project = try Self.project(sink)
        let first = try Server(project, environment: ["HOOKSWITCH_FAULT": point])
        #expect(try first.order(Self.order("A-1")).status == 202)
        _ = try first.process.wait()
        #expect(sink.received("/shaped").isEmpty)
        let second = try Server(project)
        let sent = try sink.wait("/shaped")
        #expect(sent[0].text.hasSuffix(#","who":{"name":"Ada"}}"#))
        try second.until("nothing is held", "/api/v1/held") { $0.list("items").isEmpty }
        #expect(sink.received("/shaped").count == 1)
    }

    @Test func `what is not found is held, and goes on when it is replayed`() throws {
        let sink = try Sink()
        sink.script("/crm/C1", [404])
        sink.say("/crm/C1", #"{"name":"Ada"}"#)
        let server = try Server(try Self.project(sink, step: ", cache: 0s"))
        #expect(try server.order(Self.order("A-1")).status == 202)
        let held = try server.until("held", "/api/v1/held") { $0.text("items.0.code") == "enrich/not-found" }
        _ = try server.ask("held", "replay", held.text("items.0.id") ?? "")
        #expect(try sink.wait("/shaped")[0].text.contains("Ada"))
    }

    @Test func `a step may do without`() throws {
        let sink = try Sink()
        sink.script("/crm/C1", [500])
        let server = try Server(try Self.project(sink, step: ", on_error: skip"))
        #expect(try server.order(Self.order("A-1")).status == 202)
        #expect(try sink.wait("/shaped")[0].text == Self.order("A-1"))
    }

    @Test func `lines of one request are events of their own, all or none`() throws {
        let sink = try Sink()
        let server = try Server(try Self.project(sink))
        func post(_ body: String) throws -> HTTP.Answer {
            try HTTP.post(
                server.ingest, "/in/shop",
                [("authorization", "Bearer marker-shop-token-4711"), ("content-type", "application/x-ndjson")], body)
        }
        func line(_ id: String) -> String { #"{"type":"order.paid","id":"\#(id)"}"# }
        let bad = try post([line("B-1"), "{", line("B-2")].joined(separator: "\n"))
        #expect(bad.status == 400)
        #expect(try bad.json.text("code") == "batch/refused")
        #expect(try bad.json.text("errors.0.pointer") == "/1")
        let good = try post([line("B-1"), line("B-2"), line("B-1")].joined(separator: "\n"))
        #expect(good.status == 202)
        let events = try good.json.list("events")
        #expect(events.map { $0.at("duplicate") } == [.bool(false), .bool(false), .bool(true)])
        #expect(events[0].text("id") == events[2].text("id"))
        #expect(try good.json.text("id") == events[0].text("id"))
        #expect(try sink.wait("/plain", 2).map(\.text).sorted() == [line("B-1"), line("B-2")])
        #expect(try post(line("B-1")).status == 200)
        #expect(try server.ask("events", "list").list("items").count == 2)
    }

    @Test func `what is due later is shown, outlives a restart, and can be cancelled`() throws {
        let sink = try Sink()
        let project = try Self.project(sink)
        let first = try Server(project)
        #expect(try first.order(#"{"type":"order.later","id":"L-1"}"#).status == 202)
        try sink.wait("/plain")
        #expect(try first.stop() == 0)
        let second = try Server(project)
        let list = try second.ask("deliveries", "list", "--destination", "later")
        #expect(list.at("items.0.scheduled") == .bool(true) && list.text("items.0.state") == "pending")
        let text = try second.run(["deliveries", "list", "--destination", "later"]).out
        #expect(text.contains("scheduled") && text.contains("at 20"))
        #expect(
            try HTTP.get(second.admin, "/metrics").text
                .contains(#"hookswitch_queue_depth{destination="later",state="scheduled"} 1"#))
        _ = try second.ask("deliveries", "cancel", list.text("items.0.id") ?? "")
        try second.until("cancelled", "/api/v1/deliveries?destination=later") {
            $0.text("items.0.state") == "cancelled" && $0.at("items.0.scheduled") == .bool(false)
        }
        #expect(sink.received("/later").isEmpty)
    }

    @Test func `tests answer for peers, and a dry run asks nobody`() throws {
        let sink = try Sink()
        let project = try Self.project(sink, step: ", on_error: retry")
        try project.write(
            "routes/a.test.yaml",
            """
            version: 1
            tests:
              asked twice:
                event: {type: order.created, data: {type: order.created, customer: C1}}
                lookups: {"\(sink.url)/crm/C1": [503, {body: {name: Ada}}]}
                expect:
                  deliveries: [{to: plain}, {to: shaped, contains: {who: {name: Ada}}}]
                  attempts: {plain: [0s], shaped: [5s]}
              not there:
                event: {type: order.created, data: {customer: C1}}
                lookups: {"\(sink.url)/crm/C1": 404}
                expect: {deliveries: [{to: plain}], held: [with-customer]}
              given up:
                event: {type: order.created, data: {customer: C1}}
                lookups: {"\(sink.url)/crm/C1": timeout}
                expect: {deliveries: [{to: plain}], held: [with-customer]}
              no answer:
                event: {type: order.created, data: {customer: C1}}
                expect: {deliveries: [{to: plain}], held: [with-customer], check: 'assert(result.held[1].code == "enrich/no-answer")'}

            """)
        let done = try hookswitch(["test", "--project", project.folder], environment: Project.secrets)
        #expect(done.code == 0, "\(done.out)\(done.err)")
        let dry = try hookswitch(
            ["dry-run", "-", "--type", "order.created", "--project", project.folder], input: Self.order("A-1"),
            environment: Project.secrets)
        #expect(dry.out.contains("waits for the answer of GET \(sink.url)/crm/C1"), "\(dry.out)")
        #expect(sink.received("/crm/C1").isEmpty)
    }
}
