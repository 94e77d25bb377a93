// SPDX-License-Identifier: Apache-2.0
// The heart of stage 6: which delivery is tried when. A pure machine; Deliver is the shell around it, DeliverSimulation
// another one in virtual time.
//
//   committed ──▶ ready ──▶ sending ──▶ settling ──▶ gone
//                   ▲                       │
//                   └── delayed ◀───────────┤ retry
//                   ▲                       ▼
//                   └────── page of the store (when memory was not enough, or the retry is far off)
//
// INVARIANT: a delivery is in at most one of the four places; it leaves `settling` only when the store has its attempt.
// INVARIANT: what is not in memory is in the store, and either `hasMore` or `lookAt` of its queue says so.
import DequeModule
package import HookCore

/// Decides which deliveries are sent, read from the store and settled.
///
/// - Units: `now` is time since an arbitrary start and never goes back; `wall` may jump.
/// - Complexity: O(log destinations) per input, besides the tickets it carries.
package struct Dispatcher: Sendable {
    package struct Limits: Sendable {
        /// Tickets in memory per destination.
        package var windowTickets = 256
        /// Body bytes in memory, over all destinations.
        package var windowBytes = 32 * 1024 * 1024
        /// Attempts on the wire.
        package var inFlightMax = 512
        /// Of these, for destinations that hold their slots long; the rest is always there for those that do not.
        package var inFlightSlowMax = 384
        /// An attempt that took longer makes its destination slow.
        package var promptWithin: Duration = .seconds(1)
        /// Finished attempts that the store has not recorded; beyond it nothing is sent.
        package var unsettledMax = 4096
        /// Pages being read at once; each may carry some megabytes.
        package var loadsMax = 8
        /// Retries further off than this are read back from the store.
        package var delayedInMemory: Duration = .seconds(120)

        package init() {}
    }

    package enum Input: Sendable {
        /// Tickets of a commit.
        case committed([DeliveryTicket])
        case loaded(DestinationName, Result<PendingPage, StoreFailure>)
        case finished(DeliveryID, AttemptResult)
        case settled([DeliveryID], isDurable: Bool)
        /// Deliveries became pending in the store: at start, or by a redrive.
        case woken([PendingSummary])
        /// Deliveries were ended in the store by others; these are pending still.
        case reread([PendingSummary])
        case reconfigured(DeliverPlan)
        case tick
        /// Nothing more is sent or read; what is under way is still settled.
        case shutdown
    }

    package enum Effect: Sendable {
        /// Send attempt `attempt` (from 1, over all redrives) of the ticket under the plan.
        case send(DeliveryTicket, DestinationPlan, attempt: Int)
        case load(DestinationName, limit: Int, dueBy: WallTime)
        /// Record these and answer with ``Input/settled(_:isDurable:)``.
        case settle([Settled])
        /// Step again at this time, unless something comes first; nil: nothing happens by itself.
        case wakeAt(Duration?)
    }

    struct Flight: Sendable {
        let ticket: DeliveryTicket
        let queue: Int
        let plan: DestinationPlan
        let startedAt: WallTime
        let began: Duration
        /// Set when the attempt has ended.
        var settled: Settled?
        var delay: Duration?
        /// The store may have ended the delivery meanwhile: a retry is read from there.
        var isInDoubt = false
    }

    enum Holding: Sendable {
        case waiting
        case flying(Flight)
    }

    let limits: Limits
    var plan = DeliverPlan([])
    var queues: [DestinationQueue] = []
    var places: [DestinationName: Int] = [:]
    var holdings: [DeliveryID: Holding] = [:]
    var bytesHeld = 0
    var inFlight = 0
    var inFlightSlow = 0
    var unsettled = 0
    /// Attempts whose recording failed, and when to try again.
    var toSettleAgain: [DeliveryID] = []
    var settleAgainAt: Duration?
    var settleBackoff: Duration = .zero
    var promptRing = SendRing()
    var slowRing = SendRing()
    var isSlowTurn = false
    var visits = TimerHeap<Int>()
    var loadsInFlight = 0
    /// Destinations that wait for leave to read a page.
    var loadRing = SendRing()
    var isShuttingDown = false
    private var announcedWake: Duration??

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes one input and returns what is to be done.
    package mutating func step(
        _ input: Input, now: Duration, wall: WallTime, random: inout some RandomNumberGenerator
    ) -> [Effect] {
        self.step([input], now: now, wall: wall, random: &random)
    }

    /// Takes a batch of inputs of one moment; their settlements leave as one.
    package mutating func step(
        _ inputs: [Input], now: Duration, wall: WallTime, random: inout some RandomNumberGenerator
    ) -> [Effect] {
        var effects: [Effect] = []
        var settled: [Settled] = []
        for input in inputs {
            switch input {
            case .committed(let tickets):
                for ticket in tickets { self.admit(ticket, now: now, wall: wall) }
            case .loaded(let name, let page):
                self.absorb(page, of: name, now: now, wall: wall)
            case .finished(let delivery, let result):
                if let one = self.finish(delivery, result, now: now, wall: wall, random: &random) {
                    settled.append(one)
                }
            case .settled(let deliveries, let isDurable):
                self.conclude(deliveries, isDurable: isDurable, now: now)
            case .woken(let summaries):
                for summary in summaries { self.wake(summary, now: now, wall: wall) }
            case .reread(let summaries): self.reread(summaries, now: now, wall: wall)
            case .reconfigured(let plan):
                self.reconfigure(plan, now: now)
            case .tick: break
            case .shutdown: self.isShuttingDown = true
            }
        }
        settled += self.dueSettlements(now: now)
        if !settled.isEmpty { effects.append(.settle(settled)) }
        self.runTimers(now: now, wall: wall, into: &effects)
        self.send(now: now, wall: wall, into: &effects)
        self.pumpLoads(now: now, wall: wall, into: &effects)
        self.announceWake(into: &effects)
        return effects
    }

    /// Nothing is under way and nothing waits to be recorded.
    package var isIdle: Bool { self.inFlight == 0 && self.unsettled == 0 }

    private mutating func announceWake(into effects: inout [Effect]) {
        let next = [self.visits.earliest, self.settleAgainAt].compactMap { $0 }.min()
        if self.announcedWake == .some(next) { return }
        self.announcedWake = .some(next)
        effects.append(.wakeAt(next))
    }
}

// MARK: - Sending

extension Dispatcher {
    /// One ticket per turn and destination.
    mutating func send(now: Duration, wall: WallTime, into effects: inout [Effect]) {
        if self.isShuttingDown { return }
        while self.inFlight < self.limits.inFlightMax, self.unsettled < self.limits.unsettledMax {
            guard let place = self.nextPlace() else { return }
            self.queues[place].isInRing = false
            self.sendOne(place, now: now, wall: wall, into: &effects)
            self.refill(place, now: now, wall: wall, into: &effects)
            self.enter(place)
        }
    }

    /// The rings take turns: the prompt must not starve the slow, which would never show that they have recovered; the
    /// slow cannot take more than their part of the slots.
    private mutating func nextPlace() -> Int? {
        let maySlow = self.inFlightSlow < self.limits.inFlightSlowMax
        self.isSlowTurn.toggle()
        if self.isSlowTurn, maySlow, let slow = self.slowRing.next() { return slow }
        return self.promptRing.next() ?? (maySlow ? self.slowRing.next() : nil)
    }

    private mutating func sendOne(_ place: Int, now: Duration, wall: WallTime, into effects: inout [Effect]) {
        guard self.queues[place].canSend, let plan = self.queues[place].plan,
            let ticket = self.queues[place].ready.popFirst()
        else { return }
        self.queues[place].inFlight += 1
        self.inFlight += 1
        if self.queues[place].pace == .slow { self.inFlightSlow += 1 }
        self.holdings[ticket.id] = .flying(
            Flight(ticket: ticket, queue: place, plan: plan, startedAt: wall, began: now))
        effects.append(.send(ticket, plan, attempt: ticket.attemptsMade + 1))
    }

    /// Puts a destination at the end of its ring where it could send.
    mutating func enter(_ place: Int) {
        guard !self.queues[place].isInRing, self.queues[place].canSend else { return }
        self.queues[place].isInRing = true
        switch self.queues[place].pace {
        case .prompt: self.promptRing.append(place)
        case .slow: self.slowRing.append(place)
        }
    }

    /// Moves a destination to the other ring; the slots it holds move with it.
    mutating func setPace(_ place: Int, _ pace: DestinationQueue.Pace) {
        guard self.queues[place].pace != pace else { return }
        self.queues[place].pace = pace
        self.inFlightSlow += pace == .slow ? self.queues[place].inFlight : -self.queues[place].inFlight
        if self.queues[place].isInRing {
            self.promptRing.remove(place)
            self.slowRing.remove(place)
            self.queues[place].isInRing = false
            self.enter(place)
        }
    }
}

// MARK: - Ends of attempts

extension Dispatcher {
    /// Judges a finished attempt; nil where the delivery is not on the wire.
    mutating func finish(
        _ delivery: DeliveryID, _ result: AttemptResult, now: Duration, wall: WallTime,
        random: inout some RandomNumberGenerator
    ) -> Settled? {
        guard case .flying(var flight)? = self.holdings[delivery], flight.settled == nil else { return nil }
        let ticket = flight.ticket
        let decision = RetryDecision.make(
            result, policy: flight.plan.policy, attempt: ticket.attemptsInCycle + 1, began: ticket.cycleBegan,
            wall: wall,
            random: &random)
        let settled = Settled(
            delivery: delivery, destination: ticket.destination, attempt: ticket.attemptsMade + 1,
            startedAt: flight.startedAt, took: result.took, status: result.status, outcome: decision.outcome,
            detail: result.detail, response: Array(result.response.prefix(4096)), disposition: decision.disposition)
        flight.settled = settled
        flight.delay = decision.delay
        self.holdings[delivery] = .flying(flight)
        self.unsettled += 1
        self.inFlight -= 1
        let place = flight.queue
        if self.queues[place].pace == .slow { self.inFlightSlow -= 1 }
        self.queues[place].inFlight -= 1
        self.queues[place].settling += 1
        self.setPace(place, now - flight.began <= self.limits.promptWithin ? .prompt : .slow)
        self.enter(place)
        return settled
    }

    /// Takes the store's answer to a settlement.
    mutating func conclude(_ deliveries: [DeliveryID], isDurable: Bool, now: Duration) {
        guard isDurable else {
            // Kept, never forgotten: the attempt was made, and the store must learn of it before the next.
            self.settleBackoff = min(max(self.settleBackoff * 2, .milliseconds(250)), .seconds(5))
            self.toSettleAgain += deliveries
            self.settleAgainAt = now + self.settleBackoff
            return
        }
        self.settleBackoff = .zero
        for delivery in deliveries {
            guard case .flying(let flight)? = self.holdings[delivery], let settled = flight.settled else { continue }
            self.unsettled -= 1
            self.queues[flight.queue].settling -= 1
            self.release(flight.ticket, at: flight.queue)
            if self.queues[flight.queue].isLoading { self.queues[flight.queue].settledWhileLoading.insert(delivery) }
            if case .retry(let due) = settled.disposition {
                self.delay(flight, by: flight.delay ?? .zero, due: due, now: now)
            } else {
                self.queues[flight.queue].pending = max(0, self.queues[flight.queue].pending - 1)
            }
            self.enter(flight.queue)
            self.schedule(flight.queue)
        }
    }

    /// What is to be recorded once more.
    mutating func dueSettlements(now: Duration) -> [Settled] {
        guard let at = self.settleAgainAt, at <= now else { return [] }
        self.settleAgainAt = nil
        let deliveries = self.toSettleAgain
        self.toSettleAgain = []
        return deliveries.compactMap { delivery in
            if case .flying(let flight)? = self.holdings[delivery] { flight.settled } else { nil }
        }
    }

    private mutating func delay(_ flight: Flight, by delay: Duration, due: WallTime, now: Duration) {
        let (ticket, place) = (flight.ticket, flight.queue)
        if let longest = self.queues[place].plan?.longestDelay, delay > longest {
            self.queues[place].longWaitUntil = max(self.queues[place].longWaitUntil, now + delay)
        }
        // Far-off retries would fill the window; the same rule keeps half of the memory for deliveries that are due.
        let isNear =
            !flight.isInDoubt && delay <= self.limits.delayedInMemory
            && self.queues[place].delayed.count < self.limits.windowTickets / 4
        if self.queues[place].plan != nil, isNear, self.bytesHeld + ticket.body.count <= self.limits.windowBytes / 2 {
            let next = ticket.afterFailedAttempt(dueAt: due)
            self.hold(next, at: place)
            self.queues[place].insertDelayed(next, at: now + delay)
        } else {
            self.queues[place].look(at: now + delay, dueBy: due)
        }
    }
}

extension DeliveryTicket {
    /// The ticket of the next attempt.
    func afterFailedAttempt(dueAt: WallTime) -> Self {
        Self(
            id: self.id, route: self.route, destination: self.destination, body: self.body,
            contentType: self.contentType,
            request: self.request, attemptsMade: self.attemptsMade + 1, attemptsInCycle: self.attemptsInCycle + 1,
            acceptedAt: self.acceptedAt, cycleBegan: self.cycleBegan, dueAt: dueAt)
    }
}
