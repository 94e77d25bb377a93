// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Slots that references gave up; they may be dropped on any thread, the state frees them on its own.
final class LuaLife: Sendable {
    private let dropped = Mutex<[Int32]>([])
    /// So that a call in which nothing was dropped takes no lock. A slot seen late is freed at the next call.
    private let hasDropped = Atomic<Bool>(false)

    func release(_ slot: Int32) {
        self.dropped.withLock { $0.append(slot) }
        self.hasDropped.store(true, ordering: .releasing)
    }

    func take() -> [Int32] {
        guard self.hasDropped.load(ordering: .acquiring) else { return [] }
        return self.dropped.withLock { slots in
            defer { slots = [] }
            self.hasDropped.store(false, ordering: .relaxed)
            return slots
        }
    }
}
