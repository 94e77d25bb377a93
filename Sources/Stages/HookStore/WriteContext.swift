// SPDX-License-Identifier: Apache-2.0
// Stage 5 of 6: the statements that make events, attempts and held entries durable. Runs inside the writer's
// transaction; whatever is thrown here undoes this write, and this write only.
import Foundation
import GRDB
import HookCore

/// The open transaction of a batch.
///
/// - Isolation: the writer's thread, while the transaction lasts.
struct WriteContext {
    let database: Database

    /// Inserts an event with all that hangs on it, unless its deduplication key is taken.
    func accept(_ prepared: Prepared) throws -> Stored {
        let event = prepared.event
        guard prepared.deliveries.count <= Schema.ordinalMax, prepared.held.count <= Schema.ordinalMax else {
            throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) deliveries")
        }
        if let dedupe = prepared.dedupe, let earlier = try self.claim(dedupe, for: event) {
            return Stored(event: earlier, duplicateOf: earlier, tickets: [])
        }
        let sum = PayloadChecksum.event(event.body)
        let seq = try self.insert(event, prepared, checksum: sum)
        for (place, held) in prepared.held.enumerated() {
            try self.insert(held, key: Schema.key(seq: seq, ordinal: UInt16(place + 1)), at: event.time)
        }
        var tickets: [DeliveryTicket] = []
        tickets.reserveCapacity(prepared.deliveries.count)
        for (place, delivery) in prepared.deliveries.enumerated() {
            let id = DeliveryID(event: event.id, ordinal: UInt16(place + 1))
            let key = Schema.key(seq: seq, ordinal: id.ordinal)
            try self.insert(delivery, key: key, bodySum: sum, at: event.time)
            tickets.append(Self.ticket(delivery, id: id, eventBody: event.body, at: event.time))
        }
        return Stored(event: event.id, duplicateOf: nil, tickets: tickets)
    }

    /// Runs a cached statement; the text must be constant.
    func run(_ sql: String, _ arguments: [DatabaseValue]) throws {
        try self.database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// The row number of an event; nil where it is not stored.
    func seq(of event: EventID) throws -> Int64? {
        let statement = try self.database.cachedStatement(sql: "SELECT seq FROM events WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: StatementArguments([event.stored]))
    }

    /// Takes the key; or the event that holds it, where one does at the event's time.
    private func claim(_ dedupe: Verified.DedupeKey, for event: Event) throws -> EventID? {
        let source = event.source.text.databaseValue
        let key = dedupe.key.stored
        try self.run(
            """
            INSERT INTO dedupe (source, key, event, expires) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (source, key) DO UPDATE SET event = excluded.event, expires = excluded.expires WHERE expires <= ?5
            """,
            [source, key, event.id.stored, (event.time + dedupe.within).stored, event.time.stored])
        if self.database.changesCount > 0 { return nil }
        let statement = try self.database.cachedStatement(sql: "SELECT event FROM dedupe WHERE source = ? AND key = ?")
        return try Row.fetchOne(statement, arguments: StatementArguments([source, key]))?.eventID(0)
    }

    private func insert(_ event: Event, _ prepared: Prepared, checksum: Int64) throws -> Int64 {
        try self.run(
            """
            INSERT INTO events (id, source, type, version, time, subject, sender_id, method, path, query, content_type,
                headers, body, checksum, body_bytes, fates, fate_bits, revision, deliveries)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.id.stored, event.source.text.databaseValue, event.type.databaseValue, event.version.stored,
                event.time.stored, event.subject.stored, event.senderID.stored, event.method.databaseValue,
                event.path.databaseValue, event.query.databaseValue, event.contentType.databaseValue,
                event.headers.bytes.stored, event.body.stored, checksum.databaseValue, event.body.count.databaseValue,
                FateCoding.encode(prepared.fates).databaseValue, FateCoding.bits(prepared.fates).databaseValue,
                prepared.revision.text.databaseValue, prepared.deliveries.count.databaseValue,
            ])
        return self.database.lastInsertedRowID
    }

    private func insert(_ held: HeldEntry, key: Int64, at time: WallTime) throws {
        let failure = held.failure
        try self.run(
            """
            INSERT INTO held (key, route, destination, code, script, message, place, traceback, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key.databaseValue, held.route.text.databaseValue, (held.destination?.text).stored,
                failure.code.databaseValue, failure.script.databaseValue, failure.message.databaseValue,
                failure.place.stored, JSONValue.array(failure.traceback.map { .string($0) }).text.databaseValue,
                time.stored,
            ])
    }

    /// Inserts one delivery, pending and due at `time`.
    func insert(_ delivery: PreparedDelivery, key: Int64, bodySum: Int64, at time: WallTime) throws {
        let request = delivery.request.flatMap { $0.isEmpty ? nil : $0.stored }
        let sum = delivery.body.map(PayloadChecksum.event) ?? bodySum
        try self.run(
            """
            INSERT INTO deliveries (key, route, destination, state, payload, content_type, request, checksum, cycle_began,
                due, accepted_at, body)
            VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?8, ?8, ?9)
            """,
            [
                key.databaseValue, delivery.route.text.databaseValue, delivery.destination.text.databaseValue,
                (delivery.body == nil ? PayloadKind.event : PayloadKind.own).databaseValue,
                delivery.contentType.databaseValue, request.stored,
                PayloadChecksum.delivery(bodySum: sum, request: request).databaseValue, time.stored,
                delivery.body?.stored ?? .null,
            ])
    }

    static func ticket(_ delivery: PreparedDelivery, id: DeliveryID, eventBody: [UInt8], at time: WallTime)
        -> DeliveryTicket
    {
        DeliveryTicket(
            id: id, route: delivery.route, destination: delivery.destination, body: delivery.body ?? eventBody,
            contentType: delivery.contentType, request: delivery.request, attemptsMade: 0, attemptsInCycle: 0,
            acceptedAt: time, cycleBegan: time, dueAt: time)
    }
}

extension WriteContext {
    /// Records one attempt. A delivery that is not pending, not there, or has this attempt already is left alone.
    func settle(_ settled: Settled) throws {
        let event = settled.delivery.event.stored
        let ordinal = Int64(settled.delivery.ordinal).databaseValue
        let attempt = settled.attempt.databaseValue
        // The row keeps its last attempt; the one before moves out only when there is a second, which most never have.
        if settled.attempt > 1 {
            try self.run(
                """
                INSERT OR IGNORE INTO attempts (key, number, started, took, status, outcome, detail, response)
                SELECT key, attempts, started, took, status, outcome, detail, response FROM deliveries
                WHERE key = (SELECT seq FROM events WHERE id = ?) * 65536 + ? AND state = 0 AND started IS NOT NULL
                    AND attempts < ?
                """, [event, ordinal, attempt])
        }
        let end = settled.startedAt + settled.took
        let (state, due, reason) = Self.consequence(of: settled.disposition)
        try self.run(
            """
            UPDATE deliveries SET state = ?1, attempts = ?2, cycle_attempts = cycle_attempts + 1, due = coalesce(?3, due),
                finished_at = ?4, reason = ?5, started = ?6, took = ?7, status = ?8, outcome = ?9, detail = ?10,
                response = ?11
            WHERE key = (SELECT seq FROM events WHERE id = ?12) * 65536 + ?13 AND state = 0 AND attempts < ?2
            """,
            [
                state.number.databaseValue, attempt, due?.stored ?? .null, state == .pending ? .null : end.stored,
                reason.stored, settled.startedAt.stored, settled.took.microseconds.databaseValue, settled.status.stored,
                settled.outcome.databaseValue, settled.detail.stored,
                settled.response.isEmpty ? .null : settled.response.stored, event, ordinal,
            ])
    }

    static func consequence(
        of disposition: Settled.Disposition
    ) -> (state: DeliveryState, due: WallTime?, reason: String?) {
        switch disposition {
        case .delivered: (.delivered, nil, nil)
        case .retry(let at): (.pending, at, nil)
        case .dead(let reason): (.dead, nil, reason)
        case .dropped(let reason): (.dropped, nil, reason)
        }
    }
}

extension Duration {
    /// Whole microseconds, saturating; how durations of attempts are stored.
    var microseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds > 0 ? .max : .min }
        let (sum, tooFar) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return tooFar ? (seconds > 0 ? .max : .min) : sum
    }
}
