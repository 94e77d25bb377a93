// SPDX-License-Identifier: Apache-2.0
import HookCore

/// A page of metrics in the Prometheus text format, as far as our own server writes it.
struct MetricsText {
    struct Sample {
        /// Without `hookswitch_`.
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let samples: [Sample]

    init(_ text: String) {
        self.samples = text.split(separator: "\n").compactMap(Self.sample)
    }

    /// The value of the first sample of this name; nil where there is none.
    func value(_ name: String) -> Double? { self.samples.first { $0.name == name }?.value }

    /// Sums of a family by one label, where the others are as asked.
    func sums(_ name: String, by label: String, where others: [String: String] = [:]) -> [String: Double] {
        var sums: [String: Double] = [:]
        for sample in self.samples where sample.name == name {
            guard let key = sample.labels[label], others.allSatisfy({ sample.labels[$0.key] == $0.value }) else {
                continue
            }
            sums[key, default: 0] += sample.value
        }
        return sums
    }

    /// Cumulative counts of a histogram by upper bound, ascending, for each value of a label; under "" without one.
    func buckets(_ name: String, by label: String?) -> [String: [(bound: Double, count: Double)]] {
        var found: [String: [(bound: Double, count: Double)]] = [:]
        for sample in self.samples where sample.name == name + "_bucket" {
            guard let text = sample.labels["le"] else { continue }
            let key = label.map { sample.labels[$0] ?? "" } ?? ""
            found[key, default: []].append((text == "+Inf" ? .infinity : Double(text) ?? .infinity, sample.value))
        }
        return found.mapValues { $0.sorted { $0.bound < $1.bound } }
    }

    /// `name{label="value",…} 12`
    private static func sample(_ line: Substring) -> Sample? {
        guard !line.hasPrefix("#"), let space = line.lastIndex(of: " "),
            let value = Double(line[line.index(after: space)...])
        else { return nil }
        let head = line[..<space]
        let full = head.prefix { $0 != "{" }
        let name = full.hasPrefix("hookswitch_") ? full.dropFirst("hookswitch_".count) : full
        return Sample(name: String(name), labels: self.labels(head.dropFirst(full.count)), value: value)
    }

    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text.drop { $0 == "{" }
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == "," || $0 == " " }
            var value = ""
            var isEscaped = false
            rest = rest[equals...].dropFirst(2)
            while let next = rest.popFirst() {
                if isEscaped {
                    value.append(next == "n" ? "\n" : next)
                    isEscaped = false
                } else if next == "\\" {
                    isEscaped = true
                } else if next == "\"" {
                    break
                } else {
                    value.append(next)
                }
            }
            labels[String(name)] = value
        }
        return labels
    }
}
