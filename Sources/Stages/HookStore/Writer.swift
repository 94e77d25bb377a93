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
    private let queue: WriteQueue
    private let commitSeconds: Histogram
    private let batchSize: Histogram
    /// Nil after an error of the disk, until it is opened again: a connection that saw a failed fsync is not trusted,
    /// and the fsync is never repeated as if it could still succeed (USENIX ATC 2020, "Can Applications Recover from
    /// fsync Failures?").
    var connection: DatabaseQueue?
    var reserve: DiskReserve
    /// The disk is full: events are refused, everything else goes on.
    var isFull = false
    var triedReserveAt: Duration?
    /// Estimate of the bytes in the log since the last checkpoint.
    var unfoldedBytes = 0

    init(
        path: String, connection: DatabaseQueue, queue: WriteQueue, condition: StoreCondition,
        options: SQLiteStoreOptions, environment: Environment, signals: Signals
    ) {
        self.path = path
        self.connection = connection
        self.queue = queue
        self.condition = condition
        self.options = options
        self.environment = environment
        self.signals = signals
        self.commitSeconds = signals.histogram(.storeCommit)
        self.batchSize = signals.histogram(.storeBatch)
        self.reserve = DiskReserve(storePath: path, bytes: options.reserveBytes)
    }

    /// Works until the queue is closed and empty, then closes the connection.
    func run() {
        if !self.reserve.restore() {
            self.signals.log(.warning, .store, "The disk has no room for the reserve", ("path", self.reserve.path))
        }
        while true {
            let wait: Duration = self.unfoldedBytes > 0 ? self.options.idleCheckpoint : .seconds(60)
            switch self.queue.take(waitingAtMost: wait) {
            case .writes(let writes, let bytes):
                self.process(writes, bytes: bytes)
                self.checkpointIfGrown()
            case .idle: self.foldIfIdle()
            case .closed:
                self.shutDown()
                return
            }
        }
    }

    func process(_ writes: [Write], bytes: Int) {
        let began = self.environment.now()
        let accepting = self.withoutRefused(writes)
        if accepting.isEmpty { return }
        do {
            let outcomes = try self.commit(accepting)
            self.unfoldedBytes += bytes + accepting.count * Self.rowBytes + Self.commitBytes
            self.commitSeconds.observe((self.environment.now() - began).inSeconds)
            self.batchSize.observe(Double(accepting.count))
            if !self.isFull { self.condition.clear() }
            for (write, outcome) in zip(accepting, outcomes) { outcome.tell(write) }
        } catch {
            self.giveUp(accepting, because: StoreFailure(error))
        }
    }

    /// What a row costs in the log besides its payload, roughly: columns, indexes, and the page it stands on.
    private static let rowBytes = 1024
    /// What a commit costs in the log besides: a page of each tree that it touches.
    private static let commitBytes = 4 * Writer.pageBytes

    private func commit(_ writes: [Write]) throws -> [WriteOutcome] {
        let connection = try self.usableConnection()
        do {
            return try Transaction.commit(writes, on: connection, isolated: false)
        } catch  where StoreFailure.isOwnFault(error) {
            // One write is wrong in itself. Repeat with a savepoint around each, so that only that one fails.
            return try Transaction.commit(writes, on: connection, isolated: true)
        }
    }

    private func usableConnection() throws -> DatabaseQueue {
        if let connection = self.connection { return connection }
        let connection = try Connections.writer(path: self.path, options: self.options)
        self.connection = connection
        self.signals.log(.info, .store, "The store was opened again after an error of the disk", ("path", self.path))
        return connection
    }

    private func giveUp(_ writes: [Write], because failure: StoreFailure) {
        self.condition.set(failure)
        self.signals.log(.error, .store, "A commit failed", ("kind", failure.kind.rawValue), ("detail", failure.detail))
        switch failure.kind {
        case .full:
            if self.beginFull(writes) { return }
        case .busy: break
        default: self.dropConnection()
        }
        for write in writes { write.fail(failure) }
    }

    /// Closing fails only where statements are left; the connection is gone for us either way.
    func dropConnection() {
        try? self.connection?.close()
        self.connection = nil
    }
}
