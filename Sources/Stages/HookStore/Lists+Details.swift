// SPDX-License-Identifier: Apache-2.0
import GRDB
import HookCore

extension Lists {
    /// An event's row, request and payload.
    private static let requestSQL = """
        SELECT \(Lists.eventColumns), e.method, CAST(e.path AS BLOB), CAST(e.query AS BLOB), e.content_type, e.headers, e.body, e.payload, e.checksum
        FROM events e
        """

    /// Events with their payloads, newest first, until the page or ``RecordedPage/bytesMax`` is full.
    static func recorded(
        _ database: Database, _ conditions: Conditions, _ limit: Int
    ) throws -> (page: Page<EventDetail>, damaged: [EventID]) {
        let sql = "\(Self.requestSQL)\(conditions.sql) ORDER BY e.seq DESC LIMIT \(limit + 1)"
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(conditions.arguments))
        var items: [EventDetail] = []
        var damaged: [EventID] = []
        var bytes = 0
        var last: Int64?
        while let row = try rows.next() {
            if items.count == limit || bytes >= RecordedPage.bytesMax {
                return (Page(items: items, cursor: last.map(Conditions.cursor)), damaged)
            }
            let found = try Self.detail(row, deliveries: [], held: [])
            if found.isDamaged { damaged.append(found.event.row.id) }
            bytes += found.event.body?.count ?? 0
            items.append(found.event)
            last = try row.integer(0)
        }
        return (Page(items: items, cursor: nil), damaged)
    }

    private static func detail(
        _ row: Row, deliveries: [DeliveryRow], held: [HeldRow], emitted: [EventRow] = []
    ) throws -> (event: EventDetail, isDamaged: Bool) {
        let body = row.bytes(19)
        let isKept = try row.integer(20) == 1
        let isDamaged = try isKept && row.integer(21) != PayloadChecksum.event(body)
        let detail = EventDetail(
            row: try Self.event(row), method: try row.text(14), path: try row.text(15), query: try row.text(16),
            contentType: try row.text(17), headers: HeaderBlock(stored: row.bytes(18)),
            body: isKept && !isDamaged ? body : nil, deliveries: deliveries, held: held, emitted: emitted)
        return (detail, isDamaged)
    }

    /// One event with its request and payload, without what hangs on it; nil where it is gone.
    static func request(_ database: Database, seq: Int64) throws -> EventDetail? {
        let row = try Row.fetchOne(
            database, sql: "\(Self.requestSQL) WHERE e.seq = ?", arguments: StatementArguments([seq.databaseValue]))
        return try row.map { try Self.detail($0, deliveries: [], held: []).event }
    }

    /// One event with everything that hangs on it.
    static func eventDetail(_ database: Database, _ id: EventID) throws -> (event: EventDetail, isDamaged: Bool)? {
        let sql = "\(Self.requestSQL) WHERE e.id = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: StatementArguments([id.stored])) else {
            return nil
        }
        let seq = try row.integer(0)
        let range = StatementArguments([
            Schema.key(seq: seq, ordinal: 0).databaseValue, Schema.key(seq: seq, ordinal: .max).databaseValue,
        ])
        let deliveries = try Row.fetchAll(
            database, sql: "\(Self.deliverySQL) WHERE d.key BETWEEN ? AND ? ORDER BY d.key", arguments: range)
        let held = try Row.fetchAll(
            database, sql: "\(Self.heldSQL) WHERE h.key BETWEEN ? AND ? ORDER BY h.key", arguments: range)
        let emitted = try Row.fetchAll(
            database,
            sql: """
                SELECT \(Lists.eventColumns) FROM events e WHERE e.parent = ? ORDER BY e.seq LIMIT \(EventDetail.emittedMax)
                """, arguments: StatementArguments([id.stored]))
        return try Self.detail(
            row, deliveries: try deliveries.map { try Self.delivery($0) }, held: try held.map { try Self.held($0) },
            emitted: try emitted.map { try Self.event($0) })
    }

    /// One delivery with its attempts, oldest first.
    static func deliveryDetail(
        _ database: Database, _ id: DeliveryID
    ) throws -> (delivery: DeliveryDetail, isDamaged: Bool)? {
        guard let seq = try database.seq(of: id.event) else { return nil }
        let key = StatementArguments([Schema.key(seq: seq, ordinal: id.ordinal).databaseValue])
        let sql = "\(Self.deliverySQL) WHERE d.key = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: key),
            let payload = try Row.fetchOne(database, sql: Self.payloadSQL, arguments: key)
        else { return nil }
        let kind = try payload.integer(0)
        let isKept = kind == PayloadKind.own || (kind == PayloadKind.event && payload.integerIfAny(3) == 1)
        let body = payload.bytes(kind == PayloadKind.own ? 1 : 2)
        let request = payload.textIfAny(5)
        let sum = PayloadChecksum.delivery(bodySum: PayloadChecksum.event(body), request: request)
        let isDamaged = try isKept && payload.integer(6) != sum
        let attempts = try Row.fetchAll(database, sql: Self.attemptsSQL, arguments: key).map { try Self.attempt($0) }
        let detail = DeliveryDetail(
            row: try Self.delivery(row), contentType: try payload.text(4),
            request: isDamaged ? nil : try request.map { try RequestOverrides(stored: $0) },
            body: isKept && !isDamaged ? body : nil, attempts: attempts)
        return (detail, isDamaged)
    }

    private static let payloadSQL = """
        SELECT d.payload, d.body, e.body, e.payload, d.content_type, d.request, d.checksum
        FROM deliveries d JOIN events e ON e.seq = d.key >> 16 WHERE d.key = ?
        """

    private static let attemptsSQL = """
        SELECT number, started, took, status, outcome, CAST(detail AS BLOB), response FROM attempts WHERE key = ?1
        UNION ALL
        SELECT attempts, started, took, status, outcome, CAST(detail AS BLOB), response FROM deliveries
        WHERE key = ?1 AND started IS NOT NULL
        ORDER BY 1
        """

    private static func attempt(_ row: Row) throws -> AttemptRow {
        AttemptRow(
            number: Int(try row.integer(0)), startedAt: try row.time(1), took: .microseconds(try row.integer(2)),
            status: row.integerIfAny(3).map { Int($0) }, outcome: try row.text(4), detail: row.textIfAny(5),
            response: row.bytes(6))
    }
}
