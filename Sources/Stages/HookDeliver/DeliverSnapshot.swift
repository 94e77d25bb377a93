// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// The queues of stage 6 at one moment.
package struct DeliverSnapshot: Sendable {
    package struct Queue: Sendable {
        package let destination: DestinationName
        /// Pending and not under way, in memory or only in the store; as far as this process has seen.
        package let waiting: Int
        package let inFlight: Int
        /// Waiting for a destination that is not in the configuration.
        package let parked: Int
        /// Tickets in memory.
        package let inMemory: Int
    }

    package let queues: [Queue]

    package var waiting: Int { self.queues.reduce(0) { $0 + $1.waiting } }
    package var inFlight: Int { self.queues.reduce(0) { $0 + $1.inFlight } }
    package var parked: Int { self.queues.reduce(0) { $0 + $1.parked } }
}

extension Dispatcher {
    /// The deliveries that have arrived among these: their route, and the time since acceptance by the wall clock; of
    /// scheduled ones since they were due.
    func arrivals(in settled: [Settled]) -> [(route: RouteName, took: Duration)] {
        settled.compactMap { one in
            guard one.disposition == .delivered, case .flying(let flight)? = self.holdings[one.delivery] else {
                return nil
            }
            return (flight.ticket.route, one.startedAt - flight.ticket.beganAt + one.took)
        }
    }

    /// The queues as they are now. O(destinations).
    package var snapshot: DeliverSnapshot {
        DeliverSnapshot(
            queues: self.queues.map { queue in
                let rest = max(0, queue.pending - queue.inFlight)
                return DeliverSnapshot.Queue(
                    destination: queue.name, waiting: queue.plan == nil ? 0 : rest, inFlight: queue.inFlight,
                    parked: queue.plan == nil ? rest : 0, inMemory: queue.windowCount)
            })
    }
}
