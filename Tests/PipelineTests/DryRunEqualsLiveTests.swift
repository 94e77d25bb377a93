// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookRoute
import HookTestKit
import HookTransform
import HookVerify
import Synchronization
import Testing

/// What a dry run shows is what a router does: random events through both, compared byte for byte.
@Suite struct DryRunEqualsLiveTests {
    /// One request, what the sender heard, and what the store knows.
    private struct Sent: Sendable {
        let request: PathGenerator.Request
        let status: Int
        let event: EventDetail?
    }

    private static let requests = 500
    private static let routes = 40

    @Test(.timeLimit(.minutes(2)), arguments: [1, 2] as [UInt64])
    func `random events come to the same deliveries, byte for byte`(_ seed: UInt64) async throws {
        let sink = RecordingSink()
        let compared = Mutex(0)
        try await sink.run { port in
            var generator = PathGenerator(seed: seed)
            let files = generator.files(port: port, routes: Self.routes)
            let requests = (0..<Self.requests).map { generator.request($0) }
            try await withRouter(files) { router in
                let sent = try await Self.send(requests, to: router)
                let total = sent.reduce(0) { $0 + ($1.event?.deliveries.count ?? 0) }
                await sink.wait(for: total)
                let received = Dictionary(grouping: sink.deliveries, by: \.id)
                for one in sent { try Self.compare(one, received, router.revision) }
                Self.expectVariety(sent, received.values.flatMap(\.self))
                compared.withLock { $0 = total }
                #expect(received.count == total)
            }
        }
        // The generator must not come to worlds in which nothing happens.
        #expect(compared.withLock { $0 } > Self.requests)
    }

    /// Worlds in which nothing goes wrong, or nothing happens, would prove little.
    private static func expectVariety(_ sent: [Sent], _ received: [RecordingSink.Delivery]) {
        #expect(Set(sent.map(\.status)) == [202, 400])
        let fates = Set(sent.flatMap { $0.event?.row.fates.map(\.kind) ?? [] })
        #expect(fates == [.matched, .filtered, .dropped, .held])
        #expect(
            sent.contains { $0.event?.row.fates.isEmpty == true } && sent.contains { $0.event?.held.count ?? 0 > 1 })
        let types = Set(received.compactMap { one in one.headers.first { $0.name == "content-type" }?.value })
        #expect(types.count >= 5, "\(types)")
        #expect(Set(received.map(\.method)) == ["POST", "PUT", "PATCH"])
    }

    private static func send(_ requests: [PathGenerator.Request], to router: RouterProcess) async throws -> [Sent] {
        try await withThrowingTaskGroup(of: [Sent].self) { group in
            let lanes = 4
            for lane in 0..<lanes {
                group.addTask {
                    var sent: [Sent] = []
                    for place in stride(from: lane, to: requests.count, by: lanes) {
                        sent.append(try await self.send(requests[place], to: router))
                    }
                    return sent
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func send(_ request: PathGenerator.Request, to router: RouterProcess) async throws -> Sent {
        let (status, answer) = try await router.post(
            request.body, to: request.source, query: request.query, exactly: request.headers)
        let id = answer["id"]?.stringValue.flatMap { EventID($0) }
        return Sent(
            request: request, status: status, event: try await id.asyncFlatMap { try await router.store.event($0) })
    }

    // MARK: Comparing

    private static func compare(
        _ sent: Sent, _ received: [String: [RecordingSink.Delivery]], _ revision: Revision
    ) throws {
        guard let event = sent.event else { return try self.compareRefusal(sent, revision) }
        guard case .routed(let report) = try self.dryRun(sent.request, as: event.row, revision) else {
            Issue.record("the dry run ends before the routes: \(sent.request)")
            return
        }
        let words = String(decoding: sent.request.body, as: UTF8.self)
        #expect(Self.text(report.prepared.fates) == Self.text(event.row.fates), "\(words)")
        #expect(
            report.prepared.held.map { "\($0.route) \($0.failure.code) \($0.failure.place ?? "")" }.sorted()
                == event.held.map { "\($0.route) \($0.failure.code) \($0.failure.place ?? "")" }.sorted(), "\(words)")
        #expect(
            Set(report.explanations.filter(\.isMatched).map(\.route)) == Set(report.targets.map(\.outcome.route)),
            "what is explained is not what was decided: \(words)")
        #expect(
            report.requests.map { "\($0.ticket.id) \($0.ticket.route) \($0.ticket.destination)" }.sorted()
                == event.deliveries.map { "\($0.id) \($0.route) \($0.destination)" }.sorted(), "\(words)")
        for request in report.requests {
            let wire = try #require(request.wire, "\(request.problem ?? "")")
            let live = try #require(received[request.ticket.id.description]?.first, "\(words)")
            #expect(live.method == wire.method)
            #expect(Self.target(wire.url) == live.path)
            #expect(live.body == wire.body, "\(words)")
            self.compareHeaders(wire.headers, live.headers)
        }
    }

    private static func compareRefusal(_ sent: Sent, _ revision: Revision) throws {
        guard case .ended(let end) = try self.dryRun(sent.request, as: nil, revision),
            case .refused(_, let failure) = end.kind
        else {
            Issue.record("refused live with \(sent.status), not in the dry run")
            return
        }
        #expect(failure.status == sent.status)
    }

    /// Differs from attempt to attempt, or belongs to the connection.
    private static let timed: Set<String> = ["webhook-timestamp", "webhook-signature"]
    private static let framing: Set<String> = ["host", "accept", "content-length", "connection", "transfer-encoding"]

    private static func compareHeaders(
        _ dry: [(name: String, value: String)], _ live: [(name: String, value: String)]
    ) {
        let shown = dry.map { self.timed.contains($0.name) ? "\($0.name): …" : "\($0.name): \($0.value)" }.sorted()
        let got = live.filter { !self.framing.contains($0.name) }
            .map { self.timed.contains($0.name) ? "\($0.name): …" : "\($0.name): \($0.value)" }.sorted()
        #expect(shown == got)
    }

    private static func text(_ fates: [Fate]) -> [String] {
        fates.map { "\($0.route) \($0.kind.rawValue) \($0.reason ?? "")" }.sorted()
    }

    private static func target(_ url: String) -> String {
        url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last.map { "/\($0)" } ?? "/"
    }

    /// The request as it was sent; only id and time are those that the router gave it.
    private static func dryRun(
        _ request: PathGenerator.Request, as row: EventRow?, _ revision: Revision
    ) throws -> DryRun.Outcome {
        let path = revision.configuration.source(request.source)?.path ?? "/"
        let event = Event(
            id: row?.id ?? EventID(time: WallTime(milliseconds: 1), random: 1), source: request.source, type: "unread",
            time: row?.time ?? WallTime(milliseconds: 1), path: path, query: request.query,
            headers: HeaderBlock(request.headers.map { ($0.name, $0.value) }), body: request.body, data: nil)
        let file = JSONValue.object(SavedEvent.members(event, revision: nil, body: request.body)).encoded()
        let saved = try SavedEvent(parsing: file, now: event.time)
        return try DryRun(revision: revision, environment: .live)
            .run(request.body, .saved(saved, source: nil, signs: true))
    }
}

extension Optional {
    fileprivate func asyncFlatMap<Other>(_ body: (Wrapped) async throws -> Other?) async rethrows -> Other? {
        guard let self else { return nil }
        return try await body(self)
    }
}
