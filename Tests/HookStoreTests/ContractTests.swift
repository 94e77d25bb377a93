// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Testing

/// What every store must do: accepting, settling, asking for what is due.
@Suite(.timeLimit(.minutes(1)))
struct ContractTests {
    @Test(arguments: Backing.allCases)
    func `an accepted event is found again byte for byte`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let event = world.event(body: "{\"x\":\"\\u0000ä\"}\u{0}", subject: "s", senderID: "sender-1")
            let stored = try await world.commit(world.prepared(event, to: ["ops", "log"]))
            #expect(stored.event == event.id)
            #expect(stored.duplicateOf == nil)
            #expect(stored.tickets.map(\.destination) == ["ops", "log"])
            #expect(stored.tickets.map(\.id.ordinal) == [1, 2])
            #expect(stored.tickets.allSatisfy { $0.body == event.body && $0.attemptsMade == 0 })

            let found = try #require(try await world.store.event(event.id))
            #expect(found.body == event.body)
            #expect(found.headers == event.headers)
            #expect(found.row.type == "push" && found.row.version == 2 && found.row.subject == "s")
            #expect(found.row.senderID == "sender-1" && found.row.source == "github")
            #expect(found.row.time == event.time && found.row.deliveries == 2)
            #expect(found.row.bodyBytes == event.body.count)
            #expect(found.row.fates == [Fate(route: "r1", kind: .matched)])
            #expect((found.method, found.path, found.query) == ("POST", "/github", "a=b"))
            #expect(found.deliveries.map(\.id) == stored.tickets.map(\.id))
            #expect(found.deliveries.allSatisfy { $0.state == .pending && $0.dueAt == event.time })
        }
    }

    @Test(arguments: Backing.allCases)
    func `text with a NUL is kept whole and found by all of it`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let event = world.event(type: "push\u{0}tag", subject: "a\u{0}b", senderID: "\u{0}")
            let stored = try await world.commit(world.prepared(event))
            try await world.settle([
                Settled(
                    delivery: stored.tickets[0].id, destination: "ops", attempt: 1, startedAt: world.clock.wall,
                    took: .zero, status: nil, outcome: "protocol", detail: "no\u{0}pe", response: [],
                    disposition: .dead(reason: "delivery/timeout"))
            ])
            let row = try #require(try await world.store.event(event.id)?.row)
            #expect(row.type == "push\u{0}tag" && row.subject == "a\u{0}b" && row.senderID == "\u{0}")
            let delivery = try await world.store.delivery(stored.tickets[0].id)
            #expect(delivery?.attempts.map(\.detail) == ["no\u{0}pe"])
            var filter = EventFilter()
            filter.type = "push\u{0}tag"
            #expect(try await world.store.events(filter, page: PageRequest()).items.count == 1)
            for type in ["push", "push\u{0}"] {
                filter.type = type
                #expect(try await world.store.events(filter, page: PageRequest()).items.isEmpty)
            }
        }
    }

    @Test(arguments: Backing.allCases)
    func `the number of events follows commits, duplicates and retention`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let key = Verified.DedupeKey(key: [9], within: .seconds(60))
            for _ in 0..<3 { try await world.commit(world.prepared(to: [], dedupe: key)) }
            try await world.commit(world.prepared(to: []))
            #expect(try await world.store.status().events == 2)
            try await world.commit(world.prepared())
            world.clock.advance(by: .seconds(40 * 86_400))
            while try await world.store.sweep(ServerSpec.Retention(), now: world.clock.wall, limit: 1) {}
            #expect(try await world.store.status().events == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `an empty body is a body`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let stored = try await world.commit(world.prepared(world.event(body: ""), body: ""))
            #expect(try await world.store.event(stored.event)?.body == [])
            #expect(try await world.store.delivery(stored.tickets[0].id)?.body == [])
            #expect(try await world.pending().tickets.map(\.body) == [[]])
        }
    }

    @Test(arguments: Backing.allCases)
    func `a delivery keeps its own body and request`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            var request = RequestOverrides()
            request.method = "PUT"
            request.path = "/a/ä"
            request.query = [("q", "1"), ("q", "2")]
            request.headers = [("x-a", "b\u{0}\"c")]
            request.fields = [("data.id", "7")]
            let stored = try await world.commit(world.prepared(body: "own", request: request))
            #expect(stored.tickets[0].body == Array("own".utf8))
            let ticket = try #require(try await world.pending().tickets.first)
            #expect(ticket.body == Array("own".utf8))
            #expect(ticket.request == request)
            #expect(ticket.id == stored.tickets[0].id)
            let detail = try #require(try await world.store.delivery(ticket.id))
            #expect(detail.request == request && detail.body == Array("own".utf8))
        }
    }

    @Test(arguments: Backing.allCases)
    func `an unknown id gives nothing`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let id = world.event().id
            #expect(try await world.store.event(id) == nil)
            #expect(try await world.store.delivery(DeliveryID(event: id, ordinal: 1)) == nil)
            #expect(try await world.store.heldEntry(HeldID(event: id, ordinal: 1)) == nil)
            #expect(try await world.store.lastGoodRevision() == nil)
            try await world.settle(DeliveryID(event: id, ordinal: 1), .delivered)
        }
    }

    @Test(arguments: Backing.allCases)
    func `an event id is taken once`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let event = world.event()
            try await world.commit(world.prepared(event))
            let again = await world.result(world.prepared(event))
            #expect(throws: StoreFailure.self) { try again.get() }
            #expect(try await world.store.status().events == 1)
        }
    }

    // MARK: Duplicates

    @Test(arguments: Backing.allCases)
    func `a key is a duplicate within its window and free after it`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let key = Verified.DedupeKey(key: [1, 0, 2], within: .seconds(60))
            let first = try await world.commit(world.prepared(dedupe: key))
            world.clock.advance(by: .milliseconds(59_999))
            let second = try await world.commit(world.prepared(dedupe: key))
            #expect(second.duplicateOf == first.event)
            #expect(second.tickets.isEmpty)
            let other = try await world.commit(world.prepared(world.event(source: "stripe"), dedupe: key))
            #expect(other.duplicateOf == nil)
            world.clock.advance(by: .milliseconds(1))
            let third = try await world.commit(world.prepared(dedupe: key))
            #expect(third.duplicateOf == nil)
            let fourth = try await world.commit(world.prepared(dedupe: key))
            #expect(fourth.duplicateOf == third.event)
            #expect(try await world.store.status().events == 3)
        }
    }

    @Test(arguments: Backing.allCases)
    func `equal requests at once make one event`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let key = Verified.DedupeKey(key: [9], within: .seconds(60))
            let results = try await withThrowingTaskGroup(of: Stored.self) { group in
                for _ in 0..<50 { group.addTask { try await world.commit(world.prepared(dedupe: key)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let firsts = results.filter { $0.duplicateOf == nil }
            #expect(firsts.count == 1)
            #expect(results.allSatisfy { $0.event == firsts.first?.event })
            #expect(try await world.store.status().events == 1)
            #expect(try await world.pending().tickets.count == 1)
        }
    }

    // MARK: Settling

    struct Ending: Sendable, CustomTestStringConvertible {
        let disposition: Settled.Disposition
        let state: DeliveryState
        let reason: String?
        var testDescription: String { self.state.rawValue }
    }

    static let endings = [
        Ending(disposition: .delivered, state: .delivered, reason: nil),
        Ending(disposition: .dead(reason: "delivery/refused-status"), state: .dead, reason: "delivery/refused-status"),
        Ending(disposition: .dropped(reason: "delivery/expired"), state: .dropped, reason: "delivery/expired"),
    ]

    @Test(arguments: Backing.allCases, ContractTests.endings)
    func `a settled delivery ends in its state`(_ backing: Backing, _ ending: Ending) async throws {
        try await withStore(backing) { world in
            let id = try await world.commit(world.prepared()).tickets[0].id
            try await world.settle(id, ending.disposition, status: 202)
            let detail = try #require(try await world.store.delivery(id))
            #expect(detail.row.state == ending.state && detail.row.reason == ending.reason)
            #expect(detail.row.attempts == 1 && detail.row.status == 202 && detail.row.outcome == "ok")
            #expect(detail.row.finishedAt == world.clock.wall + .milliseconds(1))
            #expect(detail.row.dueAt == nil)
            #expect(detail.attempts.map(\.number) == [1])
            #expect(detail.attempts.first?.took == .microseconds(1500))
            #expect(detail.attempts.first?.response == Array("fine".utf8))
            #expect(try await world.pending().tickets.isEmpty)

            // What is finished stays as it is.
            try await world.settle(id, attempt: 2, .dead(reason: "late"))
            #expect(try await world.store.delivery(id)?.row.state == ending.state)
            #expect(try await world.store.delivery(id)?.attempts.count == 1)
        }
    }

    @Test(arguments: Backing.allCases)
    func `a retry is due at its time and keeps every attempt`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let id = try await world.commit(world.prepared()).tickets[0].id
            let due = world.clock.wall + .seconds(30)
            try await world.settle(id, .retry(at: due), status: nil, outcome: "timeout", response: "")
            // The same attempt told twice counts once.
            try await world.settle(id, .retry(at: due + .seconds(1)), status: nil, outcome: "reset")
            let early = try await world.pending(dueBy: due + .milliseconds(-1))
            #expect(early.tickets.isEmpty && early.nextDue == due)
            let ticket = try #require(try await world.pending(dueBy: due).tickets.first)
            #expect(ticket.attemptsMade == 1 && ticket.attemptsInCycle == 1 && ticket.dueAt == due)
            try await world.settle(id, attempt: 2, .retry(at: due), status: 500, outcome: "status")
            try await world.settle(id, attempt: 3, .delivered)
            let detail = try #require(try await world.store.delivery(id))
            #expect(detail.attempts.map(\.number) == [1, 2, 3])
            #expect(detail.attempts.map(\.outcome) == ["timeout", "status", "ok"])
            #expect(detail.attempts.map(\.status) == [nil, 500, 200])
            #expect(detail.row.attempts == 3 && detail.row.state == .delivered)
        }
    }

    // MARK: What is due

    @Test(arguments: Backing.allCases)
    func `due deliveries come in order of due time then acceptance`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            var ids: [DeliveryID] = []
            for _ in 0..<6 {
                ids.append(try await world.commit(world.prepared(to: ["ops"])).tickets[0].id)
                try await world.commit(world.prepared(to: ["other"]))
            }
            try await world.settle(ids[0], .retry(at: world.clock.wall + .seconds(5)))
            let first = try await world.pending(limit: 3)
            #expect(first.tickets.map(\.id) == Array(ids[1...3]))
            #expect(first.nextDue == world.clock.wall)
            let all = try await world.pending(limit: 100)
            #expect(all.tickets.map(\.id) == Array(ids[1...]))
            #expect(all.nextDue == world.clock.wall + .seconds(5))
            let later = try await world.pending(dueBy: world.clock.wall + .seconds(5), limit: 100)
            #expect(later.tickets.map(\.id) == Array(ids[1...]) + [ids[0]])
            #expect(later.nextDue == nil)
            let none = try await world.pending("nobody")
            #expect(none.tickets.isEmpty && none.nextDue == nil)
        }
    }

    @Test(arguments: Backing.allCases)
    func `the summary counts what is pending`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let start = world.clock.wall
            try await world.commit(world.prepared(to: ["a", "b"]))
            world.clock.advance(by: .seconds(1))
            let done = try await world.commit(world.prepared(to: ["a"])).tickets[0].id
            try await world.commit(world.prepared(to: ["a"]))
            try await world.settle(done, .delivered)
            let summary = try await world.store.pendingSummary().sorted { $0.destination < $1.destination }
            #expect(
                summary == [
                    PendingSummary(destination: "a", count: 2, earliestDue: start),
                    PendingSummary(destination: "b", count: 1, earliestDue: start),
                ])
            let status = try await world.store.status()
            #expect(status.events == 3 && status.oldestPending == start)
        }
    }

    @Test(arguments: Backing.allCases)
    func `what begins later is pending, not due, and counted apart`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let due = world.clock.wall + .seconds(600)
            let delivery = PreparedDelivery(
                route: "r1", destination: "ops", body: nil, contentType: "application/json", request: nil, due: due)
            let late = Prepared(
                event: world.event(), dedupe: nil, fates: [Fate(route: "r1", kind: .matched)], held: [],
                deliveries: [delivery], revision: RevisionID("0123456789ab"))
            let ticket = try #require(try await world.commit(late).tickets.first)
            #expect(ticket.dueAt == due && ticket.cycleBegan == due && ticket.acceptedAt == world.clock.wall)
            #expect(ticket.isScheduled)
            let page = try await world.pending()
            #expect(page.tickets.isEmpty && page.nextDue == due && page.isNextScheduled)
            let summary = try await world.store.pendingSummary()
            #expect(summary.map(\.earliestDue) == [due] && summary.map(\.isScheduled) == [true])
            let status = try await world.store.status()
            #expect(status.scheduled == ["ops": 1] && status.oldestPending == nil)
            let row = try #require(try await world.store.delivery(ticket.id)?.row)
            #expect(row.isScheduled && row.dueAt == due && row.state == .pending)

            world.clock.advance(by: .seconds(600))
            let read = try #require(try await world.pending().tickets.first)
            #expect(read.dueAt == due && read.cycleBegan == due && read.acceptedAt == ticket.acceptedAt)
            try await world.settle(ticket.id, .retry(at: world.clock.wall + .seconds(5)))
            #expect(try await world.pending().isNextScheduled == false)
            #expect(try await world.store.status().scheduled == [:])
            #expect(try await world.store.status().oldestPending == ticket.acceptedAt)
        }
    }

    @Test(arguments: Backing.allCases)
    func `what is scheduled can be cancelled, and a past time is due at once`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            func prepared(_ wait: Duration) -> Prepared {
                let delivery = PreparedDelivery(
                    route: "r1", destination: "ops", body: nil, contentType: "text/plain", request: nil,
                    due: world.clock.wall + wait)
                return Prepared(
                    event: world.event(), dedupe: nil, fates: [Fate(route: "r1", kind: .matched)], held: [],
                    deliveries: [delivery], revision: RevisionID("0123456789ab"))
            }
            let late = try await world.commit(prepared(.seconds(600))).tickets[0]
            var filter = DeliveryFilter()
            filter.ids = [late.id]
            #expect(try await world.store.close(filter, as: .cancelled, limit: 9, now: world.clock.wall) == 1)
            #expect(try await world.store.status().scheduled == [:])
            let past = try await world.commit(prepared(.seconds(-600))).tickets[0]
            #expect(past.dueAt == world.clock.wall && !past.isScheduled)
            #expect(try await world.pending().tickets.map(\.id) == [past.id])
        }
    }

    @Test(arguments: Backing.allCases)
    func `a held entry keeps its kind and its part`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            let failure = ScriptFailure(code: "x/y", script: "s", message: "m")
            let held = [
                HeldEntry(route: "r1", destination: "ops", failure: failure, part: 3),
                HeldEntry(route: "r2", destination: nil, failure: failure, kind: .awaitingLookup),
            ]
            let event = try await world.commit(world.prepared(to: [], held: held)).event
            let rows = try #require(try await world.store.event(event)?.held)
            #expect(rows.map(\.part) == [3, nil] && rows.map(\.kind) == [.failed, .awaitingLookup])
        }
    }

    @Test(arguments: Backing.allCases)
    func `several events of one request are one write`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            func all(_ prepared: [Prepared]) async -> Result<[Stored], StoreFailure> {
                await withCheckedContinuation { continuation in
                    world.store.commit(prepared) { continuation.resume(returning: $0) }
                }
            }
            let key = Verified.DedupeKey(key: [1], within: .seconds(60))
            let first = world.prepared(dedupe: key)
            let second = world.prepared(to: ["ops", "log"])
            let stored = try await all([first, second, world.prepared(dedupe: key)]).get()
            #expect(stored.map(\.duplicateOf) == [nil, nil, first.event.id])
            #expect(stored.map { $0.tickets.count } == [1, 2, 0])
            #expect(try await world.store.status().events == 2)
            // The same event twice cannot be stored: then nothing of the request is.
            let third = world.prepared()
            guard case .failure = await all([third, second]) else {
                Issue.record("the second time it was stored")
                return
            }
            #expect(try await world.store.event(third.event.id) == nil)
            #expect(try await world.store.status().events == 2)
        }
    }
}
