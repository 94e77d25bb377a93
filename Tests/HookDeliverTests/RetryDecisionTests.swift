// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookDeliver

@Suite struct RetryDecisionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let result: AttemptResult
        var attempt = 1
        var age: Duration = .zero
        var policy: @Sendable (inout PolicySpec) -> Void = { _ in }
        let disposition: Settled.Disposition
        var outcome: String?
        var testDescription: String { self.name }
    }

    static func answer(_ status: Int, retryAfter: String? = nil) -> AttemptResult {
        AttemptResult(.answered, status: status, retryAfter: retryAfter)
    }

    static func retry(in seconds: Int) -> Settled.Disposition { .retry(at: Fixture.start + .seconds(seconds)) }

    static let cases: [Case] = [
        Case(name: "200 is delivered", result: answer(200), disposition: .delivered, outcome: "ok"),
        Case(name: "204 is delivered", result: answer(204), disposition: .delivered),
        Case(name: "500 is retried", result: answer(500), disposition: retry(in: 5), outcome: "status"),
        Case(name: "the third wait is doubled twice", result: answer(500), attempt: 3, disposition: retry(in: 20)),
        Case(name: "the wait ends at its maximum", result: answer(500), attempt: 11, disposition: retry(in: 3600)),
        Case(name: "400 is refused", result: answer(400), disposition: .dead(reason: DeliveryReason.refusedStatus)),
        Case(
            name: "a redirect is refused", result: answer(302), disposition: .dead(reason: DeliveryReason.refusedStatus)
        ),
        Case(name: "410 is gone at once", result: answer(410), disposition: .dead(reason: DeliveryReason.gone)),
        Case(
            name: "410 is gone although 4xx is retried", result: answer(410),
            policy: { $0.retryOn.statuses = [StatusRange(400...499)] }, disposition: .dead(reason: DeliveryReason.gone)),
        Case(
            name: "410 as a success is delivered", result: answer(410),
            policy: { $0.success = [StatusRange(410...410)] },
            disposition: .delivered),
        Case(name: "408 is retried", result: answer(408), disposition: retry(in: 5)),
        Case(name: "429 waits as asked", result: answer(429, retryAfter: "60"), disposition: retry(in: 60)),
        Case(
            name: "503 waits until a date", result: answer(503, retryAfter: "Thu, 01 Jan 2026 12:02:00 GMT"),
            disposition: retry(in: 120)),
        Case(
            name: "a shorter Retry-After does not hurry", result: answer(503, retryAfter: "1"),
            disposition: retry(in: 5)),
        Case(
            name: "a malformed Retry-After is ignored", result: answer(503, retryAfter: "-1"), disposition: retry(in: 5)
        ),
        Case(
            name: "a huge Retry-After ends at the age limit", result: answer(503, retryAfter: "999999999999999999999"),
            disposition: retry(in: 86_400)),
        Case(
            name: "the last attempt is the last", result: answer(500), attempt: 12,
            disposition: .dead(reason: DeliveryReason.attemptsExhausted)),
        Case(
            name: "too old", result: answer(500), attempt: 2, age: .seconds(86_400),
            disposition: .dead(reason: DeliveryReason.tooOld)),
        Case(
            name: "the last attempt falls on the age limit", result: answer(500), attempt: 10, age: .seconds(86_300),
            disposition: retry(in: 100)),
        Case(
            name: "a clock that went back does not age", result: answer(500), age: .seconds(-999_999),
            disposition: retry(in: 5)),
        Case(
            name: "a list of delays gives its own", result: answer(500), attempt: 2,
            policy: { $0.retry.schedule = .delays([.seconds(1), .seconds(7)]) }, disposition: retry(in: 7)),
        Case(
            name: "a list of delays bounds the attempts", result: answer(500), attempt: 3,
            policy: { $0.retry.schedule = .delays([.seconds(1), .seconds(7)]) },
            disposition: .dead(reason: DeliveryReason.attemptsExhausted)),
        Case(
            name: "dead letters may be dropped", result: answer(400), policy: { $0.deadLetter = .drop },
            disposition: .dropped(reason: DeliveryReason.refusedStatus)),
        Case(
            name: "no connection is retried", result: AttemptResult(.connect), disposition: retry(in: 5),
            outcome: "connect"),
        Case(
            name: "no connection is final where the policy says so", result: AttemptResult(.connect),
            policy: { $0.retryOn.network = false }, disposition: .dead(reason: DeliveryReason.network)),
        Case(
            name: "a cut-off 200 is not delivered", result: AttemptResult(.reset, status: 200),
            disposition: retry(in: 5)),
        Case(
            name: "a 200 with too long a body is delivered", result: AttemptResult(.tooLarge, status: 200),
            disposition: .delivered, outcome: "too-large"),
        Case(
            name: "a 500 with too long a body is retried", result: AttemptResult(.tooLarge, status: 500),
            disposition: retry(in: 5)),
        Case(
            name: "a missing secret is retried", result: AttemptResult(.config), policy: { $0.retryOn.network = false },
            disposition: retry(in: 5), outcome: "config"),
        Case(
            name: "a missing field is not", result: AttemptResult(.config, refusal: DeliveryReason.templateMissing),
            disposition: .dead(reason: DeliveryReason.templateMissing)),
    ]

    @Test(arguments: cases)
    func decides(_ example: Case) {
        var policy = PolicySpec(name: "p")
        policy.retry.jitter = .none
        example.policy(&policy)
        var random = Seeded(1)
        let decision = RetryDecision.make(
            example.result, policy: policy, attempt: example.attempt, began: Fixture.start + (.zero - example.age),
            wall: Fixture.start, random: &random)
        #expect(decision.disposition == example.disposition)
        if let outcome = example.outcome { #expect(decision.outcome == outcome) }
    }

    @Test(arguments: [RetrySpec.Jitter.none, .full, .equal])
    func `jitter stays in its band and fills it evenly`(_ jitter: RetrySpec.Jitter) {
        var random = Seeded(7)
        for number in 1...12 {
            let spec = RetrySpec(jitter: jitter)
            let whole = spec.schedule.delay(after: number)
            let low: Duration = jitter == .none ? whole : jitter == .equal ? whole / 2 : .zero
            var buckets = [Int](repeating: 0, count: 10)
            for _ in 0..<2000 {
                let delay = spec.delay(after: number, random: &random)
                #expect(delay >= low && delay <= whole)
                if jitter == .none { continue }
                let share = (delay - low).inSeconds / (whole - low).inSeconds
                buckets[min(9, Int(share * 10))] += 1
            }
            // 200 expected a bucket, standard deviation 13.4: five of them is far beyond chance.
            if jitter != .none { #expect(buckets.allSatisfy { abs($0 - 200) < 70 }) }
        }
    }

    @Test func `no factor or number overflows`() {
        var random = Seeded(3)
        for factor in [0, 1, 1.5, 1e300, .infinity, .nan] as [Double] {
            let spec = RetrySpec(
                attempts: .max,
                schedule: .exponential(first: .seconds(1), factor: factor, max: .seconds(Int64.max / 4)),
                jitter: .full)
            for number in [1, 2, 3, 1000] {
                #expect(spec.delay(after: number, random: &random) >= .zero)
            }
        }
    }
}
