// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Who may use the admin listener.
@Suite struct AccessTests {
    private static let tokens = [
        "hookswitch.yaml": "version: 1\ntokens: [admin]\n",
        "routes/tokens.yaml": "version: 1\nsecrets: {admin: {env: ADMIN_TOKEN}}\n",
    ]

    @Test(arguments: ["0.0.0.0:0", "[::]:0"])
    func `off loopback there must be tokens`(_ address: String) throws {
        let project = try Project.shop()
        let process = try Server.spawn(project, ["--admin", address])
        #expect(try process.wait() == 78)
        #expect(process.err.text.contains("tokens"))
        #expect(!process.out.text.contains("hookswitch/ready"))
        withExtendedLifetime(project) {}
    }

    @Test func `with tokens every request needs one`() throws {
        let project = try Project.shop("http://127.0.0.1:9", Self.tokens)
        let server = try Server(project)
        for target in ["/api/v1/status", "/api/v1/events", "/metrics", "/api/v1/nothing"] {
            for header in [
                [], [("authorization", "Bearer wrong")], [("authorization", "Bearer ")],
                [("authorization", "Basic bWFya2Vy")],
            ] {
                let answer = try HTTP.get(server.admin, target, header)
                #expect(
                    answer.status == 401 && answer.headers["content-type"] == "application/problem+json", "\(target)")
                #expect(try answer.json.text("code") == "api/unauthorized")
            }
        }
        for target in ["/livez", "/readyz"] { #expect(try HTTP.get(server.admin, target).status == 200) }
        let right = [("authorization", "bearer marker-admin-4711")]
        for target in ["/api/v1/status", "/metrics"] {
            #expect(try HTTP.get(server.admin, target, right).status == 200)
        }
        try project.write("token", "marker-admin-4711\n")
        let refused = try server.run(["status"])
        #expect(refused.code == 77, "\(refused)")
        #expect(try server.run(["status", "--token-file", project.path("token")]).code == 0)
        let byVariable = try hookswitch(
            "events", "list",
            environment: ["HOOKSWITCH_SERVER": server.admin, "HOOKSWITCH_TOKEN_FILE": project.path("token")])
        #expect(byVariable.code == 0, "\(byVariable)")
    }

    @Test func `what an unready router says to strangers names no file`() throws {
        let server = try Server(try Project.shop("http://127.0.0.1:9", Self.tokens))
        let answer = try HTTP.get(server.admin, "/readyz?verbose")
        #expect(answer.status == 200)
        #expect(!answer.text.contains("marker"))
    }

    @Test func `a browser is not tricked into it`() throws {
        let server = try Server(try Project.shop())
        let port = server.admin.split(separator: ":")[1]
        #expect(try HTTP.get(server.admin, "/api/v1/status", [("host", "evil.example:\(port)")]).status == 403)
        #expect(try HTTP.get(server.admin, "/api/v1/status", [("host", "127.0.0.1.evil.example")]).status == 403)
        #expect(try HTTP.get(server.admin, "/api/v1/status", [("host", "localhost:\(port)")]).status == 200)
        let foreign = try HTTP.post(server.admin, "/api/v1/config/reload", [("origin", "https://evil.example")])
        #expect(foreign.status == 403)
        #expect(try foreign.json.text("code") == "api/forbidden")
        #expect(try HTTP.post(server.admin, "/api/v1/config/reload", [("origin", "null")]).status == 403)
        #expect(
            try HTTP.post(server.admin, "/api/v1/config/reload", [("origin", "http://\(server.admin)")]).status == 200)
    }

    @Test func `what is not there and what is not understood are problem documents`() throws {
        let server = try Server(try Project.shop())
        let cases = [
            ("/api/v1/nothing", 404), ("/api/v1/events/evt_x", 400),
            ("/api/v1/events/evt_00000000000000000000000000", 404),
            ("/api/v1/events?colour=red", 400), ("/api/v1/events?limit=0", 400),
            ("/api/v1/events?limit=1&limit=2", 400),
            ("/api/v1/deliveries?state=asleep", 400), ("/", 404),
        ]
        for (target, status) in cases {
            let answer = try HTTP.get(server.admin, target)
            #expect(answer.status == status, "\(target): \(answer.text)")
            #expect(answer.headers["content-type"] == "application/problem+json", "\(target)")
            #expect(try answer.json.text("code")?.isEmpty == false, "\(target)")
        }
        #expect(
            try HTTP.post(server.admin, "/api/v1/status").status == 405
                || HTTP.post(server.admin, "/api/v1/status").status == 404)
    }

    @Test func `no secret reaches the log, the metrics or the API`() throws {
        let sink = try Sink()
        sink.script("/shaped", [503, 400])
        let server = try Server(try Project.shop(sink.url), ["--log-level", "debug"])
        _ = try server.send("A-1")
        _ = try server.send("F-1", type: "fragile.thing")
        _ = try server.order("{", token: "wrong")
        try sink.wait("/shaped", 2)
        try server.until("dead", "/api/v1/dead") { $0.list("items").count == 1 }
        var seen = ""
        for target in [
            "/api/v1/events", "/api/v1/deliveries", "/api/v1/held", "/api/v1/config", "/api/v1/status", "/metrics",
        ] {
            seen += try HTTP.get(server.admin, target).text
        }
        for item in try server.ask("events", "list").list("items") {
            seen += try server.ask("events", "get", item.text("id") ?? "").text
        }
        for item in try server.ask("deliveries", "list").list("items") {
            seen += try server.ask("deliveries", "get", item.text("id") ?? "").text
        }
        #expect(try server.stop() == 0)
        expectNoSecret(seen + server.process.out.text + server.process.err.text)
    }
}
