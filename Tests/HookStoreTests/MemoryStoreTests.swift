// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Synchronization
import Testing

/// What the memory store offers to tests besides the contract.
@Suite
struct MemoryStoreTests {
    @Test func `the n-th write fails and leaves nothing`() async throws {
        let store = MemoryStore()
        let world = StoreWorld(store, clock: ManualClock())
        store.failWrite(2, StoreFailure(.full, "no room"))
        try await world.commit(world.prepared())
        let second = await world.result(world.prepared())
        #expect(throws: StoreFailure(.full, "no room")) { try second.get() }
        #expect(store.failing?.kind == .full)
        try await world.commit(world.prepared())
        #expect(store.failing == nil)
        #expect(try await store.status().events == 2)
        #expect(store.writesSeen == 3)
    }

    @Test func `an outage lasts until it is lifted`() async throws {
        let store = MemoryStore()
        let world = StoreWorld(store, clock: ManualClock())
        store.setOutage(StoreFailure(.io, "gone"))
        for _ in 0..<3 {
            let result = await world.result(world.prepared())
            #expect(throws: StoreFailure.self) { try result.get() }
        }
        store.setOutage(nil)
        try await world.commit(world.prepared())
    }

    @Test func `deferred writes wait for the flush, or are lost`() async throws {
        let store = MemoryStore(deferred: true)
        let world = StoreWorld(store, clock: ManualClock())
        let told = Mutex(0)
        store.commit(world.prepared()) { _ in told.withLock { $0 += 1 } }
        #expect(told.withLock { $0 } == 0)
        #expect(try await store.status().events == 0)
        store.flush()
        #expect(told.withLock { $0 } == 1)
        store.commit(world.prepared()) { _ in told.withLock { $0 += 1 } }
        store.loseQueued()
        store.flush()
        #expect(told.withLock { $0 } == 1)
        #expect(try await store.status().events == 1)
    }
}
