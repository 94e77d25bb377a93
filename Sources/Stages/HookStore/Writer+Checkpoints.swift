// SPDX-License-Identifier: Apache-2.0
// Only the writer checkpoints, and only between its own transactions: SQLite up to 3.51.2 can lose a commit when one
// connection commits while another one checkpoints (sqlite.org/wal.html#walreset), and Debian's is 3.40.1.
import Foundation
import GRDB
import HookCore

extension Writer {
    /// Folds the log into the file where enough has gathered, and cuts it where it has outgrown its bound.
    func checkpointIfGrown() {
        guard self.unfoldedBytes >= self.foldingBytes, self.connection != nil else { return }
        guard let log = self.fold(.passive) else { return }
        if log.frames * Self.pageBytes > self.options.walBytesMax && !self.isFull { _ = self.fold(.truncate) }
    }

    /// INVARIANT: what waits in the log fits into half of the reserve. On a full disk it can therefore still be folded
    /// into the file, after which the log's own space serves settling and deleting again and again.
    private var foldingBytes: Int {
        let wanted = self.options.checkpointPages * Self.pageBytes
        return self.options.reserveBytes > 0
            ? min(wanted, max(self.options.reserveBytes / 2, 16 * Self.pageBytes)) : wanted
    }

    /// Nothing has happened for a while: fold everything and cut the log, so that the next start is quick.
    func foldIfIdle() {
        // A full disk keeps its log: the space in it is what settling and deleting can write to.
        guard self.unfoldedBytes > 0, !self.isFull, self.connection != nil else { return }
        _ = self.fold(.truncate)
        _ = self.reserve.restore()
    }

    /// Ends the connection after folding everything.
    func shutDown() {
        if self.connection != nil { _ = self.fold(.truncate) }
        self.dropConnection()
    }

    /// How long a cutting checkpoint waits for readers, in milliseconds: commits wait with it.
    private static let readersWait = 50

    func fold(_ mode: Database.CheckpointMode) -> (frames: Int, folded: Int)? {
        guard let connection = self.connection else { return nil }
        FaultPoint.duringCheckpoint.hit()
        self.unfoldedBytes = 0
        do {
            return try connection.writeWithoutTransaction { database in
                if mode == .passive { return try Self.checkpoint(database, mode) }
                try database.execute(sql: "PRAGMA busy_timeout = \(Self.readersWait)")
                defer {
                    // Fails only on a closed connection, where nobody waits any more.
                    try? database.execute(sql: "PRAGMA busy_timeout = \(self.options.busyTimeout.milliseconds)")
                }
                return try Self.checkpoint(database, mode)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            // A reader is in the way; the next commit or pause tries again.
            return nil
        } catch {
            let failure = StoreFailure(error)
            self.signals.log(
                .error, .store, "A checkpoint failed", ("kind", failure.kind.rawValue), ("detail", failure.detail))
            // What the log holds is durable; the connection is not to be trusted any more.
            if failure.kind != .full { self.dropConnection() }
            return nil
        }
    }

    private static func checkpoint(
        _ database: Database, _ mode: Database.CheckpointMode
    ) throws -> (frames: Int, folded: Int) {
        let (frames, folded) = try database.checkpoint(mode)
        return (frames, folded)
    }
}
