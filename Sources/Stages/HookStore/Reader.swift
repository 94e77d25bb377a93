// SPDX-License-Identifier: Apache-2.0
import GRDB
import HookCore

/// A read-only connection with a thread of its own, so that reading blocks neither the writer nor the cooperative pool.
///
/// - Bounds: `readsMax` reads may wait; more are refused as busy.
/// - Isolation: `perform` from any thread.
final class Reader: Sendable {
    typealias Job = @Sendable (DatabaseQueue) -> Void

    private let jobs: Mailbox<Job>
    private let thread: WorkerThread

    init(connection: DatabaseQueue, name: String, readsMax: Int) {
        let jobs = Mailbox<Job>(capacity: readsMax)
        self.jobs = jobs
        self.thread = WorkerThread(name: name) {
            while let batch = jobs.takeAll(max: 1) {
                for job in batch { job(connection) }
            }
            // Closing fails only where statements are left; the process or the owner ends here anyway.
            try? connection.close()
        }
    }

    /// Runs `body` in a read transaction on the reader's thread, then calls `then` there.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value,
        then: @escaping @Sendable (Result<Value, StoreFailure>) -> Void
    ) {
        let isTaken = self.jobs.offer { connection in
            let result: Result<Value, StoreFailure>
            do {
                result = .success(try connection.read { database in try body(database) })
            } catch {
                result = .failure(StoreFailure(error))
            }
            then(result)
        }
        if !isTaken { then(.failure(StoreFailure(.busy, "the reader is occupied or closed"))) }
    }

    /// Runs `body` in a read transaction on the reader's thread.
    func value<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            self.perform(body) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Takes no more reads; those that wait are still done.
    func stop() { self.jobs.close() }

    /// Finishes the reads that wait, then closes the connection. Blocks.
    func close() {
        self.stop()
        self.thread.join()
    }
}
