// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// Whether writes succeed, readable from any thread.
final class StoreCondition: Sendable {
    private let failure = Mutex<StoreFailure?>(nil)

    var current: StoreFailure? { self.failure.withLock { $0 } }
    func set(_ failure: StoreFailure) { self.failure.withLock { $0 = failure } }
    func clear() { self.failure.withLock { $0 = nil } }
}
