// SPDX-License-Identifier: Apache-2.0
// Stage 6 in virtual time: the same dispatcher and the same rendering, with a clock that jumps from event to event and
// destinations that answer from a script. No thread, no network, no store.
package import HookCore

/// Runs deliveries against scripted answers until each has an end.
package struct DeliverSimulation {
    package struct Attempt: Sendable {
        package let delivery: DeliveryID
        package let destination: DestinationName
        /// Since the simulation began.
        package let at: Duration
        package let status: Int?
        package let outcome: String
        /// Nil where the request could not be made.
        package let request: OutboundRequest?
    }

    package struct End: Sendable {
        package let delivery: DeliveryID
        package let destination: DestinationName
        package let at: Duration
        package let disposition: Settled.Disposition
    }

    private struct Pending {
        let at: Duration
        let delivery: DeliveryID
        let result: AttemptResult
    }

    /// What each destination answers, one an attempt; the last repeats, none means 200.
    package var answers: [DestinationName: [RouteTestSpec.Answer]] = [:]
    package private(set) var attempts: [Attempt] = []
    package private(set) var ends: [End] = []
    package private(set) var now: Duration = .zero

    private let start: WallTime
    private let secrets: any SecretReading
    private let plan: DeliverPlan
    private var dispatcher = Dispatcher(limits: Self.limits)
    private var pending: [Pending] = []
    private var answered: [DestinationName: Int] = [:]
    private var wakeAt: Duration?
    private var random: SystemRandomNumberGenerator = SystemRandomNumberGenerator()

    /// There is no store to read back from, so everything stays in memory.
    private static var limits: Dispatcher.Limits {
        var limits = Dispatcher.Limits()
        limits.windowTickets = 4_000_000
        limits.windowBytes = 1 << 40
        limits.delayedInMemory = .seconds(100 * 365 * 86_400)
        return limits
    }

    /// - Parameter jitter: `.none` makes the times of retries exact, as tests want them; nil keeps each policy's own.
    package init(
        destinations: [DestinationSpec], secrets: any SecretReading, start: WallTime,
        answers: [DestinationName: [RouteTestSpec.Answer]] = [:], jitter: RetrySpec.Jitter? = RetrySpec.Jitter.none
    ) {
        let specs = destinations.map { spec in
            var spec = spec
            if let jitter { spec.policy.retry.jitter = jitter }
            return spec
        }
        self.start = start
        self.secrets = secrets
        self.answers = answers
        self.plan = DeliverPlan(specs)
        self.apply([.reconfigured(self.plan)])
    }

    /// The wall clock of the simulation.
    package var wall: WallTime { self.start + self.now }

    /// Deliveries that have no end yet.
    package var isIdle: Bool { self.pending.isEmpty && self.wakeAt == nil }

    /// Hands tickets over as a commit does.
    package mutating func add(_ tickets: [DeliveryTicket]) {
        self.apply([.committed(tickets)])
        self.settleWhatIsDue()
    }

    /// Moves the clock forward, with everything that happens on the way.
    package mutating func advance(by duration: Duration) {
        let end = self.now + duration
        while let next = self.nextMoment, next <= end {
            self.now = max(self.now, next)
            self.settleWhatIsDue()
            self.apply([.tick])
        }
        self.now = end
    }

    /// Runs until nothing is left to happen, at most `limit` of virtual time.
    package mutating func runToEnd(limit: Duration = .seconds(30 * 86_400)) {
        let end = self.now + limit
        while let next = self.nextMoment, next <= end { self.advance(by: max(.zero, next - self.now)) }
    }

    private var nextMoment: Duration? { (self.pending.map(\.at) + [self.wakeAt].compactMap { $0 }).min() }

    private mutating func settleWhatIsDue() {
        while let place = self.pending.indices.filter({ self.pending[$0].at <= self.now }).min(by: {
            self.pending[$0].at < self.pending[$1].at
        }) {
            let next = self.pending.remove(at: place)
            self.apply([.finished(next.delivery, next.result)])
        }
    }

    private mutating func apply(_ inputs: [Dispatcher.Input]) {
        var inputs = inputs
        while !inputs.isEmpty {
            let effects = self.dispatcher.step(inputs, now: self.now, wall: self.wall, random: &self.random)
            inputs = []
            for effect in effects {
                switch effect {
                case .send(let ticket, let plan, let attempt): self.send(ticket, plan, attempt: attempt)
                case .load(let name, _, _):
                    inputs.append(.loaded(name, .success(PendingPage(tickets: [], nextDue: nil))))
                case .settle(let settled): inputs.append(self.record(settled))
                case .wakeAt(let moment): self.wakeAt = moment
                }
            }
        }
    }

    private mutating func send(_ ticket: DeliveryTicket, _ plan: DestinationPlan, attempt: Int) {
        var request: OutboundRequest?
        let result: AttemptResult
        do throws(DeliverFailure) {
            request = try AttemptRequest.render(ticket, plan, attempt: attempt, now: self.wall, secrets: self.secrets)
            result = self.nextAnswer(of: plan)
        } catch {
            result = error.result
        }
        self.attempts.append(
            Attempt(
                delivery: ticket.id, destination: ticket.destination, at: self.now, status: result.status,
                outcome: result.outcome.rawValue, request: request))
        self.pending.append(Pending(at: self.now + result.took, delivery: ticket.id, result: result))
    }

    private mutating func nextAnswer(of plan: DestinationPlan) -> AttemptResult {
        let script = self.answers[plan.name] ?? []
        let place = self.answered[plan.name, default: 0]
        self.answered[plan.name] = place + 1
        guard let answer = script.indices.contains(place) ? script[place] : script.last else {
            return AttemptResult(.answered, status: 200)
        }
        switch answer {
        case .status(let status, let retryAfter):
            return AttemptResult(.answered, status: status, retryAfter: retryAfter.map(String.init))
        case .refused: return AttemptResult(.connect, detail: "connection refused")
        case .timeout: return AttemptResult(.timeout, detail: "no answer in time", took: plan.policy.timeout)
        }
    }

    private mutating func record(_ settled: [Settled]) -> Dispatcher.Input {
        for one in settled {
            if case .retry = one.disposition { continue }
            self.ends.append(
                End(delivery: one.delivery, destination: one.destination, at: self.now, disposition: one.disposition))
        }
        return .settled(settled.map(\.delivery), isDurable: true)
    }
}
