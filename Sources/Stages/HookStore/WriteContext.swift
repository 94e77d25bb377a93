// SPDX-License-Identifier: Apache-2.0
// Stage 5 of 6: makes events, attempts and held entries durable. Runs inside the writer's transaction; whatever is
// thrown here undoes this write, and this write only.
import Foundation
import GRDB
import HookCore

/// What came of storing a tree, so far.
struct StoredTree {
    var tickets: [DeliveryTicket] = []
    var windowsDue: WallTime?
}

/// The open transaction of a batch.
///
/// - Isolation: the writer's thread, while the transaction lasts.
struct WriteContext {
    let database: Database
    let statements: WriterStatements
    /// The disk is full: keep only what must be kept.
    var isTight = false
    /// Rows that a change which can do its work in parts may touch at once.
    var rowsMax = Int.max

    /// Inserts an event with all that hangs on it, unless its deduplication key is taken.
    func accept(_ prepared: Prepared) throws -> Stored {
        let event = prepared.event
        if let dedupe = prepared.dedupe, let earlier = try self.claim(dedupe, for: event) {
            return Stored(event: earlier, duplicateOf: earlier, tickets: [])
        }
        var tree = StoredTree()
        try self.store(prepared, at: event.time, &tree)
        return Stored(event: event.id, duplicateOf: nil, tickets: tree.tickets, windowsDue: tree.windowsDue)
    }

    /// Inserts an event with all that hangs on it, and the events that were emitted below it.
    ///
    /// - Parameter time: when its deliveries are accepted and due.
    func store(_ prepared: Prepared, at time: WallTime, _ tree: inout StoredTree) throws {
        let event = prepared.event
        guard prepared.deliveries.count <= Schema.ordinalMax, prepared.held.count <= Schema.ordinalMax else {
            throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) deliveries")
        }
        let sum = PayloadChecksum.event(event.body)
        let seq = try self.insert(event, prepared, checksum: sum)
        for (place, held) in prepared.held.enumerated() {
            try self.insert(held, key: Schema.key(seq: seq, ordinal: UInt16(place + 1)), at: time)
        }
        tree.tickets.reserveCapacity(tree.tickets.count + prepared.deliveries.count)
        for (place, delivery) in prepared.deliveries.enumerated() {
            let id = DeliveryID(event: event.id, ordinal: UInt16(place + 1))
            let key = Schema.key(seq: seq, ordinal: id.ordinal)
            try self.insert(delivery, key: key, bodySum: sum, at: time)
            tree.tickets.append(Self.ticket(delivery, id: id, eventBody: event.body, at: time))
        }
        if !prepared.members.isEmpty { try self.join(prepared, seq: seq, from: 1, at: time, &tree) }
        for child in prepared.emitted { try self.store(child, at: time, &tree) }
    }

    /// Runs a cached statement of a repair; the text must be constant, and no argument may be text from outside, which
    /// GRDB would cut at a NUL.
    func run(_ sql: String, _ arguments: [DatabaseValue]) throws {
        try self.database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// Takes the key; or the event that holds it, where one does at the event's time.
    private func claim(_ dedupe: Verified.DedupeKey, for event: Event) throws -> EventID? {
        let claim = self.statements.claim
        claim.bind(event.source.text)
        unsafe dedupe.key.withUnsafeBytes { unsafe claim.bind(copying: $0) }
        claim.bind(event.id)
        claim.bind(event.time + dedupe.within)
        claim.bind(event.time)
        try claim.run()
        if self.database.changesCount > 0 { return nil }
        let holder = try self.database.cachedStatement(sql: "SELECT event FROM dedupe WHERE source = ? AND key = ?")
        let arguments = StatementArguments([event.source.text.databaseValue, dedupe.key.stored])
        return try Row.fetchOne(holder, arguments: arguments)?.eventID(0)
    }

    private func insert(_ event: Event, _ prepared: Prepared, checksum: Int64) throws -> Int64 {
        let insert = self.statements.event
        insert.bind(event.id)
        insert.bind(event.source.text)
        insert.bind(event.type)
        insert.bind(event.version.map { Int64($0) })
        insert.bind(event.time)
        insert.bind(event.subject)
        insert.bind(event.senderID)
        insert.bind(event.method)
        insert.bind(event.path)
        insert.bind(event.query)
        insert.bind(event.contentType)
        try unsafe event.headers.bytes.withUnsafeBytes { headers in
            try unsafe event.body.withUnsafeBytes { body in
                unsafe insert.bind(inPlace: headers)
                unsafe insert.bind(inPlace: body)
                insert.bind(checksum)
                insert.bind(Int64(body.count))
                insert.bind(utf8: FateCoding.encode(prepared.fates))
                insert.bind(FateCoding.bits(prepared.fates))
                insert.bind(prepared.revision.text)
                insert.bind(Int64(prepared.deliveries.count))
                if let lineage = event.lineage { insert.bind(lineage.parent) } else { insert.bindNull() }
                insert.bind(event.lineage.map { Int64($0.isWindow ? -$0.hops : $0.hops) })
                try insert.run()
            }
        }
        return self.database.lastInsertedRowID
    }

    func insert(_ held: HeldEntry, key: Int64, at time: WallTime, window: WindowID? = nil) throws {
        let failure = held.failure
        let insert = self.statements.held
        insert.bind(key)
        insert.bind(held.route.text)
        insert.bind(held.destination?.text)
        insert.bind(failure.code)
        insert.bind(failure.script)
        insert.bind(failure.message)
        insert.bind(failure.place)
        insert.bind(JSONValue.array(failure.traceback.map { .string($0) }).text)
        insert.bind(time)
        insert.bind(held.isEmission ? Int64(1) : 0)
        insert.bind(Int64(held.kind.rawValue))
        insert.bind(held.part.map { Int64($0) })
        insert.bind(held.kind == .awaitingLookup ? time.milliseconds : nil)
        insert.bind(window?.number)
        try insert.run()
    }

    /// Inserts one delivery, pending, accepted at `time`.
    func insert(_ delivery: PreparedDelivery, key: Int64, bodySum: Int64, at time: WallTime) throws {
        let request = delivery.request.flatMap { $0.isEmpty ? nil : $0.stored }
        let sum = delivery.body.map(PayloadChecksum.event) ?? bodySum
        let insert = self.statements.delivery
        insert.bind(key)
        insert.bind(delivery.route.text)
        insert.bind(delivery.destination.text)
        insert.bind(delivery.body == nil ? PayloadKind.event : PayloadKind.own)
        insert.bind(delivery.contentType)
        insert.bind(request)
        insert.bind(PayloadChecksum.delivery(bodySum: sum, request: request))
        insert.bind(time)
        insert.bind(delivery.begins(at: time))
        try unsafe (delivery.body ?? []).withUnsafeBytes { body in
            unsafe insert.bind(inPlace: body)
            try insert.run()
        }
    }

    static func ticket(_ delivery: PreparedDelivery, id: DeliveryID, eventBody: [UInt8], at time: WallTime)
        -> DeliveryTicket
    {
        DeliveryTicket(fresh: delivery, id: id, eventBody: eventBody, at: time)
    }
}

extension WriteContext {
    /// Records one attempt. A delivery that is not pending, not there, or has this attempt already is left alone.
    func settle(_ settled: Settled) throws {
        // The row keeps its last attempt; the one before moves out only when there is a second, which most never have.
        // On a full disk the earlier ones are let go: each would be a new row.
        if settled.attempt > 1 && !self.isTight { try self.moveAttempt(before: settled) }
        let (state, due, reason) = Self.consequence(of: settled.disposition)
        let update = self.statements.attempt
        update.bind(state.number)
        update.bind(Int64(settled.attempt))
        update.bind(due?.milliseconds)
        update.bind(state == .pending ? nil : (settled.startedAt + settled.took).milliseconds)
        update.bind(reason)
        update.bind(settled.startedAt)
        update.bind(settled.took.microseconds)
        update.bind(settled.status.map { Int64($0) })
        update.bind(settled.outcome)
        update.bind(self.isTight ? nil : settled.detail)
        try unsafe settled.response.withUnsafeBytes { response in
            if self.isTight { update.bindNull() } else { unsafe update.bind(inPlace: response) }
            update.bind(settled.delivery.event)
            update.bind(Int64(settled.delivery.ordinal))
            try update.run()
        }
    }

    private func moveAttempt(before settled: Settled) throws {
        let move = self.statements.moveAttempt
        move.bind(settled.delivery.event)
        move.bind(Int64(settled.delivery.ordinal))
        move.bind(Int64(settled.attempt))
        try move.run()
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

extension Database {
    /// The row number of an event; nil where it is not stored.
    func seq(of event: EventID) throws -> Int64? {
        let statement = try self.cachedStatement(sql: "SELECT seq FROM events WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: StatementArguments([event.stored]))
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
