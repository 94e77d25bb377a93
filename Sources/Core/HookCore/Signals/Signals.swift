// SPDX-License-Identifier: Apache-2.0
// What the stages tell the outside about themselves. Stages know only this; HookTelemetry turns it into metrics and logs.
import Synchronization

/// A counter or gauge of one set of label values. Adding is one atomic operation.
package final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    package init() {}
    package func add(_ amount: Int = 1) { self.value.wrappingAdd(amount, ordering: .relaxed) }
    package func set(_ amount: Int) { self.value.store(amount, ordering: .relaxed) }
    package var current: Int { self.value.load(ordering: .relaxed) }
}

/// A histogram over fixed upper bounds.
package final class Histogram: Sendable {
    package struct Snapshot: Sendable {
        /// One count per bound, and one for everything above; not cumulative.
        package var counts: [Int]
        package var sum: Double
        package var total: Int
    }

    package let bounds: [Double]
    private let state: Mutex<Snapshot>

    /// Seconds, from half a millisecond to a minute.
    package static let secondsBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    package static let sizeBounds: [Double] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000]

    package init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(Snapshot(counts: [Int](repeating: 0, count: bounds.count + 1), sum: 0, total: 0))
    }

    package func observe(_ value: Double) {
        var place = 0
        while place < self.bounds.count, value > self.bounds[place] { place += 1 }
        self.state.withLock {
            $0.counts[place] += 1
            $0.sum += value
            $0.total += 1
        }
    }

    package var current: Snapshot { self.state.withLock { $0 } }
}

/// One thing worth a line in the log. The message is constant; everything variable is a field.
package struct LogRecord: Sendable {
    package enum Level: String, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package enum Stage: String, Sendable, CaseIterable {
        case ingest, verify, route, transform, store, deliver, config, server
    }

    package let level: Level
    package let stage: Stage
    package let message: String
    package let fields: [(String, String)]

    package init(level: Level, stage: Stage, message: String, fields: [(String, String)]) {
        self.level = level
        self.stage = stage
        self.message = message
        self.fields = fields
    }
}

/// Counters, histograms and log records of one process.
package final class Signals: Sendable {
    package struct Series: Hashable, Sendable {
        package let metric: Metric
        package let labels: [String]
    }

    private struct State {
        var counters: [Series: Counter] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    /// Events as they pass, for whoever watches.
    package let tap = Tap()

    private let state = Mutex(State())
    private let sink: @Sendable (LogRecord) -> Void

    package init(log sink: @escaping @Sendable (LogRecord) -> Void = { _ in }) { self.sink = sink }

    /// The counter of a series, made on first use. Keep it where it is used often.
    package func counter(_ metric: Metric, _ labels: String...) -> Counter { self.counter(metric, labels: labels) }

    package func counter(_ metric: Metric, labels: [String]) -> Counter {
        let series = Series(metric: metric, labels: labels)
        return self.state.withLock { state in
            if let counter = state.counters[series] { return counter }
            let counter = Counter()
            state.counters[series] = counter
            return counter
        }
    }

    package func histogram(_ metric: Metric, _ labels: String...) -> Histogram {
        let series = Series(metric: metric, labels: labels)
        return self.state.withLock { state in
            if let histogram = state.histograms[series] { return histogram }
            let isSize = !metric.name.hasSuffix("_seconds")
            let histogram = Histogram(bounds: isSize ? Histogram.sizeBounds : Histogram.secondsBounds)
            state.histograms[series] = histogram
            return histogram
        }
    }

    package func log(
        _ level: LogRecord.Level, _ stage: LogRecord.Stage, _ message: StaticString, _ fields: (String, String)...
    ) {
        self.sink(LogRecord(level: level, stage: stage, message: "\(message)", fields: fields))
    }

    package func log(_ record: LogRecord) { self.sink(record) }

    /// Every counter and gauge, in no order.
    package var counters: [(Series, Int)] { self.state.withLock { $0.counters.map { ($0.key, $0.value.current) } } }
    /// Every histogram, in no order.
    package var histograms: [(Series, [Double], Histogram.Snapshot)] {
        self.state.withLock { $0.histograms.map { ($0.key, $0.value.bounds, $0.value.current) } }
    }
}
