// SPDX-License-Identifier: Apache-2.0
// Looking at what happened: lists and single rows for people and the API, from the list reader. Newest first.
import Foundation
import GRDB
package import HookCore

extension SQLiteStore {
    package func events(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventRow> {
        try await self.listReader.value { database in
            var conditions = Conditions(filter)
            conditions.require("e.seq", before: page.cursor)
            let sql =
                "SELECT \(Lists.eventColumns) FROM events e\(conditions.sql) ORDER BY e.seq DESC LIMIT \(page.limit + 1)"
            return try Lists.page(database, sql, conditions, page.limit) { try Lists.event($0) }
        }
    }

    package func event(_ id: EventID) async throws(StoreFailure) -> EventDetail? {
        let signals = self.signals
        return try await self.listReader.value { database in
            guard let detail = try Lists.eventDetail(database, id) else { return nil }
            if detail.isDamaged {
                signals.log(.error, .store, "A stored payload is damaged; it is not shown", ("event", id.description))
            }
            return detail.event
        }
    }

    package func recorded(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventDetail> {
        let signals = self.signals
        return try await self.listReader.value { database in
            var conditions = Conditions(filter)
            conditions.require("e.seq", before: page.cursor)
            let found = try Lists.recorded(database, conditions, page.limit)
            for id in found.damaged {
                signals.log(.error, .store, "A stored payload is damaged; it is not shown", ("event", id.description))
            }
            return found.page
        }
    }

    package func deliveries(_ filter: DeliveryFilter, page: PageRequest) async throws(StoreFailure) -> Page<DeliveryRow>
    {
        try await self.listReader.value { database in
            var conditions = try Conditions(filter, database)
            conditions.require("d.key", before: page.cursor)
            let sql = "\(Lists.deliverySQL)\(conditions.sql) ORDER BY d.key DESC LIMIT \(page.limit + 1)"
            return try Lists.page(database, sql, conditions, page.limit) { try Lists.delivery($0) }
        }
    }

    package func delivery(_ id: DeliveryID) async throws(StoreFailure) -> DeliveryDetail? {
        let signals = self.signals
        return try await self.listReader.value { database in
            guard let detail = try Lists.deliveryDetail(database, id) else { return nil }
            if detail.isDamaged {
                signals.log(
                    .error, .store, "A stored payload is damaged; it is not shown", ("delivery", id.description))
            }
            return detail.delivery
        }
    }

    package func held(_ filter: HeldFilter, page: PageRequest) async throws(StoreFailure) -> Page<HeldRow> {
        try await self.listReader.value { database in
            var conditions = try Conditions(filter, database)
            conditions.require("h.key", before: page.cursor)
            let sql = "\(Lists.heldSQL)\(conditions.sql) ORDER BY h.key DESC LIMIT \(page.limit + 1)"
            return try Lists.page(database, sql, conditions, page.limit) { try Lists.held($0) }
        }
    }

    package func heldEntry(_ id: HeldID) async throws(StoreFailure) -> HeldRow? {
        var filter = HeldFilter()
        filter.ids = [id]
        return try await self.held(filter, page: PageRequest(limit: 1)).items.first
    }

    package func status() async throws(StoreFailure) -> StoreStatus {
        let path = self.path
        let events = self.eventCount.current
        let now = self.environment.wall()
        return try await self.listReader.value { database in
            let held = try Int.fetchOne(database, sql: "SELECT count(*) FROM held") ?? 0
            let counts = try Row.fetchAll(database, sql: Lists.countsSQL).map { row in
                guard let state = DeliveryState(number: try row.integer(1)) else {
                    throw StoreFailure(.corrupt, "a delivery has an unknown state")
                }
                return StoreStatus.Count(
                    destination: DestinationName(try row.text(0)), state: state, reason: row.textIfAny(2),
                    count: Int(try row.integer(3)))
            }
            let moment = StatementArguments([now.stored])
            let oldest = try Row.fetchOne(database, sql: Lists.oldestSQL, arguments: moment)?.timeIfAny(0)
            let scheduled = try Row.fetchAll(database, sql: Lists.scheduledSQL, arguments: moment).map { row in
                (DestinationName(try row.text(0)), Int(try row.integer(1)))
            }
            // A file that cannot be looked at counts as empty: the size is for people, and the log may not be there.
            let bytes = [path, path + "-wal"].reduce(0) { $0 + ((try? FileSystem.size(of: $1)) ?? 0) }
            return StoreStatus(
                events: events, deliveries: counts, held: held, bytes: bytes, oldestPending: oldest,
                scheduled: Dictionary(scheduled, uniquingKeysWith: +))
        }
    }
}

/// Queries and rows of lists.
enum Lists {
    static let eventColumns = """
        e.seq, e.id, e.source, CAST(e.type AS BLOB), e.version, e.time, CAST(e.subject AS BLOB),
        CAST(e.sender_id AS BLOB), e.revision, e.fates, e.deliveries, e.body_bytes, e.parent, e.hops
        """

    static let deliverySQL = """
        SELECT d.key, e.id, d.route, d.destination, d.state, d.attempts, d.status, d.outcome, d.reason, d.accepted_at,
            d.due, d.finished_at
        FROM deliveries d JOIN events e ON e.seq = d.key >> 16
        """

    static let heldSQL = """
        SELECT h.key, e.id, h.route, h.destination, h.code, h.script, CAST(h.message AS BLOB), h.place, h.traceback, h.at,
            h.is_emission, h.kind, h.part, h.window
        FROM held h JOIN events e ON e.seq = h.key >> 16
        """

    /// Both halves are answered by their partial index.
    static let countsSQL = """
        SELECT destination, 0, NULL, count(*) FROM deliveries WHERE state = 0 GROUP BY destination
        UNION ALL
        SELECT destination, 2, reason, count(*) FROM deliveries WHERE state = 2 GROUP BY destination, reason
        """

    static let oldestSQL = """
        SELECT accepted_at FROM deliveries
        WHERE key = (
            SELECT min(key) FROM deliveries INDEXED BY deliveries_pending WHERE state = 0 AND key NOT IN (
                SELECT key FROM deliveries INDEXED BY deliveries_scheduled
                WHERE state = 0 AND attempts = 0 AND due > accepted_at AND due > ?))
        """

    static let scheduledSQL = """
        SELECT destination, count(*) FROM deliveries INDEXED BY deliveries_scheduled
        WHERE state = 0 AND attempts = 0 AND due > accepted_at AND due > ? GROUP BY destination
        """

    /// Reads one row more than asked to know whether there is another page. Column 0 is the key.
    static func page<Item: Sendable>(
        _ database: Database, _ sql: String, _ conditions: Conditions, _ limit: Int, _ item: (Row) throws -> Item
    ) throws -> Page<Item> {
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(conditions.arguments))
        var items: [Item] = []
        var last: Int64?
        while let row = try rows.next() {
            if items.count == limit { return Page(items: items, cursor: last.map(Conditions.cursor)) }
            items.append(try item(row))
            last = try row.integer(0)
        }
        return Page(items: items, cursor: nil)
    }

    static func event(_ row: Row) throws -> EventRow {
        EventRow(
            id: try row.eventID(1), source: SourceName(try row.text(2)), type: try row.text(3),
            version: row.integerIfAny(4).map { Int($0) }, time: try row.time(5), subject: row.textIfAny(6),
            senderID: row.textIfAny(7), revision: RevisionID(try row.text(8)),
            fates: try FateCoding.decode(row.text(9)),
            deliveries: Int(try row.integer(10)), bodyBytes: Int(try row.integer(11)),
            lineage: try Self.lineage(row, parent: 12, hops: 13))
    }

    static func lineage(_ row: Row, parent: Int, hops: Int) throws -> Event.Lineage? {
        guard let number = row.integerIfAny(hops) else { return nil }
        return Event.Lineage(
            parent: try row.eventID(parent), hops: Int(clamping: number.magnitude), isWindow: number < 0)
    }

    static func delivery(_ row: Row) throws -> DeliveryRow {
        let key = try row.integer(0)
        guard let state = DeliveryState(number: try row.integer(4)) else {
            throw StoreFailure(.corrupt, "a delivery has an unknown state")
        }
        return DeliveryRow(
            id: DeliveryID(event: try row.eventID(1), ordinal: Schema.ordinal(ofKey: key)),
            route: RouteName(try row.text(2)), destination: DestinationName(try row.text(3)), state: state,
            attempts: Int(try row.integer(5)), status: row.integerIfAny(6).map { Int($0) }, outcome: row.textIfAny(7),
            reason: row.textIfAny(8), acceptedAt: try row.time(9), dueAt: state == .pending ? try row.time(10) : nil,
            finishedAt: row.timeIfAny(11))
    }

    static func held(_ row: Row) throws -> HeldRow {
        // Frames that cannot be read are left out; the failure itself stays visible.
        let frames = (try? JSONValue(parsing: Array(row.text(8).utf8)))?.arrayValue ?? []
        let failure = ScriptFailure(
            code: try row.text(4), script: try row.text(5), message: try row.text(6), place: row.textIfAny(7),
            traceback: frames.compactMap(\.stringValue))
        return HeldRow(
            id: HeldID(event: try row.eventID(1), ordinal: Schema.ordinal(ofKey: try row.integer(0))),
            route: RouteName(try row.text(2)), destination: row.textIfAny(3).map { DestinationName($0) },
            isEmission: row.integerIfAny(10) == 1, window: row.integerIfAny(13).map { WindowID($0) }, failure: failure,
            at: try row.time(9), kind: HeldEntry.Kind(rawValue: Int(try row.integer(11))) ?? .failed,
            part: row.integerIfAny(12).map { Int($0) })
    }
}
