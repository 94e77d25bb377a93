// SPDX-License-Identifier: Apache-2.0
// Delivery policies. A policy is read over the one that it extends, so that inheritance is nothing but order.

internal import HookCore
internal import YAMLBridge

/// `retry:` while it is read; turned into a ``RetrySpec`` over the inherited one.
struct RetryDraft: Sendable {
    var attempts: Int?
    var first: Duration?
    var factor: Double?
    var max: Duration?
    var delays: [Duration]?
    var jitter: RetrySpec.Jitter?
    var giveUpAfter: Duration?

    static let section = Section<RetryDraft>(
        title: "a retry schedule", summary: "When a failed delivery is tried again: exponential, or explicit delays.",
        fields: [
            Field(
                "attempts", .integer(1...1000, example: "12"), \.attempts, default: "12",
                "Attempts in all, the first included."),
            Field(
                "first", .duration(.zero ... .seconds(86_400)), \.first, default: "5s",
                "Delay before the second attempt."),
            Field("factor", .factor, \.factor, default: "2", "Each delay is this many times the one before."),
            Field("max", .duration(.zero ... .seconds(7 * 86_400)), \.max, default: "1h", "No delay is longer."),
            Field(
                "delays", .list(of: .duration(.zero ... .seconds(7 * 86_400))), \.delays,
                "Explicit delays; as many retries as delays. Replaces attempts, first, factor and max."),
            Field(
                "jitter", .word, \.jitter, default: "full",
                "How a delay is spread: full (0 to delay), equal (half to delay), none."),
            Field(
                "give_up_after", .duration(.seconds(1) ... .seconds(90 * 86_400)), \.giveUpAfter, default: "24h",
                "No attempt starts later than this after the event came in."),
        ])

    /// Lays the draft over the inherited schedule.
    func applied(to base: RetrySpec) -> RetrySpec {
        var result = base
        if let delays = self.delays {
            result.schedule = .delays(delays)
            result.attempts = delays.count + 1
        } else if self.attempts != nil || self.first != nil || self.factor != nil || self.max != nil {
            var curve = (first: Duration.seconds(5), factor: 2.0, max: Duration.seconds(3600))
            if case .exponential(let first, let factor, let max) = base.schedule { curve = (first, factor, max) }
            result.schedule = .exponential(
                first: self.first ?? curve.first, factor: self.factor ?? curve.factor, max: self.max ?? curve.max)
            result.attempts = self.attempts ?? base.attempts
        }
        if let jitter = self.jitter { result.jitter = jitter }
        if let giveUpAfter = self.giveUpAfter { result.giveUpAfter = giveUpAfter }
        return result
    }

    static let shape = Shape<RetryDraft>(
        Self.section.title, example: "{attempts: 5, first: 1s}", schema: Self.section.schema,
        sections: [Self.section.note]
    ) { node, checker in
        var draft = RetryDraft()
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        let curve = ["attempts", "first", "factor", "max"].compactMap { node.entry(of: $0)?.key }
        if let delays = node.entry(of: "delays"), let other = curve.first {
            checker.report(
                "config/conflict", at: other.at, "\"\(other.raw ?? "")\" and \"delays\" exclude each other",
                hint: "delays say everything by themselves",
                notes: [Diagnostic.Note("delays stand here", at: delays.key.at)])
        }
        if let first = draft.first, let max = draft.max, first > max {
            checker.report(
                "config/conflict", at: node.value(of: "max")?.at, "\"max\" is shorter than \"first\"", hint: "raise max"
            )
        }
        return draft
    }
}

extension PolicySpec {
    /// Fields of a policy; a destination takes the same ones beside its policy's name.
    static let fields: [Field<PolicySpec>] = [
        Field(
            "timeout", .duration(.milliseconds(1) ... .seconds(600)), \.timeout, default: "10s",
            "The whole attempt, from look-up to the last byte of the answer."),
        Field(
            "connect_timeout", .duration(.milliseconds(1) ... .seconds(600)), \.connectTimeout, default: "5s",
            "From look-up to an open connection."),
        Field("retry", RetryDraft.shape, "When a failed delivery is tried again.") {
            $0.retry = $1.applied(to: $0.retry)
        },
        Field("success", .list(of: .statuses), \.success, default: "[2xx]", "Answers that end a delivery well."),
        Field(
            "retry_on", .list(of: .retryCause), default: "[network, 408, 429, 5xx]",
            "Failures that are tried again; everything else is a dead letter at once."
        ) { policy, causes in
            policy.retryOn = RetryMatrix(network: causes.contains(nil), statuses: causes.compactMap { $0 })
        },
        Field(
            "concurrency", .integer(1...1000, example: "8"), \.concurrency, default: "8",
            "Deliveries in flight at once, per destination."),
        Field(
            "dead_letter", .word, \.deadLetter, default: "keep",
            "What becomes of a delivery that failed for good: keep or drop."),
        Field(
            "response_bytes", .bytes(0...16 * 1024 * 1024), \.responseBytesMax, default: "64KiB",
            "Bytes of an answer that are read; the first 4 KiB of them are kept."),
        .later(
            "breaker", .section(BreakerShape.section, from: BreakerShape()), .noEffectYet,
            "Stops sending to a destination that fails."),
        .later("rate", .rate, .noEffectYet, "Deliveries a second, minute or hour."),
    ]

    static let section = Section<PolicySpec>(
        title: "a policy", summary: "How deliveries are sent, retried and given up. Destinations name one.",
        fields: [
            Field(
                "extends", .reference(.policies, code: "policy/unknown"),
                "The policy whose settings hold where this one says nothing."
            ) {
                _, _ in
            }
        ] + Self.fields)
}

/// `breaker:`: checked in shape, kept for a later version.
struct BreakerShape: Sendable {
    static let section = Section<BreakerShape>(
        title: "a circuit breaker", summary: "When sending stops for a while.",
        fields: [
            Field("failures", .percent, default: "70%", "Share of failed attempts that opens it.") { _, _ in },
            Field(
                "within", .duration(.seconds(1) ... .seconds(3600)), default: "1m",
                "Window in which attempts are counted."
            ) { _, _ in },
            Field(
                "at_least", .integer(1...100_000, example: "10"), default: "10",
                "Attempts in the window below which it stays closed."
            ) { _, _ in },
            Field("open_for", .duration(.seconds(1) ... .seconds(86_400)), default: "30s", "How long it stays open.") {
                _, _ in
            },
            Field(
                "probes", .integer(1...100, example: "2"), default: "2", "Attempts that must succeed before it closes."
            ) { _, _ in },
        ])
}

extension Shape {
    static var percent: Shape<Int> {
        Shape<Int>.parsed(
            "a percentage", example: "70%", range: "0% to 100%", pattern: "^[0-9]+%$", parse: Units.percent)
    }

    static var rate: Shape<String> {
        Shape<String>.parsed("a rate", example: "50/s", pattern: "^[0-9]+/(s|m|h)$") { Units.isRate($0) ? $0 : nil }
    }

    static var factor: Shape<Double> {
        Shape<Double>.parsed("a number", example: "2", pattern: "^[0-9]", json: ["string", "number"]) { Double($0) }
            .limited(to: "1 to 100") { $0 >= 1 && $0 <= 100 }
    }

    /// `2xx`, `408`.
    static var statuses: Shape<StatusRange> {
        Shape<StatusRange>.parsed(
            "a status or class", example: "2xx", pattern: "^[1-5](xx|[0-9]{2})$", json: ["string", "number"]
        ) { Self.statusRange($0) }
    }

    /// A status, a class, or nil for `network`.
    static var retryCause: Shape<StatusRange?> {
        Shape<StatusRange?>.parsed(
            "network, a status or a class", example: "5xx", pattern: "^(network|[1-5](xx|[0-9]{2}))$",
            json: ["string", "number"]
        ) { text in
            text == "network" ? .some(nil) : Self.statusRange(text)
        }
    }

    private static func statusRange(_ text: String) -> StatusRange? {
        let bytes = Array(text.utf8)
        guard bytes.count == 3, bytes[0] >= 0x31, bytes[0] <= 0x35 else { return nil }
        let hundred = Int(bytes[0] - 0x30) * 100
        if bytes[1] == UInt8(ascii: "x") && bytes[2] == UInt8(ascii: "x") {
            return StatusRange(hundred...(hundred + 99))
        }
        guard let status = Int(text), status >= hundred else { return nil }
        return StatusRange(status...status)
    }
}
