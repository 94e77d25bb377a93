// SPDX-License-Identifier: Apache-2.0
// Windows: which are due, their members, their ends; lists for people.
import Foundation
import GRDB
package import HookCore

extension SQLiteStore {
    package func declare(_ lanes: [WindowLane], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void) {
        self.offer(then) { context in
            // A lane without a window says nothing any more, and its revision need not be kept for it.
            try context.run(
                "DELETE FROM lanes WHERE NOT EXISTS (SELECT 1 FROM windows WHERE windows.lane = lanes.print)", [])
            context.statements.lanes = []
            try context.run("UPDATE lanes SET is_stale = 1", [])
            for lane in lanes {
                try context.run(
                    """
                    INSERT INTO lanes (print, route, revision) VALUES (?, ?, ?)
                    ON CONFLICT (print) DO UPDATE SET revision = excluded.revision, is_stale = 0
                    """, [lane.print.databaseValue, lane.route.text.databaseValue, lane.revision.text.databaseValue])
            }
        }
    }

    package func dueWindows(
        dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<(windows: [WindowRow], nextDue: WallTime?), StoreFailure>) -> Void
    ) {
        self.dueReader.perform(
            { database in
                let limit = max(1, limit)
                let stale = try Row.fetchAll(
                    database, sql: Windows.staleSQL, arguments: StatementArguments([(limit + 1) / 2]))
                let due = try database.cachedStatement(sql: Windows.dueSQL)
                let rows = try Row.fetchAll(
                    due, arguments: StatementArguments([dueBy.stored, (limit - stale.count).databaseValue]))
                var found: [WindowRow] = []
                var seen: Set<WindowID> = []
                for row in stale + rows {
                    let window = try Windows.row(row, isStale: found.count < stale.count)
                    if seen.insert(window.id).inserted { found.append(window) }
                }
                let next = try database.cachedStatement(sql: Windows.nextSQL)
                let nextRow = try Row.fetchOne(next, arguments: StatementArguments([dueBy.stored]))
                return (windows: found, nextDue: nextRow?.timeIfAny(0))
            }, then: then)
    }

    package func members(
        of window: WindowID, after: Int64, count: Int, bytes: Int,
        then: @escaping @Sendable (Result<[MemberRow], StoreFailure>) -> Void
    ) {
        self.dueReader.perform(
            { database in
                let statement = try database.cachedStatement(sql: Windows.membersSQL)
                let rows = try Row.fetchCursor(
                    statement, arguments: StatementArguments([window.number, after, Int64(max(1, count))]))
                var found: [MemberRow] = []
                var total = 0
                while let row = try rows.next() {
                    let member = try Windows.member(row)
                    found.append(member)
                    total += member.bytes
                    if total >= bytes { break }
                }
                return found
            }, then: then)
    }

    package func end(
        _ windows: [WindowEnd], now: WallTime,
        then: @escaping @Sendable (Result<(tickets: [DeliveryTicket], windowsDue: WallTime?), StoreFailure>) -> Void
    ) {
        let write = Write.change(
            apply: { [eventCount] context in
                FaultPoint.beforeWindowEnd.hit()
                let (tree, events) = try context.end(windows, now: now)
                return {
                    eventCount.add(events)
                    FaultPoint.afterWindowEnd.hit()
                    then(.success((tickets: tree.tickets, windowsDue: tree.windowsDue)))
                }
            },
            fail: { then(.failure($0)) }, frees: false)
        if let refusal = self.writes.offer(write) { then(.failure(refusal)) }
    }

    package func windows(_ filter: WindowFilter, page: PageRequest) async throws(StoreFailure) -> Page<WindowRow> {
        try await self.listReader.value { database in
            var conditions = Conditions(filter)
            if let cursor = page.cursor {
                // A cursor that is not ours matches nothing.
                conditions.require("w.id > ?", (Int64(cursor, radix: 36) ?? .max).databaseValue)
            }
            let sql = "\(Windows.rowSQL)\(conditions.sql) ORDER BY w.id LIMIT \(page.limit + 1)"
            return try Lists.page(database, sql, conditions, page.limit) { try Windows.row($0, isStale: false) }
        }
    }

    package func requestClose(_ filter: WindowFilter, limit: Int) async throws(StoreFailure) -> Int {
        var asked = filter
        asked.state = .open
        let filter = asked
        return try await self.change { context in
            var conditions = Conditions(filter)
            conditions.require("w.forced IS NULL")
            let sql = """
                SELECT w.id FROM windows w JOIN lanes l ON l.print = w.lane\(conditions.sql) ORDER BY w.id LIMIT ?
                """
            let ids = try Int64.fetchAll(
                context.database, sql: sql,
                arguments: StatementArguments(conditions.arguments + [max(0, limit).databaseValue]))
            for id in ids {
                try context.run(
                    "UPDATE windows SET forced = ?, due = 0 WHERE id = ?",
                    [WindowReason.requested.rawValue.databaseValue, id.databaseValue])
            }
            return ids.count
        }
    }

    package func windowCounts() async throws(StoreFailure) -> (routes: [WindowCount], oldest: WallTime?) {
        try await self.listReader.value { database in
            let rows = try Row.fetchAll(database, sql: Windows.countsSQL)
            var counts: [RouteName: Int] = [:]
            for row in rows { counts[RouteName(try row.text(0)), default: 0] += Int(try row.integer(1)) }
            let oldest = try Row.fetchOne(database, sql: Windows.oldestSQL)?.timeIfAny(0)
            let routes = counts.sorted { $0.key < $1.key }.map { WindowCount(route: $0.key, open: $0.value) }
            return (routes: routes, oldest: oldest)
        }
    }

    private func offer(
        _ then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void,
        _ body: @escaping @Sendable (WriteContext) throws -> Void
    ) {
        let write = Write.change(
            apply: { context in
                try body(context)
                return { then(.success(())) }
            },
            fail: { then(.failure($0)) }, frees: false)
        if let refusal = self.writes.offer(write) { then(.failure(refusal)) }
    }
}

extension Conditions {
    init(_ filter: WindowFilter) {
        self.init()
        if !filter.ids.isEmpty { self.require("w.id", in: filter.ids.map(\.number)) }
        if let route = filter.route { self.require("l.route", is: route.text) }
        if let key = filter.key { self.require("w.key = ?", key.stored) }
        // In the text, so that SQLite sees that a partial index serves.
        if let state = filter.state { self.require("w.state = \(state.rawValue)") }
    }
}

/// Queries and rows of windows.
private enum Windows {
    static let rowSQL = """
        SELECT w.id, l.route, w.lane, l.revision, w.key, w.opened, w.last, w.count, w.bytes, w.due, w.state, w.forced
        FROM windows w JOIN lanes l ON l.print = w.lane
        """

    /// Open windows of lanes that may not go on.
    static let staleSQL = """
        SELECT w.id, l.route, w.lane, l.revision, w.key, w.opened, w.last, w.count, w.bytes, w.due, w.state, w.forced
        FROM lanes l CROSS JOIN windows w ON w.lane = l.print AND w.state = 0 WHERE l.is_stale = 1 LIMIT ?
        """

    static let dueSQL = "\(Windows.rowSQL) WHERE w.state = 0 AND w.due <= ? ORDER BY w.due, w.id LIMIT ?"

    static let nextSQL = "SELECT due FROM windows WHERE state = 0 AND due > ? ORDER BY due LIMIT 1"

    static let membersSQL = """
        SELECT m.key, e.id, e.source, CAST(e.type AS BLOB), m.version, e.time, CAST(e.subject AS BLOB),
            CAST(e.sender_id AS BLOB), e.method, CAST(e.path AS BLOB), e.content_type, e.headers, e.parent, e.hops, m.part,
            m.payload, m.body, e.body, m.bytes
        FROM members m JOIN events e ON e.seq = m.key >> 16 WHERE m.window = ? AND m.key > ? ORDER BY m.key LIMIT ?
        """

    /// Answered by the index of open windows alone.
    static let countsSQL = """
        SELECT l.route, c.number FROM (SELECT lane, count(*) AS number FROM windows WHERE state = 0 GROUP BY lane) c
        JOIN lanes l ON l.print = c.lane
        """

    static let oldestSQL = "SELECT opened FROM windows WHERE state = 0 ORDER BY id LIMIT 1"

    static func row(_ row: Row, isStale: Bool) throws -> WindowRow {
        WindowRow(
            id: WindowID(try row.integer(0)), route: RouteName(try row.text(1)), print: try row.integer(2),
            revision: RevisionID(try row.text(3)), key: row.bytes(4), openedAt: try row.time(5),
            lastAt: try row.time(6),
            count: Int(try row.integer(7)), bytes: Int(try row.integer(8)), dueAt: try row.time(9),
            state: WindowRow.State(rawValue: Int(try row.integer(10))) ?? .held,
            forced: row.textIfAny(11).flatMap { WindowReason(rawValue: $0) } ?? (isStale ? .reconfigured : nil))
    }

    static func member(_ row: Row) throws -> MemberRow {
        let event = Event(
            id: try row.eventID(1), source: SourceName(try row.text(2)), type: try row.text(3),
            version: row.integerIfAny(4).map { Int($0) }, time: try row.time(5), subject: row.textIfAny(6),
            senderID: row.textIfAny(7), method: try row.text(8), path: try row.text(9),
            headers: HeaderBlock(stored: row.bytes(11)), contentType: try row.text(10), body: [], data: nil,
            lineage: try Lists.lineage(row, parent: 12, hops: 13))
        let payload: [UInt8]? =
            switch try row.integer(15) {
            case MemberPayload.event: row.bytes(17)
            case MemberPayload.own: row.bytes(16)
            default: nil
            }
        return MemberRow(
            key: try row.integer(0), event: event, part: row.integerIfAny(14).map { Int($0) }, payload: payload,
            bytes: Int(try row.integer(18)))
    }
}
