// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Prepared {
    /// The tickets that the store would hand to stage 6 for this event, in order, before the first attempt.
    package var tickets: [DeliveryTicket] {
        self.deliveries.enumerated().map { place, delivery in
            DeliveryTicket(
                fresh: delivery, id: DeliveryID(event: self.event.id, ordinal: UInt16(place + 1)),
                eventBody: self.event.body, at: self.event.time)
        }
    }
}
