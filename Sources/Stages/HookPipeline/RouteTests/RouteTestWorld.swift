// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify

/// What happened in one run of a test.
struct RouteTestRun {
    struct Delivery {
        let ticket: DeliveryTicket
        let attempts: [DeliverSimulation.Attempt]
        let end: Settled.Disposition?

        var destination: DestinationName { self.ticket.destination }
        var body: [UInt8] { self.ticket.body }
        /// Headers of the first attempt; empty where no request could be made.
        var headers: [(name: String, value: String)] { self.attempts.first?.request?.headers ?? [] }
        var isDead: Bool {
            if case .dead? = self.end { return true }
            return false
        }
    }

    /// HTTP status of the last request; nil where there was none.
    var status: Int?
    var deliveries: [Delivery] = []
    var held: [HeldEntry] = []
    var isUnmatched = false
    var stepsMax = 0

    /// Equal for equal results.
    var fingerprint: [UInt8] {
        var bytes = Array("\(self.status ?? 0);\(self.held.map(\.route.text));".utf8)
        for delivery in self.deliveries {
            bytes.append(contentsOf: "\(delivery.ticket.route)→\(delivery.destination):\(delivery.body.count);".utf8)
            bytes.append(contentsOf: delivery.body)
        }
        return bytes
    }
}

/// The virtual world of one test: a clock that moves only when a step says so.
struct RouteTestWorld {
    /// 2026-01-01T00:00:00Z, where the test names no clock.
    private static let defaultClock = WallTime(milliseconds: 1_767_225_600_000)

    let revision: Revision
    let verify: Verify
    let routes: RouteTable
    let test: RouteTestSpec

    func makeWorker() -> ScriptWorker {
        ScriptWorker(
            self.revision.scripts, revision: self.revision.id, mode: .test,
            secrets: TestSecrets(for: self.revision.configuration), signals: Signals(),
            environment: .virtual(at: self.start))
    }

    private var start: WallTime { self.test.clock ?? Self.defaultClock }

    func play(with worker: ScriptWorker) -> RouteTestRun {
        var run = RouteTestRun()
        var seen: [[UInt8]: WallTime] = [:]
        var tickets: [DeliveryTicket] = []
        var simulation = DeliverSimulation(
            destinations: self.revision.configuration.destinations, secrets: TestSecrets(), start: self.start,
            answers: Dictionary(self.test.responses.map { ($0.destination, $0.answers) }) { $1 })
        for (place, step) in self.test.steps.enumerated() {
            let now = simulation.wall
            let id = EventID(time: now, random: UInt64(place + 1))
            var made: [DeliveryTicket] = []
            switch step {
            case .advance(let duration):
                simulation.advance(by: duration)
            case .event(let event):
                made = self.carry(Verify.trusting(self.event(event, id: id, at: now)), with: worker, into: &run)
            case .request(let request):
                switch self.verify.check(self.accepted(request, id: id, at: now), now: now) {
                case .refused(let failure): run.status = failure.status
                case .challenge(let reply): run.status = reply.status
                case .verified(let verified):
                    let isDuplicate = self.isDuplicate(verified, at: now, &seen)
                    run.status = isDuplicate ? 200 : 202
                    if !isDuplicate { made = self.carry(verified, with: worker, into: &run) }
                }
            }
            simulation.add(made)
            tickets += made
        }
        simulation.runToEnd()
        run.deliveries = tickets.map { ticket in
            RouteTestRun.Delivery(
                ticket: ticket, attempts: simulation.attempts.filter { $0.delivery == ticket.id },
                end: simulation.ends.first { $0.delivery == ticket.id }?.disposition)
        }
        return run
    }

    private func isDuplicate(_ verified: Verified, at now: WallTime, _ seen: inout [[UInt8]: WallTime]) -> Bool {
        guard let dedupe = verified.dedupe else { return false }
        let key = Array("\(verified.event.source);".utf8) + dedupe.key
        if let expiry = seen[key], now < expiry { return true }
        seen[key] = now + dedupe.within
        return false
    }

    private func event(_ step: RouteTestSpec.EventStep, id: EventID, at now: WallTime) -> Event {
        Event(
            id: id, source: step.source ?? SourceName("test"), type: step.type, version: step.version, time: now,
            subject: step.subject, senderID: step.id, query: step.query,
            headers: HeaderBlock(step.headers.map { ($0.name, $0.value) }), body: step.body,
            // A test may carry a body that is no JSON; then `data` is absent, as it would be in a real event.
            data: try? JSONDocument(parsing: step.body))
    }

    private func accepted(_ step: RouteTestSpec.RequestStep, id: EventID, at now: WallTime) -> Accepted {
        let source = self.revision.configuration.source(step.source)
        let path = source?.path ?? "/"
        var headers = step.headers
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("content-type", "application/json"))
        }
        if step.signs, let source {
            let request = TestSignature.Request(method: step.method, path: path, headers: headers, body: step.body)
            let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
            // Where it cannot be signed the request goes out unsigned, and the test sees the refusal.
            headers += (try? TestSignature.sign(request, spec: source, secret: secret, now: now)) ?? []
        }
        return Recall.accepted(
            id: id, source: step.source, at: now, method: step.method, path: path, query: step.query,
            headers: HeaderBlock(headers.map { ($0.name, $0.value) }), body: step.body)
    }

    private func carry(
        _ verified: Verified, with worker: ScriptWorker, into run: inout RouteTestRun
    ) -> [DeliveryTicket] {
        let prepared = Pipeline.prepare(verified, routes: self.routes, under: self.revision, with: worker)
        run.stepsMax = max(run.stepsMax, worker.takeCalls().map(\.steps).max() ?? 0)
        run.isUnmatched = prepared.isUnmatched
        run.held += prepared.held
        return prepared.deliveries.enumerated().map { place, delivery in
            DeliveryTicket(
                id: DeliveryID(event: prepared.event.id, ordinal: UInt16(place + 1)), route: delivery.route,
                destination: delivery.destination, body: delivery.body ?? prepared.event.body,
                contentType: delivery.contentType, request: delivery.request, attemptsMade: 0, attemptsInCycle: 0,
                acceptedAt: prepared.event.time, cycleBegan: prepared.event.time, dueAt: prepared.event.time)
        }
    }
}

extension Environment {
    /// A world in which no time passes.
    static func virtual(at time: WallTime) -> Environment {
        Environment(now: { .zero }, wall: { time }, random: { 0 }, variable: { _ in nil })
    }
}
