// SPDX-License-Identifier: Apache-2.0
// What the dispatcher knows about one destination. The store holds the whole queue; memory holds a window of it.
import DequeModule
import HookCore

/// The window of one destination's queue.
struct DestinationQueue: Sendable {
    struct Delayed: Sendable {
        let ticket: DeliveryTicket
        let at: Duration
    }

    /// How the last finished attempt used its slot. A slot that is held long is what starves others, not a failure.
    enum Pace: Sendable { case prompt, slow }

    let name: DestinationName
    /// Nil: the destination is not in the configuration; its queue is parked.
    var plan: DestinationPlan?
    var ready: Deque<DeliveryTicket> = []
    /// Retries that wait in memory, earliest first.
    var delayed: [Delayed] = []
    var bytesHeld = 0
    /// Attempts on the wire.
    var inFlight = 0
    /// Attempts that have ended and are not yet recorded.
    var settling = 0
    /// Unknown counts as slow: a new destination has to show that it answers.
    var pace = Pace.slow
    /// Deliveries that are pending as far as is known, in memory or only in the store.
    var pending = 0

    // What the store has beyond the window.
    /// The store has due deliveries that are not in memory. New ones then stay out too, so that the order is kept.
    var hasMore = false
    /// A page is being read.
    var isLoading = false
    var isWaitingToLoad = false
    /// Something was left in the store while a page was read: the page may be older, and must not be the last.
    var mustReload = false
    /// Deliveries that were settled while a page was read: the page may still show them as they were.
    var settledWhileLoading: Set<DeliveryID> = []
    /// When to look at the store next although nothing is known to be due.
    var lookAt: Duration?
    /// The due time behind `lookAt`.
    var lookDueBy: WallTime?
    /// The due time of a wait that is over: it counts as due, whatever the wall clock says by then.
    var waitedUntil: WallTime?
    /// No page before this: the last one failed or brought nothing.
    var loadNotBefore: Duration = .zero
    var loadBackoff: Duration = .zero
    /// A wait that a `Retry-After` asked for, beyond what the schedule gives.
    var longWaitUntil: Duration = .zero
    /// Mean size of bodies, for the size of pages.
    var meanBodyBytes = 1024

    /// The entry of this queue in the dispatcher's timers that counts; others are stale.
    var visitAt: Duration?
    var isInRing = false

    init(name: DestinationName, plan: DestinationPlan?) {
        self.name = name
        self.plan = plan
    }

    var windowCount: Int { self.ready.count + self.delayed.count }
    var isEmpty: Bool { self.windowCount == 0 && self.inFlight == 0 }

    /// Whether an attempt could begin if there were a slot.
    var canSend: Bool {
        guard let plan = self.plan else { return false }
        return !self.ready.isEmpty && self.inFlight < plan.policy.concurrency
    }

    /// Puts a retry in order of time.
    mutating func insertDelayed(_ ticket: DeliveryTicket, at moment: Duration) {
        let place = self.delayed.lastIndex { $0.at <= moment }.map { $0 + 1 } ?? 0
        self.delayed.insert(Delayed(ticket: ticket, at: moment), at: place)
    }

    /// Notes that the store has something due at a moment that is not in memory.
    ///
    /// - Parameter dueBy: counts as due by then; nil: the wall clock decides.
    mutating func look(at moment: Duration, dueBy: WallTime?) {
        if let known = self.lookAt, known <= moment { return }
        self.lookAt = moment
        self.lookDueBy = dueBy
    }

    /// Notes that the store has something that may be due now and is not in memory.
    mutating func leaveInStore() {
        self.hasMore = true
        if self.isLoading { self.mustReload = true }
    }

    /// Ends a wait that is over. While a page is read it goes on: that page may be too old to show what was waited for.
    mutating func endWait(now: Duration) {
        guard !self.isLoading, let look = self.lookAt, look <= now else { return }
        self.waitedUntil = [self.waitedUntil, self.lookDueBy].compactMap { $0 }.max()
        self.lookAt = nil
        self.lookDueBy = nil
        self.hasMore = true
    }

    /// When something happens here by itself.
    var nextVisit: Duration? {
        guard self.plan != nil else { return nil }
        var moments: [Duration] = []
        if let first = self.delayed.first { moments.append(first.at) }
        if !self.isLoading {
            if let look = self.lookAt { moments.append(max(look, self.loadNotBefore)) }
            if self.hasMore, self.loadNotBefore > .zero { moments.append(self.loadNotBefore) }
        }
        return moments.min()
    }
}
