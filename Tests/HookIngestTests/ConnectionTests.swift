// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HookIngest

@Suite struct ConnectionTests {
    @Test func `a request arrives whole`() throws {
        let bench = try Bench()
        try bench.send(
            Array(
                "POST /in/test?a=b HTTP/1.1\r\nHost: h\r\nX-Thing:  v \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
                    .utf8))
        let accepted = try #require(bench.seen.all.first)
        #expect(accepted.source == "test")
        #expect(accepted.method == "POST")
        #expect(accepted.path == "/in/test")
        #expect(accepted.query == "a=b")
        #expect(accepted.body == Array("abcd".utf8))
        #expect(accepted.headers.bytes == Array("host: h\r\nx-thing: v\r\ntransfer-encoding: chunked\r\n".utf8))
        #expect(accepted.headers["x-thing"] == "v")
        #expect(accepted.headers == HeaderBlock(stored: accepted.headers.bytes))
        #expect(accepted.id == EventID(time: WallTime(milliseconds: 1_700_000_000_000), random: 7))
        let output = try bench.output()
        #expect(output.hasPrefix("HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\n"))
        #expect(output.contains("date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"))
        #expect(output.hasSuffix(#"{"id":"\#(accepted.id)","duplicate":false}"#))
    }

    @Test func `nothing is read on while an answer is outstanding, and answers keep their order`() throws {
        let waiting = Mutex<[@Sendable (IngestAnswer) -> Void]>([])
        let bench = try Bench(receive: { _, _, answer in waiting.withLock { $0.append(answer) } })
        try bench.send(Array((RawRequest.good + RawRequest.good).utf8))
        #expect(bench.seen.all.count == 1)
        #expect(try bench.output() == "")
        let first = try #require(waiting.withLock { $0.first })
        first(.problem(status: 422, code: "route/unrouted", detail: "No route."))
        #expect(bench.seen.all.count == 2)
        #expect(statuses(try bench.output()) == [422])
        // A second answer to the same request is nobody's.
        first(.accepted(bench.seen.all[0].id))
        #expect(try bench.output() == "")
        let last = try #require(waiting.withLock { $0.last })
        last(.accepted(bench.seen.all[1].id, isDuplicate: true))
        let second = try bench.output()
        #expect(statuses(second) == [200])
        #expect(second.contains(#""duplicate":true"#))
    }

    @Test func `a problem is a problem document`() throws {
        let bench = try Bench()
        try bench.send(Array("GET /in/test HTTP/1.1\r\nHost: h\r\nX-Request-Id: r-1\r\n\r\n".utf8))
        let output = try bench.output()
        #expect(output.contains("content-type: application/problem+json\r\n"))
        #expect(output.contains("allow: OPTIONS, POST, PUT\r\n"))
        #expect(output.contains("x-request-id: r-1\r\n"))
        let body = try #require(output.utf8.firstIndex(of: UInt8(ascii: "{")))
        let value = try JSONValue(parsing: Array(output[body...].utf8))
        #expect(value["code"] == "http/method")
        #expect(value["status"] == 405)
        #expect(value["title"] == "Method Not Allowed")
    }

    @Test(arguments: ["a b", "a\"b", String(repeating: "a", count: 129)])
    func `a request id that could do harm is left off`(_ id: String) throws {
        let bench = try Bench()
        try bench.send(Array("GET /livez HTTP/1.1\r\nHost: h\r\nX-Request-Id: \(id)\r\n\r\n".utf8))
        #expect(!(try bench.output().contains("x-request-id")))
    }

    @Test func `HEAD has the header of GET and no body`() throws {
        let bench = try Bench()
        try bench.send(Array("HEAD /in/test HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        #expect(try bench.output().hasSuffix("\r\n\r\n"))
    }

    @Test func `a store that fails refuses events and not probes`() throws {
        let bench = try Bench()
        bench.state.replace(refusal: .unavailable(code: "store/failing", detail: "Disk full.", retryAfter: 5))
        try bench.send(Array((RawRequest.good + "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").utf8))
        let output = try bench.output()
        #expect(statuses(output) == [503, 200])
        #expect(output.contains("retry-after: 5\r\n"))
        bench.state.replace(refusal: nil)
        try bench.send(Array(RawRequest.good.utf8))
        #expect(statuses(try bench.output()) == [202])
    }

    struct Slow: Sendable, CustomTestStringConvertible {
        let name: String
        let sent: String
        let wait: Duration
        let statuses: [Int]
        let isOpen: Bool
        var testDescription: String { self.name }
    }

    static let slow: [Slow] = [
        Slow(name: "a new connection that says nothing", sent: "", wait: .seconds(10), statuses: [], isOpen: false),
        Slow(name: "a header in time", sent: "GET", wait: .milliseconds(9999), statuses: [], isOpen: true),
        Slow(name: "a header too late", sent: "GET", wait: .seconds(10), statuses: [408], isOpen: false),
        Slow(
            name: "a body that stops", sent: RawRequest.post("Content-Length: 9\r\n", "{"), wait: .seconds(6),
            statuses: [408], isOpen: false),
        Slow(
            name: "a body that rests", sent: RawRequest.post("Content-Length: 9\r\n", "{"), wait: .seconds(5),
            statuses: [], isOpen: true),
        Slow(name: "a rest between requests", sent: RawRequest.good, wait: .seconds(74), statuses: [202], isOpen: true),
        Slow(
            name: "too long a rest between requests", sent: RawRequest.good, wait: .seconds(75), statuses: [202],
            isOpen: false),
    ]

    @Test(arguments: slow) func `slow clients are let go`(_ example: Slow) throws {
        let bench = try Bench()
        try bench.send(Array(example.sent.utf8))
        bench.clock.advance(by: example.wait)
        bench.connection.loop.sweep()
        #expect(statuses(try bench.output()) == example.statuses)
        #expect(bench.channel.isActive == example.isOpen)
    }

    @Test func `dripping bytes do not extend the header's time`() throws {
        let bench = try Bench()
        for byte in "GET /livez HT".utf8 {
            try bench.send([byte])
            bench.clock.advance(by: .milliseconds(900))
            bench.connection.loop.sweep()
        }
        #expect(statuses(try bench.output()) == [408])
    }

    @Test func `a connection that is waited for is not swept`() throws {
        let bench = try Bench(receive: { _, _, _ in })
        try bench.send(Array(RawRequest.good.utf8))
        bench.clock.advance(by: .seconds(3600))
        bench.connection.loop.sweep()
        #expect(bench.channel.isActive)
    }

    @Test func `every request is counted`() throws {
        let bench = try Bench()
        try bench.send(Array((RawRequest.good + RawRequest.post("", "") + "x\u{0}").utf8))
        let counts = bench.state.signals.counters.filter { $0.0.metric == .eventsReceived && $0.1 > 0 }
            .map { "\($0.0.labels.joined(separator: ",")) \($0.1)" }.sorted()
        #expect(counts == [",refused,http/malformed 1", "test,accepted, 1", "test,refused,http/length-required 1"])
    }
}
