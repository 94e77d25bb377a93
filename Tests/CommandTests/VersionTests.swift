// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Versions and subscribers from outside: what goes over the wire, and what the commands say of it.
@Suite struct VersionTests {
    private static func project(_ sink: String, allow: String = ", allow_ips: 127.0.0.0/8", more: String = "") throws
        -> Project
    {
        try Project([
            "routes/main.yaml": """
            version: 1
            events:
              order.created:
                link: https://docs.example/orders
                versions:
                  1: {deprecated: 2026-01-01, sunset: 2026-07-01}
                  2: {current: true}
                convert:
                  - {from: 1, to: 2, script: orders.lua#up}
                  - {from: 2, to: 1, script: orders.lua#down}
            sources:
              shop:
                path: /in/shop
                verify: {token: {header: Authorization, scheme: Bearer, secret: shop_token}}
                event: {type: {data: type}, id: {data: id}, version: {header: X-Webhook-Version, default: 2}}
                dedupe: {key: id, within: 1h}
            secrets: {shop_token: {env: SHOP_TOKEN}}
            policies: {quick: {retry: {attempts: 1}}}
            subscribers:
              acme:
                endpoints: {main: {url: "\(sink)/acme", policy: quick\(allow)}}
                subscriptions: [{events: "order.*", version: 1, to: main}]
              globex:
                endpoints: {hook: {url: "\(sink)/globex", policy: quick\(allow)}}
                subscriptions: [{events: order.created, version: 2, to: hook}]
            routes:
              out: {event: order.created@2, match: {data.cents: {gte: 1}}, to: {subscribers: all}}
            \(more)
            """,
            "scripts/orders.lua": """
            function up(data, ctx)
              return {id = data.id, type = data.type, cents = data.price * 100}
            end
            function down(data, ctx)
              return {id = data.id, type = data.type, price = data.cents // 100}
            end
            """,
        ])
    }

    private static func send(_ server: Server, _ version: String?, _ body: String) throws -> HTTP.Answer {
        try HTTP.post(
            server.ingest, "/in/shop",
            [("authorization", "Bearer marker-shop-token-4711"), ("content-type", "application/json")]
                + (version.map { [("x-webhook-version", $0)] } ?? []), body)
    }

    @Test func `an order of version 1 reaches both subscribers, and its sender hears that it ends`() throws {
        let sink = try Sink()
        let server = try Server(try Self.project(sink.url))
        let body = #"{"id":"A-1","type":"order.created","price":12}"#
        for (status, duplicate) in [(202, false), (200, true)] {
            let answer = try Self.send(server, "1", body)
            #expect(answer.status == status)
            #expect(try answer.json.at("duplicate") == .bool(duplicate))
            #expect(answer.headers["deprecation"] == "@1767225600")
            #expect(answer.headers["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT")
            #expect(
                answer.headers["link"]
                    == "<https://docs.example/orders>; rel=\"deprecation\", <https://docs.example/orders>; rel=\"sunset\""
            )
        }
        let old = try sink.wait("/acme")[0]
        #expect(old.text == body && old.headers["x-webhook-version"] == "1")
        let new = try sink.wait("/globex")[0]
        #expect(new.text == #"{"cents":1200,"id":"A-1","type":"order.created"}"#)
        #expect(new.headers["x-webhook-version"] == "2")
        let current = try Self.send(server, nil, #"{"id":"A-2","type":"order.created","cents":100}"#)
        #expect(current.headers["deprecation"] == nil && current.headers["sunset"] == nil)
        let refused = try HTTP.post(server.ingest, "/in/shop", [("x-webhook-version", "1")], body)
        #expect(refused.status == 401 && refused.headers["deprecation"] == nil)
        sink.close()
    }

    @Test func `usage says who sends and gets which version, in text and JSON`() throws {
        let sink = try Sink()
        let server = try Server(try Self.project(sink.url))
        #expect(try server.run(["catalogue", "usage"]).out == "no event of the catalogue was seen yet\n")
        _ = try Self.send(server, "1", #"{"id":"A-1","type":"order.created","price":12}"#)
        _ = try Self.send(server, "7", #"{"id":"A-2","type":"order.created","price":12}"#)
        _ = try Self.send(server, nil, #"{"id":"A-3","type":"order.created","cents":100}"#)
        try sink.wait("/globex", 2)
        let answer = try server.ask("catalogue", "usage")
        #expect(answer.text("schema") == "hookswitch/catalogue-usage@1")
        func rows(_ key: String, _ who: String, _ answer: JSONValue) -> [String] {
            answer.list(key).map { row in
                [who, "type", "label", "status"].map { row.text($0) ?? "" }.joined(separator: " ")
                    + " \(row.at("count")?.intValue ?? 0)"
            }
        }
        #expect(
            rows("senders", "source", answer) == [
                "shop order.created 1 sunset 1", "shop order.created 2 current 1",
                "shop order.created undeclared undeclared 1",
            ])
        #expect(
            rows("receivers", "destination", answer) == [
                "acme/main order.created 1 sunset 2", "globex/hook order.created 2 current 2",
            ])
        let old = try server.ask("catalogue", "usage", "--old", "--type", "order.created")
        #expect(old.list("senders").count == 2 && old.list("receivers").count == 1)
        let text = try server.run(["catalogue", "usage"]).out
        #expect(text.contains("shop    order.created@1             sunset"), "\(text)")
        let metrics = try HTTP.get(server.admin, "/metrics").text
        #expect(
            metrics.contains(
                #"hookswitch_event_versions_total{source="shop",type="order.created",version="undeclared"} 1"#))
        #expect(
            metrics.contains(
                #"hookswitch_delivery_versions_total{destination="acme/main",type="order.created",version="1"} 2"#))
        sink.close()
    }

    @Test func `uses outlive the process`() throws {
        let sink = try Sink()
        let project = try Self.project(sink.url)
        var server = try Server(project)
        _ = try Self.send(server, "1", #"{"id":"A-1","type":"order.created","price":12}"#)
        try sink.wait("/globex")
        #expect(try server.stop() == 0)
        server = try Server(project)
        #expect(try server.ask("catalogue", "usage").list("senders").first?.at("count") == JSONValue.int(1))
        sink.close()
    }

    @Test func `an endpoint at a private address is refused when it is connected`() throws {
        let sink = try Sink()
        let server = try Server(try Self.project(sink.url, allow: ""))
        _ = try Self.send(server, nil, #"{"id":"A-1","type":"order.created","cents":100}"#)
        let dead = try server.until("both are given up", "/api/v1/deliveries") { list in
            list.list("items").count == 2 && list.list("items").allSatisfy { $0.text("state") == "dead" }
        }
        let id = dead.list("items").first?.text("id") ?? ""
        let delivery = try server.ask("deliveries", "get", id)
        #expect(delivery.list("attempts_list").map { $0.text("outcome") } == ["egress"])
        #expect(sink.received("/acme").isEmpty && sink.received("/globex").isEmpty)
        sink.close()
    }

    @Test func `a dry run says what is converted, for whom, by what and what it costs`() throws {
        let project = try Self.project("http://127.0.0.1:9")
        let input = #"{"id":"A-1","type":"order.created","price":12}"#
        func dryRun(_ arguments: String...) throws -> Finished {
            try hookswitch(
                ["dry-run", "-", "--project", project.folder, "--type", "order.created@1"] + arguments, input: input,
                environment: Project.secrets)
        }
        let text = try dryRun("--steps").out
        #expect(text.contains("converted order.created@1 → @2 by orders.lua#up  "), "\(text)")
        #expect(text.contains("✓ data.cents gte 1"))
        #expect(text.contains("x-webhook-version: 1") && text.contains("x-webhook-version: 2"))
        let json = try dryRun("-o", "json").json
        let conversion = try #require(json.list("conversions").first)
        #expect(conversion.at("from")?.intValue == 1 && conversion.at("to")?.intValue == 2)
        let step = try #require(conversion.list("steps").first)
        #expect(step.text("script") == "orders.lua#up" && (step.at("steps")?.intValue ?? 0) > 0)
        #expect(json.list("routes").first?.at("converted_to")?.intValue == 2)
        #expect(json.at("deliveries")?.intValue == 2)
    }

    @Test func `explain and graph know versions and subscribers`() throws {
        let project = try Self.project("http://127.0.0.1:9")
        let story = try hookswitch(["explain", "out", "--project", project.folder]).out
        #expect(story.contains("order.created@1 comes converted to 2 by orders.lua#up"), "\(story)")
        #expect(story.contains("→ acme/main: ") && story.contains("at version 1, whatever the route sees"))
        let graph = try hookswitch(["graph", "--project", project.folder]).out
        #expect(graph.contains("→ globex/hook") && graph.contains("version 2"), "\(graph)")
    }

    private static let tests = """
        tests:
          both:
            event: {type: order.created@1, source: shop, data: {id: A, type: order.created, price: 5}}
            expect:
              deliveries:
                - {to: acme/main, version: 1, contains: {price: 5}}
                - {to: globex/hook, version: 2, body: {id: A, type: order.created, cents: 500}}
          there and back: {round_trip: {event: order.created, from: 1, via: 2, data: {id: A, type: x, price: 5}}}
          cents are lost: {round_trip: {event: order.created, from: 2, via: 1, data: {id: A, type: x, cents: 550}}}
        """

    @Test func `a round trip that loses something shows what`() throws {
        let project = try Self.project("http://127.0.0.1:9", more: Self.tests)
        let done = try hookswitch(["test", "--project", project.folder, "--coverage"])
        #expect(done.code == 1)
        let text = done.out
        #expect(text.contains("2 passed, 1 failed"), "\(text)")
        #expect(text.contains("round trip of order.created@2 via 1"), "\(text)")
        #expect(text.contains("550") && text.contains("500"))
        #expect(text.contains("routes/main.yaml") && text.contains("converters"))
        #expect(text.contains("2/2"), "both converters ran: \(text)")
    }

    @Test func `a converter that does not run is named by the coverage`() throws {
        let project = try Self.project(
            "http://127.0.0.1:9",
            more: Self.tests.split(separator: "\n").prefix(7).joined(separator: "\n"))
        let done = try hookswitch(["test", "--project", project.folder, "--coverage"])
        #expect(done.code == 0, "\(done.out)\(done.err)")
        #expect(done.out.contains("the converter from order.created@2 to 1 never ran"), "\(done.out)")
        let json = try hookswitch(["test", "--project", project.folder, "--coverage-format", "json"])
        #expect(json.code == 0)
    }

    @Test func `a missing converter is an error with a place and a hint`() throws {
        let project = try Self.project("http://127.0.0.1:9")
        try project.replace("routes/main.yaml", "      - {from: 1, to: 2, script: orders.lua#up}\n", "")
        let done = try hookswitch(["check", "--project", project.folder])
        #expect(done.code == 1)
        let text = done.out + done.err
        #expect(
            text.contains(
                "error[version/no-converter] no converter leads from order.created@1 to version 2, which the route names"
            ),
            "\(text)")
        #expect(text.contains("add {from: 1, to: 2, script: FILE.lua#FUNCTION} below convert: of order.created"))
    }
}
