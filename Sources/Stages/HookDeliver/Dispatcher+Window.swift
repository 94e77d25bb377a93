// SPDX-License-Identifier: Apache-2.0
// Which tickets are in memory, and when the store is asked for more.
import DequeModule
import HookCore

extension Dispatcher {
    /// The queue of a destination, made where there was none.
    mutating func place(of name: DestinationName) -> Int {
        if let place = self.places[name] { return place }
        self.queues.append(DestinationQueue(name: name, plan: self.plan[name]))
        self.places[name] = self.queues.count - 1
        return self.queues.count - 1
    }

    /// Takes a ticket that has just been made durable.
    mutating func admit(_ ticket: DeliveryTicket, now: Duration, wall: WallTime) {
        if self.holdings[ticket.id] != nil { return }
        let place = self.place(of: ticket.destination)
        self.queues[place].pending += 1
        if ticket.isScheduled, ticket.dueAt > wall {
            self.admit(scheduled: ticket, at: place, now: now, wall: wall)
            return
        }
        let queue = self.queues[place]
        // Behind others that are only in the store it must wait there too, or it would overtake them.
        guard queue.plan != nil, !queue.hasMore, !self.isShuttingDown, self.hasRoom(for: ticket, at: place) else {
            self.queues[place].leaveInStore()
            return
        }
        self.hold(ticket, at: place)
        self.queues[place].ready.append(ticket)
        self.enter(place)
    }

    /// Whether the window may take one more. Over the budget each destination still gets a share, so that those which
    /// came first and are stuck cannot keep the others out of memory.
    private func hasRoom(for ticket: DeliveryTicket, at place: Int) -> Bool {
        let queue = self.queues[place]
        if queue.windowCount >= self.limits.windowTickets { return false }
        if self.bytesHeld + ticket.body.count <= self.limits.windowBytes { return true }
        let share = self.limits.windowBytes / (2 * (self.queues.count + 1))
        return queue.ready.isEmpty || queue.bytesHeld + ticket.body.count <= share
    }

    mutating func hold(_ ticket: DeliveryTicket, at place: Int) {
        self.holdings[ticket.id] = .waiting
        self.bytesHeld += ticket.body.count
        self.queues[place].bytesHeld += ticket.body.count
        self.queues[place].meanBodyBytes = (self.queues[place].meanBodyBytes * 7 + ticket.body.count) / 8
    }

    mutating func release(_ ticket: DeliveryTicket, at place: Int) {
        guard self.holdings.removeValue(forKey: ticket.id) != nil else { return }
        self.bytesHeld -= ticket.body.count
        self.queues[place].bytesHeld -= ticket.body.count
    }

    /// Notes that the store has pending deliveries of a destination.
    mutating func wake(_ summary: PendingSummary, now: Duration, wall: WallTime) {
        let place = self.place(of: summary.destination)
        self.queues[place].pending += summary.count
        if summary.earliestDue <= wall {
            self.queues[place].leaveInStore()
        } else {
            self.look(at: summary.earliestDue, isScheduled: summary.isScheduled, of: place, now: now, wall: wall)
        }
        self.queues[place].loadNotBefore = .zero
        self.visitSoon(place, now: now)
    }

    /// Forgets what waits in memory and reads it again; what is on the wire ends as it ends.
    mutating func reread(_ summaries: [PendingSummary], now: Duration, wall: WallTime) {
        for (delivery, holding) in self.holdings {
            guard case .flying(var flight) = holding else { continue }
            flight.isInDoubt = true
            self.holdings[delivery] = .flying(flight)
        }
        for place in self.queues.indices {
            self.park(place)
            self.queues[place].pending = 0
            self.visitSoon(place, now: now)
        }
        for summary in summaries { self.wake(summary, now: now, wall: wall) }
    }

    /// Takes new plans. Tickets keep their place; those of destinations that are gone leave memory and stay in the
    /// store.
    mutating func reconfigure(_ plan: DeliverPlan, now: Duration) {
        self.plan = plan
        for place in self.queues.indices {
            self.queues[place].plan = plan[self.queues[place].name]
            if self.queues[place].plan == nil {
                self.park(place)
            } else {
                self.visitSoon(place, now: now)
            }
        }
    }

    private mutating func park(_ place: Int) {
        for ticket in self.queues[place].ready { self.release(ticket, at: place) }
        for delayed in self.queues[place].delayed { self.release(delayed.ticket, at: place) }
        self.queues[place].ready = []
        self.queues[place].delayed = []
        self.queues[place].leaveInStore()
        self.queues[place].lookAt = nil
        self.queues[place].lookDueBy = nil
    }
}

// MARK: - Pages of the store

extension Dispatcher {
    /// Bodies of one page: a page of many large bodies would be the memory that the window is there to spare.
    private static let pageBytes = 4 * 1024 * 1024

    /// Asks for a page where the window runs low and the store has more.
    mutating func refill(_ place: Int, now: Duration, wall: WallTime, into effects: inout [Effect]) {
        let queue = self.queues[place]
        guard let plan = queue.plan, queue.hasMore, !queue.isLoading, !self.isShuttingDown, queue.loadNotBefore <= now,
            queue.ready.count <= min(self.limits.windowTickets / 4, max(4, plan.policy.concurrency * 2))
        else { return }
        guard self.loadsInFlight < self.limits.loadsMax else {
            if !queue.isWaitingToLoad { self.loadRing.append(place) }
            self.queues[place].isWaitingToLoad = true
            return
        }
        self.loadsInFlight += 1
        // Those in memory and in flight are due too and come first: the page must reach beyond them.
        let held = queue.ready.count + queue.inFlight + queue.settling
        let fresh = min(self.limits.windowTickets, max(4, Self.pageBytes / max(1, queue.meanBodyBytes)))
        self.queues[place].isLoading = true
        self.queues[place].settledWhileLoading = []
        // The page says anew what is due next; what is noted from here on is younger than the page, and stays.
        self.queues[place].lookAt = nil
        self.queues[place].lookDueBy = nil
        effects.append(.load(queue.name, limit: held + fresh, dueBy: max(wall, queue.waitedUntil ?? wall)))
    }

    /// Lets those read that wait for it.
    mutating func pumpLoads(now: Duration, wall: WallTime, into effects: inout [Effect]) {
        while self.loadsInFlight < self.limits.loadsMax, let next = self.loadRing.next() {
            self.queues[next].isWaitingToLoad = false
            self.refill(next, now: now, wall: wall, into: &effects)
        }
    }

    /// Takes a page: what is new goes into the window, in order.
    mutating func absorb(
        _ answer: Result<PendingPage, StoreFailure>, of name: DestinationName, now: Duration, wall: WallTime
    ) {
        let place = self.place(of: name)
        guard self.queues[place].isLoading else { return }
        self.queues[place].isLoading = false
        self.loadsInFlight -= 1
        defer {
            self.queues[place].settledWhileLoading = []
            self.visitSoon(place, now: now)
        }
        guard case .success(let page) = answer else {
            self.queues[place].mustReload = false
            self.backOff(place, from: .seconds(1), to: .seconds(30), now: now)
            return
        }
        self.queues[place].waitedUntil = nil
        let mustReload = self.queues[place].mustReload
        self.queues[place].mustReload = false
        guard self.queues[place].plan != nil else { return }
        let (taken, isWhole) = self.take(page.tickets, at: place)
        self.plan(
            next: page.nextDue, isScheduled: page.isNextScheduled, of: place, mayHaveMore: !isWhole,
            mustReload: mustReload, taken: taken, now: now, wall: wall)
        self.enter(place)
    }

    /// Puts the new ones of a page into the window; how many, and whether all fitted.
    private mutating func take(_ tickets: [DeliveryTicket], at place: Int) -> (taken: Int, isWhole: Bool) {
        var taken = 0
        for ticket in tickets {
            // Held, or settled since the page was asked for: the page shows the past.
            if self.holdings[ticket.id] != nil || self.queues[place].settledWhileLoading.contains(ticket.id) {
                continue
            }
            guard self.hasRoom(for: ticket, at: place) else { return (taken, false) }
            self.hold(ticket, at: place)
            self.queues[place].ready.append(ticket)
            taken += 1
        }
        return (taken, true)
    }

    private mutating func plan(
        next: WallTime?, isScheduled: Bool, of place: Int, mayHaveMore: Bool, mustReload: Bool, taken: Int,
        now: Duration, wall: WallTime
    ) {
        var hasMore = mayHaveMore || mustReload
        if let next {
            if next <= wall {
                hasMore = true
            } else {
                self.look(at: next, isScheduled: isScheduled, of: place, now: now, wall: wall)
            }
        }
        self.queues[place].hasMore = hasMore
        if taken > 0 || !hasMore || mustReload {
            self.queues[place].loadBackoff = .zero
            self.queues[place].loadNotBefore = .zero
        } else {
            // Due ones that are all ours already: without a pause this would ask again at once, and for ever.
            self.backOff(place, from: .milliseconds(50), to: .seconds(5), now: now)
        }
    }

    /// Sets the next look at the store. A clock that went back makes due times look far off; no wait exceeds what the
    /// policy can give.
    private mutating func look(at due: WallTime, isScheduled: Bool, of place: Int, now: Duration, wall: WallTime) {
        if isScheduled { return self.look(scheduled: due, of: place, now: now, wall: wall) }
        let longest = self.queues[place].plan?.longestDelay ?? .zero
        let bound = max(longest, self.queues[place].longWaitUntil - now, .seconds(1))
        self.queues[place].look(at: now + min(due - wall, bound), dueBy: due)
    }

    private mutating func backOff(_ place: Int, from first: Duration, to longest: Duration, now: Duration) {
        self.queues[place].loadBackoff = min(max(self.queues[place].loadBackoff * 2, first), longest)
        self.queues[place].loadNotBefore = now + self.queues[place].loadBackoff
    }
}

// MARK: - Timers

extension Dispatcher {
    /// Runs what is due: retries in memory, looks at the store.
    mutating func runTimers(now: Duration, wall: WallTime, into effects: inout [Effect]) {
        while let (at, place) = self.visits.popDue(now: now) {
            guard self.queues[place].visitAt == at else { continue }
            self.queues[place].visitAt = nil
            self.visit(place, now: now, wall: wall, into: &effects)
        }
    }

    private mutating func visit(_ place: Int, now: Duration, wall: WallTime, into effects: inout [Effect]) {
        if self.queues[place].loadNotBefore <= now { self.queues[place].loadNotBefore = .zero }
        if self.queues[place].plan != nil {
            while let first = self.queues[place].delayed.first, first.at <= now {
                self.queues[place].ready.append(first.ticket)
                self.queues[place].delayed.removeFirst()
            }
            self.queues[place].endWait(now: now)
            self.refill(place, now: now, wall: wall, into: &effects)
            self.enter(place)
        }
        self.schedule(place)
    }

    mutating func visitSoon(_ place: Int, now: Duration) {
        self.compactVisits()
        self.queues[place].visitAt = now
        self.visits.insert(place, at: now)
    }

    /// Drops stale entries before they outnumber the real ones.
    private mutating func compactVisits() {
        guard self.visits.count > 1024 + self.queues.count * 2 else { return }
        self.visits = TimerHeap()
        for place in self.queues.indices {
            if let at = self.queues[place].visitAt { self.visits.insert(place, at: at) }
        }
    }

    /// Sets the timer of a destination where it is now earlier than the one that is set.
    mutating func schedule(_ place: Int) {
        guard !self.isShuttingDown, let next = self.queues[place].nextVisit else { return }
        if let known = self.queues[place].visitAt, known <= next { return }
        self.compactVisits()
        self.queues[place].visitAt = next
        self.visits.insert(place, at: next)
    }
}
