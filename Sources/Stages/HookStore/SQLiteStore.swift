// SPDX-License-Identifier: Apache-2.0
// Stage 5 of 6: makes a prepared event durable, with its fates, deliveries and deduplication key, and hands it on only
// after the fsync. From here on the sender may be answered.
import Foundation
import GRDB
package import HookCore
import Synchronization

/// The store in one SQLite file of this process.
///
/// - Isolation: any thread. One thread writes and checkpoints; one reads due deliveries; one answers people.
/// - Bounds: see ``SQLiteStoreOptions``; what exceeds them is refused as busy at once.
package final class SQLiteStore: EventStore, Sendable {
    let path: String
    let environment: Environment
    let signals: Signals
    let writes: WriteQueue
    /// For stage 6: never behind a slow list.
    let dueReader: Reader
    /// For people and the API.
    let listReader: Reader
    let sweepProgress = Mutex(SweepProgress())
    /// Kept beside the rows, because counting a million of them takes a while.
    let eventCount: EventCount
    private let condition: StoreCondition
    private let writer: WorkerThread
    private let isClosed = Mutex(false)

    /// Opens or creates the store, brings its schema up to date, and starts its threads.
    ///
    /// - Errors: `.unusable` where another process has it, a newer version wrote it, or it may not be written;
    ///   `.corrupt` where it is no database or damaged; each with what to do.
    package static func open(
        path: String, options: SQLiteStoreOptions = SQLiteStoreOptions(), environment: Environment, signals: Signals
    ) throws(StoreFailure) -> SQLiteStore {
        try StoreFiles.prepareFolder(of: path)
        let lock = try StoreLock(storePath: path)
        do {
            try StoreFiles.create(path)
            let connection = try Self.writer(path: path, options: options)
            let events = try connection.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") ?? 0 }
            let due = try Connections.reader(path: path, label: "hookswitch.store.due", options: options)
            let list = try Connections.reader(path: path, label: "hookswitch.store.list", options: options)
            return SQLiteStore(
                path: path, connection: connection, readers: (due, list), events: events, lock: lock, options: options,
                environment: environment, signals: signals)
        } catch {
            let failure = StoreFailure(error)
            throw failure.detail.contains(path) ? failure : StoreFailure(failure.kind, "\(path): \(failure.detail)")
        }
    }

    /// The writer's connection, the schema up to date.
    private static func writer(path: String, options: SQLiteStoreOptions) throws -> DatabaseQueue {
        func open() throws -> DatabaseQueue {
            let connection = try Connections.writer(path: path, options: options)
            try connection.writeWithoutTransaction { try Schema.migrate($0, path: path) }
            return connection
        }
        do {
            return try open()
        } catch  where StoreFailure(error).kind == .full {
            // Even opening writes a little: the index of the log. A disk that is full may not keep the store from
            // delivering and deleting.
            DiskReserve.halve(storePath: path, bytes: options.reserveBytes)
            return try open()
        }
    }

    private init(
        path: String, connection: DatabaseQueue, readers: (due: DatabaseQueue, list: DatabaseQueue), events: Int,
        lock: StoreLock, options: SQLiteStoreOptions, environment: Environment, signals: Signals
    ) {
        let eventCount = EventCount(events)
        self.eventCount = eventCount
        let writes = WriteQueue(writesMax: options.queueWritesMax, bytesMax: options.queueBytesMax)
        let condition = StoreCondition()
        self.path = path
        self.environment = environment
        self.signals = signals
        self.writes = writes
        self.condition = condition
        self.dueReader = Reader(connection: readers.due, name: "store-due", readsMax: options.queueReadsMax)
        self.listReader = Reader(connection: readers.list, name: "store-list", readsMax: options.queueReadsMax)
        self.writer = WorkerThread(name: "store-writer") {
            Writer(
                path: path, connection: connection, queue: writes, condition: condition, eventCount: eventCount,
                options: options, environment: environment, signals: signals
            ).run()
            // The lock goes when the last write is done, not before.
            withExtendedLifetime(lock) {}
        }
    }

    deinit {
        self.writes.close()
        self.dueReader.stop()
        self.listReader.stop()
    }

    package func commit(_ prepared: Prepared, then: @escaping @Sendable (Result<Stored, StoreFailure>) -> Void) {
        if let refusal = self.writes.offer(.accept(prepared, then: then)) { then(.failure(refusal)) }
    }

    package func commit(
        _ prepared: [Prepared], then: @escaping @Sendable (Result<[Stored], StoreFailure>) -> Void
    ) {
        if let refusal = self.writes.offer(.acceptAll(prepared, then: then)) { then(.failure(refusal)) }
    }

    package func settle(_ settled: [Settled], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void) {
        if let refusal = self.writes.offer(.settle(settled, then: then)) { then(.failure(refusal)) }
    }

    package var failing: StoreFailure? { self.condition.current }

    package func close() async {
        let isFirst = self.isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        self.writes.close()
        await withCheckedContinuation { continuation in
            // Joining blocks, so it happens on a thread of its own and not on the cooperative pool.
            _ = WorkerThread(name: "store-close") {
                // Readers end first, so that the writer's last checkpoint meets nobody.
                self.dueReader.close()
                self.listReader.close()
                self.writer.join()
                continuation.resume()
            }
        }
    }

    /// Runs a change in the writer's next transaction; what it returns is durable.
    ///
    /// - `frees`: it makes room, and so may use the last of it on a full disk.
    func change<Value: Sendable>(
        frees: Bool = false, _ body: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            let write = Write.change(
                apply: { context in
                    let value = try body(context)
                    return { continuation.resume(returning: .success(value)) }
                },
                fail: { continuation.resume(returning: .failure($0)) }, frees: frees)
            if let refusal = self.writes.offer(write) { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }
}
