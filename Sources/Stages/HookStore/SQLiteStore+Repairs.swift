// SPDX-License-Identifier: Apache-2.0
// Redriving, closing, releasing and discarding: changes that people ask for, in the writer's transactions.
import Foundation
import GRDB
package import HookCore

extension SQLiteStore {
    package func redrive(
        _ filter: DeliveryFilter, limit: Int, now: WallTime
    ) async throws(StoreFailure) -> [PendingSummary] {
        var filter = filter
        filter.states = filter.states.isEmpty ? [.dead] : filter.states.filter { $0 != .pending }
        if filter.states.isEmpty { return [] }
        let asked = filter
        return try await self.change { context in
            var conditions = try Conditions(asked, context.database)
            // A payload that has outlived its retention cannot be sent again.
            conditions.require("(d.payload = 1 OR (d.payload = 0 AND e.payload = 1))")
            let chosen = try Repairs.choose(context, conditions, limit: limit)
            for (key, _) in chosen {
                try context.run(
                    """
                    UPDATE deliveries SET state = 0, cycle_attempts = 0, cycle_began = ?1, due = ?1, finished_at = NULL,
                        reason = NULL WHERE key = ?2
                    """, [now.stored, key.databaseValue])
            }
            let counts = Dictionary(chosen.map { ($0.destination, 1) }, uniquingKeysWith: +)
            return counts.sorted { $0.key < $1.key }
                .map { PendingSummary(destination: $0.key, count: $0.value, earliestDue: now) }
        }
    }

    package func close(
        _ filter: DeliveryFilter, as state: DeliveryState, limit: Int, now: WallTime
    ) async throws(StoreFailure) -> Int {
        let closable: [DeliveryState] = [.dead, .pending]
        var filter = filter
        filter.states = filter.states.isEmpty ? closable : filter.states.filter { closable.contains($0) }
        if filter.states.isEmpty { return 0 }
        guard state == .discarded || state == .cancelled else {
            throw StoreFailure(.unusable, "deliveries are closed as discarded or cancelled, not as \(state.rawValue)")
        }
        let asked = filter
        return try await self.change(frees: true) { context in
            let chosen = try Repairs.choose(context, try Conditions(asked, context.database), limit: limit)
            for (key, _) in chosen {
                try context.run(
                    "UPDATE deliveries SET state = ?, finished_at = ? WHERE key = ?",
                    [state.number.databaseValue, now.stored, key.databaseValue])
            }
            return chosen.count
        }
    }

    package func release(
        _ id: HeldID, as prepared: Prepared, now: WallTime
    ) async throws(StoreFailure) -> [DeliveryTicket] {
        let (tickets, events) = try await self.change { context -> ([DeliveryTicket], Int) in
            try context.release(id, as: prepared, now: now) ?? ([], 0)
        }
        self.eventCount.add(events)
        return tickets
    }

    package func discardHeld(_ filter: HeldFilter, limit: Int, now: WallTime) async throws(StoreFailure) -> Int {
        try await self.change(frees: true) { context in
            let conditions = try Conditions(filter, context.database)
            let rows = try Row.fetchAll(
                context.database,
                sql: "SELECT h.key, h.route, h.window FROM held h\(conditions.sql) ORDER BY h.key LIMIT ?",
                arguments: StatementArguments(conditions.arguments + [max(0, limit).databaseValue]))
            for row in rows {
                let key = try row.integer(0)
                let route = try row.text(1)
                try context.run("DELETE FROM held WHERE key = ?", [key.databaseValue])
                if let window = row.integerIfAny(2) {
                    try context.run("DELETE FROM members WHERE window = ?", [window.databaseValue])
                    try context.run("DELETE FROM windows WHERE id = ?", [window.databaseValue])
                    continue
                }
                try Repairs.endFate(context, seq: key >> Schema.ordinalBits, route: RouteName(route))
            }
            return rows.count
        }
    }

    package func saveRevision(_ revision: StoredRevision) async throws(StoreFailure) {
        try await self.change { context in
            try context.run(
                "INSERT INTO revisions (id, git_commit, activated_at, files, checksum) VALUES (?, ?, ?, ?, ?)",
                [
                    revision.id.text.databaseValue, revision.gitCommit.stored, revision.activatedAt.stored,
                    revision.files.stored, PayloadChecksum.event(revision.files).databaseValue,
                ])
            try context.run(
                """
                DELETE FROM revisions WHERE number <= (SELECT max(number) FROM revisions) - ?
                    AND id NOT IN (SELECT revision FROM lanes)
                """,
                [Repairs.revisionsKept.databaseValue])
        }
    }

    package func lastGoodRevision() async throws(StoreFailure) -> StoredRevision? {
        try await self.newestRevision("", [])
    }

    package func revision(_ id: RevisionID) async throws(StoreFailure) -> StoredRevision? {
        try await self.newestRevision(" WHERE id = ?", [id.text])
    }

    package func revision(
        _ id: RevisionID, then: @escaping @Sendable (Result<StoredRevision?, StoreFailure>) -> Void
    ) {
        self.listReader.perform({ try Repairs.newestRevision($0, " WHERE id = ?", [id.text]) }, then: then)
    }

    private func newestRevision(_ condition: String, _ arguments: [String]) async throws(StoreFailure)
        -> StoredRevision?
    {
        try await self.listReader.value { try Repairs.newestRevision($0, condition, arguments) }
    }
}

extension WriteContext {
    /// Ends a held entry and stores what came of it; nil where it has an end already.
    func release(
        _ id: HeldID, as prepared: Prepared, now: WallTime
    ) throws -> (tickets: [DeliveryTicket], events: Int)? {
        var tree = StoredTree()
        guard let seq = try self.database.seq(of: id.event) else { return nil }
        let last = try Repairs.last(of: "held", self, seq: seq)
        try self.run("DELETE FROM held WHERE key = ?", [Schema.key(seq: seq, ordinal: id.ordinal).databaseValue])
        // Released by somebody else in the meantime: nothing is sent twice.
        guard self.database.changesCount == 1 else { return nil }
        try Repairs.setFates(self, seq: seq, prepared.fates)
        for (place, entry) in prepared.held.enumerated() {
            guard last + place + 1 <= Schema.ordinalMax else {
                throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) held entries")
            }
            try self.insert(entry, key: Schema.key(seq: seq, ordinal: UInt16(last + place + 1)), at: now)
        }
        tree.tickets = try Repairs.add(prepared.deliveries, toEvent: id.event, seq: seq, self, now: now)
        if !prepared.members.isEmpty {
            let first = try Repairs.last(of: "members", self, seq: seq) + 1
            try self.join(prepared, seq: seq, from: first, at: now, &tree)
        }
        for child in prepared.emitted { try self.store(child, at: now, &tree) }
        return (tree.tickets, prepared.eventCount - 1)
    }
}

/// Steps that repairs share.
private enum Repairs {
    /// The newest that is not damaged.
    static func newestRevision(
        _ database: Database, _ condition: String, _ arguments: [String]
    ) throws -> StoredRevision? {
        let sql = """
            SELECT id, git_commit, activated_at, files, checksum FROM revisions\(condition) ORDER BY number DESC
            """
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        while let row = try rows.next() {
            let files = row.bytes(3)
            guard row.integerIfAny(4) == PayloadChecksum.event(files) else { continue }
            return StoredRevision(
                id: RevisionID(try row.text(0)), gitCommit: row.textIfAny(1), activatedAt: try row.time(2),
                files: files)
        }
        return nil
    }

    /// Earlier configurations that stay, for looking at old events.
    static let revisionsKept = 100

    /// Keys and destinations of what matches, oldest first.
    static func choose(
        _ context: WriteContext, _ conditions: Conditions, limit: Int
    ) throws -> [(key: Int64, destination: DestinationName)] {
        let sql = """
            SELECT d.key, d.destination FROM deliveries d JOIN events e ON e.seq = d.key >> 16\(conditions.sql)
            ORDER BY d.key LIMIT ?
            """
        let arguments = StatementArguments(conditions.arguments + [max(0, limit).databaseValue])
        return try Row.fetchAll(context.database, sql: sql, arguments: arguments).map { row in
            (try row.integer(0), DestinationName(try row.text(1)))
        }
    }

    /// Deliveries after the event's last.
    static func add(
        _ deliveries: [PreparedDelivery], toEvent id: EventID, seq: Int64, _ context: WriteContext, now: WallTime
    ) throws -> [DeliveryTicket] {
        let sql = "SELECT body, checksum, payload, deliveries FROM events WHERE seq = ?"
        guard let row = try Row.fetchOne(context.database, sql: sql, arguments: StatementArguments([seq])) else {
            return []
        }
        let body = row.bytes(0)
        let sum = try row.integer(1)
        guard try row.integer(2) == 1, sum == PayloadChecksum.event(body) else {
            throw StoreFailure(.corrupt, "the payload of \(id) is damaged or has outlived its retention")
        }
        let last = try row.integer(3)
        guard Int(last) + deliveries.count <= Schema.ordinalMax else {
            throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) deliveries")
        }
        var tickets: [DeliveryTicket] = []
        for (place, delivery) in deliveries.enumerated() {
            let id = DeliveryID(event: id, ordinal: UInt16(Int(last) + place + 1))
            try context.insert(delivery, key: Schema.key(seq: seq, ordinal: id.ordinal), bodySum: sum, at: now)
            tickets.append(WriteContext.ticket(delivery, id: id, eventBody: body, at: now))
        }
        try context.run(
            "UPDATE events SET deliveries = deliveries + ? WHERE seq = ?",
            [deliveries.count.databaseValue, seq.databaseValue])
        return tickets
    }

    /// The highest ordinal of an event in a table of what hangs on events.
    static func last(of table: String, _ context: WriteContext, seq: Int64) throws -> Int {
        let range = [Schema.key(seq: seq, ordinal: 0), Schema.key(seq: seq, ordinal: .max)].map(\.databaseValue)
        let key = try Int64.fetchOne(
            context.database, sql: "SELECT max(key) FROM \(table) WHERE key BETWEEN ? AND ?",
            arguments: StatementArguments(range))
        return key.map { Int(Schema.ordinal(ofKey: $0)) } ?? 0
    }

    /// Puts fates in the places of those of the same routes.
    static func setFates(_ context: WriteContext, seq: Int64, _ new: [Fate]) throws {
        try self.change(context, seq: seq) { fates in
            // No route has looked at what was kept aside; now they do.
            new.reduce(into: fates.filter { $0.route != .none }) { changed, fate in
                if let place = changed.firstIndex(where: { $0.route == fate.route }) {
                    changed[place] = fate
                } else {
                    changed.append(fate)
                }
            }
        }
    }

    /// A route whose last held entry was discarded has dropped the event.
    static func endFate(_ context: WriteContext, seq: Int64, route: RouteName) throws {
        let count = try Int.fetchOne(
            context.database, sql: "SELECT count(*) FROM held WHERE key BETWEEN ? AND ? AND route = ?",
            arguments: StatementArguments([
                Schema.key(seq: seq, ordinal: 0).databaseValue, Schema.key(seq: seq, ordinal: .max).databaseValue,
                route.text.databaseValue,
            ]))
        guard count == 0 else { return }
        try self.change(context, seq: seq) { fates in
            fates.map { fate in
                fate.route == route && fate.kind == .held
                    ? Fate(route: route, kind: .dropped, reason: "discarded") : fate
            }
        }
    }

    private static func change(_ context: WriteContext, seq: Int64, _ edit: ([Fate]) -> [Fate]) throws {
        let sql = "SELECT fates FROM events WHERE seq = ?"
        guard let row = try Row.fetchOne(context.database, sql: sql, arguments: StatementArguments([seq])) else {
            return
        }
        let fates = edit(try FateCoding.decode(try row.text(0)))
        try context.run(
            "UPDATE events SET fates = ?, fate_bits = ? WHERE seq = ?",
            [
                String(decoding: FateCoding.encode(fates), as: UTF8.self).databaseValue,
                FateCoding.bits(fates).databaseValue,
                seq.databaseValue,
            ])
    }
}
