// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization
import Testing

@testable import HookIngest

@Suite(.timeLimit(.minutes(1))) struct Listener {
    static func withListener(
        limits: IngestLimits = tightLimits(), receive: @escaping Receive = { $2(.accepted($0.id)) },
        _ body: (Ingest, UInt16) async throws -> Void
    ) async throws {
        let ingest = Ingest(
            listen: "127.0.0.1:0", limits: limits, environment: .live, signals: Signals(), receive: receive)
        ingest.replaceSources(sources())
        let address = try await ingest.start()
        let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        do { try await body(ingest, port) } catch {
            await ingest.shutdown(grace: .zero)
            throw error
        }
        await ingest.shutdown(grace: .seconds(5))
    }

    @Test func `the table holds on real sockets`() async throws {
        try await Self.withListener { _, port in
            for example in RawRequest.all {
                let client = RawClient(port: port)
                client.send(String(decoding: example.bytes, as: UTF8.self))
                client.finishSending()
                #expect(statuses(await client.readToEnd()) == example.statuses, "\(example.name)")
            }
        }
    }

    @Test func `an answer from another thread reaches a client that has finished sending`() async throws {
        try await Self.withListener(receive: { accepted, _, answer in Task { answer(.accepted(accepted.id)) } }) {
            _, port in
            let client = RawClient(port: port)
            client.send(RawRequest.good + RawRequest.good)
            client.finishSending()
            #expect(statuses(await client.readToEnd()) == [202, 202])
        }
    }

    @Test func `a refusal is read although the body is still coming`() async throws {
        try await Self.withListener { _, port in
            let client = RawClient(port: port)
            client.send(RawRequest.post("Content-Length: 900000\r\n", String(repeating: "x", count: 100_000)))
            #expect(statuses(await client.readToEnd()) == [413])
        }
    }

    @Test func `connections over the cap are told so`() async throws {
        var limits = tightLimits()
        limits.connectionsMax = 1
        try await Self.withListener(limits: limits) { _, port in
            let first = RawClient(port: port)
            first.send(RawRequest.post("Content-Length: 2\r\nExpect: 100-continue\r\n", ""))
            #expect(statuses(await first.readPart()) == [100])
            let second = RawClient(port: port)
            #expect(statuses(await second.readToEnd()) == [503])
            first.send("{}")
            first.finishSending()
            #expect(statuses(await first.readToEnd()) == [202])
        }
    }

    @Test func `bodies over the budget are sent away until another is answered`() async throws {
        var limits = tightLimits()
        limits.bodiesBytesMax = 10
        let answers = Mutex<[@Sendable () -> Void]>([])
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        try await Self.withListener(
            limits: limits,
            receive: { accepted, _, answer in
                answers.withLock { $0.append { answer(.accepted(accepted.id)) } }
                arrival.yield()
            }
        ) { _, port in
            let silent = RawClient(port: port)
            silent.send(RawRequest.post("Content-Length: 8\r\nExpect: 100-continue\r\n", ""))
            #expect(statuses(await silent.readPart()) == [100])
            let first = RawClient(port: port)
            first.send(RawRequest.post("Content-Length: 8\r\n", "{      }"))
            for await _ in arrivals { break }
            let second = RawClient(port: port)
            second.send(RawRequest.post("Content-Length: 8\r\n", "{      }"))
            #expect(statuses(await second.readToEnd()) == [503])
            answers.withLock { for answer in $0 { answer() } }
            first.finishSending()
            #expect(statuses(await first.readToEnd()) == [202])
        }
    }

    @Test func `shutdown finishes what is under way and closes what is idle`() async throws {
        let waiting = Mutex<(@Sendable () -> Void)?>(nil)
        let (arrived, arrival) = AsyncStream<Void>.makeStream()
        let ingest = Ingest(
            listen: "127.0.0.1:0", limits: tightLimits(), environment: .live, signals: Signals(),
            receive: { accepted, _, answer in
                waiting.withLock { $0 = { answer(.accepted(accepted.id)) } }
                arrival.finish()
            })
        ingest.replaceSources(sources())
        let port = try #require(try await ingest.start().split(separator: ":").last.flatMap { UInt16($0) })
        let idle = RawClient(port: port)
        let busy = RawClient(port: port)
        busy.send(RawRequest.good)
        for await _ in arrived {}
        async let stopped: Void = ingest.shutdown(grace: .seconds(30))
        // The idle one is closed while the busy one is still waited for.
        #expect(await idle.readToEnd() == "")
        waiting.withLock { $0.take() }?()
        let answer = await busy.readToEnd()
        #expect(statuses(answer) == [202])
        #expect(answer.contains("connection: close\r\n"))
        await stopped
        #expect(ingest.connectionCount == 0)
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:0", "::1", 0), (":80", "::", 80),
        ("localhost:65535", "localhost", 65_535),
    ])
    func `addresses to listen at`(_ text: String, _ host: String, _ port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", "8080", "a", "a:", "a:b", "a:65536", "a:-1", "::1:80", "a:123456"])
    func `texts that are no address to listen at`(_ text: String) {
        #expect(throws: ListenAddress.Malformed.self) { try ListenAddress(text) }
    }
}
