// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Windows in words.
package enum WindowWords {
    /// `2m after its last event, at the latest 10m after its first, or with 500 events`
    package static func close(_ close: WindowClose) -> String {
        var words: [String] = []
        if let idle = close.idle { words.append("\(DurationWords.text(idle)) after its last event") }
        if let after = close.after {
            words.append("\(words.isEmpty ? "" : "at the latest ")\(DurationWords.text(after)) after its first")
        }
        if let count = close.count { words.append("with \(count) events") }
        if let bytes = close.bytes { words.append("with \(bytes) bytes") }
        if close.idle == nil && close.after == nil { words.append("after 30 days") }
        return words.count < 2
            ? words.joined() : words.dropLast().joined(separator: ", ") + ", or " + (words.last ?? "")
    }

    /// The lines that say what a route collects, and what it makes of it.
    static func lines(of aggregate: AggregateSpec, script: (ScriptID) -> String) -> [String] {
        let keys = aggregate.key.map(\.description).joined(separator: " and ")
        let function =
            switch aggregate.function {
            case .script(let id): "made one by \(script(id))"
            case .collect: "made one: {key, count, items}"
            case .last: "of which the last one stands for all"
            case .count: "made one: {key, count}"
            case .sum(let paths):
                "made one: {key, count, sum} of \(paths.map(\.description).joined(separator: ", "))"
            }
        return [
            "by \(keys); without it the event is \(aggregate.onMissing == .hold ? "held" : "dropped")",
            "a window closes \(self.close(aggregate.close))", function,
        ]
    }
}
