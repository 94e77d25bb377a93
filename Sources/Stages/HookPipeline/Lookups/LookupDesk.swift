// SPDX-License-Identifier: Apache-2.0
// Events that wait for a look-up: the sender was answered when they were stored; here peers are asked, and with the answers
// the route goes on and is released in one transaction. What waits is in the store, so a restart forgets nothing.
import HookCore
import HookDeliver
import HookRoute
import HookTransform
import HookVerify

/// The thread that asks.
///
/// - Bounds: `entriesMax` events in memory, `perHostMax` requests on the wire for each host, one for each address at a
///   time. What is too much for a host goes back to the store for a moment, so that others do not wait behind it.
package final class LookupDesk: Sendable {
    enum Call: Sendable {
        case look
        case answered(LookupRequest, LookupAnswer, took: Duration)
    }

    static let entriesMax = 256
    static let perHostMax = 8
    /// Look-ups that wait for their turn at one host.
    static let queuedPerHostMax = 64
    private static let longestSleep = Duration.seconds(30)

    let cache = LookupCache()
    private let calls = Mailbox<Call>(capacity: 65_536)
    private let transport: LookupTransport
    private let store: any EventStore
    private let deliver: Deliver
    private let environment: Environment
    private let signals: Signals
    private let revision: @Sendable () -> Revision
    private let released: @Sendable () -> Void

    /// - Parameter released: told after each release: windows may have got members.
    init(
        store: any EventStore, deliver: Deliver, environment: Environment, signals: Signals,
        transport: LookupTransport = LookupTransport(), revision: @escaping @Sendable () -> Revision,
        released: @escaping @Sendable () -> Void
    ) {
        self.store = store
        self.deliver = deliver
        self.environment = environment
        self.signals = signals
        self.transport = transport
        self.revision = revision
        self.released = released
    }

    /// Begins with what waits since before.
    package func start() { WorkerThread.run(name: "lookups") { self.run() } }

    /// Something may wait now.
    package func look() {
        // Full: the thread has not come to it, and looks at the store after it has.
        _ = self.calls.offer(.look)
    }

    /// What the cache knows.
    func answers() -> CachedAnswers {
        CachedAnswers(cache: self.cache, environment: self.environment, signals: self.signals)
    }

    /// Ends; what waits stays in the store.
    package func close() {
        self.calls.close()
        self.transport.stop()
    }

    // MARK: The thread

    private func run() {
        var state = LookupState(revision: self.revision(), environment: self.environment, signals: self.signals)
        var wait = Duration.zero
        while let calls = self.calls.takeAll(within: wait) {
            do throws(StoreFailure) {
                wait = try self.work(calls, &state)
            } catch {
                if error.kind == .closed { return }
                self.signals.log(.error, .store, "Look-ups cannot be read or recorded", ("error", "\(error)"))
                // Nothing of them is durable: they are read again.
                state.forget()
                wait = error.kind == .busy ? .milliseconds(250) : .seconds(2)
            }
        }
    }

    private func work(_ calls: [Call], _ state: inout LookupState) throws(StoreFailure) -> Duration {
        let now = self.environment.wall()
        if self.revision() !== state.revision {
            state.renew(self.revision(), environment: self.environment, signals: self.signals)
        }
        for case .answered(let request, let answer, let took) in calls {
            self.note(request, answer, took)
            self.cache.keep(answer, for: request, now: self.environment.now())
            state.take(answer, to: request)
        }
        let reading = WindowReading(store: self.store)
        var nextDue: WallTime?
        if state.entries.count < Self.entriesMax {
            let limit = state.entries.count + 64
            let page = try reading.wait { self.store.waitingLookups(dueBy: now, limit: limit, then: $0) }
            nextDue = page.items.count == limit ? now : page.nextDue
            if !page.items.isEmpty { FaultPoint.beforeLookup.hit() }
            for item in page.items { state.admit(item) }
        }
        var ends: [LookupEnd] = []
        while let entry = state.nextReady() {
            if let end = self.process(entry, now: now, &state) { ends.append(end) }
        }
        for request in state.startable(perHost: Self.perHostMax) {
            self.transport.fetch(request, secrets: state.revision.secrets) { [weak self] answer, took in
                _ = self?.calls.offer(.answered(request, answer, took: took))
            }
        }
        if !ends.isEmpty {
            let list = ends
            FaultPoint.beforeLookupEnd.hit()
            let tickets = try reading.wait { self.store.endLookups(list, now: now, then: $0) }
            // ── durable from here on ──
            for end in ends { state.remove(end.id) }
            self.deliver.wake(tickets)
            self.released()
            return .zero
        }
        let due = nextDue.map { max(.milliseconds(5), $0 - now) } ?? Self.longestSleep
        return min(due, Self.longestSleep)
    }

    private func note(_ request: LookupRequest, _ answer: LookupAnswer, _ took: Duration) {
        let result =
            switch answer {
            case .found: "found"
            case .missing: "missing"
            case .failed: "failed"
            }
        self.signals.counter(.lookups, request.host, result).add()
        self.signals.histogram(.lookupDuration, request.host).observe(took.inSeconds)
    }

    /// Runs the route with what is known; what became of the entry, nil where it waits on.
    private func process(_ entry: LookupEntry, now: WallTime, _ state: inout LookupState) -> LookupEnd? {
        guard let verified = entry.verified else {
            return self.hold(entry, "held/refused", "the stored event cannot be read")
        }
        guard let table = state.table(of: entry.row.route) else {
            return self.hold(entry, "held/route-gone", "route \(entry.row.route) is not in the configuration any more")
        }
        let answers = EntryAnswers(own: entry.answers, cached: self.answers())
        let prepared = Pipeline.prepare(
            verified, routes: table, emittedTo: state.revision.routes, under: state.revision, with: state.worker,
            answers: answers
        ).only(entry.row)
        if prepared.held.contains(where: { $0.kind == .awaitingLookup }) {
            let wanted = answers.unknown
            if state.isFull(for: wanted, max: Self.queuedPerHostMax) {
                let until = now + .seconds(1)
                return LookupEnd(
                    id: entry.row.id,
                    outcome: .postponed(until: until, message: "waits for its turn at the peer", isTry: false))
            }
            state.wait(entry, for: wanted)
            return nil
        }
        if let failure = answers.retried, entry.tries + 1 < LookupJudge.triesMax {
            let until = now + LookupJudge.delay(before: entry.tries + 1)
            return LookupEnd(
                id: entry.row.id,
                outcome: .postponed(until: until, message: "is asked again: \(failure.message)", isTry: true))
        }
        let fate = Fate(route: entry.row.route, kind: .filtered, reason: "no longer matches")
        return LookupEnd(id: entry.row.id, outcome: .released(prepared.withFate(fate)))
    }

    private func hold(_ entry: LookupEntry, _ code: String, _ message: String) -> LookupEnd {
        let failure = ScriptFailure(code: code, script: "enrich", message: message)
        let prepared = Prepared.holding(entry.event, entry.row, because: failure, revision: self.revision().id)
        return LookupEnd(id: entry.row.id, outcome: .released(prepared))
    }
}
