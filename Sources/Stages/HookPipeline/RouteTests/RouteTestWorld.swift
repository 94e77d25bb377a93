// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify

/// The virtual world of one test: a clock that moves only when a step says so.
struct RouteTestWorld {
    /// 2026-01-01T00:00:00Z, where the test names no clock.
    static let defaultClock = WallTime(milliseconds: 1_767_225_600_000)

    let revision: Revision
    let verify: Verify
    let routes: RouteTable
    let test: RouteTestSpec
    let lookups: ScriptedLookups

    init(revision: Revision, verify: Verify, routes: RouteTable, test: RouteTestSpec) {
        self.revision = revision
        self.verify = verify
        self.routes = routes
        self.test = test
        self.lookups = ScriptedLookups(test.lookups)
    }

    private var start: WallTime { self.test.clock ?? Self.defaultClock }

    /// Plays all steps.
    ///
    /// - Parameter observe: sees each event that is routed, before it is.
    func play(with worker: ScriptWorker, observe: (Event) -> Void = { _ in }) -> RouteTestRun {
        var run = RouteTestRun()
        var seen: [[UInt8]: WallTime] = [:]
        var simulation = DeliverSimulation(
            destinations: self.revision.configuration.destinations, secrets: TestSecrets(), start: self.start,
            answers: Dictionary(self.test.responses.map { ($0.destination, $0.answers) }) { $1 })
        var windows = VirtualWindows(self.revision, worker: worker, routes: self.routes)
        for (place, step) in self.test.steps.enumerated() {
            let now = simulation.wall
            let id = EventID(time: now, random: UInt64(place + 1))
            var outcome = RouteTestRun.Step(at: simulation.now)
            switch step.action {
            case .advance(let duration):
                // Windows close on the way, each at its time.
                let end = simulation.now + duration
                while let due = windows.nextDue, due <= self.start + end {
                    simulation.advance(by: max(.zero, due - simulation.wall))
                    var closed = RouteTestRun.Step(at: simulation.now)
                    while let result = windows.closeNext(at: simulation.wall) {
                        self.take(result, observe, &windows, into: &closed)
                    }
                    closed.calls = worker.takeCalls()
                    simulation.add(closed.tickets)
                    outcome.add(closed)
                }
                simulation.advance(by: max(.zero, end - simulation.now))
            case .event(let event):
                let verified = Verify.trusting(self.event(event, id: id, at: now))
                self.carry(verified, with: worker, observe, &windows, into: &outcome)
                simulation.add(outcome.tickets)
            case .request(let request):
                self.play(request, id: id, at: now, with: worker, observe, &seen, &windows, into: &outcome)
                simulation.add(outcome.tickets)
            }
            run.steps.append(outcome)
        }
        simulation.runToEnd()
        for place in run.steps.indices {
            let step = run.steps[place]
            run.steps[place].deliveries = step.tickets.map {
                Self.delivery($0, step.versions[$0.id], of: simulation)
            }
        }
        return run
    }

    private static func delivery(
        _ ticket: DeliveryTicket, _ version: Int?, of simulation: DeliverSimulation
    ) -> RouteTestRun.Delivery {
        RouteTestRun.Delivery(
            ticket: ticket, attempts: simulation.attempts.filter { $0.delivery == ticket.id },
            end: simulation.ends.first { $0.delivery == ticket.id }?.disposition, version: version)
    }

    /// A request as the router answers it: verified, deduplicated, routed.
    private func play(
        _ request: RouteTestSpec.RequestStep, id: EventID, at now: WallTime, with worker: ScriptWorker,
        _ observe: (Event) -> Void, _ seen: inout [[UInt8]: WallTime], _ windows: inout VirtualWindows,
        into outcome: inout RouteTestRun.Step
    ) {
        switch self.verify.check(self.accepted(request, id: id, at: now), now: now) {
        case .refused(let failure): outcome.status = failure.status
        case .challenge(let reply): outcome.status = reply.status
        case .verified(let verified):
            self.accept([verified], at: now, with: worker, observe, &seen, &windows, into: &outcome)
        case .batch(let events):
            self.accept(events, at: now, with: worker, observe, &seen, &windows, into: &outcome)
        }
    }

    /// All of them or, under `unrouted: reject`, none.
    private func accept(
        _ events: [Verified], at now: WallTime, with worker: ScriptWorker, _ observe: (Event) -> Void,
        _ seen: inout [[UInt8]: WallTime], _ windows: inout VirtualWindows, into outcome: inout RouteTestRun.Step
    ) {
        let (before, known, open) = (outcome, seen, windows)
        var isNew = events.isEmpty
        for verified in events where !self.isKnown(verified, at: now, seen) {
            isNew = true
            self.carry(verified, with: worker, observe, &windows, into: &outcome)
            // What is not stored is not remembered either.
            switch (outcome.isUnmatched == true, self.revision.configuration.defaults.unrouted) {
            case (true, .reject):
                outcome = before
                outcome.isUnmatched = true
                outcome.isDuplicate = false
                outcome.status = IngestAnswer.unrouted.status
                (seen, windows) = (known, open)
                return
            case (true, .drop): break
            default: if let dedupe = verified.dedupe { seen[Self.key(dedupe, of: verified)] = now + dedupe.within }
            }
        }
        outcome.isDuplicate = !isNew
        outcome.status = isNew ? 202 : 200
    }

    private static func key(_ dedupe: Verified.DedupeKey, of verified: Verified) -> [UInt8] {
        Array("\(verified.event.source);".utf8) + dedupe.key
    }

    private func isKnown(_ verified: Verified, at now: WallTime, _ seen: [[UInt8]: WallTime]) -> Bool {
        guard let dedupe = verified.dedupe, let expiry = seen[Self.key(dedupe, of: verified)] else { return false }
        return now < expiry
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
        _ verified: Verified, with worker: ScriptWorker, _ observe: (Event) -> Void, _ windows: inout VirtualWindows,
        into outcome: inout RouteTestRun.Step
    ) {
        _ = worker.takeCalls()
        let prepared = Pipeline.prepare(
            verified, routes: self.routes, under: self.revision, with: worker, answers: self.lookups)
        let before = outcome.tickets.count
        let waited = self.lookups.takeWaited()
        outcome.isUnmatched = prepared.isUnmatched
        self.take(.prepared(prepared), observe, &windows, into: &outcome)
        if waited > .zero {
            // Routes that look nothing up do not wait.
            let asking = Set(self.revision.configuration.routes.filter(\.asksPeers).map(\.name))
            for place in outcome.tickets.indices.dropFirst(before) where asking.contains(outcome.tickets[place].route) {
                outcome.tickets[place] = outcome.tickets[place].later(by: waited)
            }
        }
        // A window that this event has filled closes at once.
        while let result = windows.closeNext(at: prepared.event.time) {
            self.take(result, observe, &windows, into: &outcome)
        }
        outcome.calls += worker.takeCalls()
    }

    /// What would be stored: deliveries, what routes emit, places in windows.
    private func take(
        _ result: VirtualWindows.Result, _ observe: (Event) -> Void, _ windows: inout VirtualWindows,
        into outcome: inout RouteTestRun.Step
    ) {
        switch result {
        case .nothing: break
        case .held(let entry): outcome.held.append(entry)
        case .prepared(let prepared):
            prepared.forEachInTree { one in
                observe(one.event)
                outcome.held += one.held
                let tickets = one.tickets
                for (delivery, ticket) in zip(one.deliveries, tickets) {
                    outcome.versions[ticket.id] = delivery.version
                }
                outcome.tickets += tickets
                if one.event.lineage != nil { outcome.emitted.append(one.event) }
                windows.join(one)
            }
        }
    }
}

extension Environment {
    /// A world in which no time passes.
    static func virtual(at time: WallTime) -> Environment {
        Environment(now: { .zero }, wall: { time }, random: { 0 }, variable: { _ in nil })
    }
}
