// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookDeliver

/// Deliveries that begin later than they were accepted.
@Suite struct ScheduledTests {
    static func ticket(_ number: Int, in wait: Duration, attempts: Int = 0) -> DeliveryTicket {
        let due = Fixture.start + wait
        return DeliveryTicket(
            id: DeliveryID(event: EventID(time: Fixture.start, random: UInt64(number) << 8), ordinal: 1), route: "r",
            destination: "erp", body: [], contentType: "application/json", request: nil, attemptsMade: attempts,
            attemptsInCycle: attempts, acceptedAt: Fixture.start, cycleBegan: due, dueAt: due)
    }

    struct Rig {
        var dispatcher = Dispatcher()
        var random = Seeded(1)
        var now: Duration = .zero
        var wallOffset: Duration = .zero
        var wakeAt: Duration?

        init() {
            _ = self.step(
                .reconfigured(DeliverPlan([Fixture.destination { $0.retry.schedule = .delays([.seconds(1)]) }])))
        }

        mutating func step(_ input: Dispatcher.Input) -> [Dispatcher.Effect] {
            let effects = self.dispatcher.step(
                input, now: self.now, wall: Fixture.start + self.now + self.wallOffset, random: &self.random)
            for case .wakeAt(let moment) in effects { self.wakeAt = moment }
            return effects
        }

        mutating func tick(at moment: Duration) -> [Dispatcher.Effect] {
            self.now = moment
            return self.step(.tick)
        }
    }

    @Test func `one that begins soon waits in memory and goes out at its time`() throws {
        var rig = Rig()
        #expect(DispatcherTests.sends(rig.step(.committed([Self.ticket(1, in: .seconds(90))]))).isEmpty)
        #expect(rig.dispatcher.snapshot.queues.first?.inMemory == 1 && rig.wakeAt == .seconds(90))
        #expect(DispatcherTests.sends(rig.tick(at: .milliseconds(89_999))).isEmpty)
        #expect(DispatcherTests.sends(rig.tick(at: .seconds(90))).count == 1)
    }

    @Test func `one that begins late stays in the store, and others pass it`() throws {
        var rig = Rig()
        #expect(rig.step(.committed([Self.ticket(1, in: .seconds(3600))])).isEmpty == false)
        #expect(rig.dispatcher.snapshot.queues.first?.inMemory == 0)
        #expect(DispatcherTests.sends(rig.step(.committed([Fixture.ticket(2)]))).count == 1)
        #expect(rig.wakeAt == Dispatcher.scheduledLookMax)
    }

    @Test func `a million that begin late take no memory`() throws {
        var rig = Rig()
        for number in 1...2000 { _ = rig.step(.committed([Self.ticket(number, in: .seconds(86_400 + number))])) }
        #expect(rig.dispatcher.snapshot.queues.first?.inMemory == 0 && rig.dispatcher.bytesHeld == 0)
        #expect(rig.dispatcher.holdings.isEmpty)
    }

    @Test func `the store is looked at when it is due and not much before`() throws {
        var rig = Rig()
        _ = rig.step(.committed([Self.ticket(1, in: .seconds(700))]))
        var looks: [Duration] = []
        var sent: Duration?
        while sent == nil, let next = rig.wakeAt, looks.count < 20 {
            let effects = rig.tick(at: max(next, rig.now))
            for case .load(_, _, let dueBy) in effects {
                looks.append(rig.now)
                let isDue = dueBy >= Fixture.start + .seconds(700)
                let page = PendingPage(
                    tickets: isDue ? [Self.ticket(1, in: .seconds(700))] : [],
                    nextDue: isDue ? nil : Fixture.start + .seconds(700), isNextScheduled: !isDue)
                if !DispatcherTests.sends(rig.step(.loaded("erp", .success(page)))).isEmpty { sent = rig.now }
            }
        }
        #expect(sent == .seconds(700) && looks == [.seconds(300), .seconds(600), .seconds(700)])
    }

    @Test func `a wall clock that was set back makes it late, never early`() throws {
        var rig = Rig()
        _ = rig.step(
            .woken([
                PendingSummary(
                    destination: "erp", count: 1, earliestDue: Fixture.start + .seconds(200), isScheduled: true)
            ]))
        rig.wallOffset = .seconds(-3600)
        let effects = rig.tick(at: .seconds(200))
        for case .load(_, _, let dueBy) in effects { #expect(dueBy < Fixture.start + .seconds(200)) }
        #expect(DispatcherTests.loads(effects).count == 1)
    }

    @Test func `a wall clock that was set forward is noticed in minutes`() throws {
        var rig = Rig()
        _ = rig.step(
            .woken([
                PendingSummary(
                    destination: "erp", count: 1, earliestDue: Fixture.start + .seconds(86_400), isScheduled: true)
            ]))
        rig.wallOffset = .seconds(2 * 86_400)
        let effects = rig.tick(at: Dispatcher.scheduledLookMax)
        #expect(DispatcherTests.loads(effects).count == 1)
    }

    @Test func `retries and giving up count from the time it was due`() throws {
        var rig = Rig()
        _ = rig.step(.committed([Self.ticket(1, in: .seconds(60))]))
        let sent = try #require(DispatcherTests.sends(rig.tick(at: .seconds(60))).first)
        #expect(sent.cycleBegan == Fixture.start + .seconds(60))
        rig.now = .seconds(62)
        let settled = DispatcherTests.settlements(rig.step(.finished(sent.id, AttemptResult(.answered, status: 200))))
        #expect(rig.dispatcher.arrivals(in: settled).map(\.took) == [.zero])
    }
}
