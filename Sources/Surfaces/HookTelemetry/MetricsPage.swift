// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// The `/metrics` page in the Prometheus text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
package struct MetricsPage {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    private static let prefix = "hookswitch_"

    private var families: [Metric: [Sample]] = [:]

    private struct Sample {
        let suffix: String
        let labels: [(String, String)]
        let value: String
    }

    package init() {}

    /// Adds one value that is known only at the moment of scraping.
    package mutating func add(_ metric: Metric, _ labels: [String] = [], _ value: Double) {
        let sample = Sample(suffix: "", labels: Array(zip(metric.labels, labels)), value: Self.number(value))
        self.families[metric, default: []].append(sample)
    }

    /// Adds all that the stages have counted.
    package mutating func add(_ signals: Signals) {
        for (series, value) in signals.counters {
            let labels = Array(zip(series.metric.labels, series.labels))
            self.families[series.metric, default: []].append(Sample(suffix: "", labels: labels, value: "\(value)"))
        }
        for (series, bounds, snapshot) in signals.histograms {
            self.add(histogram: series, bounds, snapshot)
        }
    }

    private mutating func add(histogram series: Signals.Series, _ bounds: [Double], _ snapshot: Histogram.Snapshot) {
        let labels = Array(zip(series.metric.labels, series.labels))
        var running = 0
        var samples: [Sample] = []
        for (place, bound) in bounds.enumerated() {
            running += snapshot.counts[place]
            samples.append(
                Sample(suffix: "_bucket", labels: labels + [("le", Self.number(bound))], value: "\(running)"))
        }
        samples.append(Sample(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: "\(snapshot.total)"))
        samples.append(Sample(suffix: "_sum", labels: labels, value: Self.number(snapshot.sum)))
        samples.append(Sample(suffix: "_count", labels: labels, value: "\(snapshot.total)"))
        self.families[series.metric, default: []].append(contentsOf: samples)
    }

    /// The page, families sorted by name.
    package var text: String {
        var output = ""
        for (metric, samples) in self.families.sorted(by: { $0.key.name < $1.key.name }) {
            let name = Self.prefix + metric.name
            output += "# HELP \(name) \(metric.help)\n# TYPE \(name) \(metric.kind.rawValue)\n"
            for line in samples.map({ Self.line(name, $0) }) { output += line }
        }
        return output
    }

    private static func line(_ name: String, _ sample: Sample) -> String {
        if sample.labels.isEmpty { return "\(name)\(sample.suffix) \(sample.value)\n" }
        let labels = sample.labels.map { "\($0.0)=\"\(self.escaped($0.1))\"" }.joined(separator: ",")
        return "\(name)\(sample.suffix){\(labels)} \(sample.value)\n"
    }

    private static func escaped(_ value: String) -> String {
        var output = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\"": output += "\\\""
            case "\n": output += "\\n"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return "\(whole)" }
        return "\(value)"
    }
}
