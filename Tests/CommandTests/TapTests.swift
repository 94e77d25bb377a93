// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `tap` and `top`, on a running router.
@Suite struct TapTests {
    /// A view that is open: its first line of output comes once something happens, so the router is asked who watches.
    private func tap(_ server: Server, _ arguments: String...) throws -> ChildProcess {
        let process = try ChildProcess(
            ["tap"] + arguments, environment: ["HOOKSWITCH_SERVER": "http://\(server.admin)"])
        return process
    }

    /// Sends until the view has begun to print: only then is it certain that it was open.
    private func begin(_ server: Server, _ process: ChildProcess) throws {
        var number = 0
        try eventually("the view is open") {
            number += 1
            _ = try server.send("warm-\(number)")
            return process.out.text.isEmpty ? nil : true
        }
    }

    @Test func `every stage is shown, in the order of the path`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url), ["--no-watch"])
        let view = try self.tap(server, "-o", "json")
        try self.begin(server, view)
        let id = try #require(try JSONValue(parsing: Array(server.send("A-1").body)).text("id"))
        let last = try view.out.line("the delivery of \(id)") {
            $0.contains(id) && $0.contains("\"shaped\"") && $0.contains("delivered")
        }
        #expect(try JSONValue(parsing: Array(last.utf8)).text("schema") == "hookswitch/tap@1")
        let lines = try view.out.text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        let own = lines.filter { $0.text("event_id") == id }
        let words = own.map { "\($0.text("stage") ?? "") \($0.text("what") ?? "")" }
        #expect(words.prefix(4) == ["verify accepted", "route matched", "route matched", "store stored"])
        #expect(words.dropFirst(4).allSatisfy { $0 == "deliver delivered" })
        let attempt = try #require(own.last { $0.text("stage") == "deliver" })
        #expect(attempt.text("type") == "order.created" && attempt.text("source") == "shop")
        #expect(attempt.text("route") != nil && attempt.at("attempt")?.intValue == 1 && attempt.text("code") == "200")
        #expect(!view.out.text.contains("marker-"), "a secret is shown")
        view.end()
        #expect(try server.stop() == 0)
    }

    @Test func `conditions and names choose, and a refusal is shown with its code`() throws {
        let server = try Server(try Project.shop(), ["--no-watch"])
        let view = try self.tap(
            server, "--where", "data.total: {gte: 100}", "--where", "type=order.*", "--payload", "--json")
        let refusals = try self.tap(server, "--stage", "verify,ingest", "--limit", "2", "-o", "ndjson")
        try eventually("the views are open") {
            _ = try server.send("big", total: 500)
            return view.out.text.isEmpty || refusals.out.text.isEmpty ? nil : true
        }
        #expect(try refusals.wait() == 0)
        for total in [5, 99, 100, 7] { #expect(try server.send("B-\(total)", total: total).status == 202) }
        let line = try view.out.line("the order of 100") { $0.contains("B-100") }
        #expect(try JSONValue(parsing: Array(line.utf8)).text("body")?.contains("\"total\":100") == true)
        #expect(!view.out.text.contains("B-99") && !view.out.text.contains("B-5"))
        let refused = try self.tap(server, "--stage", "verify", "--json")
        try eventually("the refusal") {
            let status = try server.order("{}", token: "wrong").status
            #expect(status == 401)
            return refused.out.text.contains("verify/credentials") ? true : nil
        }
        #expect(!refused.out.text.contains("wrong"))
        for process in [view, refused] { process.end() }
    }

    static let faults: [(arguments: [String], words: String)] = [
        (["--where", "data.total: {gte: }"], "where:"), (["--where", "data.total: {gt3: 1}"], "where:"),
        (["--route", "creatd"], "did you mean \"created\"?"), (["--stage", "lua"], "stage must be one of"),
        (["--limit", "0"], "--limit"),
    ]

    @Test func `what cannot be asked is refused`() throws {
        let server = try Server(try Project.shop(), ["--no-watch"])
        for fault in Self.faults {
            let done = try server.run(["tap"] + fault.arguments)
            #expect(done.code == 64 && done.err.contains(fault.words), "\(done)")
        }
        let nobody = try hookswitch("tap", "--server", "http://127.0.0.1:9")
        #expect(nobody.code == 69, "\(nobody)")
    }

    @Test func `top prints one snapshot where there is no terminal`() throws {
        let sink = try Sink()
        let server = try Server(try Project.shop(sink.url), ["--no-watch"])
        for number in 0..<5 { #expect(try server.send("A-\(number)").status == 202) }
        try sink.wait("/plain", 5)
        let text = try server.run(["top"])
        #expect(text.code == 0 && text.out.contains("SOURCE") && text.out.contains("DESTINATION"), "\(text)")
        #expect(!text.out.contains("\u{1B}"), "no escapes without a terminal")
        let json = try server.ask("top")
        #expect(json.text("schema") == "hookswitch/top@1" && json.at("events")?.intValue == 5)
        let shaped = json.list("destinations").first { $0.text("destination") == "shaped" }
        #expect(shaped?.at("waiting")?.intValue == 0 && shaped?.at("p99_ms") != .null, "\(json.text)")
        #expect(json.list("sources").contains { $0.text("source") == "shop" })
        #expect(json.list("routes").contains { $0.text("route") == "created" })
        #expect(try hookswitch("top", "--server", "http://127.0.0.1:9").code == 69)
    }
}
