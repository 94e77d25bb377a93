// SPDX-License-Identifier: Apache-2.0
// Only the writer checkpoints, and only between its own transactions: SQLite up to 3.51.2 can lose a commit when one
// connection commits while another one checkpoints (sqlite.org/wal.html#walreset), and Debian's is 3.40.1.
import Foundation
import GRDB
import HookCore

extension Writer {
    /// What a checkpoint came to.
    enum Folding {
        /// The log has so many pages, and all that readers allow are in the file.
        case done(pages: Int)
        /// Somebody was in the way.
        case blocked
        /// The file could not grow.
        case full
        case failed
    }

    /// Folds the log into the file where enough has gathered, and cuts it where it has outgrown its bound.
    func checkpointIfGrown() {
        guard self.unfoldedBytes >= self.foldingBytes, self.connection != nil, self.room == .ample else { return }
        switch self.fold(.passive) {
        case .done(let pages):
            if pages * Self.pageBytes > self.options.walBytesMax { _ = self.fold(.truncate) }
        case .full: self.runShort()
        case .blocked, .failed: break
        }
    }

    /// INVARIANT: what waits in the log fits into half of the reserve. On a full disk it can therefore still be folded
    /// into the file, after which the log's own space serves settling and deleting again and again.
    var foldingBytes: Int {
        let wanted = self.options.checkpointPages * Self.pageBytes
        return self.options.reserveBytes > 0
            ? min(wanted, max(self.options.reserveBytes / 2, 16 * Self.pageBytes)) : wanted
    }

    /// Nothing has happened for a while: fold everything and cut the log, so that the next start is quick.
    func foldIfIdle() {
        // A full disk keeps its log: the space in it is what settling and deleting can write to.
        guard self.unfoldedBytes > 0, self.connection != nil else { return }
        if case .full = self.fold(self.room == .ample ? .truncate : .passive), self.room == .ample {
            self.runShort()
        }
    }

    /// Ends the connection after folding everything.
    func shutDown() {
        if self.connection != nil { _ = self.fold(.truncate) }
        self.dropConnection()
    }

    /// How long a cutting checkpoint waits for readers, in milliseconds: commits wait with it.
    private static let readersWait = 50

    func fold(_ mode: Database.CheckpointMode) -> Folding {
        guard let connection = self.connection else { return .failed }
        FaultPoint.duringCheckpoint.hit()
        do {
            let (frames, folded) = try connection.writeWithoutTransaction { database in
                if mode == .passive { return try Self.checkpoint(database, mode) }
                try database.execute(sql: "PRAGMA busy_timeout = \(Self.readersWait)")
                defer {
                    // Fails only on a closed connection, where nobody waits any more.
                    try? database.execute(sql: "PRAGMA busy_timeout = \(self.options.busyTimeout.milliseconds)")
                }
                return try Self.checkpoint(database, mode)
            }
            self.unfoldedBytes = max(frames - folded, 0) * Self.pageBytes
            return .done(pages: frames)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            // A reader is in the way; the next commit or pause tries again.
            return .blocked
        } catch {
            let failure = StoreFailure(error)
            if failure.kind == .full { return .full }
            self.signals.log(
                .error, .store, "A checkpoint failed", ("kind", failure.kind.rawValue), ("detail", failure.detail))
            // What the log holds is durable; the connection is not to be trusted any more.
            self.dropConnection()
            return .failed
        }
    }

    private static func checkpoint(
        _ database: Database, _ mode: Database.CheckpointMode
    ) throws -> (frames: Int, folded: Int) {
        let (frames, folded) = try database.checkpoint(mode)
        return (frames, folded)
    }
}
