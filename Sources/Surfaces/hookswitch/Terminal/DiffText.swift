// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

/// A comparison of two revisions for a person.
struct DiffText {
    let report: DiffReport
    let old: DiffReport.Name
    let new: DiffReport.Name
    /// Where the events come from.
    let events: String
    let style: Style

    /// Lines of one example's body, and differences of it.
    private static let linesMax = 12

    var text: String {
        var lines = [
            self.style.bold("diff \(DiffWords.name(self.old)) → \(DiffWords.name(self.new))"),
            "events: \(DiffWords.number(self.report.events)) from \(self.events)", "",
        ]
        lines += self.configuration
        lines += self.groups
        lines.append(self.summary)
        return lines.joined(separator: "\n")
    }

    private var configuration: [String] {
        let changes = self.report.plan.changes
        if changes.isEmpty { return [] }
        return [self.style.bold("configuration")] + changes.map { "  \(self.sign(of: $0)) \(DiffWords.text($0))" } + [
            ""
        ]
    }

    private func sign(of change: ReloadPlan.Change) -> String {
        switch change.kind {
        case .added: self.style.green("+")
        case .removed: self.style.red("-")
        case .changed, .parked, .deferred, .closing: self.style.yellow("~")
        }
    }

    private var groups: [String] {
        if self.report.groups.isEmpty { return [] }
        let width = self.report.groups.map { DiffWords.number($0.count).count }.max() ?? 1
        var lines = [self.style.bold("behaviour")]
        for group in self.report.groups {
            let count = DiffWords.number(group.count)
            let padding = String(repeating: " ", count: width - count.count)
            lines.append(
                "  \(self.sign(of: group.key.kind)) \(padding)\(count) \(Printable.text(DiffWords.title(group)))")
            lines += self.example(group).map { String(repeating: " ", count: width + 7) + $0 }
        }
        return lines + [""]
    }

    private func sign(of kind: DiffReport.Kind) -> String {
        switch kind {
        case .appeared: self.style.green("+")
        case .vanished: self.style.red("-")
        case .changed, .fate, .event: self.style.yellow("~")
        }
    }

    private func example(_ group: DiffReport.Group) -> [String] {
        let example = group.example
        let head = self.style.dim("e.g. \(Printable.text(DiffWords.subject(example.event)))")
        var lines: [String] = []
        switch group.key.kind {
        case .appeared: lines += DiffWords.request(example.after, linesMax: Self.linesMax)
        case .vanished: lines += DiffWords.request(example.before, linesMax: Self.linesMax)
        case .changed: lines += DiffWords.changes(example, linesMax: Self.linesMax)
        case .fate, .event: break
        }
        return [head] + (lines + DiffWords.fates(example)).map(Printable.text)
    }

    private var summary: String {
        let deliveries = DiffWords.deliveries(self.report)
        if self.report.isEmpty { return self.style.green("nothing changes") + ": \(deliveries)" }
        return DiffWords.counts(self.report) + "; \(deliveries)"
    }
}
