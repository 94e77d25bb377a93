// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// The request bin and the demo.
@Suite struct ListenTests {
    @Test func `listen shows what arrives, answers as told and ends by itself`() throws {
        let bin = try ChildProcess(["listen", "127.0.0.1:0", "--answer", "503,200", "--count", "3", "-o", "json"])
        let line = try bin.out.line("its address")
        let ready = try JSONValue(parsing: Array(line.utf8))
        #expect(ready.text("schema") == "hookswitch/listening@1")
        let address = ready.text("address") ?? ""
        let statuses = try (1...3).map {
            try HTTP.post(address, "/hook?n=\($0)", [("x-n", "\($0)")], "body \($0)").status
        }
        #expect(statuses == [503, 200, 200])
        #expect(try bin.wait() == 0)
        let requests = try bin.out.lines.dropFirst().map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(requests.map { $0.text("target") } == ["/hook?n=1", "/hook?n=2", "/hook?n=3"])
        #expect(requests.map { $0.text("body") } == ["body 1", "body 2", "body 3"])
        #expect(requests.map { $0.at("answered")?.intValue } == [503, 200, 200])
        #expect(requests[0].list("headers").contains { $0.text("name") == "x-n" && $0.text("value") == "1" })
    }

    @Test func `the last answer is given in full, however late it is`() throws {
        let bin = try ChildProcess(["listen", "127.0.0.1:0", "--delay", "400", "--count", "1", "-o", "json"])
        let address = try JSONValue(parsing: Array(try bin.out.line("its address").utf8)).text("address") ?? ""
        #expect(try HTTP.post(address, "/").status == 200)
        #expect(try bin.wait() == 0)
    }

    @Test func `a port that is taken is said plainly`() throws {
        let sink = try Sink()
        let done = try hookswitch("listen", "127.0.0.1:\(sink.port)")
        #expect(done.code == 75 && done.err.contains("error: "), "\(done)")
    }

    @Test func `a router delivers into the bin`() throws {
        let bin = try ChildProcess(["listen", "127.0.0.1:0", "--count", "2"])
        let line = try bin.err.line("its address")
        let url = try #require(line.split(separator: " ").last.map(String.init))
        let server = try Server(try Project.shop(url))
        _ = try server.send("A-1")
        #expect(try bin.wait() == 0)
        #expect(
            bin.out.text.contains("POST /plain → 200") && bin.out.text.contains("POST /shaped → 200"), "\(bin.out.text)"
        )
        #expect(bin.out.text.contains(#"{"order":"A-1","total":12}"#))
    }

    @Test func `the demo ends by itself and loses nothing`() throws {
        let demo = try hookswitch("demo", "--for", "3s", "--rate", "10")
        #expect(demo.code == 0, "\(demo.err)")
        #expect(demo.out.contains("curl -i http://127.0.0.1:"))
        let number = { (name: String) -> Int? in
            demo.out.split(separator: "\n").last { $0.hasPrefix("  \(name) ") }?
                .split(separator: " ").dropFirst(name.split(separator: " ").count).first.flatMap { Int($0) }
        }
        #expect(number("lost") == 0, "\(demo.out)")
        #expect(number("events") ?? 0 >= 10 && number("deliveries") ?? 0 >= 10)
        #expect(number("retries") ?? 0 > 0 && number("dead letters") != nil)
    }

    @Test func `an interrupted demo still sums up`() throws {
        let demo = try ChildProcess(["demo", "--rate", "10"])
        try demo.out.line("an accepted event") { $0.contains("202") }
        demo.signalProcess(SIGINT)
        #expect(try demo.wait() == 0)
        #expect(demo.out.text.contains("lost          0"), "\(demo.out.text)")
    }
}
