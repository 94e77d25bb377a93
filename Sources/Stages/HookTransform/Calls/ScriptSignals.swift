// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Metric {
    /// Closed in its labels; values come from scripts, so their number is bounded by ``ScriptSignals/seriesMax``.
    package static let business = Metric(
        "business_total", .counter, "What scripts counted with count(name, n, labels).", labels: ["name", "labels"])
}

/// Carries what scripts log, count and cost to the outside, within bounds.
///
/// - Isolation: one per worker, used by its thread.
struct ScriptSignals {
    /// Distinct business series one worker may open; more are counted under `name="other"`.
    static let seriesMax = 500
    /// Log records of scripts a second and worker; more are left out, and their number is logged.
    static let recordsMax = 50

    private struct RouteSeries {
        let route: RouteName
        let duration: Histogram
        let steps: Counter
    }

    private let signals: Signals
    private let clock: @Sendable () -> Duration
    private var routes: [RouteName: RouteSeries] = [:]
    /// By ``ScriptID/index``: of the route that used the script last. Most scripts have one route.
    private var recent: [RouteSeries?]
    private var business: [String: Counter] = [:]
    private var windowBegan: Duration = .zero
    private var written = 0
    private var suppressed = 0

    init(_ signals: Signals, scripts: Int, clock: @escaping @Sendable () -> Duration) {
        self.signals = signals
        self.recent = Array(repeating: nil, count: scripts)
        self.clock = clock
    }

    // HOT: once per call, without a look-up.
    mutating func record(_ script: ScriptID, route: RouteName, duration: Duration, steps: Int) {
        let place = script.index
        if self.recent.indices.contains(place), let series = self.recent[place],
            series.route.text == route.text
        {
            series.duration.observe(duration.inSeconds)
            series.steps.add(steps)
            return
        }
        let series = self.series(of: route)
        if self.recent.indices.contains(place) { self.recent[place] = series }
        series.duration.observe(duration.inSeconds)
        series.steps.add(steps)
    }

    private mutating func series(of route: RouteName) -> RouteSeries {
        if let known = self.routes[route] { return known }
        let series = RouteSeries(
            route: route, duration: self.signals.histogram(.scriptDuration, route.text),
            steps: self.signals.counter(.scriptSteps, route.text))
        self.routes[route] = series
        return series
    }

    mutating func failed(_ failure: ScriptFailure, event: EventID, route: RouteName) {
        self.signals.counter(.scriptErrors, route.text, failure.code).add()
        var fields = [
            ("event_id", event.description), ("route", route.text), ("script", failure.script), ("code", failure.code),
            ("error", failure.message),
        ]
        if let place = failure.place { fields.append(("place", place)) }
        self.write(LogRecord(level: .warning, stage: .transform, message: "A script failed", fields: fields))
    }

    mutating func log(_ lines: [ScriptCall.Line], event: EventID, route: RouteName, script: String) {
        for line in lines {
            let head = [
                ("event_id", event.description), ("route", route.text), ("script", script), ("text", line.message),
            ]
            let fields = line.fields.isEmpty ? head : head + [("fields", line.fields.joined(separator: " "))]
            self.write(LogRecord(level: line.level, stage: .transform, message: "A script says", fields: fields))
        }
    }

    mutating func count(_ counts: [CallContext.Count]) {
        for count in counts {
            let key = "\(count.name) \(count.labels)"
            let counter: Counter
            if let known = self.business[key] {
                counter = known
            } else if self.business.count < Self.seriesMax {
                counter = self.signals.counter(.business, count.name, count.labels)
                self.business[key] = counter
            } else {
                counter = self.signals.counter(.business, "other", "")
            }
            counter.add(count.amount)
        }
    }

    private mutating func write(_ record: LogRecord) {
        let now = self.clock()
        if now - self.windowBegan >= .seconds(1) {
            if self.suppressed > 0 {
                self.signals.log(
                    .warning, .transform, "Records of scripts were left out of the log", ("count", "\(self.suppressed)")
                )
            }
            self.windowBegan = now
            self.written = 0
            self.suppressed = 0
        }
        guard self.written < Self.recordsMax else {
            self.suppressed += 1
            return
        }
        self.written += 1
        self.signals.log(record)
    }
}
