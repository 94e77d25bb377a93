// SPDX-License-Identifier: Apache-2.0
// What follows from a finished attempt. Pure: it reads no clock and keeps nothing.
package import HookCore

/// Decides whether a delivery is done, tried again, or given up.
package struct RetryDecision: Sendable, Equatable {
    /// Outcome as ``Settled/outcome`` spells it.
    package let outcome: String
    package let disposition: Settled.Disposition
    /// How long to wait, where it is tried again; the machine's timers use this and not the wall clock.
    package let delay: Duration?

    /// - Parameters:
    ///   - attempt: number of this attempt in its cycle, from 1.
    ///   - began: when the cycle began; `giveUpAfter` counts from there.
    ///   - wall: now. A clock that went back makes the age zero, not negative.
    package static func make(
        _ result: AttemptResult, policy: PolicySpec, attempt: Int, began: WallTime, wall: WallTime,
        random: inout some RandomNumberGenerator
    ) -> Self {
        if let refusal = result.refusal { return .giveUp(result.outcome.rawValue, refusal, policy) }
        if let status = result.status, result.hasDecisiveStatus, policy.success.contains(where: { $0.contains(status) })
        {
            return Self(
                outcome: result.outcome == .answered ? "ok" : result.outcome.rawValue, disposition: .delivered,
                delay: nil)
        }
        if let reason = result.permanentReason(policy) { return .giveUp(result.outcome.rawValue, reason, policy) }
        if attempt >= policy.retry.attemptsMax {
            return .giveUp(result.outcome.rawValue, DeliveryReason.attemptsExhausted, policy)
        }
        let age = max(.zero, wall - began)
        if let limit = policy.retry.giveUpAfter, age >= limit {
            return .giveUp(result.outcome.rawValue, DeliveryReason.tooOld, policy)
        }
        let planned = policy.retry.delay(after: attempt, random: &random)
        let asked = result.retryAfter.flatMap { RetryAfter.parse($0, now: wall) } ?? .zero
        var delay = max(planned, asked)
        // The last attempt falls on the limit itself: a delivery is not given up with time left.
        if let limit = policy.retry.giveUpAfter { delay = min(delay, limit - age) }
        return Self(outcome: result.outcome.rawValue, disposition: .retry(at: wall + delay), delay: delay)
    }

    private static func giveUp(_ outcome: String, _ reason: String, _ policy: PolicySpec) -> Self {
        let disposition: Settled.Disposition =
            switch policy.deadLetter {
            case .keep: .dead(reason: reason)
            case .drop: .dropped(reason: reason)
            }
        return Self(outcome: outcome, disposition: disposition, delay: nil)
    }
}

extension AttemptResult {
    /// Whether the status decides: the peer has answered, even where it said more than we read.
    fileprivate var hasDecisiveStatus: Bool { self.outcome == .answered || self.outcome == .tooLarge }

    /// Why no further attempt can help; nil where one may.
    fileprivate func permanentReason(_ policy: PolicySpec) -> String? {
        switch self.outcome {
        case .answered, .tooLarge:
            guard let status = self.status else { return policy.retryOn.network ? nil : DeliveryReason.network }
            // 410: the receiver wants no more (Standard Webhooks 1.0.0), whatever the matrix says.
            if status == 410 { return DeliveryReason.gone }
            return policy.retryOn.statuses.contains { $0.contains(status) } ? nil : DeliveryReason.refusedStatus
        case .dns, .connect, .tls, .timeout, .reset, .protocol, .egress:
            return policy.retryOn.network ? nil : DeliveryReason.network
        case .config:
            return nil
        }
    }
}

extension RetrySpec {
    /// Attempts in all. A list of delays says it by its length.
    package var attemptsMax: Int {
        switch self.schedule {
        case .exponential: self.attempts
        case .delays(let delays): delays.count + 1
        }
    }

    /// The wait after attempt `number` (from 1), jitter included.
    package func delay(after number: Int, random: inout some RandomNumberGenerator) -> Duration {
        let whole = self.schedule.delay(after: number)
        let limit = whole.wholeMicroseconds
        guard limit > 0 else { return .zero }
        switch self.jitter {
        case .none: return whole
        case .full: return .microseconds(Int64.random(in: 0...limit, using: &random))
        case .equal: return .microseconds(Int64.random(in: limit / 2...limit, using: &random))
        }
    }
}

extension RetrySpec.Schedule {
    /// The wait after attempt `number` (from 1), before jitter.
    package func delay(after number: Int) -> Duration {
        switch self {
        case .delays(let delays):
            return delays.indices.contains(number - 1) ? delays[number - 1] : delays.last ?? .zero
        case .exponential(let first, let factor, let max):
            var seconds = first.inSeconds
            let limit = max.inSeconds
            // Grows until the limit: the number of turns is bounded by the attempts, and no power can overflow.
            for _ in 1..<Swift.max(number, 1) where seconds < limit && factor != 1 { seconds *= factor }
            // Not a number, or past the limit: the limit.
            guard seconds < limit, seconds >= 0 else { return max }
            return .seconds(seconds)
        }
    }
}

extension Duration {
    /// Whole microseconds, at most what fits; never negative.
    fileprivate var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = self.components
        // 10 000 years; a longer wait is a mistake, and the product must not overflow.
        let bounded = min(max(seconds, 0), 315_360_000_000)
        return max(0, bounded * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
