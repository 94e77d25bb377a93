// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookDeliver

/// A delivery policy in words.
package struct PolicyWords: Sendable {
    private let policy: PolicySpec

    package init(_ policy: PolicySpec) { self.policy = policy }

    /// `12 attempts over about 2 h 25 min, first retry after 5 s, then 10 s, 20 s, … 1 h (full jitter), then a dead letter`
    package var retries: String {
        let end = self.policy.deadLetter == .keep ? "a dead letter" : "dropped"
        let waits = self.waits
        guard let first = waits.first else { return "1 attempt, no retry; then \(end)" }
        var text = "\(waits.count + 1) attempts over about \(DurationWords.text(self.span)), first retry after "
        text += DurationWords.text(first)
        let rest = waits.dropFirst()
        if rest.count == 1 || (rest.count > 1 && rest.allSatisfy { $0 == first }) {
            text += rest.allSatisfy { $0 == first } ? ", then the same again" : ", then \(DurationWords.text(rest[1]))"
        } else if let last = rest.last {
            let isLong = rest.count > 4
            let shown = rest.prefix(isLong ? 3 : 4).map(DurationWords.text)
            text += ", then \(shown.joined(separator: ", "))"
            if isLong { text += ", … up to \(DurationWords.text(last))" }
        }
        switch self.policy.retry.jitter {
        case .none: break
        case .full: text += " (each wait drawn from 0 to that)"
        case .equal: text += " (each wait drawn from half of that to all)"
        }
        return "\(text), then \(end)"
    }

    /// `tried again on network errors, 408, 429 and 5xx; anything else but 2xx ends it`
    package var outcomes: String {
        let matrix = self.policy.retryOn
        let again = (matrix.network ? ["network errors"] : []) + matrix.statuses.map(Self.text)
        let success = self.policy.success.map(Self.text).joined(separator: ", ")
        if again.isEmpty { return "\(success) is success; nothing is tried again" }
        return "\(success) is success; tried again on \(Self.list(again)); anything else ends it at once"
    }

    /// `time-out 10 s, at most 8 at a time`
    package var limits: String {
        "time-out \(DurationWords.text(self.policy.timeout)), at most \(self.policy.concurrency) at a time"
    }

    /// When each attempt is made where all fail at once, before jitter: from the first, at 0.
    package var attempts: [Duration] {
        self.waits.reduce(into: [.zero]) { times, wait in times.append((times.last ?? .zero) + wait) }
    }

    private var span: Duration { self.waits.reduce(.zero, +) }

    /// The waits before jitter, as far as `give_up_after` lets them come.
    private var waits: [Duration] {
        let retry = self.policy.retry
        var waits: [Duration] = []
        var age = Duration.zero
        for number in 1..<max(retry.attemptsMax, 1) {
            var wait = retry.schedule.delay(after: number)
            if let limit = retry.giveUpAfter {
                if age >= limit { break }
                // The last attempt falls on the limit itself, as in ``RetryDecision``.
                wait = min(wait, limit - age)
            }
            age += wait
            waits.append(wait)
        }
        return waits
    }

    /// `2xx`, `408`, `500 to 503`
    static func text(_ status: StatusRange) -> String {
        let (low, high) = (status.range.lowerBound, status.range.upperBound)
        if low == high { return "\(low)" }
        return low % 100 == 0 && high == low + 99 ? "\(low / 100)xx" : "\(low) to \(high)"
    }

    static func list(_ words: [String], _ last: String = "and") -> String {
        guard words.count > 1, let end = words.last else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) \(last) \(end)"
    }
}

/// Durations for people.
package enum DurationWords {
    /// At most two units, the smaller one rounded down: `2 h 25 min`, `5 s`, `50 ms`.
    package static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let units: [(name: String, size: Int64)] = [
            ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1),
        ]
        for (place, unit) in units.enumerated() where milliseconds >= unit.size {
            let whole = milliseconds / unit.size
            let rest = milliseconds % unit.size
            guard place + 1 < units.count, rest >= units[place + 1].size else { return "\(whole) \(unit.name)" }
            return "\(whole) \(unit.name) \(rest / units[place + 1].size) \(units[place + 1].name)"
        }
        return "\(milliseconds) ms"
    }

    /// Microseconds below a millisecond, else as ``text(_:)`` or with one decimal.
    package static func fine(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        if microseconds < 1000 { return "\(microseconds) µs" }
        if microseconds < 1_000_000 { return "\(microseconds / 1000).\(microseconds % 1000 / 100) ms" }
        return self.text(duration)
    }
}
