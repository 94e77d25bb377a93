// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookDeliver

@Suite struct SimulationTests {
    @Test func `attempts fall on the schedule and end in a dead letter`() {
        var simulation = DeliverSimulation(
            destinations: [Fixture.destination { $0.retry.attempts = 4 }], secrets: FixedSecrets(),
            start: Fixture.start,
            answers: ["erp": [.status(500)]])
        simulation.add([Fixture.ticket()])
        simulation.runToEnd()
        #expect(simulation.attempts.map(\.at) == [.zero, .seconds(5), .seconds(15), .seconds(35)])
        #expect(simulation.ends.map(\.disposition) == [.dead(reason: DeliveryReason.attemptsExhausted)])
        #expect(simulation.isIdle)
    }

    @Test func `time moves only as far as it is told`() {
        var simulation = DeliverSimulation(
            destinations: [Fixture.destination()], secrets: FixedSecrets(), start: Fixture.start,
            answers: ["erp": [.timeout, .status(429, retryAfter: 60), .refused, .status(204)]])
        simulation.add([Fixture.ticket()])
        simulation.advance(by: .seconds(14))
        #expect(simulation.attempts.count == 1)
        simulation.advance(by: .seconds(1))
        #expect(simulation.attempts.map(\.at) == [.zero, .seconds(15)])
        simulation.runToEnd()
        #expect(simulation.attempts.map(\.at) == [.zero, .seconds(15), .seconds(75), .seconds(95)])
        #expect(simulation.attempts.map(\.status) == [nil, 429, nil, 204])
        #expect(simulation.ends.map(\.disposition) == [.delivered])
    }

    @Test func `ten thousand deliveries keep to their schedule without bunching`() {
        var simulation = DeliverSimulation(
            destinations: [
                Fixture.destination {
                    $0.concurrency = 10_000; $0.retry.attempts = 3
                }
            ],
            secrets: FixedSecrets(), start: Fixture.start, answers: ["erp": [.status(500)]], jitter: nil)
        simulation.add((1...2000).map { Fixture.ticket($0) })
        simulation.runToEnd()
        #expect(simulation.attempts.count == 6000)
        let seconds = Dictionary(
            grouping: simulation.attempts.filter { $0.at > .zero }, by: { $0.at.components.seconds })
        let busiest = seconds.values.map(\.count).max() ?? 0
        // First retries spread over 5 s, second ones over 10 s: at most three times the mean of the first band.
        #expect(busiest < 3 * 400)
    }
}
