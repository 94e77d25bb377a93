// SPDX-License-Identifier: Apache-2.0
import GRDB
import HookCore

/// The statements that run for every event and attempt, prepared once for a connection.
///
/// - Isolation: the writer's thread. Dropped before the connection is closed.
final class WriterStatements {
    let begin: BoundStatement
    let commit: BoundStatement
    let event: BoundStatement
    let delivery: BoundStatement
    let held: BoundStatement
    let claim: BoundStatement
    let moveAttempt: BoundStatement
    let attempt: BoundStatement
    let lane: BoundStatement
    let window: BoundStatement
    let windowDue: BoundStatement
    let member: BoundStatement
    /// Lanes that are known to stand in their table; forgotten where a transaction is undone.
    var lanes: Set<Int64> = []

    /// - Errors: what SQLite says of the schema.
    init(_ database: Database) throws {
        let scratch = ScratchBytes()
        func prepare(_ sql: String) throws -> BoundStatement { try BoundStatement(database, sql, scratch: scratch) }
        self.begin = try prepare("BEGIN IMMEDIATE")
        self.commit = try prepare("COMMIT")
        self.event = try prepare(Self.eventSQL)
        self.delivery = try prepare(Self.deliverySQL)
        self.held = try prepare(Self.heldSQL)
        self.claim = try prepare(Self.claimSQL)
        self.moveAttempt = try prepare(Self.moveAttemptSQL)
        self.attempt = try prepare(Self.attemptSQL)
        self.lane = try prepare(Self.laneSQL)
        self.window = try prepare(Self.windowSQL)
        self.windowDue = try prepare("UPDATE windows SET due = ? WHERE id = ?")
        self.member = try prepare(Self.memberSQL)
    }

    private static let eventSQL = """
        INSERT INTO events (id, source, type, version, time, subject, sender_id, method, path, query, content_type,
            headers, body, checksum, body_bytes, fates, fate_bits, revision, deliveries, parent, hops)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Pending; what is scheduled begins when it is due.
    private static let deliverySQL = """
        INSERT INTO deliveries (key, route, destination, state, payload, content_type, request, checksum, accepted_at,
            cycle_began, due, body)
        VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)
        """

    private static let heldSQL = """
        INSERT INTO held (key, route, destination, code, script, message, place, traceback, at, is_emission, kind, part,
            due, window)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Changes no row where the key is taken at the event's time.
    private static let claimSQL = """
        INSERT INTO dedupe (source, key, event, expires) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (source, key) DO UPDATE SET event = excluded.event, expires = excluded.expires WHERE expires <= ?5
        """

    private static let laneSQL = "INSERT INTO lanes (print, route, revision) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

    /// The id of the window, and in its two lowest bits whether it is full (1) and new (2). The index over `due` is not
    /// touched where the window is there already.
    private static let windowSQL = """
        INSERT INTO windows (lane, key, opened, last, count, bytes, due) VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5)
        ON CONFLICT (lane, key) WHERE state = 0
            DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes, last = max(last, excluded.last)
        RETURNING id * 4 + (count >= ?6 OR bytes >= ?7) + (count = 1) * 2
        """

    private static let memberSQL = """
        INSERT INTO members (key, window, version, part, payload, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    private static let moveAttemptSQL = """
        INSERT OR IGNORE INTO attempts (key, number, started, took, status, outcome, detail, response)
        SELECT key, attempts, started, took, status, outcome, detail, response FROM deliveries
        WHERE key = (SELECT seq FROM events WHERE id = ?) * 65536 + ? AND state = 0 AND started IS NOT NULL
            AND attempts < ?
        """

    private static let attemptSQL = """
        UPDATE deliveries SET state = ?1, attempts = ?2, cycle_attempts = cycle_attempts + 1, due = coalesce(?3, due),
            finished_at = ?4, reason = ?5, started = ?6, took = ?7, status = ?8, outcome = ?9, detail = ?10,
            response = ?11
        WHERE key = (SELECT seq FROM events WHERE id = ?12) * 65536 + ?13 AND state = 0 AND attempts < ?2
        """
}
