// SPDX-License-Identifier: Apache-2.0
// Deliveries that begin later. Near ones wait in memory like retries; far ones stay in the store, which is looked at when
// the earliest is due.
import HookCore

extension Dispatcher {
    /// Longest wait for a time of the wall clock that is not looked at again: that clock may have been set forward.
    static let scheduledLookMax: Duration = .seconds(300)

    /// Takes a ticket whose first attempt lies ahead.
    mutating func admit(scheduled ticket: DeliveryTicket, at place: Int, now: Duration, wall: WallTime) {
        let wait = ticket.dueAt - wall
        // The same share of memory as for retries: deliveries that are due come first.
        let isNear =
            wait <= self.limits.delayedInMemory
            && self.queues[place].delayed.count < max(1, self.limits.windowTickets / 4)
            && self.bytesHeld + ticket.body.count <= self.limits.windowBytes / 2
        if self.queues[place].plan != nil, !self.isShuttingDown, isNear {
            self.hold(ticket, at: place)
            self.queues[place].insertDelayed(ticket, at: now + wait)
        } else {
            self.look(scheduled: ticket.dueAt, of: place, now: now, wall: wall)
        }
        self.schedule(place)
    }

    /// Sets the next look at the store for something that begins at `due`. Unlike a retry it is never due before the
    /// wall clock says so.
    mutating func look(scheduled due: WallTime, of place: Int, now: Duration, wall: WallTime) {
        self.queues[place].look(at: now + min(max(.zero, due - wall), Self.scheduledLookMax), dueBy: nil)
    }
}
