// SPDX-License-Identifier: Apache-2.0
// What stage 6 asks for when memory was not enough: due deliveries, found through the partial index alone.
import Foundation
import GRDB
package import HookCore

/// A pending delivery as read; damaged where its bytes are not those that were stored.
private enum DueDelivery: Sendable {
    case intact(DeliveryTicket)
    case damaged(DeliveryID, key: Int64)
}

extension SQLiteStore {
    /// Reason of dead letters whose stored bytes do not match their checksum.
    package static let corruptPayload = "store/corrupt-payload"

    package func pending(
        for destination: DestinationName, dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<PendingPage, StoreFailure>) -> Void
    ) {
        self.dueReader.perform(
            { database in try Self.readDue(database, destination, dueBy: dueBy, limit: max(0, limit)) },
            then: { [weak self] result in
                switch result {
                case .failure(let failure): then(.failure(failure))
                case .success((let found, let next)):
                    var tickets: [DeliveryTicket] = []
                    for delivery in found {
                        switch delivery {
                        case .intact(let ticket): tickets.append(ticket)
                        case .damaged(let id, let key): self?.bury(id, key: key)
                        }
                    }
                    then(
                        .success(
                            PendingPage(
                                tickets: tickets, nextDue: next?.due, isNextScheduled: next?.isScheduled ?? false)))
                }
            })
    }

    package func pendingSummary() async throws(StoreFailure) -> [PendingSummary] {
        try await self.listReader.value { database in
            let sql = "SELECT destination, count(*), min(due) FROM deliveries WHERE state = 0 GROUP BY destination"
            return try Row.fetchAll(database, sql: sql).map { row in
                let name = try row.text(0)
                let next = try Self.following(database, DestinationName(name), after: 0)
                return PendingSummary(
                    destination: DestinationName(name), count: Int(try row.integer(1)),
                    earliestDue: try row.time(2), isScheduled: next?.isScheduled ?? false)
            }
        }
    }

    private static func readDue(
        _ database: Database, _ destination: DestinationName, dueBy: WallTime, limit: Int
    ) throws -> ([DueDelivery], next: Following?) {
        let name = destination.text.databaseValue
        let statement = try database.cachedStatement(sql: Self.dueSQL)
        let rows = try Row.fetchCursor(
            statement, arguments: StatementArguments([name, dueBy.stored, limit.databaseValue]))
        var found: [DueDelivery] = []
        while let row = try rows.next() { found.append(try self.dueDelivery(row, destination)) }
        return (found, next: try Self.following(database, destination, after: found.count))
    }

    private typealias Following = (due: WallTime, isScheduled: Bool)

    /// The pending delivery behind the first `count`.
    private static func following(
        _ database: Database, _ destination: DestinationName, after count: Int
    ) throws -> Following? {
        let statement = try database.cachedStatement(sql: Self.followingSQL)
        let arguments = StatementArguments([destination.text.databaseValue, count.databaseValue])
        guard let row = try Row.fetchOne(statement, arguments: arguments) else { return nil }
        let place = StatementArguments([try row.integer(1).databaseValue])
        let isScheduled = try database.cachedStatement(sql: Self.isScheduledSQL)
        return (try row.time(0), try Bool.fetchOne(isScheduled, arguments: place) ?? false)
    }

    static let dueSQL = """
        SELECT d.key, e.id, d.route, d.payload, d.body, e.body, e.payload, d.content_type, d.request, d.checksum,
            d.attempts, d.cycle_attempts, d.accepted_at, d.cycle_began, d.due
        FROM deliveries d JOIN events e ON e.seq = d.key >> 16
        WHERE d.destination = ? AND d.state = 0 AND d.due <= ? ORDER BY d.due, d.key LIMIT ?
        """

    static let followingSQL = """
        SELECT due, key FROM deliveries WHERE destination = ? AND state = 0 ORDER BY due, key LIMIT 1 OFFSET ?
        """

    /// One row by its key, so that the query before it needs nothing but the index.
    private static let isScheduledSQL = "SELECT attempts = 0 AND due > accepted_at FROM deliveries WHERE key = ?"

    private static func dueDelivery(_ row: Row, _ destination: DestinationName) throws -> DueDelivery {
        let key = try row.integer(0)
        let id = DeliveryID(event: try row.eventID(1), ordinal: Schema.ordinal(ofKey: key))
        let kind = try row.integer(3)
        let isKept = kind == PayloadKind.own || (kind == PayloadKind.event && row.integerIfAny(6) == 1)
        let body = row.bytes(kind == PayloadKind.own ? 4 : 5)
        let request = row.textIfAny(8)
        let sum = PayloadChecksum.delivery(bodySum: PayloadChecksum.event(body), request: request)
        guard isKept, sum == row.integerIfAny(9) else { return .damaged(id, key: key) }
        return .intact(
            DeliveryTicket(
                id: id, route: RouteName(try row.text(2)), destination: destination, body: body,
                contentType: try row.text(7), request: try request.map { try RequestOverrides(stored: $0) },
                attemptsMade: Int(try row.integer(10)), attemptsInCycle: Int(try row.integer(11)),
                acceptedAt: try row.time(12), cycleBegan: try row.time(13), dueAt: try row.time(14)))
    }

    /// Makes a damaged delivery a dead letter: sending bytes that nobody signed off is worse than sending none.
    private func bury(_ id: DeliveryID, key: Int64) {
        self.signals.log(
            .error, .store, "A stored payload is damaged; it is kept as a dead letter", ("delivery", id.description))
        let now = self.environment.wall()
        let write = Write.change(
            apply: { context in
                try context.run(
                    "UPDATE deliveries SET state = 2, reason = ?, finished_at = ? WHERE key = ? AND state = 0",
                    [Self.corruptPayload.databaseValue, now.stored, key.databaseValue])
                return {}
            },
            // Not recorded now: the next read finds the same damage and tries again.
            fail: { _ in }, frees: false)
        if let refusal = self.writes.offer(write) { write.fail(refusal) }
    }
}
