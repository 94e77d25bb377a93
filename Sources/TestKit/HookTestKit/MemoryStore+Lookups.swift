// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension MemoryStore {
    package func waitingLookups(
        dueBy: WallTime, limit: Int, then: @escaping @Sendable (Result<WaitingPage, StoreFailure>) -> Void
    ) {
        then(self.read { $0.waitingLookups(dueBy: dueBy, limit: limit) })
    }

    package func endLookups(
        _ ends: [LookupEnd], now: WallTime,
        then: @escaping @Sendable (Result<[DeliveryTicket], StoreFailure>) -> Void
    ) {
        then(
            self.write { books in
                let before = books
                var tickets: [DeliveryTicket] = []
                for end in ends {
                    switch end.outcome {
                    case .released(let prepared):
                        switch books.release(end.id, as: prepared, now: now) {
                        case .success(let more): tickets += more
                        case .failure(let failure):
                            books = before
                            return .failure(failure)
                        }
                    case .postponed(let until, _, let isTry):
                        let tries = books.lookups[end.id]?.tries ?? 0
                        books.lookups[end.id] = (until, tries + (isTry ? 1 : 0))
                    }
                }
                return .success(tickets)
            })
    }
}

extension MemoryBooks {
    func waitingLookups(dueBy: WallTime, limit: Int) -> WaitingPage {
        var waiting: [(due: WallTime, item: WaitingLookup)] = []
        for entry in self.entries {
            guard let event = self.event(entry.event.id) else { continue }
            for row in event.held where row.kind == .awaitingLookup {
                let state = self.lookups[row.id]
                waiting.append(
                    (state?.due ?? entry.event.time, WaitingLookup(entry: row, tries: state?.tries ?? 0, event: event)))
            }
        }
        waiting.sort { $0.due < $1.due }
        let due = waiting.filter { $0.due <= dueBy }
        return WaitingPage(
            items: due.prefix(limit).map(\.item), nextDue: waiting.first { $0.due > dueBy }?.due)
    }
}
