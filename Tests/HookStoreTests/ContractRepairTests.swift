// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Testing

/// What every store must do: lists, repairs, retention, revisions.
@Suite(.timeLimit(.minutes(1)))
struct ContractRepairTests {
    private func dead(_ world: StoreWorld, _ destination: DestinationName, reason: String = "x/y") async throws
        -> DeliveryID
    {
        let id = try await world.commit(world.prepared(to: [destination])).tickets[0].id
        try await world.settle(id, .dead(reason: reason))
        return id
    }

    @Test(arguments: Backing.allCases)
    func `redriving begins a new cycle and keeps the count of attempts`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let id = try await self.dead(world, "ops")
            let other = try await self.dead(world, "log")
            world.clock.advance(by: .seconds(100))
            var filter = DeliveryFilter()
            filter.destination = "ops"
            let woken = try await world.store.redrive(filter, limit: 10, now: world.clock.wall)
            #expect(woken == [PendingSummary(destination: "ops", count: 1, earliestDue: world.clock.wall)])
            let ticket = try #require(try await world.pending().tickets.first)
            #expect(ticket.id == id && ticket.attemptsMade == 1 && ticket.attemptsInCycle == 0)
            #expect(ticket.cycleBegan == world.clock.wall && ticket.dueAt == world.clock.wall)
            #expect(ticket.acceptedAt == ManualClock.start)
            try await world.settle(id, attempt: 2, .delivered)
            #expect(try await world.store.delivery(id)?.attempts.map(\.number) == [1, 2])
            #expect(try await world.store.delivery(other)?.row.state == .dead)
            #expect(try await world.store.redrive(filter, limit: 10, now: world.clock.wall) == [])
            filter.states = [.delivered]
            #expect(try await world.store.redrive(filter, limit: 10, now: world.clock.wall).map(\.count) == [1])
        }
    }

    @Test(arguments: Backing.allCases)
    func `redriving is bounded and takes the oldest first`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            var ids: [DeliveryID] = []
            for _ in 0..<5 { ids.append(try await self.dead(world, "ops")) }
            #expect(
                try await world.store.redrive(DeliveryFilter(), limit: 2, now: world.clock.wall).map(\.count) == [2])
            #expect(try await world.pending().tickets.map(\.id) == Array(ids.prefix(2)))
            var filter = DeliveryFilter()
            filter.ids = [ids[4], DeliveryID(event: world.event().id, ordinal: 1)]
            #expect(try await world.store.redrive(filter, limit: 9, now: world.clock.wall).map(\.count) == [1])
        }
    }

    @Test(arguments: Backing.allCases)
    func `closing ends dead and pending deliveries only`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let gone = try await self.dead(world, "ops")
            let waiting = try await world.commit(world.prepared()).tickets[0].id
            let done = try await world.commit(world.prepared()).tickets[0].id
            try await world.settle(done, .delivered)
            var filter = DeliveryFilter()
            filter.states = [.dead, .delivered]
            #expect(try await world.store.close(filter, as: .discarded, limit: 10, now: world.clock.wall) == 1)
            #expect(try await world.store.delivery(gone)?.row.state == .discarded)
            #expect(try await world.store.delivery(done)?.row.state == .delivered)
            #expect(
                try await world.store.close(DeliveryFilter(), as: .cancelled, limit: 10, now: world.clock.wall) == 1)
            #expect(try await world.store.delivery(waiting)?.row.state == .cancelled)
            #expect(try await world.pending().tickets.isEmpty)
            // A record of the attempt that was under way is ignored.
            try await world.settle(waiting, .delivered)
            #expect(try await world.store.delivery(waiting)?.row.state == .cancelled)
            await #expect(throws: StoreFailure.self) {
                try await world.store.close(DeliveryFilter(), as: .delivered, limit: 1, now: world.clock.wall)
            }
        }
    }

    @Test(arguments: Backing.allCases)
    func `a held entry is released into deliveries once`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let fates = [Fate(route: "r1", kind: .held, reason: "script/runtime"), Fate(route: "r2", kind: .matched)]
            let stored = try await world.commit(world.prepared(fates: fates, held: [world.heldEntry()]))
            let id = HeldID(event: stored.event, ordinal: 1)
            let row = try #require(try await world.store.heldEntry(id))
            #expect(row.failure == world.heldEntry().failure && row.route == "r1" && row.at == world.clock.wall)
            #expect(try await world.store.status().held == 1)
            world.clock.advance(by: .seconds(9))
            let matched = Fate(route: "r1", kind: .matched)
            let event = world.event()
            let released = Prepared(
                event: event, dedupe: nil, fates: [matched], held: [],
                deliveries: [world.delivery("late"), world.delivery("late", body: "new")],
                revision: RevisionID("0123456789ab"))
            let tickets = try await world.store.release(id, as: released, now: world.clock.wall)
            #expect(tickets.map(\.id.ordinal) == [2, 3])
            #expect(tickets.map(\.body) == [Array(#"{"a":1}"#.utf8), Array("new".utf8)])
            #expect(tickets.allSatisfy { $0.acceptedAt == world.clock.wall })
            #expect(try await world.pending("late").tickets.map(\.id) == tickets.map(\.id))
            let detail = try #require(try await world.store.event(stored.event))
            #expect(detail.row.fates == [matched, fates[1]] && detail.row.deliveries == 3 && detail.held.isEmpty)
            let again = try await world.store.release(id, as: released, now: world.clock.wall)
            #expect(again.isEmpty)
        }
    }

    @Test(arguments: Backing.allCases)
    func `what was kept aside is routed once, and its own fate goes`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let failure = ScriptFailure(code: "event/schema", script: "a@1", message: "m", traceback: ["{}"])
            let entry = HeldEntry(route: .none, destination: nil, failure: failure, kind: .quarantined)
            let aside = Fate(route: .none, kind: .held, reason: "event/schema")
            let stored = try await world.commit(world.prepared(to: [], fates: [aside], held: [entry]))
            _ = try await world.commit(
                world.prepared(to: [], fates: [Fate(route: "r1", kind: .held)], held: [world.heldEntry()]))
            var filter = HeldFilter()
            filter.kind = .quarantined
            let rows = try await world.store.held(filter, page: PageRequest()).items
            #expect(rows.map(\.id) == [HeldID(event: stored.event, ordinal: 1)] && rows.first?.kind == .quarantined)
            #expect(try await world.store.event(stored.event)?.row.fates == [aside])
            let matched = Fate(route: "r1", kind: .matched)
            let released = Prepared(
                event: world.event(), dedupe: nil, fates: [matched], held: [], deliveries: [world.delivery("late")],
                revision: RevisionID("0123456789ab"))
            let id = HeldID(event: stored.event, ordinal: 1)
            #expect(try await world.store.release(id, as: released, now: world.clock.wall).count == 1)
            #expect(try await world.store.event(stored.event)?.row.fates == [matched])
            #expect(try await world.store.release(id, as: released, now: world.clock.wall).isEmpty)
            #expect(try await world.store.held(filter, page: PageRequest()).items.isEmpty)
        }
    }

    @Test(arguments: Backing.allCases)
    func `discarded held entries leave a dropped fate`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let fates = [Fate(route: "r1", kind: .held)]
            let held = [world.heldEntry(), world.heldEntry(code: "script/budget-steps")]
            let stored = try await world.commit(world.prepared(to: [], fates: fates, held: held))
            var filter = HeldFilter()
            filter.code = "script/budget-steps"
            #expect(try await world.store.held(filter, page: PageRequest()).items.map(\.id.ordinal) == [2])
            #expect(try await world.store.discardHeld(filter, limit: 5, now: world.clock.wall) == 1)
            #expect(try await world.store.event(stored.event)?.row.fates == fates)
            #expect(try await world.store.discardHeld(HeldFilter(), limit: 5, now: world.clock.wall) == 1)
            let dropped = Fate(route: "r1", kind: .dropped, reason: "discarded")
            #expect(try await world.store.event(stored.event)?.row.fates == [dropped])
            #expect(try await world.store.held(HeldFilter(), page: PageRequest()).items.isEmpty)
        }
    }

    // MARK: Lists

    struct Listing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: [String]
        let set: @Sendable (inout EventFilter) -> Void
    }

    static let listings = [
        Listing(testDescription: "nothing", expected: ["e", "d", "c", "b", "a"]) { _ in },
        Listing(testDescription: "source", expected: ["b"]) { $0.source = "stripe" },
        Listing(testDescription: "type", expected: ["c"]) { $0.type = "pull" },
        Listing(testDescription: "sender id", expected: ["d"]) { $0.senderID = "s-1" },
        Listing(testDescription: "fate", expected: ["c"]) { $0.fate = "filtered" },
        Listing(testDescription: "unmatched", expected: ["e"]) { $0.fate = "unmatched" },
        Listing(testDescription: "route", expected: ["d", "c"]) { $0.route = "r2" },
        Listing(testDescription: "a fate of a route", expected: ["d"]) {
            $0.route = "r2"
            $0.fate = "matched"
        },
        Listing(testDescription: "a word that is no fate", expected: []) { $0.fate = "' OR 1=1 --" },
        Listing(testDescription: "since", expected: ["e", "d"]) { $0.since = ManualClock.start + .seconds(3) },
        Listing(testDescription: "until", expected: ["b", "a"]) { $0.until = ManualClock.start + .seconds(2) },
    ]

    @Test(arguments: Backing.allCases, ContractRepairTests.listings)
    func `events are listed by filter, newest first`(_ backing: Backing, _ listing: Listing) async throws {
        try await withStore(backing) { world in
            let filtered = Fate(route: "r2", kind: .filtered, reason: "no")
            let both = [Fate(route: "r1", kind: .matched), Fate(route: "r2", kind: .matched)]
            for prepared in [
                world.prepared(world.event(subject: "a")), world.prepared(world.event(source: "stripe", subject: "b")),
                world.prepared(world.event(type: "pull", subject: "c"), to: [], fates: [filtered]),
                world.prepared(world.event(subject: "d", senderID: "s-1"), fates: both),
                world.prepared(world.event(subject: "e"), to: [], fates: []),
            ] {
                let event = Event(
                    id: prepared.event.id, source: prepared.event.source, type: prepared.event.type,
                    time: world.clock.wall,
                    subject: prepared.event.subject, senderID: prepared.event.senderID, body: [], data: nil)
                try await world.commit(
                    Prepared(
                        event: event, dedupe: nil, fates: prepared.fates, held: [], deliveries: prepared.deliveries,
                        revision: prepared.revision))
                world.clock.advance(by: .seconds(1))
            }
            var filter = EventFilter()
            listing.set(&filter)
            let page = try await world.store.events(filter, page: PageRequest(limit: 10))
            #expect(page.items.map(\.subject) == listing.expected)
            #expect(page.cursor == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `recorded events come with their requests, in pages of bounded bytes`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let large = String(repeating: "x", count: RecordedPage.bytesMax / 2)
            var ids: [EventID] = []
            for body in ["one", large, large, "two"] {
                ids.append(try await world.commit(world.prepared(world.event(body: body))).event)
            }
            let first = try await world.store.recorded(EventFilter(), page: PageRequest(limit: 10))
            #expect(first.items.map(\.row.id) == ids.dropFirst().reversed() && first.cursor != nil)
            let newest = try #require(first.items.first)
            #expect(newest.body == Array("two".utf8) && newest.headers["x-two"] == "zwei" && newest.query == "a=b")
            #expect(newest.path == "/github" && newest.deliveries.isEmpty)
            let rest = try await world.store.recorded(EventFilter(), page: PageRequest(limit: 10, cursor: first.cursor))
            #expect(rest.items.map(\.row.id) == [ids[0]] && rest.cursor == nil)
            let small = try await world.store.recorded(EventFilter(), page: PageRequest(limit: 1))
            #expect(small.items.count == 1 && small.cursor != nil)
            var filter = EventFilter()
            filter.source = "nobody"
            #expect(try await world.store.recorded(filter, page: PageRequest()).items.isEmpty)
        }
    }

    @Test(arguments: Backing.allCases)
    func `pages follow one another without gap or repetition`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            var ids: [EventID] = []
            for _ in 0..<7 { ids.append(try await world.commit(world.prepared(to: ["a", "b"])).event) }
            var seen: [EventID] = []
            var cursor: String?
            repeat {
                let page = try await world.store.events(EventFilter(), page: PageRequest(limit: 3, cursor: cursor))
                seen += page.items.map(\.id)
                cursor = page.cursor
                // What comes in meanwhile does not shift the pages.
                if seen.count == 3 { try await world.commit(world.prepared(to: [])) }
            } while cursor != nil
            #expect(seen == ids.reversed())
            var filter = DeliveryFilter()
            filter.destination = "b"
            let first = try await world.store.deliveries(filter, page: PageRequest(limit: 4))
            let second = try await world.store.deliveries(filter, page: PageRequest(limit: 4, cursor: first.cursor))
            #expect((first.items + second.items).map(\.id.event) == ids.reversed())
            #expect(second.cursor == nil)
            let foreign = try await world.store.events(EventFilter(), page: PageRequest(limit: 3, cursor: "'; --"))
            #expect(foreign.items.isEmpty && foreign.cursor == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `deliveries are listed by state, reason and event`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let one = try await self.dead(world, "ops", reason: "delivery/a")
            let two = try await self.dead(world, "ops", reason: "delivery/b")
            let three = try await world.commit(world.prepared(route: "r9")).tickets[0].id
            func ids(_ set: (inout DeliveryFilter) -> Void) async throws -> [DeliveryID] {
                var filter = DeliveryFilter()
                set(&filter)
                return try await world.store.deliveries(filter, page: PageRequest()).items.map(\.id)
            }
            #expect(try await ids { $0.states = [.dead] } == [two, one])
            #expect(try await ids { $0.states = [.dead, .pending] } == [three, two, one])
            #expect(try await ids { $0.reason = "delivery/a" } == [one])
            #expect(try await ids { $0.event = two.event } == [two])
            #expect(try await ids { $0.route = "r9" } == [three])
            #expect(try await ids { $0.since = world.clock.wall + .seconds(1) } == [])
            let counts = try await world.store.status().deliveries
            #expect(counts.contains(.init(destination: "ops", state: .dead, reason: "delivery/a", count: 1)))
            #expect(counts.contains(.init(destination: "ops", state: .pending, reason: nil, count: 1)))
        }
    }

    // MARK: Retention and revisions

    private func sweepAll(_ world: StoreWorld, limit: Int = 2) async throws {
        var rounds = 0
        while try await world.store.sweep(ServerSpec.Retention(), now: world.clock.wall, limit: limit), rounds < 50 {
            rounds += 1
        }
        #expect(rounds < 50)
    }

    @Test(arguments: Backing.allCases)
    func `payloads and rows go at their times, pending and held ones stay`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let done = try await world.commit(world.prepared(to: ["ops"], body: "own")).tickets[0].id
            try await world.settle(done, .retry(at: world.clock.wall))
            try await world.settle(done, attempt: 2, .delivered)
            let waiting = try await world.commit(world.prepared(to: ["ops"])).tickets[0].id
            let held = try await world.commit(world.prepared(to: [], held: [world.heldEntry()])).event
            for _ in 0..<5 { try await world.commit(world.prepared(to: [], fates: [])) }
            try await self.sweepAll(world)
            #expect(try await world.store.delivery(done)?.body != nil)

            world.clock.advance(by: .seconds(8 * 86_400))
            try await self.sweepAll(world)
            let detail = try #require(try await world.store.delivery(done))
            #expect(detail.body == nil && detail.row.state == .delivered)
            #expect(detail.attempts.map(\.response) == [[], []])
            let event = try #require(try await world.store.event(done.event))
            #expect(event.body == nil && event.headers.bytes.isEmpty && event.row.bodyBytes > 0)
            #expect(try await world.pending().tickets.map(\.id) == [waiting])
            #expect(try await world.store.event(held)?.body != nil)
            var filter = DeliveryFilter()
            filter.states = [.delivered]
            #expect(try await world.store.redrive(filter, limit: 9, now: world.clock.wall) == [])

            world.clock.advance(by: .seconds(30 * 86_400))
            try await self.sweepAll(world)
            #expect(try await world.store.event(done.event) == nil)
            #expect(try await world.store.delivery(done) == nil)
            #expect(try await world.store.status().events == 2)
            #expect(try await world.store.event(held)?.body != nil)
            // What ends late is kept for its time from then on.
            try await world.settle(waiting, .dead(reason: "delivery/expired"))
            try await self.sweepAll(world)
            #expect(try await world.store.delivery(waiting)?.body != nil)
            world.clock.advance(by: .seconds(8 * 86_400))
            try await self.sweepAll(world)
            #expect(try await world.store.delivery(waiting)?.body == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `the last revision saved is the last good one, and earlier ones are found by name`(_ backing: Backing)
        async throws
    {
        try await withStore(backing) { world in
            for number in 1...3 {
                let revision = StoredRevision(
                    id: RevisionID("rev\(number)"), gitCommit: number == 3 ? nil : "abc", activatedAt: world.clock.wall,
                    files: Array("files \(number)".utf8))
                try await world.store.saveRevision(revision)
                #expect(try await world.store.lastGoodRevision() == revision)
                #expect(try await world.store.revision(revision.id) == revision)
            }
            #expect(try await world.store.revision(RevisionID("rev1"))?.files == Array("files 1".utf8))
            #expect(try await world.store.revision(RevisionID("rev9")) == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a closed store refuses`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            await world.store.close()
            let result = await world.result(world.prepared())
            #expect(throws: StoreFailure(.closed, "the store is shutting down")) { try result.get() }
            await world.store.close()
        }
    }
}
