// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookTestKit
import Synchronization
import Testing

@testable import HookStore

/// A sync that the disk refuses: nothing of the batch counts, and the connection that saw it is not used again.
@Suite(.timeLimit(.minutes(1)))
struct FailedCommitTests {
    @Test func `a failed sync fails its whole batch, and the next write succeeds on a new connection`() async throws {
        try await withSQLite { world, folder in
            let results = Mutex<[Result<Stored, StoreFailure>]>([])
            let batch = [world.prepared(), world.prepared(), world.prepared()]
            let failingAfter = Mutex<StoreFailure?>(nil)
            let replaced = Mutex(0)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                // A completion runs on the writer's thread: what it offers waits together, and becomes one batch.
                world.store.commit(world.prepared()) { _ in
                    replaced.withLock { $0 = Self.breakSync(of: folder.store + "-wal") }
                    for one in batch {
                        world.store.commit(one) { result in
                            let count = results.withLock { results in
                                results.append(result)
                                return results.count
                            }
                            failingAfter.withLock { $0 = $0 ?? world.store.failing }
                            if count == batch.count { done.resume() }
                        }
                    }
                }
            }
            #expect(replaced.withLock { $0 } > 0)
            let kinds = results.withLock { $0 }.map { result -> StoreFailure.Kind? in
                if case .failure(let failure) = result { failure.kind } else { nil }
            }
            #expect(kinds == [.io, .io, .io])
            #expect(failingAfter.withLock { $0 }?.kind == .io)

            let later = try await world.commit(world.prepared())
            #expect(world.store.failing == nil)
            await world.store.close()
            let again = try SQLiteStore.open(
                path: folder.store, options: smallOptions(), environment: world.clock.environment(), signals: Signals())
            #expect(try await again.status().events == 2)
            #expect(try await again.event(later.event) != nil)
            for one in batch { #expect(try await again.event(one.event.id) == nil) }
            await again.close()
        }
    }

    /// Puts /dev/null in the place of an open file: writes succeed there, fdatasync does not. How many it replaced.
    private static func breakSync(of path: String) -> Int {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var count = 0
        for descriptor in Int32(3)..<4096 {
            var buffer = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count - 1)
            guard length > 0 else { continue }
            let name = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if name.hasSuffix(path), dup2(null, descriptor) == descriptor { count += 1 }
        }
        return count
    }
}
