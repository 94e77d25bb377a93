// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// A served project: webhook in, request out, and everything that the commands say about it.
@Suite struct WholePathTests {
    @Test func `an order reaches its destinations as it came and as the script says`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try Server(project)
        #expect(server.ready.text("schema") == "hookswitch/ready@1")
        let body = #"{"type":"order.created", "id":"A-1","total":12.50,"note":"ü\u00fc","big":12345678901234567890123}"#
        let answer = try server.order(body)
        #expect(answer.status == 202)
        #expect(try answer.json.at("duplicate") == .bool(false))
        let plain = try sink.wait("/plain")
        #expect(plain[0].text == body, "untouched bytes")
        #expect(plain[0].headers["content-type"] == "application/json")
        let shaped = try sink.wait("/shaped")
        #expect(shaped[0].text == #"{"order":"A-1","total":12.5}"#)
        #expect(shaped[0].headers["authorization"] == "Bearer marker-bearer-4711")
        #expect(shaped[0].headers["x-hookswitch-signature"] != nil)
        #expect(shaped[0].headers["webhook-id"] != plain[0].headers["webhook-id"])
        #expect(shaped[0].headers["user-agent"]?.hasPrefix("hookswitch/") == true)
        sink.close()
    }

    @Test func `the sender's second try is answered with the first id and delivers nothing`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url))
        let first = try server.send("A-1")
        let second = try server.send("A-1")
        #expect(first.status == 202 && second.status == 200)
        let ids = try [first, second].map { try $0.json.text("id") }
        #expect(ids[0] == ids[1])
        #expect(try second.json.at("duplicate") == .bool(true))
        _ = try server.send("A-2")
        try sink.wait("/plain", 2)
        try server.until("two events", "/api/v1/events") { $0.list("items").count == 2 }
        #expect(sink.received("/plain").count == 2)
    }

    @Test func `a request that is refused is answered with a problem document`() throws {
        let server = try Server(try Project.shop())
        let json = ("content-type", "application/json")
        let body = "Hello, World!"
        let cases: [(target: String, headers: [(String, String)], body: String, status: Int)] = [
            ("/in/shop", [json, ("authorization", "Bearer wrong")], "{}", 401),
            ("/in/shop", [json], "{}", 401),
            ("/in/github", [json, ("x-hub-signature-256", "sha256=00"), ("x-github-event", "push")], body, 401),
            ("/in/elsewhere", [json], "{}", 404),
            ("/in/shop", [json, ("authorization", "Bearer marker-shop-token-4711")], "{", 400),
        ]
        for one in cases {
            let answer = try HTTP.post(server.ingest, one.target, one.headers, one.body)
            #expect(answer.status == one.status, "\(one)")
            #expect(answer.headers["content-type"] == "application/problem+json")
            let problem = try answer.json
            #expect(problem.text("code")?.contains("/") == true, "\(answer.text)")
            #expect(problem.at("status") == JSONValue.int(one.status))
            for key in ["type", "title", "detail"] { #expect(problem.text(key) != nil, "\(key) of \(answer.text)") }
        }
        #expect(try HTTP.get(server.ingest, "/in/shop").status == 405)
        #expect(try server.ask("events", "list").list("items").isEmpty)
    }

    @Test func `limits and what is not routed are answered as the project says`() throws {
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "hookswitch.yaml": "version: 1\nlimits: {body: 1KiB, json_depth: 8}\n",
                "routes/defaults.yaml": "version: 1\ndefaults: {unrouted: reject}\n",
            ])
        let server = try Server(project)
        let deep = String(repeating: "[", count: 9) + String(repeating: "]", count: 9)
        let cases: [(body: String, status: Int, code: String)] = [
            (
                #"{"type":"order.x","id":"1","fill":"\#(String(repeating: "x", count: 2000))"}"#, 413,
                "http/body-too-large"
            ),
            (#"{"type":"order.x","id":"1","deep":\#(deep)}"#, 400, "json/too-deep"),
            (#"{"type":"order.x","type":"order.y","id":"1"}"#, 400, "json/duplicate-key"),
            (#"{"type":"nobody.cares","id":"1"}"#, 422, "route/unmatched"),
        ]
        for one in cases {
            let answer = try server.order(one.body)
            #expect(answer.status == one.status, "\(answer.text)")
            #expect(try answer.json.text("code") == one.code)
        }
        #expect(try server.ask("events", "list").list("items").isEmpty)
    }

    @Test func `an answer that is final ends the delivery as the policy says`() throws {
        let sink = try Sink()
        sink.script("/plain", [410])
        sink.script("/shaped", [400])
        let project = try Project.shop(sink.url)
        try project.replace(
            "routes/destinations.yaml", "/shaped\", policy: quick",
            "/shaped\", policy: {extends: quick, dead_letter: drop}")
        let server = try Server(project)
        _ = try server.send("A-1")
        let dead = try server.until("the end of both", "/api/v1/deliveries") { list in
            list.list("items").allSatisfy { $0.text("state") != "pending" } && list.list("items").count == 2
        }.list("items")
        let ends = dead.map { "\($0.text("destination") ?? "") \($0.text("state") ?? "") \($0.text("code") ?? "")" }
            .sorted()
        #expect(ends == ["plain dead delivery/gone", "shaped dropped delivery/refused-status"])
        #expect(sink.received("/plain").count == 1 && sink.received("/shaped").count == 1)
    }

    /// The vector of GitHub's documentation ("Validating webhook deliveries").
    @Test func `GitHub's own example of a signature is taken`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url))
        let answer = try HTTP.post(
            server.ingest, "/in/github",
            [
                ("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
                ("x-github-event", "push"), ("x-github-delivery", "d-1"), ("content-type", "text/plain"),
            ], "Hello, World!")
        #expect(answer.status == 202, "\(answer.text)")
        #expect(try sink.wait("/plain")[0].text == "Hello, World!")
    }

    @Test func `a busy endpoint is asked again with the same id and the same body`() throws {
        let sink = try Sink()
        sink.script("/shaped", [503, 503])
        let server = try Server(try Project.shop(sink.url))
        _ = try server.send("A-1")
        let tries = try sink.wait("/shaped", 3)
        #expect(Set(tries.map { $0.headers["webhook-id"] }).count == 1)
        #expect(Set(tries.map(\.body)).count == 1)
        let id = tries[0].headers["webhook-id"] ?? ""
        try server.until("delivered", "/api/v1/deliveries/\(id)") { $0.text("state") == "delivered" }
        let delivery = try server.ask("deliveries", "get", id)
        #expect(delivery.list("attempts_list").map { $0.at("status")?.intValue } == [503, 503, 200])
        #expect(delivery.at("attempts") == JSONValue.int(3))
    }

    @Test func `events and deliveries are listed, filtered and paged`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url))
        for number in 1...5 { #expect(try server.send("A-\(number)", total: number * 4).status == 202) }
        #expect(try server.send("X-1", type: "unknown.kind").status == 202)
        try sink.wait("/plain", 5)
        try sink.wait("/shaped", 3)
        #expect(try server.ask("events", "list").list("items").count == 6)
        #expect(try server.ask("events", "list", "--type", "order.created").list("items").count == 5)
        #expect(
            try server.ask("events", "list", "--fate", "unmatched").list("items").map { $0.text("type") } == [
                "unknown.kind"
            ])
        #expect(try server.ask("events", "list", "--sender-id", "A-3").list("items").count == 1)
        #expect(try server.ask("events", "list", "--source", "github").list("items").isEmpty)
        let page = try server.ask("events", "list", "--limit", "4")
        let rest = try server.ask("events", "list", "--limit", "4", "--cursor", page.text("cursor") ?? "")
        #expect(page.list("items").count == 4 && rest.list("items").count == 2)
        #expect(rest.at("cursor") == .null)
        #expect(Set((page.list("items") + rest.list("items")).map { $0.text("id") }).count == 6)
        #expect(try server.ask("events", "list", "--limit", "1", "--all").list("items").count == 6)
        try server.until("all delivered", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 8 }
        #expect(try server.ask("deliveries", "list", "--destination", "shaped").list("items").count == 3)
        let event = page.list("items").first { $0.text("type") == "order.created" }?.text("id") ?? ""
        #expect(try server.ask("deliveries", "list", "--event", event).list("items").count >= 1)
        let detail = try server.ask("events", "get", event)
        #expect(detail.text("schema") == "hookswitch/event@1")
        #expect(!"\(detail.text)".contains("marker-"), "credentials of the sender are not shown")
        #expect(try server.run(["events", "list", "--since", "yesterday"]).code == 64)
        #expect(try server.run(["events", "get", "evt_nonsense"]).code == 64)
        #expect(try server.run(["deliveries", "list", "--state", "sleeping"]).code == 64)
        let text = try server.run(["events", "list"]).out
        #expect(text.contains("order.created") && text.contains("unmatched"))
        #expect(try server.run(["events", "list", "-o", "ndjson"]).out.split(separator: "\n").count == 6)
    }

    @Test func `a replayed event is a new event with new deliveries`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url))
        let id = try server.send("A-1").json.text("id") ?? ""
        try sink.wait("/plain")
        let replay = try server.ask("events", "replay", id)
        #expect(replay.text("event_id") != id)
        let both = try sink.wait("/plain", 2)
        #expect(both[0].body == both[1].body)
        #expect(both[0].headers["webhook-id"] != both[1].headers["webhook-id"])
        #expect(try server.run(["events", "replay", "evt_00000000000000000000000000"]).code == 1)
    }

    @Test func `send signs for every kind of source`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try Server(project)
        try project.write("push.json", #"{"ref":"refs/heads/main"}"#)
        let cases = [
            ["--source", "github", "-H", "X-GitHub-Event: push", "-H", "X-GitHub-Delivery: d-1"],
            ["--source", "shop"], ["--source", "stripe"],
        ]
        let bodies = [
            #"{"ref":"main"}"#, #"{"type":"order.paid","id":"A-1"}"#, #"{"id":"evt_1","type":"invoice.paid"}"#,
        ]
        for (arguments, body) in zip(cases, bodies) {
            let sent = try hookswitch(
                ["send", "-", "--project", project.folder, "--to", server.ingest, "-o", "json"] + arguments,
                input: body,
                environment: Project.secrets)
            #expect(sent.code == 0, "\(sent)")
            #expect(try sent.json.at("status") == JSONValue.int(202))
            #expect(try sent.json.text("answer.id") != nil)
        }
        #expect(try sink.wait("/plain", 3).count == 3)
        let refused = try hookswitch(
            ["send", "-", "--project", project.folder, "--to", server.ingest, "--unsigned", "--source", "shop"],
            input: bodies[1], environment: Project.secrets)
        #expect(refused.code == 1 && refused.out.hasPrefix("401 "))
        let noSecret = try hookswitch(
            ["send", "-", "--project", project.folder, "--to", server.ingest, "--source", "shop"], input: bodies[1])
        #expect(noSecret.code == 78)
        let nobody = try hookswitch(
            ["send", "-", "--project", project.folder, "--to", "127.0.0.1:1", "--source", "shop"], input: bodies[1],
            environment: Project.secrets)
        #expect(nobody.code == 69)
    }
}
