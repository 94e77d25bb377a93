// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Synchronization
import Testing

@testable import HookDeliver

/// Answers every attempt at once with what the test says.
final class ScriptedTransport: Transport {
    private struct State {
        var sink: (@Sendable ([FinishedAttempt]) -> Void)?
        var sent: [OutboundAttempt] = []
        var isHolding = false
    }

    private let state = Mutex(State())
    private let answer: @Sendable (OutboundAttempt, Int) -> AttemptResult

    init(_ answer: @escaping @Sendable (OutboundAttempt, Int) -> AttemptResult) { self.answer = answer }

    var sent: [OutboundAttempt] { self.state.withLock { $0.sent } }
    func hold() { self.state.withLock { $0.isHolding = true } }

    func start(_ sink: @escaping @Sendable ([FinishedAttempt]) -> Void) { self.state.withLock { $0.sink = sink } }

    func send(_ attempts: [OutboundAttempt]) {
        let (sink, first, isHolding) = self.state.withLock { state in
            state.sent += attempts
            return (state.sink, state.sent.count - attempts.count, state.isHolding)
        }
        if isHolding { return }
        sink?(attempts.enumerated().map { FinishedAttempt(delivery: $1.delivery, result: self.answer($1, first + $0)) })
    }

    func stop(then: @escaping @Sendable () -> Void) { then() }
}

@Suite(.timeLimit(.minutes(1))) struct DeliverTests {
    static func prepared(_ number: Int, to destinations: [DestinationName]) -> Prepared {
        let id = EventID(time: Fixture.start, random: UInt64(number) << 20)
        let event = Event(
            id: id, source: "s", type: "t", time: Fixture.start, body: Array("{}".utf8), data: nil)
        return Prepared(
            event: event, dedupe: nil, fates: [Fate(route: "r", kind: .matched)], held: [],
            deliveries: destinations.map {
                PreparedDelivery(route: "r", destination: $0, body: nil, contentType: "application/json", request: nil)
            }, revision: RevisionID("r"))
    }

    static func ends(_ store: MemoryStore, _ count: Int) async throws -> [DeliveryRow] {
        while true {
            let page = try await store.deliveries(DeliveryFilter(), page: PageRequest(limit: 1000))
            if page.items.count == count, page.items.allSatisfy({ $0.state != .pending }) { return page.items }
            await Task.yield()
        }
    }

    @Test func `committed deliveries reach their ends, with failing writes on the way`() async throws {
        let store = MemoryStore()
        for number in [12, 20, 31] { store.failWrite(number) }
        let transport = ScriptedTransport { attempt, number in
            AttemptResult(.answered, status: attempt.request.url.hasSuffix("/bad") ? 400 : number % 5 == 4 ? 500 : 200)
        }
        let signals = Signals()
        let deliver = Deliver(store: store, environment: .live, signals: signals, transport: transport)
        let fast: (inout PolicySpec) -> Void = {
            $0.retry = RetrySpec(schedule: .delays([.zero, .zero, .zero, .zero, .zero]), giveUpAfter: nil)
        }
        deliver.reconfigure(
            [
                Fixture.destination("good", policy: fast),
                Fixture.destination("bad", path: [.literal("/bad")], policy: fast),
            ], secrets: FixedSecrets())
        try await deliver.start()
        for number in 1...10 {
            store.commit(Self.prepared(number, to: ["good", "bad"])) { result in
                if case .success(let stored) = result { deliver.wake(stored.tickets) }
            }
        }
        let rows = try await Self.ends(store, 20)
        #expect(rows.count { $0.state == .delivered } == 10)
        #expect(
            rows.filter { $0.state == .dead }.map(\.reason)
                == [String?](repeating: DeliveryReason.refusedStatus, count: 10))
        await deliver.shutdown(grace: .seconds(5))
        #expect(signals.counter(.deliveries, "good", "delivered").current == 10)
        #expect(signals.counter(.deliveries, "bad", "dead").current == 10)
    }

    @Test func `what was pending before the start is delivered`() async throws {
        let store = MemoryStore()
        for number in 1...300 { store.commit(Self.prepared(number, to: ["good"])) { _ in } }
        let transport = ScriptedTransport { _, _ in AttemptResult(.answered, status: 200) }
        let deliver = Deliver(store: store, environment: .live, signals: Signals(), transport: transport)
        deliver.reconfigure([Fixture.destination("good")], secrets: FixedSecrets())
        try await deliver.start()
        let rows = try await Self.ends(store, 300)
        #expect(rows.allSatisfy { $0.state == .delivered && $0.attempts == 1 })
        await deliver.shutdown(grace: .seconds(5))
        #expect(transport.sent.count == 300)
    }

    @Test func `shutdown cuts off what hangs and leaves it pending`() async throws {
        let store = MemoryStore()
        let transport = ScriptedTransport { _, _ in AttemptResult(.answered, status: 200) }
        transport.hold()
        let deliver = Deliver(store: store, environment: .live, signals: Signals(), transport: transport)
        deliver.reconfigure([Fixture.destination("good")], secrets: FixedSecrets())
        try await deliver.start()
        store.commit(Self.prepared(1, to: ["good"])) { result in
            if case .success(let stored) = result { deliver.wake(stored.tickets) }
        }
        while transport.sent.isEmpty { await Task.yield() }
        await deliver.shutdown(grace: .milliseconds(20))
        let page = try await store.deliveries(DeliveryFilter(), page: PageRequest())
        #expect(page.items.map(\.state) == [.pending])
        #expect(page.items.map(\.attempts) == [0])
    }

    @Test func `over the real transport a refused connection ends as a dead letter with its outcome`() async throws {
        let store = MemoryStore()
        let deliver = Deliver(store: store, environment: .live, signals: Signals())
        var policy = PolicySpec(name: "once")
        policy.retry = RetrySpec(schedule: .delays([.milliseconds(1)]), giveUpAfter: nil)
        // Port 1 (tcpmux) is closed on any machine that runs tests.
        let url = URLTemplate(origin: "http://127.0.0.1:1", path: Template(parts: [.literal("/in")]))
        let spec = DestinationSpec(name: "good", mark: Fixture.mark, url: url, policy: policy)
        deliver.reconfigure([spec], secrets: FixedSecrets())
        try await deliver.start()
        store.commit(Self.prepared(1, to: ["good"])) { result in
            if case .success(let stored) = result { deliver.wake(stored.tickets) }
        }
        let row = try #require(try await Self.ends(store, 1).first)
        #expect(row.state == .dead && row.outcome == "connect" && row.attempts == 2)
        #expect(row.reason == DeliveryReason.attemptsExhausted)
        await deliver.shutdown(grace: .seconds(1))
    }
}
