// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

/// A stored event for people: where it came from, why it went where, and what came of each delivery.
struct EventStoryText {
    let record: EventRecord
    let report: DryRunReport
    let showsAll: Bool
    let style: Style

    var text: String {
        let why = DryRunText(report: self.report, showsSteps: false, showsAll: self.showsAll, style: self.style)
        return (self.head + why.decision + self.deliveries + self.held + self.differences).joined(separator: "\n")
    }

    private var head: [String] {
        let event = self.record.saved.event
        let version = event.version.map { "@\($0)" } ?? ""
        let id = event.senderID.map { ", sender's id \($0)" } ?? ""
        let commit = self.record.gitCommit.map { ", commit \($0.prefix(12))" } ?? ""
        let since = self.record.activatedAt.map { ", active since \($0)" } ?? ""
        let today = self.record.isRunning ? "it still runs" : "another one runs today"
        return [
            self.style.bold("\(event.id)") + Printable.text("  \(event.type)\(version) from \(event.source)\(id)"),
            "came in at \(event.time.rfc3339): \(event.method) \(event.path), \(event.body.count) bytes, "
                + Printable.text(event.contentType),
            "routed by revision \(self.record.revision)\(commit)\(since); \(today)",
        ]
    }

    private var deliveries: [String] {
        if self.record.deliveries.isEmpty { return ["", self.style.bold("DELIVERIES") + " none"] }
        return ["", self.style.bold("DELIVERIES")] + self.record.deliveries.flatMap(self.lines)
    }

    private func lines(of delivery: JSONValue) -> [String] {
        let text = { (key: String) in Printable.text(delivery[key]?.stringValue ?? "") }
        let state = text("state")
        let shown =
            switch state {
            case "delivered": self.style.green(state)
            case "pending": self.style.yellow(state)
            default: self.style.red(state)
            }
        let why = delivery["reason"]?.stringValue.map { "  \(Printable.text($0))" } ?? ""
        let due = delivery["due_at"]?.stringValue.map { "  next attempt \($0)" } ?? ""
        let attempts = (delivery["attempts_list"]?.arrayValue ?? []).map { attempt -> String in
            let status = attempt["status"]?.intValue.map(String.init) ?? attempt["outcome"]?.stringValue ?? ""
            let detail = attempt["detail"]?.stringValue.map { "  \(Printable.text($0))" } ?? ""
            let number = attempt["number"]?.intValue ?? 0
            let took = attempt["took_ms"]?.intValue ?? 0
            return "    \(number)  \(attempt["started_at"]?.stringValue ?? "")  \(status) after \(took) ms"
                + self.style.dim(detail)
        }
        return ["  \(text("route")) → \(text("destination"))  \(shown)\(why)\(due)  \(self.style.dim(text("id")))"]
            + attempts
    }

    private var held: [String] {
        let entries = self.record.event["held_list"]?.arrayValue ?? []
        if entries.isEmpty { return [] }
        return ["", self.style.bold("HELD")]
            + entries.flatMap { entry -> [String] in
                let text = { (key: String) in Printable.text(entry[key]?.stringValue ?? "") }
                let place = entry["place"]?.stringValue.map { " at \($0)" } ?? ""
                let whom = entry["kind"] == "quarantine" ? "quarantine" : text("route")
                return [
                    "  \(whom)  [\(text("code"))] \(text("reason"))\(place)",
                    self.style.dim("    after a fix: hookswitch held replay \(text("id"))"),
                ]
            }
    }

    private var differences: [String] {
        let found = self.record.differences(self.report)
        if found.isEmpty { return [] }
        return ["", self.style.yellow("NOT AS IT WAS") + " the same files come to something else now:"]
            + found.map { "  \($0.route): was \(Printable.text($0.then)), is \(Printable.text($0.now))" }
            + [self.style.dim("  (a repair since then, or a script that looks at ctx.test or a secret)")]
    }
}
