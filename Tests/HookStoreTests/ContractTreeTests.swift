// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookStore
import HookTestKit
import Testing

/// Events that routes emitted: durable with what they were made of, or not at all.
@Suite struct ContractTreeTests {
    /// A tree of three: an event, what a route made of it, and what another made of that.
    private static func tree(_ world: StoreWorld, dedupe: Verified.DedupeKey? = nil) -> Prepared {
        let root = world.event()
        func emitted(_ parent: Event, hops: Int) -> Event {
            Event(
                id: parent.id.derived("r 0 1"), source: parent.source, type: "digest", version: 1, time: parent.time,
                body: Array("{\"hops\":\(hops)}".utf8), data: nil,
                lineage: Event.Lineage(parent: parent.id, hops: hops))
        }
        let child = emitted(root, hops: 1)
        let leaf = world.prepared(emitted(child, hops: 2), to: [], fates: [], held: [world.heldEntry(route: "r3")])
        let middle = Prepared(
            event: child, dedupe: nil, fates: [Fate(route: "r2", kind: .matched)], held: [],
            deliveries: [world.delivery("ops", route: "r2")], emitted: [leaf], revision: RevisionID("0123456789ab"))
        return Prepared(
            event: root, dedupe: dedupe, fates: [Fate(route: "r1", kind: .matched)], held: [],
            deliveries: [world.delivery("ops"), world.delivery("chat")], emitted: [middle],
            revision: RevisionID("0123456789ab"))
    }

    @Test(arguments: Backing.allCases)
    func `a whole tree is stored at once`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let tree = Self.tree(world)
            let stored = try await world.commit(tree)
            let child = tree.emitted[0].event.id
            #expect(stored.event == tree.event.id)
            #expect(stored.tickets.map(\.id.event) == [tree.event.id, tree.event.id, child])
            #expect(stored.tickets.last?.body == Array(#"{"hops":1}"#.utf8))
            #expect(try await world.pending().tickets.map(\.id.event) == [tree.event.id, child])
            let root = try #require(try await world.store.event(tree.event.id))
            #expect(root.row.lineage == nil && root.emitted.map(\.id) == [child])
            let middle = try #require(try await world.store.event(child))
            #expect(middle.row.lineage == Event.Lineage(parent: tree.event.id, hops: 1))
            #expect(middle.row.type == "digest" && middle.row.version == 1 && middle.emitted.count == 1)
            let leaf = try #require(try await world.store.event(middle.emitted[0].id))
            #expect(leaf.row.lineage?.hops == 2 && leaf.held.map(\.route) == ["r3"] && leaf.row.fates.isEmpty)
            let status = try await world.store.status()
            #expect(status.events == 3 && status.held == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a duplicate emits nothing`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let key = Verified.DedupeKey(key: Array("k".utf8), within: .seconds(60))
            let first = try await world.commit(Self.tree(world, dedupe: key))
            let second = try await world.commit(Self.tree(world, dedupe: key))
            #expect(second.duplicateOf == first.event && second.tickets.isEmpty)
            #expect(try await world.store.status().events == 3)
        }
    }

    @Test(arguments: Backing.allCases)
    func `an emitted event that is there already undoes the whole tree`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let tree = Self.tree(world)
            try await world.commit(world.prepared(tree.emitted[0].event))
            await #expect(throws: StoreFailure.self) { try await world.commit(tree) }
            #expect(try await world.store.event(tree.event.id) == nil)
            #expect(try await world.store.status().events == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `an entry is released into a tree, and into further entries`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let tree = Self.tree(world)
            let entry = HeldEntry(route: "r1", destination: nil, isEmission: true, failure: world.heldEntry().failure)
            let before = world.prepared(tree.event, fates: [Fate(route: "r1", kind: .held)], held: [entry])
            let stored = try await world.commit(before)
            let id = HeldID(event: stored.event, ordinal: 1)
            #expect(try await world.store.heldEntry(id)?.isEmission == true)
            world.clock.advance(by: .seconds(5))
            let released = Prepared(
                event: tree.event, dedupe: nil,
                fates: [Fate(route: "r1", kind: .matched), Fate(route: "r9", kind: .held)],
                held: [world.heldEntry(route: "r9")], deliveries: [], emitted: tree.emitted,
                revision: RevisionID("0123456789ab"))
            let tickets = try await world.store.release(id, as: released, now: world.clock.wall)
            #expect(tickets.map(\.id.event) == [tree.emitted[0].event.id])
            // A late release begins its schedule of retries now, not when the event came in.
            #expect(tickets.first?.acceptedAt == world.clock.wall)
            let detail = try #require(try await world.store.event(stored.event))
            #expect(detail.held.map(\.id.ordinal) == [2] && detail.held.map(\.route) == ["r9"])
            #expect(detail.row.fates.map(\.kind) == [.matched, .held])
            #expect(detail.emitted.map(\.id) == [tree.emitted[0].event.id])
            #expect(try await world.store.status().events == 3)
            #expect(try await world.store.release(id, as: released, now: world.clock.wall).isEmpty)
        }
    }
}
