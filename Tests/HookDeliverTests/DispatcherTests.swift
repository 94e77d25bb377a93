// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookDeliver

@Suite struct DispatcherTests {
    static func sends(_ effects: [Dispatcher.Effect]) -> [DeliveryTicket] {
        effects.compactMap { if case .send(let ticket, _, _) = $0 { ticket } else { nil } }
    }

    static func settlements(_ effects: [Dispatcher.Effect]) -> [Settled] {
        effects.compactMap { if case .settle(let settled) = $0 { settled } else { nil } }.flatMap { $0 }
    }

    static func loads(_ effects: [Dispatcher.Effect]) -> [DestinationName] {
        effects.compactMap { if case .load(let name, _, _) = $0 { name } else { nil } }
    }

    struct Rig {
        var dispatcher: Dispatcher
        var random = Seeded(1)
        var now: Duration = .zero

        init(_ destinations: [DestinationSpec], limits: Dispatcher.Limits = Dispatcher.Limits()) {
            self.dispatcher = Dispatcher(limits: limits)
            _ = self.step(.reconfigured(DeliverPlan(destinations)))
        }

        mutating func step(_ input: Dispatcher.Input) -> [Dispatcher.Effect] {
            self.dispatcher.step(input, now: self.now, wall: Fixture.start + self.now, random: &self.random)
        }
    }

    @Test func `one destination never has more attempts on the wire than its concurrency`() {
        var rig = Rig([Fixture.destination { $0.concurrency = 3 }])
        let first = rig.step(.committed((1...10).map { Fixture.ticket($0) }))
        #expect(Self.sends(first).count == 3)
        let next = rig.step(.finished(Self.sends(first)[0].id, AttemptResult(.answered, status: 200)))
        #expect(Self.sends(next).count == 1)
        #expect(Self.settlements(next).map(\.disposition) == [.delivered])
    }

    @Test func `destinations take turns`() {
        var limits = Dispatcher.Limits()
        limits.inFlightMax = 4
        limits.inFlightSlowMax = 4
        var rig = Rig([Fixture.destination("a"), Fixture.destination("b")], limits: limits)
        let held = Self.sends(rig.step(.committed((1...20).map { Fixture.ticket($0, to: "a") })))
        _ = rig.step(.committed((21...40).map { Fixture.ticket($0, to: "b") }))
        var order: [String] = []
        for ticket in held {
            order += Self.sends(rig.step(.finished(ticket.id, AttemptResult(.answered, status: 200))))
                .map(\.destination.text)
        }
        #expect(order.sorted() == ["a", "a", "b", "b"])
    }

    @Test func `a thousand hanging destinations leave slots for the one that answers`() {
        let names = (0..<1000).map { DestinationName("dead\($0)") }
        var rig = Rig(names.map { Fixture.destination($0) } + [Fixture.destination("good")])
        let probe = Self.sends(rig.step(.committed([Fixture.ticket(1, to: "good")])))
        _ = rig.step(.finished(probe[0].id, AttemptResult(.answered, status: 200)))
        _ = rig.step(.settled(probe.map(\.id), isDurable: true))
        let hanging = rig.step(.committed((2...1001).map { Fixture.ticket($0, to: names[$0 - 2]) }))
        #expect(Self.sends(hanging).count == 384)
        #expect(Self.sends(rig.step(.committed([Fixture.ticket(5000, to: "good")]))).count == 1)
    }

    @Test func `the next attempt waits until the last one is recorded`() {
        var rig = Rig([Fixture.destination { $0.retry = RetrySpec(schedule: .delays([.zero, .zero]), jitter: .none) }])
        let ticket = Self.sends(rig.step(.committed([Fixture.ticket()])))[0]
        let failed = rig.step(.finished(ticket.id, AttemptResult(.connect)))
        #expect(Self.settlements(failed).count == 1)
        #expect(Self.sends(failed).isEmpty)
        // The store fails: the attempt is recorded again, later, and still nothing is sent.
        #expect(Self.sends(rig.step(.settled([ticket.id], isDurable: false))).isEmpty)
        rig.now += .seconds(1)
        #expect(Self.settlements(rig.step(.tick)).map(\.attempt) == [1])
        let again = rig.step(.settled([ticket.id], isDurable: true))
        #expect(Self.sends(again).map(\.attemptsMade) == [1])
    }

    @Test func `a page that shows the past is not sent again`() {
        var rig = Rig([Fixture.destination()])
        let ticket = Fixture.ticket()
        _ = rig.step(.committed([ticket]))
        let summary = PendingSummary(destination: "erp", count: 0, earliestDue: Fixture.start)
        #expect(Self.loads(rig.step(.woken([summary]))) == ["erp"])
        _ = rig.step(.finished(ticket.id, AttemptResult(.answered, status: 200)))
        _ = rig.step(.settled([ticket.id], isDurable: true))
        let stale = rig.step(.loaded("erp", .success(PendingPage(tickets: [ticket], nextDue: nil))))
        #expect(Self.sends(stale).isEmpty)
    }

    @Test func `what is committed while a page is read is read with the next one`() {
        var rig = Rig([Fixture.destination()])
        let summary = PendingSummary(destination: "erp", count: 1, earliestDue: Fixture.start)
        #expect(Self.loads(rig.step(.woken([summary]))) == ["erp"])
        // Behind those of the store it stays out of memory, and the page was read before it came.
        #expect(Self.sends(rig.step(.committed([Fixture.ticket(2)]))).isEmpty)
        let first = rig.step(.loaded("erp", .success(PendingPage(tickets: [Fixture.ticket(1)], nextDue: nil))))
        #expect(Self.sends(first).count == 1)
        #expect(Self.loads(first) == ["erp"])
        let second = rig.step(.loaded("erp", .success(PendingPage(tickets: [Fixture.ticket(2)], nextDue: nil))))
        #expect(Self.sends(second).map(\.id) == [Fixture.ticket(2).id])
    }

    @Test func `a far retry that is recorded while a page is read is looked at in time`() {
        let hour: Duration = .seconds(3600)
        var rig = Rig([Fixture.destination { $0.retry = RetrySpec(schedule: .delays([hour]), jitter: .none) }])
        let ticket = Self.sends(rig.step(.committed([Fixture.ticket()])))[0]
        let summary = PendingSummary(destination: "erp", count: 0, earliestDue: Fixture.start)
        #expect(Self.loads(rig.step(.woken([summary]))) == ["erp"])
        _ = rig.step(.finished(ticket.id, AttemptResult(.connect)))
        _ = rig.step(.settled([ticket.id], isDurable: true))
        _ = rig.step(.loaded("erp", .success(PendingPage(tickets: [ticket], nextDue: nil))))
        _ = rig.step(.tick)
        rig.now += hour
        #expect(Self.loads(rig.step(.tick)) == ["erp"])
    }

    @Test func `what the store has ended is not sent any more`() {
        var rig = Rig([
            Fixture.destination {
                $0.concurrency = 1
                $0.retry = RetrySpec(schedule: .delays([.seconds(5), .seconds(5)]), jitter: .none)
            }
        ])
        let sent = Self.sends(rig.step(.committed([Fixture.ticket(1), Fixture.ticket(2)])))
        let left = PendingSummary(destination: "erp", count: 0, earliestDue: Fixture.start)
        #expect(Self.loads(rig.step(.reread([left]))) == ["erp"])
        let empty = Dispatcher.Input.loaded("erp", .success(PendingPage(tickets: [], nextDue: nil)))
        var effects = rig.step(empty)
        while !Self.loads(effects).isEmpty { effects = rig.step(empty) }
        #expect(Self.sends(rig.step(.finished(sent[0].id, AttemptResult(.connect)))).isEmpty)
        #expect(Self.sends(rig.step(.settled([sent[0].id], isDurable: true))).isEmpty)
        rig.now += .seconds(5)
        // The retry is asked of the store, which knows better.
        #expect(Self.loads(rig.step(.tick)) == ["erp"])
        #expect(Self.sends(rig.step(empty)).isEmpty)
        #expect(rig.dispatcher.holdings.isEmpty && rig.dispatcher.bytesHeld == 0)
        #expect(rig.dispatcher.snapshot.waiting == 0)
    }

    @Test func `a destination that leaves is parked and comes back`() {
        var rig = Rig([Fixture.destination { $0.concurrency = 1 }])
        _ = rig.step(.committed([Fixture.ticket(1), Fixture.ticket(2)]))
        _ = rig.step(.reconfigured(DeliverPlan([])))
        #expect(rig.dispatcher.snapshot.parked == 1)
        #expect(Self.sends(rig.step(.committed([Fixture.ticket(3)]))).isEmpty)
        let back = rig.step(.reconfigured(DeliverPlan([Fixture.destination()])))
        #expect(Self.loads(back) == ["erp"])
    }

    @Test func `a hundred thousand tickets stay in the window`() {
        var rig = Rig([Fixture.destination()])
        for batch in 0..<1000 {
            _ = rig.step(.committed((0..<100).map { Fixture.ticket(batch * 100 + $0 + 1) }))
        }
        #expect(rig.dispatcher.holdings.count <= 256 + 8)
        #expect(rig.dispatcher.snapshot.waiting + rig.dispatcher.snapshot.inFlight == 100_000)
    }

    @Test func `large bodies stay in the budget`() {
        let names = (0..<50).map { DestinationName("d\($0)") }
        var rig = Rig(names.map { Fixture.destination($0) })
        let body = String(repeating: "x", count: 1024 * 1024)
        for number in 1...400 { _ = rig.step(.committed([Fixture.ticket(number, to: names[number % 50], body: body)])) }
        let budget = rig.dispatcher.limits.windowBytes
        #expect(rig.dispatcher.bytesHeld <= budget + 50 * 9 * body.utf8.count)
    }

    @Test func `shutting down sends nothing and waits for what is under way`() {
        var rig = Rig([Fixture.destination { $0.concurrency = 1 }])
        let ticket = Self.sends(rig.step(.committed([Fixture.ticket(1), Fixture.ticket(2)])))[0]
        _ = rig.step(.shutdown)
        #expect(!rig.dispatcher.isIdle)
        #expect(Self.sends(rig.step(.finished(ticket.id, AttemptResult(.answered, status: 200)))).isEmpty)
        _ = rig.step(.settled([ticket.id], isDurable: true))
        #expect(rig.dispatcher.isIdle)
    }
}
