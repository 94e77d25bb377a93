// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What a reload would do, from the router's answer.
enum PlanText {
    /// `changed  route created: match`, `parked   queue erp: 12 deliveries wait`
    static func line(of change: JSONValue, queues: [JSONValue]) -> String {
        func text(_ key: String) -> String { change[key]?.stringValue ?? "" }
        var line = "\(text("change").padded(8)) \(text("what")) \(text("name"))"
        let aspects = change["aspects"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if !aspects.isEmpty { line += ": \(aspects.joined(separator: ", "))" }
        switch text("change") {
        case "parked":
            let queue = queues.first { $0["destination"]?.stringValue == text("name") }
            let count = queue?["pending"]?.intValue ?? 0
            line += count == 1 ? ": 1 delivery waits" : ": \(DiffWords.number(count)) deliveries wait"
        case "closing": line += ": open ones close under the function that they have"
        case "deferred": line += ": takes effect at the next start"
        default: break
        }
        return Printable.text(line)
    }

    /// The groups of a comparison, a line and an example each.
    static func text(of diff: JSONValue, _ style: Style) -> [String] {
        let count = diff["events"]?["count"]?.intValue ?? 0
        let groups = diff["groups"]?.arrayValue ?? []
        if groups.isEmpty { return ["nothing changes for the last \(DiffWords.number(count)) events"] }
        var lines = ["", style.bold("the last \(DiffWords.number(count)) events")]
        for group in groups {
            lines.append("  \(self.sign(of: group, style)) \(Printable.text(self.title(of: group)))")
            let event = group["example"]?["event"]
            let words = ["type", "id"].compactMap { event?[$0]?.stringValue }.joined(separator: "  ")
            lines.append(style.dim("      e.g. \(Printable.text(words))"))
        }
        return lines + [style.dim("hookswitch diff running --events recorded shows what differs"), ""]
    }

    private static func title(of group: JSONValue) -> String {
        let kind = group["kind"]?.stringValue ?? ""
        let what = group["what"]?.stringValue ?? ""
        let count = group["count"]?.intValue ?? 0
        let route = group["route"]?.stringValue.map { "  route \($0)" } ?? ""
        guard let destination = group["destination"]?.stringValue else {
            return "\(DiffWords.number(count)) \(count == 1 ? "event" : "events")\(route)  \(what)"
        }
        let noun = count == 1 ? "delivery" : "deliveries"
        let words = kind == "changed" ? ": \(what) changed" : " (\(what))"
        return "\(DiffWords.number(count)) \(noun)\(route) → \(destination)\(words)"
    }

    private static func sign(of group: JSONValue, _ style: Style) -> String {
        switch group["kind"]?.stringValue {
        case "appeared": style.green("+")
        case "vanished": style.red("-")
        default: style.yellow("~")
        }
    }
}
