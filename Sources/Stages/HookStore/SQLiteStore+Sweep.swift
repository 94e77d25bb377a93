// SPDX-License-Identifier: Apache-2.0
// Three lifetimes: payloads, rows, deduplication keys. What is pending or held outlives all of them.
import Foundation
import GRDB
package import HookCore
import Synchronization

/// How far the passes over the events have come. In memory: after a start they begin again.
struct SweepProgress: Sendable {
    /// Last event row that the running payload pass looked at.
    var payloadAt: Int64 = 0
    /// The payload pass begins after this row: everything up to it has no payload any more.
    var payloadFloor: Int64 = 0
    /// Whether the running payload pass has left something behind.
    var hasLeftPayload = false
    /// Last event row that the running row pass looked at.
    var rowsAt: Int64 = 0
    /// A pass that has ended waits for the other one, or the two would keep each other going for ever.
    var hasEndedPayloads = false
    var hasEndedRows = false
}

extension SQLiteStore {
    package func sweep(
        _ retention: ServerSpec.Retention, now: WallTime, limit: Int
    ) async throws(StoreFailure) -> Bool {
        let limit = max(1, limit)
        let before = self.sweepProgress.withLock { $0 }
        let (after, hasMore, deleted) = try await self.change(frees: true) { context in
            var progress = before
            let limit = min(limit, context.rowsMax)
            let keys = try Sweep.dedupe(context, now: now, limit: limit)
            var deleted = 0
            if !progress.hasEndedRows {
                deleted = try Sweep.rows(context, olderThan: now.before(retention.event), limit: limit, &progress)
            }
            if !progress.hasEndedPayloads {
                try Sweep.payloads(context, olderThan: now.before(retention.payload), limit: limit, &progress)
            }
            let hasEnded = progress.hasEndedRows && progress.hasEndedPayloads
            if hasEnded { (progress.hasEndedRows, progress.hasEndedPayloads) = (false, false) }
            return (progress, keys || !hasEnded, deleted)
        }
        self.eventCount.add(-deleted)
        self.sweepProgress.withLock { $0 = after }
        return hasMore
    }
}

extension WallTime {
    /// This much earlier, saturating.
    fileprivate func before(_ duration: Duration) -> WallTime {
        let (time, overflow) = self.milliseconds.subtractingReportingOverflow(duration.milliseconds)
        return WallTime(milliseconds: overflow ? .min : time)
    }
}

/// Each pass looks at no more than `limit` rows at a time.
private enum Sweep {
    /// Forgets keys whose window is over; whether there may be more.
    static func dedupe(_ context: WriteContext, now: WallTime, limit: Int) throws -> Bool {
        let rows = try Row.fetchAll(
            context.database, sql: "SELECT source, key FROM dedupe WHERE expires <= ? ORDER BY expires LIMIT ?",
            arguments: StatementArguments([now.stored, limit.databaseValue]))
        for row in rows { try context.run("DELETE FROM dedupe WHERE source = ? AND key = ?", [row[0], row[1]]) }
        return rows.count == limit
    }

    /// Deletes events that ended before the cutoff, with all that hangs on them; their number.
    static func rows(
        _ context: WriteContext, olderThan cutoff: WallTime, limit: Int, _ progress: inout SweepProgress
    ) throws -> Int {
        var deleted = 0
        let sql = "SELECT seq, time FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        let old = try self.old(context, sql, after: progress.rowsAt, cutoff, limit)
        for seq in old where try self.isFinished(context, seq, before: cutoff) {
            let range = self.range(seq)
            try context.run("DELETE FROM attempts WHERE key BETWEEN ? AND ?", range)
            try context.run("DELETE FROM deliveries WHERE key BETWEEN ? AND ?", range)
            try context.run("DELETE FROM events WHERE seq = ?", [seq.databaseValue])
            deleted += 1
        }
        progress.hasEndedRows = old.count < limit
        progress.rowsAt = progress.hasEndedRows ? 0 : old.last ?? 0
        return deleted
    }

    /// Empties the payloads of events that ended before the cutoff, and of their deliveries and answers.
    static func payloads(
        _ context: WriteContext, olderThan cutoff: WallTime, limit: Int, _ progress: inout SweepProgress
    ) throws {
        let sql = "SELECT seq, time FROM events WHERE seq > ? AND payload = 1 ORDER BY seq LIMIT ?"
        let old = try self.old(context, sql, after: max(progress.payloadAt, progress.payloadFloor), cutoff, limit)
        for seq in old {
            guard try self.isFinished(context, seq, before: cutoff) else {
                progress.hasLeftPayload = true
                continue
            }
            let range = self.range(seq)
            try context.run("UPDATE attempts SET response = NULL WHERE key BETWEEN ? AND ?", range)
            try context.run(
                "UPDATE deliveries SET body = NULL, request = NULL, response = NULL, payload = 2 WHERE key BETWEEN ? AND ?",
                range)
            try context.run(
                "UPDATE events SET body = NULL, headers = NULL, payload = 0 WHERE seq = ?", [seq.databaseValue])
            if !progress.hasLeftPayload { progress.payloadFloor = seq }
        }
        progress.hasEndedPayloads = old.count < limit
        progress.payloadAt = progress.hasEndedPayloads ? 0 : old.last ?? 0
        if progress.hasEndedPayloads { progress.hasLeftPayload = false }
    }

    /// Rows from a place on, up to the first that is young enough: time follows order of acceptance but for moments.
    private static func old(
        _ context: WriteContext, _ sql: String, after place: Int64, _ cutoff: WallTime, _ limit: Int
    ) throws -> [Int64] {
        let statement = try context.database.cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(
            statement, arguments: StatementArguments([place.databaseValue, limit.databaseValue]))
        var old: [Int64] = []
        while let row = try rows.next(), try row.time(1) <= cutoff { old.append(try row.integer(0)) }
        return old
    }

    private static func isFinished(_ context: WriteContext, _ seq: Int64, before cutoff: WallTime) throws -> Bool {
        let sql = """
            SELECT EXISTS (SELECT 1 FROM deliveries WHERE key BETWEEN ?1 AND ?2 AND (state = 0 OR finished_at > ?3))
                OR EXISTS (SELECT 1 FROM held WHERE key BETWEEN ?1 AND ?2)
                OR EXISTS (SELECT 1 FROM members WHERE key BETWEEN ?1 AND ?2)
            """
        let statement = try context.database.cachedStatement(sql: sql)
        let isOpen = try Bool.fetchOne(statement, arguments: StatementArguments(self.range(seq) + [cutoff.stored]))
        return isOpen == false
    }

    private static func range(_ seq: Int64) -> [DatabaseValue] {
        [Schema.key(seq: seq, ordinal: 0).databaseValue, Schema.key(seq: seq, ordinal: .max).databaseValue]
    }
}
