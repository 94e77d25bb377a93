// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch dev`: each save is checked, tested and reloaded; each event is shown.
@Suite struct DevTests {
    private static let tests = """
        version: 1
        tests:
          a big order is shaped:
            event: {type: order.created, source: shop, data: {id: A-1, total: 12}}
            expect: {deliveries: [{to: plain}, {to: shaped, body: {order: A-1, total: 12}}]}

        """

    /// A running `dev`, its lines as JSON.
    private final class Running: Sendable {
        let process: ChildProcess
        let project: Project

        init(_ project: Project, _ more: [String] = [], environment: [String: String] = [:]) throws {
            self.project = project
            self.process = try ChildProcess(
                [
                    "dev", "--project", project.folder, "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0", "-o",
                    "ndjson",
                ]
                    + more, environment: environment)
        }

        deinit { self.process.end() }

        /// The first line behind the others that `isIt` takes.
        @discardableResult
        func line(_ what: String, from start: Int = 0, _ isIt: (JSONValue) -> Bool) throws -> (JSONValue, Int) {
            try eventually(what) {
                for (place, line) in self.process.out.lines.enumerated() where place >= start {
                    guard let value = try? JSONValue(parsing: Array(line.utf8)), isIt(value) else { continue }
                    return (value, place + 1)
                }
                return nil
            }
        }

        func ready() throws -> JSONValue {
            try self.line("ready") { $0.text("schema") == "hookswitch/ready@1" }.0
        }

        func stop() throws -> Int32 {
            self.process.signalProcess(SIGINT)
            return try self.process.wait()
        }
    }

    private func project() throws -> Project {
        try Project.shop("http://127.0.0.1:9", ["routes/t.test.yaml": Self.tests])
    }

    @Test func `a broken save is shown and the old revision serves; its correction runs`() throws {
        let project = try self.project()
        let dev = try Running(project)
        let ready = try dev.ready()
        let ingest = ready.text("ingest") ?? ""
        try dev.line("the first tests") { $0.text("kind") == "tests" && $0.at("passed")?.intValue == 1 }

        try project.replace(
            "routes/routes.yaml", "pushes: {event: github.push, to: plain}", "pushes: {event: github.push, to: plan}")
        let (check, at) = try dev.line("the finding") { $0.text("kind") == "check" && $0.at("ok") == .bool(false) }
        #expect(check.text("diagnostics.0.code") == "route/unknown-destination")
        #expect(check.at("diagnostics.0.line")?.intValue == 9)
        let (refused, next) = try dev.line("the refusal", from: at) { $0.text("kind") == "reload" }
        #expect(refused.text("result") == "refused" && refused.text("revision") == ready.text("revision"))
        let body = #"{"type":"order.created","id":"E-1","total":12}"#
        let sent = try hookswitch(
            "send", "-", "--source", "shop", "--dev", "--to", ingest, "--project", project.folder, input: body)
        #expect(sent.code == 78, "the project itself is broken: \(sent.out)\(sent.err)")

        try project.replace("routes/routes.yaml", "to: plan}", "to: plain, enabled: true}")
        let (accepted, after) = try dev.line("the reload", from: next) { $0.text("kind") == "reload" }
        #expect(accepted.text("result") == "accepted" && accepted.list("changes") == [])
        #expect(after > next)
        #expect(try dev.stop() == 0)
    }

    @Test func `a failing test keeps the save out, whatever the defaults say`() throws {
        let project = try self.project()
        let dev = try Running(project)
        _ = try dev.ready()
        try project.replace("scripts/shape.lua", "order = event.data.id", "number = event.data.id")
        let (tests, at) = try dev.line("the failure") { $0.text("kind") == "tests" && $0.at("ok") == .bool(false) }
        #expect(tests.text("failures.0.name") == "a big order is shaped")
        #expect(tests.at("failures.0.failures.0.line")?.intValue == 5)
        let (refused, next) = try dev.line("the refusal", from: at) { $0.text("kind") == "reload" }
        #expect(refused.text("result") == "refused")
        try project.replace("routes/t.test.yaml", "{order: A-1", "{number: A-1")
        let (accepted, _) = try dev.line("the reload", from: next) { $0.text("kind") == "reload" }
        #expect(accepted.text("result") == "accepted")
        #expect(accepted.list("changes").contains("changed route created"))
        #expect(try dev.stop() == 0)
    }

    @Test func `events are shown with what was delivered, and dev keys sign them`() throws {
        let project = try self.project()
        let dev = try Running(project, ["--verbose"])
        let ingest = try dev.ready().text("ingest") ?? ""
        func send(_ body: String, _ more: [String] = ["--dev"]) throws -> Finished {
            try hookswitch(
                ["send", "-", "--source", "shop", "--to", ingest, "--project", project.folder] + more, input: body)
        }
        #expect(try send(#"{"type":"order.created","id":"E-1","total":12}"#).code == 0)
        let (event, at) = try dev.line("the event") { $0.text("kind") == "event" }
        #expect(event.text("type") == "order.created" && event.text("source") == "shop")
        #expect(event.list("routes").compactMap { $0.text("route") }.sorted() == ["created", "every-order"])
        #expect(event.list("deliveries").compactMap { $0.text("state") } == ["delivered", "delivered"])
        #expect(event.list("deliveries").compactMap { $0.at("status")?.intValue } == [200, 200])
        try dev.line("the body", from: at) { $0.text("kind") == "body" && $0.at("value.order") == "E-1" }

        #expect(try send(#"{"type":"order","id":"E-2"}"#).code == 0)
        let (nobody, _) = try dev.line("the unmatched one", from: at) {
            $0.text("kind") == "event" && $0.text("type") == "order"
        }
        #expect(nobody.text("nearest") != nil && nobody.list("routes").isEmpty)
        #expect(try send("{}", ["--unsigned"]).code == 1)
        let (refused, _) = try dev.line("the refused one") { $0.text("kind") == "request" }
        #expect(refused.text("result") == "refused" && refused.text("reason")?.hasPrefix("verify/") == true)
        #expect(try dev.stop() == 0)
    }

    @Test func `real secrets are used where they are set, and deliveries sent where it is asked for`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let dev = try Running(project, ["--deliver"], environment: Project.secrets)
        let ingest = try dev.ready().text("ingest") ?? ""
        let answer = try HTTP.post(
            ingest, "/in/shop",
            [("authorization", "Bearer marker-shop-token-4711"), ("content-type", "application/json")],
            #"{"type":"order.paid","id":"E-1"}"#)
        #expect(answer.status == 202)
        try sink.wait("/plain")
        let (event, _) = try dev.line("the event") { $0.text("kind") == "event" }
        #expect(event.text("deliveries.0.destination") == "plain")
        #expect(try dev.stop() == 0)
        #expect(!dev.process.out.text.contains("marker"), "no secret is shown")
    }

    @Test func `a project that is broken from the start is waited for`() throws {
        let project = try self.project()
        try project.write("routes/extra.yaml", "version: 1\nroutes: [\n")
        let dev = try Running(project)
        let (_, at) = try dev.line("waiting") { $0.text("kind") == "waiting" }
        try project.remove("routes/extra.yaml")
        try dev.line("the check", from: at) { $0.text("kind") == "check" && $0.at("ok") == .bool(true) }
        _ = try dev.ready()
        #expect(try dev.stop() == 0)
        let waiting = try self.project()
        try waiting.write("routes/extra.yaml", "version: 1\nroutes: [\n")
        let other = try Running(waiting)
        try other.line("waiting") { $0.text("kind") == "waiting" }
        #expect(try other.stop() == 0)
    }

    @Test func `once and for end by themselves, and leave nothing behind`() throws {
        let project = try self.project()
        let arguments = ["dev", "--project", project.folder, "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        let once = try hookswitch(arguments + ["--once"])
        #expect(once.code == 0 && once.out.contains("1 passed, 0 failed"), "\(once.out)\(once.err)")
        #expect(once.out.contains("DEV KEYS") && once.out.contains("hookswitch send"), "\(once.out)")
        #expect(try hookswitch(arguments + ["--for", "1s"]).code == 0)
        try project.replace("routes/t.test.yaml", "total: 12}}]", "total: 13}}]")
        let failed = try hookswitch(arguments + ["--once"])
        #expect(failed.code == 1 && failed.out.contains("body of shaped.total"), "\(failed.out)\(failed.err)")
        try project.write("routes/extra.yaml", "version: 1\nroutes: [\n")
        #expect(try hookswitch(arguments + ["--once"]).code == 1)
        #expect(try hookswitch("dev", "--ingest", "0.0.0.0:0").code == 64)
        #expect(try hookswitch("dev", "--project", "/nowhere", "--once").code == 65)
    }
}
