// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Reload: by every trigger, refused whole, and never in the way of events.
@Suite struct ReloadTests {
    private static let extra = "version: 1\nroutes:\n  extra: {event: extra.thing, to: plain}\n"
    private static let broken = "version: 1\nroutes:\n  extra: {event: extra.thing, to: nowhere}\n"

    /// Ways to ask for a reload; each returns once it is asked for.
    enum Trigger: String, CaseIterable, Sendable { case signal, command, api, watch }

    private func serve(_ project: Project, _ trigger: Trigger) throws -> Server {
        try Server(project, trigger == .watch ? [] : ["--no-watch"])
    }

    private func ask(_ trigger: Trigger, _ server: Server) throws {
        switch trigger {
        case .signal: server.process.signalProcess(SIGHUP)
        case .command: _ = try server.run(["reload"])
        case .api: _ = try HTTP.post(server.admin, "/api/v1/config/reload")
        case .watch: break
        }
    }

    private func result(_ server: Server, _ result: String) throws -> JSONValue {
        try server.until("reload \(result)", "/api/v1/config") { $0.text("last_reload.result") == result }
    }

    @Test(arguments: Trigger.allCases)
    func `a change runs, a mistake is refused and shown, its correction runs`(_ trigger: Trigger) throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try self.serve(project, trigger)
        let first = server.ready.text("revision")

        try project.write("routes/extra.yaml", Self.extra)
        try self.ask(trigger, server)
        let second = try server.until("another revision", "/api/v1/config") { $0.text("revision") != first }.text(
            "revision")
        try server.log("configuration reloaded")
        #expect(try server.send("E-1", type: "extra.thing").status == 202)
        try sink.wait("/plain")

        try project.write("routes/extra.yaml", Self.broken)
        try self.ask(trigger, server)
        let refused = try self.result(server, "refused")
        #expect(refused.text("revision") == second)
        #expect(refused.text("last_reload.diagnostics.0.code") == "route/unknown-destination")
        #expect(try server.log("reload refused").text("place")?.hasPrefix("routes/extra.yaml:3:") == true)
        let ready = try HTTP.get(server.admin, "/readyz?verbose")
        #expect(ready.status == 200 && ready.text.contains("last reload refused"), "\(ready.text)")
        #expect(try HTTP.get(server.admin, "/metrics").text.contains("\nhookswitch_config_last_reload_successful 0\n"))
        #expect(try server.send("E-2", type: "extra.thing").status == 202)
        try sink.wait("/plain", 2)

        try project.write("routes/extra.yaml", Self.extra + "\n")
        try self.ask(trigger, server)
        _ = try self.result(server, "accepted")
        #expect(try HTTP.get(server.admin, "/metrics").text.contains("\nhookswitch_config_last_reload_successful 1\n"))
    }

    @Test func `the command says what changes and ends with 78 where it is refused`() throws {
        let project = try Project.shop()
        let server = try Server(project, ["--no-watch"])
        #expect(try server.ask("reload").text("result") == "unchanged")
        try project.write("routes/extra.yaml", Self.extra)
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 11")
        try project.replace("routes/routes.yaml", "  pushes: {event: github.push, to: plain}\n", "")
        let planned = try server.ask("reload", "--plan")
        #expect(planned.text("result") == "planned")
        let words = planned.list("changes").map {
            "\($0.text("change") ?? "") \($0.text("what") ?? "") \($0.text("name") ?? "")"
        }
        #expect(words == ["changed route created", "added route extra", "removed route pushes"])
        #expect(try server.ask("config", "status").text("revision") == server.ready.text("revision"))
        #expect(try server.ask("reload").text("result") == "accepted")
        try project.write("routes/extra.yaml", Self.broken)
        let refused = try server.run(["reload"])
        #expect(refused.code == 78 && refused.err.contains("routes/extra.yaml:3:"), "\(refused)")
        #expect(try server.run(["reload", "--plan"]).code == 78)
        #expect(try server.ask("reload", code: 78).text("result") == "refused")
    }

    @Test func `files are seen however they change`() throws {
        let project = try Project.shop()
        let server = try Server(project)
        func change(_ what: String, _ body: () throws -> Void) throws {
            let before = try server.ask("config", "status").text("revision")
            try body()
            try server.until(what, "/api/v1/config") { $0.text("revision") != before }
        }
        try change("a write in place") {
            let file = try #require(FileHandle(forWritingAtPath: project.path("routes/routes.yaml")))
            try file.seekToEnd()
            try file.write(contentsOf: Data("# more\n".utf8))
            try file.close()
        }
        try change("a script") { try project.write("scripts/shape.lua", Project.script + "-- more\n") }
        try change("a file in a new folder") { try project.write("routes/new/deep/extra.yaml", Self.extra) }
        try change("a change in that folder") {
            try project.write("routes/new/deep/extra.yaml", Self.extra + "# more\n")
        }
        try change("a removed file") { try project.remove("routes/new/deep/extra.yaml") }
    }

    /// A mounted ConfigMap: files are links through `..data`, which is swapped by a rename.
    @Test func `the swapped link of Kubernetes is a change`() throws {
        let project = try Project.shop()
        try project.makeFolder("routes/map")
        let files = FileManager.default
        func put(_ version: String, _ text: String) throws {
            try project.write("routes/map/..\(version)/extra.yaml", text)
            try files.createSymbolicLink(
                atPath: project.path("routes/map/..data_tmp"), withDestinationPath: "..\(version)")
            #expect(rename(project.path("routes/map/..data_tmp"), project.path("routes/map/..data")) == 0)
        }
        try put("v1", Self.extra)
        try files.createSymbolicLink(
            atPath: project.path("routes/map/extra.yaml"), withDestinationPath: "..data/extra.yaml")
        let server = try Server(project)
        #expect(try server.ask("config", "status").at("fallback") == .bool(false))
        try put("v2", Self.extra + "  other: {event: other.thing, to: plain}\n")
        try server.until("the new revision", "/api/v1/config") { $0.text("revision") != server.ready.text("revision") }
        let config = try hookswitch("config", "show", "-o", "json", "--project", project.folder).json
        #expect(config.list("routes").contains { $0.text("name") == "other" })
    }

    @Test func `a removed destination is parked and goes on when it is back`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        try project.replace("routes/destinations.yaml", "[50ms, 50ms, 50ms]", "[300ms, 300ms, 300ms]")
        let destinations = try project.read("routes/destinations.yaml")
        let routes = try project.read("routes/routes.yaml")
        let server = try Server(project, ["--no-watch"])
        sink.script("/fragile", [503, 503])
        try project.write(
            "scripts/shape.lua", Project.script.replacingOccurrences(of: "event.data.missing.name", with: "1"))
        #expect(try server.ask("reload").text("result") == "accepted")
        #expect(try server.send("F-1", type: "fragile.thing").status == 202)
        try sink.wait("/fragile", 1)
        try project.write(
            "routes/destinations.yaml",
            destinations.replacingOccurrences(of: "  fragile:", with: "  x-gone:").split(separator: "\n").filter {
                !$0.contains("x-gone")
            }.joined(separator: "\n"))
        try project.write(
            "routes/routes.yaml",
            routes.split(separator: "\n").filter { !$0.contains("fragile") }.joined(separator: "\n"))
        let reload = try server.ask("reload")
        #expect(
            reload.list("changes").contains { $0.text("change") == "parked" && $0.text("name") == "fragile" },
            "\(reload)")
        try server.until("parked", "/api/v1/status") { status in
            status.list("queues").contains { $0.text("destination") == "fragile" && $0.at("parked")?.intValue == 1 }
        }
        #expect(try server.ask("deliveries", "list", "--state", "pending").list("items").count == 1)
        #expect(
            try HTTP.get(server.admin, "/metrics").text.contains(
                #"hookswitch_queue_depth{destination="fragile",state="parked"} 1"#))
        try project.write("routes/destinations.yaml", destinations)
        try project.write("routes/routes.yaml", routes)
        sink.script("/fragile", [])
        #expect(try server.ask("reload").text("result") == "accepted")
        try server.until("delivered", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 1 }
        let tries = sink.received("/fragile")
        #expect(Set(tries.map { $0.headers["webhook-id"] }).count == 1)
    }

    @Test func `events keep flowing while revisions change`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try Server(project, ["--no-watch"])
        for number in 1...20 {
            #expect(try server.send("A-\(number)", total: 1).status == 202)
            if number % 5 == 0 {
                try project.write("routes/extra.yaml", Self.extra + "# \(number)\n")
                server.process.signalProcess(SIGHUP)
            }
        }
        try sink.wait("/plain", 20)
        try server.until("all delivered", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 20 }
        #expect(Set(sink.received("/plain").map { $0.headers["webhook-id"] }).count == 20)
    }

    @Test func `an invalid configuration at start runs the last good revision, or none`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let good = try Server(project)
        let revision = good.ready.text("revision")
        #expect(try good.stop() == 0)
        try project.write("routes/extra.yaml", Self.broken)
        let strict = try Server.spawn(project, ["--strict"])
        #expect(try strict.wait() == 78)
        #expect(strict.err.text.contains("routes/extra.yaml:3:"))
        let server = try Server(project)
        #expect(server.ready.text("revision") == revision)
        try server.log("the configuration is invalid")
        let status = try server.ask("config", "status")
        #expect(status.at("fallback") == .bool(true))
        #expect(status.text("last_reload.diagnostics.0.code") == "route/unknown-destination")
        #expect(try server.send("A-1").status == 202)
        try sink.wait("/plain")
        try project.write("routes/extra.yaml", Self.extra)
        try server.until("no fallback", "/api/v1/config") { $0.at("fallback") == .bool(false) }
    }

    @Test func `a setting that needs a restart is said to need one`() throws {
        let project = try Project.shop()
        let server = try Server(project, ["--no-watch"])
        try project.write("hookswitch.yaml", "version: 1\nlisten: {ingest: 127.0.0.1:9}\nretention: {payload: 1h}\n")
        let changes = try server.ask("reload").list("changes")
        #expect(changes.map { $0.text("change") } == ["deferred", "changed"])
        #expect(changes.map { $0.text("name") } == ["listen", "retention"])
        #expect(try server.log("a setting changed that takes effect").text("setting") == "listen")
        #expect(try HTTP.get(server.ingest, "/livez").status == 200)
    }

    @Test func `required tests refuse a reload`() throws {
        let tested = """
            version: 1
            defaults: {reload: {tests: required}}
            tests:
              small orders are not shaped:
                event: {type: order.created, data: {id: A-1, total: 9}}
                expect: {deliveries: [{to: plain}]}

            """
        let project = try Project.shop("http://127.0.0.1:9", ["routes/tested.yaml": tested])
        let server = try Server(project, ["--no-watch"])
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 9")
        let refused = try server.ask("reload", code: 78)
        #expect(refused.list("failed_tests").map(\.stringValue) == ["small orders are not shaped"])
        #expect(refused.text("test_failures.0.failures.0.what") == "deliveries")
        #expect(refused.text("test_failures.0.failures.0.expected") == "none to shaped")
        #expect(refused.at("test_failures.0.failures.0.line")?.intValue == 6)
        let said = try server.run(["reload"])
        #expect(said.code == 78 && said.err.contains("test failed: small orders are not shaped"))
        #expect(said.err.contains("routes/tested.yaml:6:14: deliveries"), "\(said.err)")
        let config = try HTTP.get(server.admin, "/api/v1/config").json
        #expect(config.text("last_reload.result") == "refused")
        #expect(config.text("last_reload.test_failures.0.name") == "small orders are not shaped")
        let logged = try server.log("a test failed")
        #expect(logged.text("test") == "small orders are not shaped")
        #expect(
            logged.text("failure")?.hasPrefix("routes/tested.yaml:6:14: deliveries: expected none to shaped") == true)
        #expect(try HTTP.get(server.admin, "/metrics").text.contains("\nhookswitch_config_last_reload_successful 0\n"))
        #expect(try server.ask("reload", "--plan", code: 78).text("result") == "refused")
        let ready = try HTTP.get(server.admin, "/readyz?verbose").text
        #expect(ready.contains("small orders are not shaped") && ready.contains("routes/tested.yaml:6:14"), "\(ready)")
        try project.replace("routes/routes.yaml", "gte: 9", "gte: 12")
        #expect(try server.ask("reload").text("result") == "accepted")
    }
}
