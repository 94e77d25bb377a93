// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookStore
import HookTestKit
import Testing

/// Windows: members come with their events, and go with what they became.
@Suite struct ContractWindowTests {
    private static let close = WindowClose(idle: .seconds(60), after: .seconds(600), count: 3)

    private static func member(
        _ key: String = "\"C1\"", _ payload: WindowMember.Payload = .event, print: Int64 = 7, bytes: Int = 7,
        close: WindowClose = Self.close
    ) -> WindowMember {
        WindowMember(
            route: "digest", print: print, key: Array(key.utf8), close: close, version: 2, part: nil, payload: payload,
            bytes: bytes)
    }

    private static func joining(_ world: StoreWorld, _ members: WindowMember..., body: String = #"{"a":1}"#) -> Prepared
    {
        Prepared(
            event: world.event(body: body), dedupe: nil, fates: [Fate(route: "digest", kind: .aggregated)], held: [],
            deliveries: [], members: members, revision: RevisionID("0123456789ab"))
    }

    private static func result(_ world: StoreWorld, of last: EventID, to destination: DestinationName = "ops")
        -> Prepared
    {
        let event = Event(
            id: last.derived("digest"), source: "github", type: "digest", time: world.clock.wall,
            body: Array("{}".utf8),
            data: nil, lineage: Event.Lineage(parent: last, hops: 1, isWindow: true))
        return Prepared(
            event: event, dedupe: nil, fates: [Fate(route: "digest", kind: .matched)], held: [],
            deliveries: [world.delivery(destination, route: "digest")], revision: RevisionID("0123456789ab"))
    }

    @Test(arguments: Backing.allCases)
    func `members of one key share a window, and the due time is not moved by them`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let opened = world.clock.wall
            let first = try await world.commit(Self.joining(world, Self.member(), Self.member("\"C2\"")))
            #expect(first.windowsDue == opened + .seconds(60))
            world.clock.advance(by: .seconds(30))
            let second = try await world.commit(Self.joining(world, Self.member(bytes: 5)))
            #expect(second.windowsDue == nil)
            let rows = try await world.store.windows(WindowFilter(), page: PageRequest()).items
            #expect(rows.map { String(decoding: $0.key, as: UTF8.self) } == ["\"C1\"", "\"C2\""])
            #expect(rows.map(\.count) == [2, 1] && rows.map(\.bytes) == [12, 7])
            #expect(rows[0].openedAt == opened && rows[0].lastAt == world.clock.wall)
            #expect(rows[0].dueAt == opened + .seconds(60) && rows[0].state == .open && rows[0].route == "digest")
            let due = try await world.due()
            #expect(due.windows.isEmpty && due.nextDue == opened + .seconds(60))
            // Full: due at once.
            let third = try await world.commit(Self.joining(world, Self.member()))
            #expect(third.windowsDue == world.clock.wall)
            #expect(try await world.due().windows.map(\.count) == [3])
            let counts = try await world.store.windowCounts()
            #expect(counts.routes == [WindowCount(route: "digest", open: 2)] && counts.oldest == opened)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a window ends with exactly the members that were read`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let one = try await world.commit(Self.joining(world, Self.member()))
            let two = try await world.commit(
                Self.joining(world, Self.member("\"C1\"", .own(Array("[1]".utf8))), body: "x=1"))
            let window = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            let read = try await world.members(window.id)
            #expect(read.map(\.event.id) == [one.event, two.event])
            #expect(read.map(\.payload) == [Array(#"{"a":1}"#.utf8), Array("[1]".utf8)])
            #expect(read.map(\.event.version) == [2, 2] && read[0].event.headers["x-two"] == "zwei")
            // One comes while the function runs.
            world.clock.advance(by: .seconds(5))
            let late = try await world.commit(Self.joining(world, Self.member()))
            let end = WindowEnd(
                window: window.id, through: read[1].key, outcome: .closed(Self.result(world, of: two.event)))
            let done = try await world.end([end])
            #expect(done.tickets.map(\.destination) == ["ops"])
            let rest = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            #expect(rest.id == window.id && rest.count == 1 && rest.openedAt == world.clock.wall)
            #expect(try await world.members(window.id).map(\.event.id) == [late.event])
            // The same end a second time ends nothing, and sends nothing.
            #expect(try await world.end([end]).tickets.isEmpty)
            #expect(try await world.store.status().events == 4)
            let through = try #require(try await world.members(window.id).last).key
            _ = try await world.end([WindowEnd(window: window.id, through: through, outcome: .closed(nil))])
            #expect(try await world.store.windows(WindowFilter(), page: PageRequest()).items.isEmpty)
            #expect(try await world.store.event(two.event)?.emitted.first?.lineage?.isWindow == true)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a window whose function fails is held with its members`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let stored = try await world.commit(Self.joining(world, Self.member()))
            let window = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            let through = try #require(try await world.members(window.id).last).key
            let failure = world.heldEntry().failure
            _ = try await world.end([WindowEnd(window: window.id, through: through, outcome: .held(failure))])
            let entry = try #require(try await world.store.held(HeldFilter(), page: PageRequest()).items.first)
            #expect(entry.window == window.id && entry.id.event == stored.event && entry.failure == failure)
            #expect(try await world.due(at: world.clock.wall + .seconds(9_999)).windows.isEmpty)
            // What comes now opens another window.
            try await world.commit(Self.joining(world, Self.member()))
            let rows = try await world.store.windows(WindowFilter(), page: PageRequest()).items
            #expect(rows.map(\.state) == [.held, .open])
            _ = try await world.end([
                WindowEnd(window: window.id, through: through, outcome: .closed(Self.result(world, of: stored.event)))
            ])
            #expect(try await world.store.held(HeldFilter(), page: PageRequest()).items.isEmpty)
            #expect(try await world.store.windows(WindowFilter(), page: PageRequest()).items.count == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `discarding the entry of a window discards the window`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            try await world.commit(Self.joining(world, Self.member()))
            let window = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            let through = try #require(try await world.members(window.id).last).key
            let failure = world.heldEntry().failure
            _ = try await world.end([WindowEnd(window: window.id, through: through, outcome: .held(failure))])
            #expect(try await world.store.discardHeld(HeldFilter(), limit: 9, now: world.clock.wall) == 1)
            #expect(try await world.store.windows(WindowFilter(), page: PageRequest()).items.isEmpty)
            #expect(try await world.members(window.id).isEmpty)
        }
    }

    @Test(arguments: Backing.allCases)
    func `windows of a lane that is not declared any more must close`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            try await world.declare([WindowLane(route: "digest", print: 7, revision: RevisionID("aaaaaaaaaaaa"))])
            try await world.commit(Self.joining(world, Self.member()))
            #expect(try await world.due().windows.isEmpty)
            try await world.declare([WindowLane(route: "digest", print: 7, revision: RevisionID("bbbbbbbbbbbb"))])
            #expect(try await world.due().windows.isEmpty)
            #expect(
                try await world.store.windows(WindowFilter(), page: PageRequest()).items.map(\.revision.text)
                    == ["bbbbbbbbbbbb"])
            try await world.declare([WindowLane(route: "digest", print: 8, revision: RevisionID("cccccccccccc"))])
            let due = try await world.due().windows
            #expect(due.map(\.forced) == [.reconfigured] && due.map(\.revision.text) == ["bbbbbbbbbbbb"])
            // An event under the new function opens a window of its own.
            try await world.commit(Self.joining(world, Self.member(print: 8)))
            #expect(try await world.store.windows(WindowFilter(), page: PageRequest()).items.map(\.print) == [7, 8])
            #expect(try await world.due().windows.count == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `people close windows by route and key`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            try await world.commit(Self.joining(world, Self.member(), Self.member("2"), Self.member("3")))
            var filter = WindowFilter()
            filter.key = Array("2".utf8)
            #expect(try await world.store.requestClose(filter, limit: 9) == 1)
            #expect(try await world.store.requestClose(filter, limit: 9) == 0)
            #expect(try await world.due().windows.map(\.forced) == [.requested])
            filter.key = nil
            filter.route = "other"
            #expect(try await world.store.requestClose(filter, limit: 9) == 0)
            filter.route = "digest"
            #expect(try await world.store.requestClose(filter, limit: 9) == 2)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a window that is looked at too early is looked at again later`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            try await world.commit(Self.joining(world, Self.member()))
            let later = world.clock.wall + .seconds(90)
            let window = try #require(try await world.due(at: later).windows.first)
            _ = try await world.end([WindowEnd(window: window.id, through: 0, outcome: .rearmed(later + .seconds(1)))])
            let due = try await world.due(at: later)
            #expect(due.windows.isEmpty && due.nextDue == later + .seconds(1))
        }
    }

    @Test(arguments: Backing.allCases)
    func `retention leaves the events of open windows alone`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let stored = try await world.commit(Self.joining(world, Self.member()))
            world.clock.advance(by: .seconds(40 * 86_400))
            while try await world.store.sweep(ServerSpec.Retention(), now: world.clock.wall, limit: 10) {}
            #expect(try await world.store.event(stored.event)?.body != nil)
            let window = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            let through = try #require(try await world.members(window.id).last).key
            _ = try await world.end([WindowEnd(window: window.id, through: through, outcome: .closed(nil))])
            for _ in 0..<4 { _ = try await world.store.sweep(ServerSpec.Retention(), now: world.clock.wall, limit: 10) }
            #expect(try await world.store.event(stored.event) == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `members come in pages`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let many = WindowClose(after: .seconds(60))
            for _ in 0..<5 { try await world.commit(Self.joining(world, Self.member(bytes: 10, close: many))) }
            let window = try #require(try await world.store.windows(WindowFilter(), page: PageRequest()).items.first)
            let first = try await world.members(window.id, count: 2)
            let second = try await world.members(window.id, after: first[1].key, bytes: 15)
            let third = try await world.members(window.id, after: second[1].key, bytes: 1)
            #expect([first, second, third].map(\.count) == [2, 2, 1])
            #expect(try await world.members(window.id, after: third[0].key).isEmpty)
        }
    }
}

extension StoreWorld {
    func declare(_ lanes: [WindowLane]) async throws {
        let result: Result<Void, StoreFailure> = await withCheckedContinuation { continuation in
            self.store.declare(lanes) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    func due(at time: WallTime? = nil, limit: Int = 100) async throws -> (windows: [WindowRow], nextDue: WallTime?) {
        let result: Result<(windows: [WindowRow], nextDue: WallTime?), StoreFailure> = await withCheckedContinuation {
            continuation in
            self.store.dueWindows(dueBy: time ?? self.clock.wall, limit: limit) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    func members(
        _ window: WindowID, after: Int64 = -1, count: Int = 100, bytes: Int = 1 << 20
    ) async throws -> [MemberRow] {
        let result: Result<[MemberRow], StoreFailure> = await withCheckedContinuation { continuation in
            self.store.members(of: window, after: after, count: count, bytes: bytes) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }

    func end(_ ends: [WindowEnd]) async throws -> (tickets: [DeliveryTicket], windowsDue: WallTime?) {
        let result: Result<(tickets: [DeliveryTicket], windowsDue: WallTime?), StoreFailure> =
            await withCheckedContinuation { continuation in
                self.store.end(ends, now: self.clock.wall) { continuation.resume(returning: $0) }
            }
        return try result.get()
    }
}
