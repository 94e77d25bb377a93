// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

/// A comparison of two revisions as a comment for a review: a table, and examples folded away.
struct DiffMarkdown {
    let report: DiffReport
    let old: DiffReport.Name
    let new: DiffReport.Name
    /// Where the events come from.
    let events: String

    /// GitHub takes comments of 65,536 characters (docs.github.com, "Issues", body is too long).
    private static let bytesMax = 60_000
    private static let rowsMax = 100
    private static let linesMax = 20

    var text: String {
        var text = self.head
        text += self.configuration
        text += self.table
        var left = self.report.groups.prefix(Self.rowsMax).count
        for group in self.report.groups.prefix(Self.rowsMax) {
            let details = self.details(group)
            guard text.utf8.count + details.utf8.count < Self.bytesMax else { break }
            text += details
            left -= 1
        }
        if left > 0 { text += "\n\(left) more examples were left out.\n" }
        return text
    }

    private var head: String {
        let verdict = self.report.isEmpty ? "No delivery changes." : "\(Self.escaped(DiffWords.counts(self.report)))."
        return """
            ### Hookswitch: what this change does

            **\(verdict)** `\(DiffWords.name(self.old))` → `\(DiffWords.name(self.new))`, \
            \(DiffWords.number(self.report.events)) events from \(Self.escaped(self.events)); \
            \(DiffWords.deliveries(self.report)).

            """
    }

    private var configuration: String {
        let changes = self.report.plan.changes
        if changes.isEmpty { return "" }
        let lines = changes.prefix(Self.rowsMax).map { "- \($0.kind.rawValue) \(Self.escaped(DiffWords.text($0)))" }
        let more = changes.count > Self.rowsMax ? "\n- … \(changes.count - Self.rowsMax) more" : ""
        let body = lines.joined(separator: "\n") + more
        return "\n<details><summary>Configuration: \(changes.count) changes</summary>\n\n\(body)\n\n</details>\n"
    }

    private var table: String {
        if self.report.groups.isEmpty { return "" }
        var text = "\n| | count | route | destination | what |\n|---|--:|---|---|---|\n"
        for group in self.report.groups.prefix(Self.rowsMax) {
            let key = group.key
            let cells = [
                Self.sign(key.kind), DiffWords.number(group.count), key.route?.text ?? "", key.destination?.text ?? "",
                key.kind == .changed ? "\(key.what) changed" : key.what,
            ]
            text += "| \(cells.map(Self.escaped).joined(separator: " | ")) |\n"
        }
        let rest = self.report.groups.count - Self.rowsMax
        return rest > 0 ? text + "\n… and \(rest) more kinds of change.\n" : text
    }

    private static func sign(_ kind: DiffReport.Kind) -> String {
        switch kind {
        case .appeared: "➕"
        case .vanished: "➖"
        case .changed, .fate, .event: "✏️"
        }
    }

    private func details(_ group: DiffReport.Group) -> String {
        let example = group.example
        var lines: [String] = []
        switch group.key.kind {
        case .appeared: lines = DiffWords.request(example.after, linesMax: Self.linesMax)
        case .vanished: lines = DiffWords.request(example.before, linesMax: Self.linesMax)
        case .changed: lines = DiffWords.changes(example, linesMax: Self.linesMax)
        case .fate, .event: break
        }
        lines += DiffWords.fates(example)
        let title = "\(DiffWords.number(group.count)) \(DiffWords.title(group))"
        // A fence longer than any run of backquotes in it cannot be closed by it (CommonMark 0.31, 4.5).
        let body = lines.map(Printable.text).joined(separator: "\n")
        let fence = String(repeating: "`", count: max(3, Self.longestRun(body) + 1))
        return """

            <details><summary>\(Self.escaped(title))</summary>

            Event \(Self.escaped(DiffWords.subject(example.event)))

            \(fence)text
            \(body)
            \(fence)

            </details>

            """
    }

    private static func longestRun(_ text: String) -> Int {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Text from outside must not become a table, a link or HTML.
    private static func escaped(_ text: String) -> String {
        Printable.text(text).reduce(into: "") { output, character in
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "|", "*", "_", "`", "[", "]", "\\", "#", "@", "~": output += "\\\(character)"
            default: output.append(character)
            }
        }
    }
}
