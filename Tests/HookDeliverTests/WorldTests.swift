// SPDX-License-Identifier: Apache-2.0
// Random worlds: a store that fails, a network that fails, a wall clock that jumps, all from one seed. After each step
// the
// promises of the dispatcher are checked.
import HookCore
import Testing

@testable import HookDeliver

/// A store and a network around one dispatcher, in virtual time.
struct World {
    struct Row {
        var ticket: DeliveryTicket
        var isPending = true
    }

    enum Pending {
        case finished(DeliveryID, AttemptResult)
        /// The store records; the answer is told later, and much may happen in between.
        case recording([Settled], fails: Bool)
        case settled([DeliveryID], fails: Bool)
        /// The store reads; what it has read is told later, when it may be the past.
        case reading(DestinationName, limit: Int, dueBy: WallTime, fails: Bool)
        case page(DestinationName, Result<PendingPage, StoreFailure>)
    }

    static let names = (0..<6).map { DestinationName("d\($0)") }

    var dispatcher: Dispatcher
    var random: Seeded
    var now: Duration = .zero
    var wallOffset: Duration = .zero
    var rows: [DeliveryID: Row] = [:]
    var pending: [(at: Duration, what: Pending)] = []
    var wakeAt: Duration?
    var onWire: [DeliveryID: DestinationName] = [:]
    var unrecorded: Set<DeliveryID> = []
    var sends = 0
    var loads = 0
    var isCalm = false

    init(seed: UInt64) {
        var limits = Dispatcher.Limits()
        limits.windowTickets = 8
        limits.windowBytes = 4096
        limits.inFlightMax = 9
        limits.inFlightSlowMax = 6
        limits.loadsMax = 2
        self.dispatcher = Dispatcher(limits: limits)
        self.random = Seeded(seed)
        self.apply(.reconfigured(Self.plan))
    }

    static let plan = DeliverPlan(
        names.map { name in
            Fixture.destination(name) {
                $0.concurrency = 2
                $0.retry = RetrySpec(
                    attempts: 6, schedule: .exponential(first: .seconds(1), factor: 3, max: .seconds(200)),
                    jitter: .full,
                    giveUpAfter: nil)
            }
        })

    var wall: WallTime { Fixture.start + self.now + self.wallOffset }

    mutating func chance(_ percent: Int) -> Bool {
        !self.isCalm && Int.random(in: 0..<100, using: &self.random) < percent
    }
    mutating func wait(_ milliseconds: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: milliseconds, using: &self.random))
    }

    mutating func apply(_ input: Dispatcher.Input) {
        let effects = self.dispatcher.step(input, now: self.now, wall: self.wall, random: &self.random)
        for effect in effects {
            switch effect {
            case .send(let ticket, _, let attempt): self.send(ticket, attempt)
            case .load(let name, let limit, let dueBy):
                self.loads += 1
                let fails = self.chance(10)
                self.pending.append(
                    (self.now + self.wait(0...50), .reading(name, limit: limit, dueBy: dueBy, fails: fails)))
            case .settle(let settled):
                let fails = self.chance(20)
                self.pending.append((self.now + self.wait(0...30), .recording(settled, fails: fails)))
            case .wakeAt(let moment): self.wakeAt = moment
            }
        }
        self.check()
    }

    mutating func send(_ ticket: DeliveryTicket, _ attempt: Int) {
        self.sends += 1
        #expect(self.onWire[ticket.id] == nil, "two attempts of one delivery at once")
        #expect(!self.unrecorded.contains(ticket.id), "sent before the last attempt was recorded")
        #expect(self.rows[ticket.id]?.isPending == true, "sent although it has an end")
        #expect(attempt == (self.rows[ticket.id]?.ticket.attemptsMade ?? -1) + 1, "attempts are not monotone")
        self.onWire[ticket.id] = ticket.destination
        let status = self.isCalm ? 200 : [200, 200, 500, 503, 429, 400][Int.random(in: 0..<6, using: &self.random)]
        var result = AttemptResult(.answered, status: status)
        if self.chance(20) { result = AttemptResult(.timeout) }
        if status == 429 { result.retryAfter = "30" }
        self.pending.append((self.now + self.wait(1...3000), .finished(ticket.id, result)))
    }

    func check() {
        for (name, count) in Dictionary(grouping: self.onWire.values, by: { $0 }).mapValues(\.count) {
            #expect(count <= 2, "\(name) has more attempts than its concurrency")
        }
        #expect(self.onWire.count <= 9)
    }

    mutating func happen(_ what: Pending) {
        switch what {
        case .finished(let delivery, let result):
            self.onWire[delivery] = nil
            self.unrecorded.insert(delivery)
            self.apply(.finished(delivery, result))
        case .recording(let settled, let fails):
            if !fails { for one in settled { self.record(one) } }
            self.pending.append((self.now + self.wait(0...20), .settled(settled.map(\.delivery), fails: fails)))
        case .settled(let deliveries, let fails): self.apply(.settled(deliveries, isDurable: !fails))
        case .reading(let name, let limit, let dueBy, let fails):
            let page: Result<PendingPage, StoreFailure> =
                fails ? .failure(StoreFailure(.io, "x")) : .success(self.page(name, limit, dueBy))
            self.pending.append((self.now + self.wait(0...50), .page(name, page)))
        case .page(let name, let page): self.apply(.loaded(name, page))
        }
    }

    mutating func record(_ settled: Settled) {
        self.unrecorded.remove(settled.delivery)
        guard let row = self.rows[settled.delivery] else { return }
        if case .retry(let due) = settled.disposition {
            self.rows[settled.delivery]?.ticket = row.ticket.afterFailedAttempt(dueAt: due)
        } else {
            self.rows[settled.delivery]?.isPending = false
        }
    }

    func page(_ name: DestinationName, _ limit: Int, _ dueBy: WallTime) -> PendingPage {
        let all = self.rows.values.filter { $0.isPending && $0.ticket.destination == name }.map(\.ticket)
            .sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
        let tickets = Array(all.filter { $0.dueAt <= dueBy }.prefix(limit))
        let ids = Set(tickets.map(\.id))
        return PendingPage(tickets: tickets, nextDue: all.first { !ids.contains($0.id) }?.dueAt)
    }

    mutating func commit(_ number: Int) {
        let name = Self.names[Int.random(in: 0..<Self.names.count, using: &self.random)]
        let ticket = Fixture.ticket(
            number, to: name, body: String(repeating: "x", count: number % 300), accepted: self.wall)
        self.rows[ticket.id] = Row(ticket: ticket)
        self.apply(.committed(self.chance(10) ? [ticket, ticket] : [ticket]))
    }

    /// Lets time pass to the next thing that happens.
    mutating func turn() -> Bool {
        let next = (self.pending.map(\.at) + [self.wakeAt].compactMap { $0 }).min()
        guard let next else { return false }
        self.now = max(self.now, next)
        let due = self.pending.indices.filter { self.pending[$0].at <= self.now }
        if let place = due.randomElement(using: &self.random) {
            self.happen(self.pending.remove(at: place).what)
        } else {
            self.apply(.tick)
        }
        return true
    }
}

@Suite struct WorldTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `nothing is lost, doubled or hurried`(seed: UInt64) {
        var world = World(seed: seed)
        for number in 1...150 {
            world.commit(number)
            for _ in 0..<Int.random(in: 0...4, using: &world.random) { _ = world.turn() }
            if world.chance(5) {
                let hours = Int.random(in: -30...30, using: &world.random)
                world.wallOffset += .seconds(hours * 3600)
            }
            if world.chance(3) {
                world.apply(.reconfigured(DeliverPlan([])))
                world.apply(.reconfigured(World.plan))
            }
            if world.chance(3) { world.apply(.reread([])) }
        }
        world.isCalm = true
        var turns = 0
        while world.rows.values.contains(where: \.isPending) || !world.dispatcher.isIdle, turns < 20_000 {
            turns += 1
            if !world.turn() { break }
        }
        let left = world.rows.values.filter(\.isPending).map(\.ticket)
        #expect(left.isEmpty, "seed \(seed): \(left.count) deliveries never ended after \(turns) turns, \(world.now)")
        #expect(turns < 20_000)
        #expect(world.loads < 3000, "the store was read \(world.loads) times")
        #expect(world.sends <= 150 * 6)
        #expect(world.dispatcher.isIdle && world.dispatcher.bytesHeld == 0)
        #expect(world.dispatcher.inFlightSlow == 0)
    }
}
