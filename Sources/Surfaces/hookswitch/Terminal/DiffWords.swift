// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline

/// The words of a comparison, as text and Markdown share them.
enum DiffWords {
    static func name(_ name: DiffReport.Name) -> String {
        let commit = name.gitCommit.map { String($0.prefix(12)) }
        if let commit, !name.text.hasPrefix(commit), name.text != "work tree" { return "\(name.text) (\(commit))" }
        return name.text
    }

    /// `12,345`.
    static func number(_ value: Int) -> String {
        var digits = Array(String(abs(value)))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    static func text(_ change: ReloadPlan.Change) -> String {
        let words = change.aspects.isEmpty ? "" : ": \(change.aspects.joined(separator: ", "))"
        let state = [.parked, .deferred, .closing].contains(change.kind) ? " (\(change.kind.rawValue))" : ""
        return "\(change.what) \(change.name)\(words)\(state)"
    }

    /// `deliveries  route big-orders → fraud (new route)`
    static func title(_ group: DiffReport.Group) -> String {
        let key = group.key
        let isOne = group.count == 1
        guard let route = key.route else { return "\(isOne ? "event" : "events")  \(key.what)" }
        guard let destination = key.destination else {
            return "\(isOne ? "event" : "events")  route \(route): \(key.what)"
        }
        let noun = isOne ? "delivery" : "deliveries"
        if key.kind == .changed { return "\(noun)  route \(route) → \(destination): \(key.what) changed" }
        return "\(noun)  route \(route) → \(destination) (\(key.what))"
    }

    static func subject(_ subject: DiffReport.Subject) -> String {
        let id = subject.id.description
        return [subject.type, subject.label == id ? "" : subject.label, id].filter { !$0.isEmpty }.joined(
            separator: "  ")
    }

    /// A request as it would be sent, its body cut.
    static func request(_ request: DiffReport.Request?, linesMax: Int) -> [String] {
        guard let request else { return [] }
        guard let outbound = request.outbound else { return ["no request: \(request.problem ?? "")"] }
        return ["\(outbound.method) \(outbound.url)"] + self.body(request, linesMax: linesMax)
    }

    private static func body(_ request: DiffReport.Request, linesMax: Int) -> [String] {
        guard let text = String(validating: request.body, as: UTF8.self) else {
            return ["\(self.number(request.body.count)) bytes of \(request.contentType)"]
        }
        // One line where it fits, so that a report of many groups stays short.
        guard text.utf8.count > 100, let value = try? JSONValue(parsing: request.body) else {
            return self.cut(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), linesMax)
        }
        let lines = String(decoding: value.encoded(.indented), as: UTF8.self).split(separator: "\n").map(String.init)
        return self.cut(lines, linesMax)
    }

    /// Lines of at most 160 characters, and as many as asked for.
    static func cut(_ lines: [String], _ linesMax: Int) -> [String] {
        let short = lines.prefix(linesMax).map { $0.count > 160 ? $0.prefix(157) + "…" : $0 }
        return lines.count > linesMax ? short + ["… \(lines.count - linesMax) more lines"] : short
    }

    /// What differs between the two requests of an example, a line each.
    static func changes(_ example: DiffReport.Example, linesMax: Int) -> [String] {
        guard let before = example.before, let after = example.after else { return [] }
        var lines: [String] = []
        if let old = before.outbound, let new = after.outbound {
            if old.method != new.method { lines.append("method: \(old.method) → \(new.method)") }
            if old.url != new.url { lines.append("url: \(old.url) → \(new.url)") }
            let names = (old.headers + new.headers).map(\.name)
            var seen: Set<String> = []
            for name in names where seen.insert(name).inserted {
                let was = old.headers.first { $0.name == name }?.value
                let now = new.headers.first { $0.name == name }?.value
                if was != now { lines.append("header \(name): \(was ?? "none") → \(now ?? "none")") }
            }
        } else {
            lines.append("before: \(before.outbound?.url ?? before.problem ?? "")")
            lines.append("after: \(after.outbound?.url ?? after.problem ?? "")")
        }
        if before.body != after.body { lines += self.bodyChanges(example, before, after) }
        return self.cut(lines, linesMax)
    }

    /// What became of the event on the side that makes no delivery, or on both; nothing where it goes without saying.
    static func fates(_ example: DiffReport.Example) -> [String] {
        if let before = example.fateBefore, let after = example.fateAfter {
            return ["before: \(before)", "after:  \(after)"]
        }
        let plain: Set<String> = ["matched", "not matched"]
        let before = example.fateBefore.map { plain.contains($0) ? [] : ["before: \($0)"] } ?? []
        let after = example.fateAfter.map { plain.contains($0) ? [] : ["after: \($0)"] } ?? []
        return before + after
    }

    /// Two values, each cut to what surrounds the place where they begin to differ.
    static func pair(_ old: String, _ new: String) -> String {
        let limit = 60
        guard old.count > limit || new.count > limit else { return "\(old) → \(new)" }
        let common = zip(old, new).prefix { $0 == $1 }.count
        let start = max(0, common - 16)
        func part(_ text: String) -> String {
            let rest = text.dropFirst(start)
            return (start > 0 ? "…" : "") + rest.prefix(limit) + (rest.count > limit ? "…" : "")
        }
        return "\(part(old)) → \(part(new))"
    }

    private static func bodyChanges(
        _ example: DiffReport.Example, _ before: DiffReport.Request, _ after: DiffReport.Request
    ) -> [String] {
        if example.isSameValue {
            return ["body: the same JSON value in other bytes (order of keys, spelling of numbers)"]
        }
        let differences = example.bodyDifferences
        if differences.isEmpty {
            return ["body: \(self.number(before.body.count)) → \(self.number(after.body.count)) bytes"]
                + self.body(after, linesMax: 6)
        }
        return differences.prefix(DiffReport.differencesMax).map { difference in
            let path = difference.path.isEmpty ? "body" : difference.path
            switch difference.operation {
            case .add: return "+ \(path): \(difference.value?.text ?? "")"
            case .remove: return "- \(path): \(difference.old?.text ?? "")"
            case .replace: return "\(path): \(self.pair(difference.old?.text ?? "", difference.value?.text ?? ""))"
            }
        }
    }

    /// `120 appear, 3 vanish, 35 change`; what else differs.
    static func counts(_ report: DiffReport) -> String {
        var words: [String] = []
        for (kind, verb) in [(DiffReport.Kind.appeared, "appear"), (.vanished, "vanish"), (.changed, "change")] {
            let count = report.count(kind)
            if count > 0 { words.append("\(self.number(count)) \(verb)") }
        }
        let deliveries = words.isEmpty ? [] : ["deliveries: \(words.joined(separator: ", "))"]
        let fates = report.count(.fate)
        let events = report.count(.event)
        return
            (deliveries + (fates > 0 ? ["\(self.number(fates)) other fates"] : [])
            + (events > 0 ? ["\(self.number(events)) events read or matched otherwise"] : [])).joined(separator: "; ")
    }

    static func deliveries(_ report: DiffReport) -> String {
        let before = self.number(report.before.deliveries)
        let after = self.number(report.after.deliveries)
        return before == after ? "\(before) deliveries before and after" : "\(before) deliveries before, \(after) after"
    }
}
