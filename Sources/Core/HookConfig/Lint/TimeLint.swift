// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Times of policies and sources that contradict each other.
struct TimeLint {
    let configuration: Configuration
    let declared: Declared
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check() {
        var known: [String: PolicySpec] = ["standard": PolicySpec(name: "standard")]
        for policy in self.declared.policies {
            known[policy.spec.name.text] = policy.spec
            self.check(policy.spec, at: policy.mark, ["retry"], "policy \(policy.spec.name)")
        }
        for destination in self.configuration.destinations {
            // What is inherited is said once, where it is written.
            let base = known[destination.policy.name.text]
            let place =
                self.trees.node(["policy", "retry"], below: destination.mark) == nil ? ["retry"] : ["policy", "retry"]
            if base?.retry != destination.policy.retry {
                self.checkRetry(destination.policy, at: destination.mark, place, "destination \(destination.name)")
            }
            if base?.timeout != destination.policy.timeout || base?.connectTimeout != destination.policy.connectTimeout
            {
                self.checkTimeouts(destination.policy, at: destination.mark, "destination \(destination.name)")
            }
        }
        for source in self.configuration.sources { self.checkWindow(source) }
    }

    private func check(_ policy: PolicySpec, at mark: Mark, _ place: [String], _ context: String) {
        self.checkRetry(policy, at: mark, place, context)
        self.checkTimeouts(policy, at: mark, context)
    }

    // MARK: Retries

    /// Attempts that would start after `give_up_after`, jitter aside: it only makes delays shorter.
    private func checkRetry(_ policy: PolicySpec, at mark: Mark, _ place: [String], _ context: String) {
        guard let limit = policy.retry.giveUpAfter else { return }
        var elapsed = Duration.zero
        for (index, delay) in policy.retry.delays.enumerated() {
            elapsed += delay
            guard elapsed > limit else { continue }
            let total = policy.retry.delays.reduce(.zero, +)
            let at =
                self.trees.key(place + ["give_up_after"], below: mark) ?? self.trees.key(place, below: mark) ?? mark
            self.report(
                Diagnostic(
                    "policy/give-up", .warning, at: at,
                    "attempt \(index + 2) of \(policy.retry.attempts) would start \(Units.rounded(elapsed)) after the event, "
                        + "and give_up_after is \(Units.text(limit))",
                    hint:
                        "all attempts take \(Units.rounded(total)); raise give_up_after, or ask for \(index + 1) attempts",
                    notes: [Diagnostic.Note(context)]))
            return
        }
    }

    // MARK: Time-outs

    /// The store holds no lease on a delivery under way: what bounds an attempt besides `timeout` is the wait at the end
    /// of the process. An attempt that outlives it is cut off and made again.
    private func checkTimeouts(_ policy: PolicySpec, at mark: Mark, _ context: String) {
        func place(_ key: String) -> Mark {
            self.trees.key([key], below: mark) ?? self.trees.key(["policy", key], below: mark) ?? mark
        }
        if policy.connectTimeout > policy.timeout, self.isWritten("connect_timeout", below: mark) {
            self.report(
                Diagnostic(
                    "policy/timeouts", .warning, at: place("connect_timeout"),
                    "connect_timeout is \(Units.text(policy.connectTimeout)), and the whole attempt may take \(Units.text(policy.timeout))",
                    hint: "make it shorter than timeout", notes: [Diagnostic.Note(context)]))
        }
        guard let setting = self.declared.shutdownGrace, policy.timeout > self.configuration.server.shutdownGrace else {
            return
        }
        self.report(
            Diagnostic(
                "policy/timeouts", .warning, at: place("timeout"),
                "an attempt may take \(Units.text(policy.timeout)), and a stop waits \(Units.text(self.configuration.server.shutdownGrace))",
                hint: "raise shutdown_grace: what a stop cuts off is sent again",
                notes: [Diagnostic.Note("the wait of a stop", at: setting), Diagnostic.Note(context)]))
    }

    private func isWritten(_ key: String, below mark: Mark) -> Bool {
        self.trees.key([key], below: mark) != nil || self.trees.key(["policy", key], below: mark) != nil
    }

    // MARK: Deduplication

    private func checkWindow(_ source: SourceSpec) {
        guard let dedupe = source.dedupe, let preset = source.preset, let window = Presets.redelivery[preset],
            dedupe.within < window.time, self.declared.ownWindows.contains(source.name)
        else { return }
        let place = self.trees.key(["dedupe", "within"], below: source.mark) ?? source.mark
        self.report(
            Diagnostic(
                "source/dedupe-window", .warning, at: place,
                "\(window.provider) may send an event again for \(Units.rounded(window.time)), and keys are kept for \(Units.text(dedupe.within))",
                hint: "within: \(Units.text(window.time)), or leave it out",
                notes: [Diagnostic.Note(window.source), Diagnostic.Note("source \(source.name)")]))
    }
}

extension RetrySpec {
    /// Delay before each attempt after the first, without jitter.
    var delays: [Duration] {
        switch self.schedule {
        case .delays(let delays): return delays
        case .exponential(let first, let factor, let max):
            var delay = first.milliseconds
            let limit = max.milliseconds
            return (0..<Swift.max(0, self.attempts - 1)).map { _ in
                let current = min(delay, limit)
                delay = Int64(min(Double(current) * factor, Double(limit)))
                return .milliseconds(current)
            }
        }
    }
}

extension Units {
    /// The two largest units: `1d 3h`.
    static func rounded(_ duration: Duration) -> String {
        var rest = duration.milliseconds
        var parts: [String] = []
        for (unit, milliseconds) in Self.durations.reversed() where rest >= milliseconds && parts.count < 2 {
            parts.append("\(rest / milliseconds)\(unit)")
            rest %= milliseconds
        }
        return parts.isEmpty ? "0s" : parts.joined(separator: " ")
    }
}
