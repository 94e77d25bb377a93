// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Start, stop, and start again.
@Suite struct LifeTests {
    @Test func `a stop finishes what is in flight`() throws {
        let sink = try Sink()
        sink.shut("/plain")
        let server = try Server(try Project.shop(sink.url))
        _ = try server.send("A-1", total: 1)
        try sink.wait("/plain")
        server.process.signalProcess(SIGTERM)
        try eventually("ingest is closed") { (try? Socket(to: server.ingest)) == nil ? true : nil }
        #expect(kill(server.process.pid, 0) == 0, "it waits for the answer")
        sink.open("/plain")
        #expect(try server.process.wait() == 0)
        #expect(sink.received("/plain").count == 1)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `asked twice it stops at once`(_ number: Int32) throws {
        let sink = try Sink()
        sink.shut("/plain")
        let server = try Server(try Project.shop(sink.url))
        _ = try server.send("A-1", total: 1)
        try sink.wait("/plain")
        server.process.signalProcess(number)
        try eventually("ingest is closed") { (try? Socket(to: server.ingest)) == nil ? true : nil }
        server.process.signalProcess(number)
        #expect(try server.process.wait(3) == (number == SIGINT ? 130 : 0))
        sink.open("/plain")
    }

    @Test func `the next start goes on with what is pending`() throws {
        let sink = try Sink()
        sink.script("/plain", [503])
        let project = try Project.shop(sink.url)
        try project.replace("routes/destinations.yaml", "[50ms, 50ms, 50ms]", "[1s]")
        let first = try Server(project)
        let event = try first.send("A-1", total: 1).json.text("id") ?? ""
        try sink.wait("/plain")
        try first.until("recorded", "/api/v1/deliveries?event=\(event)") { $0.at("items.0.attempts")?.intValue == 1 }
        #expect(try first.stop() == 0)
        let second = try Server(project)
        let tries = try sink.wait("/plain", 2)
        #expect(tries[0].headers["webhook-id"] == tries[1].headers["webhook-id"] && tries[0].body == tries[1].body)
        try second.until("delivered", "/api/v1/deliveries?event=\(event)") { $0.text("items.0.state") == "delivered" }
        #expect(try second.send("A-1", total: 1).status == 200, "deduplication outlives a restart")
    }

    @Test func `a killed process loses nothing`() throws {
        let sink = try Sink()
        sink.shut("/plain")
        let project = try Project.shop(sink.url)
        let first = try Server(project)
        for number in 1...5 { #expect(try first.send("A-\(number)", total: 1).status == 202) }
        first.process.end()
        sink.open("/plain")
        let second = try Server(project)
        try second.until("all delivered", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 5 }
    }

    @Test func `two processes do not share a store`() throws {
        let project = try Project.shop()
        let first = try Server(project)
        let second = try Server.spawn(project)
        #expect(try second.wait() != 0)
        #expect(second.err.text.contains("store") && second.err.text.contains("another"), "\(second.err.text)")
        #expect(second.out.text.isEmpty)
        #expect(try first.send("A-1").status == 202)
    }

    @Test(arguments: ["--ingest", "--admin"])
    func `a port that is taken is said plainly`(_ option: String) throws {
        let project = try Project.shop()
        let sink = try Sink()
        let process = try ChildProcess(
            ["serve", "--project", project.folder, "-o", "json", "--ingest", "127.0.0.1:0"]
                + (option == "--admin" ? [] : ["--admin", "127.0.0.1:0"]) + [option, "127.0.0.1:\(sink.port)"],
            environment: Project.secrets)
        #expect(try process.wait() == 75)
        #expect(
            process.err.text.contains("error: ") && process.err.text.contains("\(sink.port)"), "\(process.err.text)")
        #expect(!process.out.text.contains("hookswitch/ready"))
    }

    @Test func `the ready line is text for people`() throws {
        let project = try Project.shop()
        let process = try ChildProcess(
            ["serve", "--project", project.folder, "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
            environment: Project.secrets)
        #expect(try process.out.line("ready").contains("is ready: ingest http://127.0.0.1:"))
        process.signalProcess(SIGTERM)
        #expect(try process.wait() == 0)
    }
}
