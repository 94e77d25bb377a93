// SPDX-License-Identifier: Apache-2.0
// The thread that owns the writing connection. A batch is everything that waits when the last commit ends; there is no
// timer, because a commit under way is the timer.
import Foundation
import GRDB
import HookCore

/// Takes batches, commits them, tells their owners, and folds the log into the file.
///
/// - Isolation: everything after `init` runs on the writer's thread.
final class Writer {
    let path: String
    let options: SQLiteStoreOptions
    let environment: Environment
    let signals: Signals
    let condition: StoreCondition
    private let eventCount: EventCount
    private let queue: WriteQueue
    private let commitSeconds: Histogram
    private let batchSize: Histogram
    /// Nil after an error of the disk, until it is opened again: a connection that saw a failed fsync is not trusted,
    /// and the fsync is never repeated as if it could still succeed (USENIX ATC 2020, "Can Applications Recover from
    /// fsync Failures?").
    var connection: DatabaseQueue?
    /// Of the connection; prepared before its first commit.
    private var statements: WriterStatements?
    var reserve: DiskReserve
    var room = Room.ample
    var reviewedRoomAt: Duration?
    /// Rows that a change which can do its work in parts may touch at once.
    var rowsMax = Int.max
    /// Estimate of the bytes in the log since the last checkpoint.
    var unfoldedBytes = 0

    init(
        path: String, connection: DatabaseQueue, queue: WriteQueue, condition: StoreCondition,
        eventCount: EventCount, options: SQLiteStoreOptions, environment: Environment, signals: Signals
    ) {
        self.path = path
        self.connection = connection
        self.queue = queue
        self.condition = condition
        self.eventCount = eventCount
        self.options = options
        self.environment = environment
        self.signals = signals
        self.commitSeconds = signals.histogram(.storeCommit)
        self.batchSize = signals.histogram(.storeBatch)
        self.reserve = DiskReserve(storePath: path, bytes: options.reserveBytes)
    }

    /// Works until the queue is closed and empty, then closes the connection.
    func run() {
        if !self.reserve.restore() { self.beginScarcity() }
        while true {
            switch self.queue.take(waitingAtMost: self.longestWait) {
            case .writes(let writes, let bytes):
                self.process(writes, bytes: bytes)
                self.checkpointIfGrown()
            case .idle:
                self.foldIfIdle()
                self.reviewRoom()
            case .closed:
                self.shutDown()
                return
            }
        }
    }

    /// Nobody else would notice that there is room again, or that the log waits to be folded.
    private var longestWait: Duration {
        if self.room != .ample { return Self.roomInterval }
        return self.unfoldedBytes > 0 ? self.options.idleCheckpoint : .seconds(60)
    }

    private func process(_ writes: [Write], bytes: Int) {
        self.reviewRoom()
        guard self.room == .ample else { return self.processInPieces(writes) }
        let began = self.environment.now()
        do {
            let outcomes = try self.commit(writes)
            self.commitSeconds.observe((self.environment.now() - began).inSeconds)
            self.batchSize.observe(Double(writes.count))
            self.unfoldedBytes += bytes + Self.commitBytes + writes.count(where: \.isChange) * Self.changeBytes
            self.condition.clear()
            self.tell(writes, outcomes)
        } catch {
            self.giveUp(writes, because: StoreFailure(error))
        }
    }

    /// What a commit costs in the log besides: a page of each tree that it touches.
    private static let commitBytes = 4 * Writer.pageBytes
    /// What a change costs in the log, guessed: a revision with its files, or some hundred rows in the same pages.
    private static let changeBytes = 16 * Writer.pageBytes

    func commit(_ writes: [Write]) throws -> [WriteOutcome] {
        let connection = try self.usableConnection()
        return try connection.writeWithoutTransaction { database in
            let statements = try self.statements ?? WriterStatements(database)
            self.statements = statements
            let context = WriteContext(
                database: database, statements: statements, isTight: self.room == .scarce,
                rowsMax: self.rowsMax)
            do {
                return try Transaction.commit(writes, in: context, isolated: false)
            } catch  where StoreFailure.isOwnFault(error) {
                // One write is wrong in itself. Repeat with a savepoint around each, so that only that one fails.
                return try Transaction.commit(writes, in: context, isolated: true)
            }
        }
    }

    /// Counts what was committed and tells the owners.
    func tell(_ writes: [Write], _ outcomes: [WriteOutcome]) {
        var events = 0
        for (write, outcome) in zip(writes, outcomes) { events += outcome.newEvents(of: write) }
        self.eventCount.add(events)
        for (write, outcome) in zip(writes, outcomes) { outcome.tell(write) }
    }

    private func usableConnection() throws -> DatabaseQueue {
        if let connection = self.connection { return connection }
        let connection = try Connections.writer(path: self.path, options: self.options)
        self.connection = connection
        self.limitPages()
        self.signals.log(.info, .store, "The store was opened again after an error of the disk", ("path", self.path))
        return connection
    }

    func giveUp(_ writes: [Write], because failure: StoreFailure) {
        self.condition.set(failure)
        self.signals.log(.error, .store, "A commit failed", ("kind", failure.kind.rawValue), ("detail", failure.detail))
        switch failure.kind {
        case .full:
            self.runShort()
            return self.processInPieces(writes)
        case .busy: break
        default: self.dropConnection()
        }
        for write in writes { write.fail(failure) }
    }

    /// Closing fails only where statements are left; the connection is gone for us either way.
    func dropConnection() {
        self.statements = nil
        try? self.connection?.close()
        self.connection = nil
    }
}
