// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Prepared {
    /// The tickets that the store would hand to stage 6 for this event, in order, before the first attempt.
    package var tickets: [DeliveryTicket] {
        self.deliveries.enumerated().map { place, delivery in
            DeliveryTicket(
                id: DeliveryID(event: self.event.id, ordinal: UInt16(place + 1)), route: delivery.route,
                destination: delivery.destination, body: delivery.body ?? self.event.body,
                contentType: delivery.contentType, request: delivery.request, attemptsMade: 0, attemptsInCycle: 0,
                acceptedAt: self.event.time, cycleBegan: self.event.time, dueAt: self.event.time)
        }
    }
}
