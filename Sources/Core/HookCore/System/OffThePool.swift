// SPDX-License-Identifier: Apache-2.0

/// Runs something that may block on a thread of its own and waits for it without holding a thread of the pool.
package func offThePool<Result: Sendable>(
    named name: String, _ body: @escaping @Sendable () -> Result
) async -> Result {
    await withCheckedContinuation { continuation in
        WorkerThread.run(name: name) { continuation.resume(returning: body()) }
    }
}
