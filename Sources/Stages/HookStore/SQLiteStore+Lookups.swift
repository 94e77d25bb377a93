// SPDX-License-Identifier: Apache-2.0
import GRDB
package import HookCore

extension SQLiteStore {
    package func waitingLookups(
        dueBy: WallTime, limit: Int, then: @escaping @Sendable (Result<WaitingPage, StoreFailure>) -> Void
    ) {
        self.dueReader.perform({ database in try Self.readWaiting(database, dueBy, limit) }, then: then)
    }

    private static func readWaiting(_ database: Database, _ dueBy: WallTime, _ limit: Int) throws -> WaitingPage {
        let keys = try Row.fetchAll(
            database, sql: "SELECT key, tries FROM held WHERE due IS NOT NULL AND due <= ? ORDER BY due, key LIMIT ?",
            arguments: StatementArguments([dueBy.stored, max(0, limit).databaseValue]))
        let items = try keys.compactMap { row -> WaitingLookup? in
            let key = try row.integer(0)
            let held = try Row.fetchOne(
                database, sql: "\(Lists.heldSQL) WHERE h.key = ?", arguments: StatementArguments([key.databaseValue]))
            guard let entry = try held.map({ try Lists.held($0) }),
                let event = try Lists.request(database, seq: key >> Schema.ordinalBits)
            else { return nil }
            return WaitingLookup(entry: entry, tries: Int(try row.integer(1)), event: event)
        }
        let next = try Row.fetchOne(
            database, sql: "SELECT min(due) FROM held WHERE due IS NOT NULL AND due > ?",
            arguments: StatementArguments([dueBy.stored]))
        return WaitingPage(items: items, nextDue: next?.timeIfAny(0))
    }

    package func endLookups(
        _ ends: [LookupEnd], now: WallTime,
        then: @escaping @Sendable (Result<[DeliveryTicket], StoreFailure>) -> Void
    ) {
        let count = self.eventCount
        let write = Write.change(
            apply: { context in
                var tickets: [DeliveryTicket] = []
                var events = 0
                for end in ends {
                    switch end.outcome {
                    case .released(let prepared):
                        guard let done = try context.release(end.id, as: prepared, now: now) else { continue }
                        tickets += done.tickets
                        events += done.events
                    case .postponed(let until, let message, let isTry):
                        guard let seq = try context.database.seq(of: end.id.event) else { continue }
                        try context.run(
                            "UPDATE held SET due = ?, tries = tries + ?, message = ? WHERE key = ? AND due IS NOT NULL",
                            [
                                until.stored, (isTry ? 1 : 0).databaseValue, message.databaseValue,
                                Schema.key(seq: seq, ordinal: end.id.ordinal).databaseValue,
                            ])
                    }
                }
                let (all, new) = (tickets, events)
                return {
                    count.add(new)
                    then(.success(all))
                }
            },
            fail: { then(.failure($0)) }, frees: false)
        if let refusal = self.writes.offer(write) { then(.failure(refusal)) }
    }
}
