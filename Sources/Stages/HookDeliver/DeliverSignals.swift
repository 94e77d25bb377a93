// SPDX-License-Identifier: Apache-2.0
// Metrics and log lines of stage 6. Label values are configuration names and closed sets.
import HookCore
import Synchronization

/// What stage 6 tells the outside.
final class DeliverSignals: Sendable {
    private struct State {
        var attempts: [DestinationName: [String: Counter]] = [:]
        var durations: [DestinationName: Histogram] = [:]
        var logged: [String: Duration] = [:]
        var onEnd: (@Sendable () -> Void)?
    }

    private let signals: Signals
    private let environment: Environment
    private let state = Mutex(State())
    /// One line a destination and reason in this time: a dead destination would fill the log.
    private static let logInterval: Duration = .seconds(10)

    init(_ signals: Signals, environment: Environment) {
        self.signals = signals
        self.environment = environment
    }

    /// Counts attempts that are durable.
    func recorded(_ settled: [Settled]) {
        for one in settled {
            self.signals.tap.offer(self.environment.wall(), .attempted(one))
            self.counter(one.destination, one.status.map(String.init) ?? one.outcome).add()
            self.duration(one.destination).observe(one.took.inSeconds)
            switch one.disposition {
            case .delivered: self.ended(one, "delivered")
            case .dead(let reason):
                self.ended(one, "dead")
                self.logDead(one, reason)
            case .dropped: self.ended(one, "dropped")
            case .retry: break
            }
        }
    }

    /// Observes the time from acceptance to the end of the successful attempt.
    func endToEnd(route: RouteName, took: Duration) {
        self.signals.histogram(.eventEndToEnd, route.text).observe(max(0, took.inSeconds))
    }

    func loadFailed(_ destination: DestinationName, _ failure: StoreFailure) {
        self.limited("load \(destination)") {
            self.signals.log(
                .error, .deliver, "pending deliveries cannot be read", ("destination", destination.text),
                ("reason", failure.description))
        }
    }

    func settleFailed(_ failure: StoreFailure, count: Int) {
        self.limited("settle") {
            self.signals.log(
                .error, .deliver, "attempts cannot be recorded and wait", ("attempts", String(count)),
                ("reason", failure.description))
        }
    }

    /// Calls back when the thread has ended.
    func whenEnded(_ onEnd: @escaping @Sendable () -> Void) { self.state.withLock { $0.onEnd = onEnd } }

    func end() {
        let onEnd = self.state.withLock { state in
            defer { state.onEnd = nil }
            return state.onEnd
        }
        onEnd?()
    }

    private func ended(_ settled: Settled, _ result: String) {
        self.signals.counter(.deliveries, settled.destination.text, result).add()
    }

    private func logDead(_ settled: Settled, _ reason: String) {
        self.limited("dead \(settled.destination) \(reason)") {
            self.signals.log(
                .warning, .deliver, "delivery is a dead letter", ("destination", settled.destination.text),
                ("delivery_id", settled.delivery.description), ("reason", reason),
                ("outcome", settled.outcome), ("status", settled.status.map(String.init) ?? ""),
                ("attempts", String(settled.attempt)))
        }
    }

    private func limited(_ key: String, _ log: () -> Void) {
        let now = self.environment.now()
        let isDue = self.state.withLock { state in
            if let last = state.logged[key], now - last < Self.logInterval { return false }
            // Keys are names of the configuration; old ones go when there are many.
            if state.logged.count > 10_000 { state.logged = [:] }
            state.logged[key] = now
            return true
        }
        if isDue { log() }
    }

    // A series that is new is looked up without the lock: no thread holds two (docs/LOCKS.md). Two threads that meet it
    // at once get the same one.
    private func counter(_ destination: DestinationName, _ code: String) -> Counter {
        if let counter = self.state.withLock({ $0.attempts[destination]?[code] }) { return counter }
        let counter = self.signals.counter(.deliveryAttempts, destination.text, code)
        self.state.withLock { $0.attempts[destination, default: [:]][code] = counter }
        return counter
    }

    private func duration(_ destination: DestinationName) -> Histogram {
        if let histogram = self.state.withLock({ $0.durations[destination] }) { return histogram }
        let histogram = self.signals.histogram(.deliveryDuration, destination.text)
        self.state.withLock { $0.durations[destination] = histogram }
        return histogram
    }
}
