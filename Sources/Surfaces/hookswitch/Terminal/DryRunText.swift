// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookRoute
import HookTransform

/// A dry run for people: one block a stage, the nearest misses first, then the exact requests.
struct DryRunText {
    /// Routes that did not match and are shown; with thousands of routes nobody reads the rest.
    static let missesMax = 20

    let report: DryRunReport
    let showsSteps: Bool
    /// Whether every route that did not match is shown.
    let showsAll: Bool
    let style: Style
    /// What an address for trials said to each request.
    var answers: [DryRunReport.Answer] = []

    var text: String {
        (self.stages + self.matched + self.notMatched + self.requests + self.emitted + self.end)
            .joined(separator: "\n")
    }

    /// The emitted events, each with what becomes of it.
    private var emitted: [String] {
        var number = self.report.targets.reduce(0) { $0 + $1.requests.count }
        return self.report.emitted.flatMap { child -> [String] in
            let event = child.event
            let version = event.version.map { "@\($0)" } ?? ""
            let answers = Array(self.answers.dropFirst(number).prefix(child.requests.count))
            number += child.requests.count
            let inner = DryRunText(
                report: child, showsSteps: self.showsSteps, showsAll: self.showsAll, style: self.style, answers: answers
            )
            return [
                "",
                self.style.blue("EMITTED ") + self.style.bold(Printable.text("\(event.type)\(version)"))
                    + self.style.dim("  \(event.id), \(event.body.count) bytes"),
            ] + inner.matched + inner.requests + inner.emitted
        }
    }

    /// What matched and what did not, and why.
    var decision: [String] { self.matched + self.notMatched }

    // MARK: Stages

    private var stages: [String] {
        StageText(report: self.report, showsSteps: self.showsSteps, style: self.style).lines
    }

    // MARK: Matched

    private var matched: [String] {
        let routes = self.report.explanations.filter(\.isMatched)
        if routes.isEmpty { return ["", self.style.yellow("MATCHED nothing: \(self.fateOfUnmatched)")] }
        return routes.flatMap { route in
            [
                "",
                self.style.green("MATCHED ") + self.style.bold(route.route.text)
                    + self.style.dim("  \(self.place(route.mark))"),
            ]
                + route.conditions.flatMap { self.lines($0, indent: "  ") } + self.targets(of: route)
        }
    }

    private var fateOfUnmatched: String {
        if !self.report.prepared.isUnmatched { return "what looked at it is listed below" }
        return switch self.report.unrouted {
        case .keep: "the event would be kept as unmatched"
        case .drop: "the event would be dropped, the sender answered 202 (defaults.unrouted: drop)"
        case .reject: "the sender would be answered 422, nothing stored (defaults.unrouted: reject)"
        }
    }

    /// Parts of a split event that are shown; the rest is alike.
    static let partsMax = 10

    private func targets(of route: RouteExplanation) -> [String] {
        var results = self.report.targets(of: route.route)[...]
        var lines: [String] = []
        for view in route.views.prefix(Self.partsMax) {
            if let part = view.part {
                lines.append(
                    "  part \(part) of \(route.parts.count)" + (view.isMatched ? "" : self.style.dim(" (not taken)")))
                // What was asked of the whole event stands above.
                let own = view.conditions.dropFirst(route.conditions.count)
                lines += own.flatMap { self.lines($0, indent: "    ") }
            }
            let indent = view.part == nil ? "" : "  "
            lines += self.targets(of: view, &results).map { indent + $0 }
        }
        lines += self.report.emissions(of: route.route).prefix(Self.partsMax).map { "  " + self.text(of: $0.outcome) }
        lines += self.report.members(of: route.route).prefix(Self.partsMax).map { "  " + self.text(of: $0) }
        let rest = route.parts.count - Self.partsMax
        return rest > 0 ? lines + [self.style.dim("  and \(rest) more parts (-o json shows all)")] : lines
    }

    private func targets(
        of route: RouteExplanation, _ results: inout ArraySlice<DryRunReport.Target>
    ) -> [String] {
        var lines: [String] = []
        for one in route.cases {
            lines.append("  case \(one.name)\(one.isChosen ? "" : self.style.dim(" (not taken)"))")
            lines += one.conditions.flatMap { self.lines($0, indent: "    ") }
            if one.isChosen { lines += one.targets.flatMap { self.target($0, &results, indent: "    ") } }
        }
        return lines + route.targets.flatMap { self.target($0, &results, indent: "  ") }
    }

    private func target(
        _ target: TargetExplanation, _ results: inout ArraySlice<DryRunReport.Target>, indent: String
    ) -> [String] {
        if let because = target.because {
            return [indent + self.style.dim("skip  \(target.destination): ") + self.line(because)]
        }
        guard target.isSent, let result = results.popFirst() else { return [] }
        let conditions = target.conditions.flatMap { self.lines($0, indent: indent + "  ") }
        return [indent + self.fate(of: result)] + conditions + self.failure(of: result, indent: indent)
    }

    private func text(of emission: EmissionOutcome) -> String {
        let version = emission.version.map { "@\($0)" } ?? ""
        let type = Printable.text("\(emission.type)\(version)")
        if emission.events > 0 {
            return "⇒ emits \(self.style.bold(type))" + (emission.events == 1 ? "" : "  \(emission.events) events")
        }
        if let dropped = emission.dropped {
            return self.style.yellow("DROP  ") + "\(type): \(Printable.text(dropped))"
        }
        let failure = emission.failure
        return self.style.red("HELD  ") + "\(type): [\(failure?.code ?? "")] \(Printable.text(failure?.message ?? ""))"
    }

    private func text(of member: WindowMember) -> String {
        let key = Printable.text(String(decoding: member.key, as: UTF8.self))
        return "⊕ joins the window \(self.style.bold(key)), which closes \(WindowWords.close(member.close))"
    }

    private func fate(of result: DryRunReport.Target) -> String {
        let destination = result.outcome.destination
        if let held = result.heldFailure {
            let place = held.place.map { " at \($0)" } ?? ""
            return self.style.red("HELD  ") + "\(destination): [\(held.code)] \(Printable.text(held.message))\(place)"
        }
        if let dropped = result.outcome.dropped {
            return self.style.yellow("DROP  ") + "\(destination): \(Printable.text(dropped))"
        }
        let many = result.requests.count == 1 ? "" : "  \(result.requests.count) requests"
        let due = result.requests.first?.due.map { "  at \($0.rfc3339)" } ?? ""
        return "→ \(self.style.bold(destination.text))" + (result.call.map { "  via \($0.script)" } ?? "") + many + due
    }

    /// Where the script stood, also where `on_error` made something else of its failure.
    private func failure(of result: DryRunReport.Target, indent: String) -> [String] {
        guard let failure = result.outcome.failure else { return [] }
        let frames = failure.traceback.map { indent + "        " + self.style.dim(Printable.text($0)) }
        if result.heldFailure != nil { return frames }
        let words = result.requests.isEmpty ? "on_error: drop" : "on_error: pass, the event goes on as it is"
        let place = failure.place.map { " at \($0)" } ?? ""
        return [
            indent + self.style.yellow("FAILED") + " \(failure.script): [\(failure.code)] "
                + "\(Printable.text(failure.message))\(place) (\(words))"
        ] + frames
    }

    // MARK: Not matched

    private var notMatched: [String] {
        let routes = RouteExplanation.nearestFirst(self.report.explanations).filter { !$0.isMatched }
        let shown = self.showsAll ? routes[...] : routes.prefix(Self.missesMax)
        let lines = shown.flatMap { route -> [String] in
            let head = "NOT MATCHED \(route.route)" + self.style.dim("  \(self.place(route.mark))")
            return ["", self.style.dim(head)] + self.reasons(of: route)
        }
        let rest = routes.count - shown.count
        return rest > 0
            ? lines + ["", self.style.dim("NOT MATCHED: \(rest) more, further away (--all shows them)")] : lines
    }

    private func reasons(of route: RouteExplanation) -> [String] {
        guard route.isEnabled else { return ["  the route is switched off (enabled: false)"] }
        if let held = self.report.prepared.held.first(where: { $0.route == route.route }) {
            let place = held.failure.place.map { " at \($0)" } ?? ""
            let words = "[\(held.failure.code)] \(Printable.text(held.failure.message))\(place)"
            return ["  " + self.style.red("HELD  ") + words]
                + held.failure.traceback.map { "        " + self.style.dim(Printable.text($0)) }
        }
        if let because = route.because {
            let met = route.conditions.count { $0.isMet }
            let share = route.conditions.count > 1 ? self.style.dim("  (\(met) of \(route.conditions.count) hold)") : ""
            return ["  \(self.line(because))\(share)"] + self.parts(because, indent: "  ")
        }
        let targets =
            route.targets.compactMap { target in target.because.map { ("\(target.destination)", $0) } }
            + route.cases.compactMap { one in one.because.map { ("case \(one.name)", $0) } }
        return ["  its conditions hold, and no target takes it"]
            + targets.map { "    \($0.0): \(self.line($0.1))" }
    }

    // MARK: Conditions

    private func lines(_ condition: ConditionExplanation, indent: String) -> [String] {
        ["\(indent)\(self.line(condition))"] + self.parts(condition, indent: indent)
    }

    private func parts(_ condition: ConditionExplanation, indent: String) -> [String] {
        condition.parts.flatMap { self.lines($0, indent: indent + "    ") }
    }

    private func line(_ condition: ConditionExplanation) -> String {
        let sign = condition.isMet ? self.style.green("✓") : self.style.red("✗")
        if !condition.parts.isEmpty { return "\(sign) \(condition.op)" }
        let path = condition.path.isEmpty ? "" : "\(condition.path) "
        let want = "\(path)\(condition.op) \(condition.want.text)"
        let found = condition.isMet ? "" : ", found \(condition.got?.text ?? "nothing")"
        return "\(sign) \(Printable.text(want + found))"
    }

    private func place(_ mark: Mark) -> String { "\(mark.file):\(mark.line)" }

    // MARK: Requests

    private var requests: [String] {
        var number = 0
        return self.report.targets.flatMap { target in
            target.requests.flatMap { request -> [String] in
                defer { number += 1 }
                let text = RequestText(report: self.report, style: self.style)
                return text.lines(
                    of: request, target, self.answers.indices.contains(number) ? self.answers[number] : nil)
            }
        }
    }

    private var end: [String] {
        if self.answers.isEmpty { return ["", self.style.dim("nothing was sent, nothing was stored")] }
        let sent = self.answers.count { $0.status != nil }
        return ["", self.style.dim("\(sent) of \(self.answers.count) sent for a trial, nothing was stored")]
    }
}
