// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookRoute
import HookTransform

/// A dry run for people: one block a stage, the nearest misses first, then the exact requests.
struct DryRunText {
    let report: DryRunReport
    let showsSteps: Bool
    let style: Style

    var text: String {
        (self.stages + self.matched + self.notMatched + self.requests + self.end).joined(separator: "\n")
    }

    private var stages: [String] {
        let event = self.report.event
        let version = event.version.map { "@\($0)" } ?? ""
        let hits = self.report.explanations.filter(\.isMatched).count
        let scripts = self.report.targets.compactMap(\.call)
        return [
            self.stage("ingest", "\(event.body.count) bytes, \(event.contentType)"),
            self.stage(
                "verify",
                Printable.text(
                    "\(event.type)\(version) from \(event.source)\(event.senderID.map { ", id \($0)" } ?? "")")),
            self.stage(
                "route", "\(hits) of \(self.report.explanations.count) routes, revision \(self.report.revision)"),
            self.stage("transform", scripts.isEmpty ? "no script" : scripts.map(self.cost).joined(separator: ", ")),
            self.stage("store", self.style.dim("here the event would be on disk and the sender answered 202")),
            self.stage("deliver", "would send \(self.report.deliveries)"),
        ]
    }

    private func stage(_ name: String, _ words: String) -> String { "\(self.style.blue(name.padded(10))) \(words)" }

    private func cost(_ call: ScriptCall) -> String {
        self.showsSteps ? "\(call.script) \(call.steps) steps" : call.script
    }

    private var matched: [String] {
        let routes = self.report.explanations.filter(\.isMatched)
        if routes.isEmpty { return ["", self.style.yellow("MATCHED nothing: the event would be kept as unmatched")] }
        return routes.flatMap { route in
            [
                "",
                self.style.green("MATCHED ") + self.style.bold(route.route.text)
                    + self.style.dim("  \(self.place(route.mark))"),
            ]
                + route.conditions.map { "  \(self.line($0))" } + self.targets(of: route)
        }
    }

    private func targets(of route: RouteExplanation) -> [String] {
        var lines: [String] = []
        for one in route.cases {
            lines.append("  case \(one.name)\(one.isChosen ? "" : self.style.dim(" (not taken)"))")
            lines += one.conditions.map { "    \(self.line($0))" }
            if one.isChosen { lines += one.targets.map { "    \(self.target($0, route.route))" } }
        }
        return lines + route.targets.map { "  \(self.target($0, route.route))" }
    }

    private func target(_ target: TargetExplanation, _ route: RouteName) -> String {
        let result = self.report.targets.first { $0.route == route && $0.destination == target.destination }
        if let held = result?.held {
            let place = held.place.map { " at \($0)" } ?? ""
            return self.style.red("HELD  ")
                + "\(target.destination): [\(held.code)] \(Printable.text(held.message))\(place)"
        }
        if let dropped = result?.dropped {
            return self.style.yellow("DROP  ") + "\(target.destination): \(Printable.text(dropped))"
        }
        if let because = target.because { return self.style.dim("skip  \(target.destination): \(self.line(because))") }
        return "→ \(self.style.bold(target.destination.text))" + (result?.call.map { "  via \($0.script)" } ?? "")
    }

    private var notMatched: [String] {
        let routes = RouteExplanation.nearestFirst(self.report.explanations).filter { !$0.isMatched }
        return routes.flatMap { route -> [String] in
            let head = "NOT MATCHED \(route.route)" + self.style.dim("  \(self.place(route.mark))")
            let why =
                route.isEnabled ? route.because.map(self.line) ?? self.noTarget(route) : "the route is switched off"
            return ["", self.style.dim(head), "  \(why)"]
        }
    }

    private func noTarget(_ route: RouteExplanation) -> String {
        let near = route.targets.first?.because ?? route.cases.first?.because
        return "no target takes it" + (near.map { ": \(self.line($0))" } ?? "")
    }

    private func line(_ condition: ConditionExplanation) -> String {
        let sign = condition.isMet ? self.style.green("✓") : self.style.red("✗")
        let path = condition.path.isEmpty ? "" : "\(condition.path) "
        let want = "\(path)\(condition.op) \(condition.want.text)"
        let found = condition.isMet ? "" : ", found \(condition.got?.text ?? "nothing")"
        return "\(sign) \(Printable.text(want + found))"
    }

    private func place(_ mark: Mark) -> String { "\(mark.file):\(mark.line)" }

    private var requests: [String] {
        self.report.targets.flatMap { target in
            target.requests.flatMap { request -> [String] in
                guard let outbound = request.outbound else {
                    return ["", self.style.red("CANNOT SEND to \(target.destination): \(request.problem ?? "")")]
                }
                let policy =
                    target.policy.map {
                        "policy \($0.name), \($0.retry.attempts) attempts, time-out \($0.timeout.milliseconds) ms"
                    } ?? ""
                let head = self.style.bold("WOULD SEND") + " to \(target.destination)" + self.style.dim("  \(policy)")
                return ["", head, "  \(outbound.method) \(outbound.url)"]
                    + outbound.headers.map { "  \(self.style.dim("\($0.name):")) \(Printable.text($0.value))" }
                    + self.body(of: request)
            }
        }
    }

    private func body(of request: DryRunReport.Request) -> [String] {
        let differences = self.report.differences(of: request)
        // A body that is no JSON is shown as it is.
        let text =
            (try? JSONValue(parsing: request.body)).map { String(decoding: $0.encoded(.indented), as: UTF8.self) }
            ?? String(decoding: request.body, as: UTF8.self)
        let note = request.isUnchanged ? self.style.dim("  body unchanged, \(request.body.count) bytes") : ""
        let shown = request.isUnchanged ? [note] : Printable.lines(text).split(separator: "\n").map { "  \($0)" }
        let diff = differences.prefix(40).map { difference -> String in
            let path = difference.path.isEmpty ? "(all)" : difference.path
            switch difference.operation {
            case .add: return self.style.green(Printable.text("  + \(path): \(difference.value?.text ?? "")"))
            case .remove: return self.style.red(Printable.text("  - \(path)"))
            case .replace:
                return self.style.yellow(
                    Printable.text("  ~ \(path): \(difference.old?.text ?? "") → \(difference.value?.text ?? "")"))
            }
        }
        let more =
            differences.count > diff.count ? [self.style.dim("  … and \(differences.count - diff.count) more")] : []
        return [""] + shown + (diff.isEmpty ? [] : [self.style.bold("  DIFF")] + diff + more)
    }

    private var end: [String] { ["", self.style.dim("nothing was sent, nothing was stored")] }
}
