// SPDX-License-Identifier: Apache-2.0
import CurlBridge
import Foundation
import Synchronization
import Testing

/// Sends one after the other or all at once, and waits.
final class Sender: Sendable {
    private let results: AsyncStream<CurlResult>
    let client: CurlClient

    init(options: CurlClient.Options = CurlClient.Options()) {
        let (stream, sink) = AsyncStream.makeStream(of: CurlResult.self)
        self.results = stream
        self.client = CurlClient(options: options) { for result in $0 { sink.yield(result) } }
    }

    deinit { self.client.stop {} }

    func send(_ requests: [CurlRequest]) async -> [CurlResult] {
        let refused = self.client.submit(requests)
        var all: [CurlResult] = []
        if requests.count == refused.count { return all }
        for await result in self.results {
            all.append(result)
            if all.count == requests.count - refused.count { break }
        }
        return all
    }

    func send(_ request: CurlRequest) async throws -> CurlResult { try #require(await self.send([request]).first) }
}

@Suite(.timeLimit(.minutes(1))) struct CurlClientTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    static func post(_ url: String, id: UInt64 = 1, body: String = "{}") -> CurlRequest {
        CurlRequest(
            id: id, method: "POST", url: url, headers: [("content-type", "application/json"), ("x-empty", "")],
            body: Array(body.utf8))
    }

    @Test func `the request on the wire is the request that was asked for`() async throws {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        let sender = Sender()
        let result = try await sender.send(Self.post(server.url("/a/../b?c=%20"), body: "{\"a\":1}"))
        #expect(result.status == 200 && result.error == nil && result.body == Array("ok".utf8))
        #expect(result.address == "127.0.0.1")
        let request = try #require(server.seen.first)
        #expect(request.hasPrefix("POST /a/../b?c=%20 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        #expect(request.hasSuffix("\r\n\r\n{\"a\":1}"))
        let lines = request.lowercased().split(separator: "\r\n")
        #expect(lines.contains("content-type: application/json") && lines.contains("x-empty:"))
        #expect(lines.contains("content-length: 7"))
        #expect(!lines.contains { $0.hasPrefix("expect") || $0.hasPrefix("transfer-encoding") })
    }

    struct MethodCase: Sendable {
        let method: String
        let body: String
        let hasLength: Bool
    }

    @Test(arguments: [
        MethodCase(method: "GET", body: "", hasLength: false), MethodCase(method: "PUT", body: "x", hasLength: true),
        MethodCase(method: "DELETE", body: "", hasLength: true),
        MethodCase(method: "PATCH", body: "xy", hasLength: true),
        MethodCase(method: "POST", body: "", hasLength: true),
    ])
    func `a handle that is used again keeps nothing of the last method`(_ example: MethodCase) async throws {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        let sender = Sender()
        _ = try await sender.send(CurlRequest(id: 0, method: "HEAD", url: server.url("/head")))
        _ = try await sender.send(Self.post(server.url(), body: "left over"))
        _ = try await sender.send(
            CurlRequest(id: 1, method: example.method, url: server.url(), body: Array(example.body.utf8)))
        let request = try #require(server.seen.last)
        #expect(request.hasPrefix("\(example.method) / HTTP/1.1\r\n") && request.hasSuffix("\r\n\r\n\(example.body)"))
        #expect(request.lowercased().contains("content-length:") == example.hasLength)
        #expect(!request.lowercased().contains("content-type"))
    }

    @Test func `a connection is used again`() async throws {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        let sender = Sender()
        for number in 1...20 {
            #expect(try await sender.send(Self.post(server.url(), id: UInt64(number))).status == 200)
        }
        #expect(server.connections == 1)
    }

    struct RudeCase: Sendable, CustomTestStringConvertible {
        let name: String
        let reply: LoopbackServer.Reply
        var status: Int?
        let error: CurlError.Class?
        var body: Int?
        var testDescription: String { self.name }
    }

    static let rude = [
        RudeCase(name: "no answer", reply: .hang(""), error: .timeout),
        RudeCase(
            name: "a body that drips past the deadline",
            reply: .hang("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
            status: 200, error: .timeout),
        RudeCase(
            name: "a body cut off", reply: .close("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), status: 200,
            error: .reset),
        RudeCase(name: "a connection closed without a word", reply: .close(""), error: .reset),
        RudeCase(
            name: "a body over the cap",
            reply: .keep("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + String(repeating: "x", count: 5000)),
            status: 200, error: .tooLarge, body: 100),
        RudeCase(
            name: "a header without end",
            reply: .close(
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X-A: \(String(repeating: "y", count: 90))\r\n", count: 2000)),
            error: .tooLarge),
        RudeCase(name: "no HTTP at all", reply: .close("SSH-2.0-OpenSSH_9\r\n"), error: .protocol),
        RudeCase(
            name: "a redirect", reply: .keep("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
            status: 302, error: nil),
    ]

    @Test(arguments: rude)
    func survives(_ example: RudeCase) async throws {
        let server = LoopbackServer { _ in example.reply }
        var request = Self.post(server.url())
        // Only what is to run out of time gets little of it: a busy machine must not turn another end into this one.
        request.timeout = example.error == .timeout ? .milliseconds(400) : .seconds(30)
        request.responseBytesMax = 4096
        request.responseBytesKept = 100
        let result = try await Sender().send(request)
        #expect(result.error?.cause == example.error)
        if let status = example.status { #expect(result.status == status) }
        if let body = example.body { #expect(result.body.count == body) }
        #expect(!server.seen.contains { $0.contains("/elsewhere") })
    }

    @Test func `Retry-After is read from the last header alone`() async throws {
        let server = LoopbackServer { _ in
            .keep(
                "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
                    + "HTTP/1.1 503 Busy\r\nretry-AFTER:  120 \r\nContent-Length: 0\r\n\r\n")
        }
        let result = try await Sender().send(Self.post(server.url()))
        #expect(result.status == 503)
        #expect(result.retryAfter?.trimmingCharacters(in: .whitespaces) == "120")
    }

    struct BadCase: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "POST"
        var url = "http://127.0.0.1:1/"
        var header: (String, String) = ("x", "y")
        let error: CurlError.Class
        var testDescription: String { self.name }
    }

    static let bad = [
        BadCase(name: "refused connection", error: .connect),
        BadCase(name: "unknown host", url: "http://no.such.host.invalid/", error: .dns),
        BadCase(name: "CR LF in a header value", header: ("x", "a\r\nX-Evil: 1"), error: .config),
        BadCase(name: "LF in a header value", header: ("x", "a\nb"), error: .config),
        BadCase(name: "NUL in a header value", header: ("x", "a\0b"), error: .config),
        BadCase(name: "colon in a header name", header: ("x:y", "a"), error: .config),
        BadCase(name: "empty header name", header: ("", "a"), error: .config),
        BadCase(name: "method with a space", method: "GET /", error: .config),
        BadCase(name: "file scheme", url: "file:///etc/passwd", error: .egress),
        BadCase(name: "gopher scheme", url: "gopher://127.0.0.1:1/x", error: .egress),
        BadCase(name: "ftp scheme", url: "ftp://127.0.0.1:1/x", error: .egress),
        BadCase(name: "user in the URL", url: "http://user:pw@127.0.0.1:1/", error: .config),
        BadCase(name: "no URL", url: "::::", error: .config),
    ]

    @Test(arguments: bad)
    func refuses(_ example: BadCase) async throws {
        let request = CurlRequest(id: 5, method: example.method, url: example.url, headers: [example.header])
        let result = try await Sender().send(request)
        #expect(result.error?.cause == example.error, "\(String(describing: result.error))")
        #expect(result.id == 5 && result.status == nil)
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0x7f000001",
    ])
    func `no spelling of loopback passes where private addresses are denied`(_ host: String) async throws {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        let sender = Sender()
        // A connection opened under the lax policy is there for the taking.
        _ = try await sender.send(Self.post("http://\(host):\(server.port)/"))
        let before = server.seen.count
        var request = Self.post("http://\(host):\(server.port)/")
        request.addresses = .denyPrivate()
        #expect(try await sender.send(request).error?.cause == .egress)
        #expect(server.seen.count == before)
    }

    @Test func `an exception lets a private block through`() async throws {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        var request = Self.post(server.url())
        let loopback = try #require(PeerAddress(bytes: [127, 0, 0, 0]))
        request.addresses = .denyPrivate(except: [AddressBlock(base: loopback, prefix: 96 + 8)])
        #expect(try await Sender().send(request).status == 200)
    }

    @Test func `a certificate that cannot be verified is no connection`() async throws {
        // A plain-text answer to a TLS greeting is the shortest peer that no client may trust.
        let server = LoopbackServer { _ in .close(Self.ok) }
        var request = Self.post("https://127.0.0.1:\(server.port)/")
        request.timeout = .milliseconds(500)
        let cause = try await Sender().send(request).error?.cause
        #expect(cause == .tls || cause == .timeout)
    }

    @Test func `more than the queue holds comes back`() async {
        let server = LoopbackServer { _ in .keep(Self.ok) }
        var options = CurlClient.Options()
        options.requestsMax = 10
        let sender = Sender(options: options)
        let results = await sender.send((1...15).map { Self.post(server.url(), id: $0) })
        #expect(results.count == 10)
    }

    @Test func `stopping ends what is under way and takes nothing more`() async {
        let server = LoopbackServer { _ in .hang("") }
        let (ended, sink) = AsyncStream.makeStream(of: [CurlResult].self)
        let client = CurlClient { sink.yield($0) }
        #expect(client.submit([Self.post(server.url())]).isEmpty)
        await withCheckedContinuation { continuation in client.stop { continuation.resume() } }
        sink.finish()
        var causes: [CurlError.Class?] = []
        for await batch in ended { causes += batch.map { $0.error?.cause } }
        #expect(causes == [.aborted])
        #expect(client.submit([Self.post(server.url())]).count == 1)
    }

    /// In a process of its own, because other tests run at the same time in this one; so the next one.
    @Test func `thousands of requests leak neither memory nor descriptors`() async {
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer { _ in .keep(CurlClientTests.ok) }
            let sender = Sender()
            func batch(_ count: UInt64) async -> Int {
                let body = String(repeating: "x", count: 20_000)
                return await sender.send(
                    (0..<count).map { CurlClientTests.post(server.url(), id: $0, body: body) }
                ).count
            }
            for _ in 0..<5 { #expect(await batch(50) == 50) }
            let before = try CurlClientTests.resident()
            for _ in 0..<40 { #expect(await batch(50) == 50) }
            // 2,000 leaked bodies would be 40 MB.
            #expect(try CurlClientTests.resident() - before < 15_000_000)
            #expect(server.connections <= 100)
        }
    }

    @Test func `a client that is made and stopped leaves nothing`() async {
        await #expect(processExitsWith: .success) {
            let before = try CurlClientTests.descriptors()
            for _ in 0..<200 {
                let client = CurlClient { _ in }
                await withCheckedContinuation { continuation in client.stop { continuation.resume() } }
            }
            // 200 leaked clients would be 600 descriptors.
            #expect(try CurlClientTests.descriptors() - before < 200)
        }
    }

    private static func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }

    private static func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
