// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import HookRoute
import HookTransform

/// The blocks of the six stages in a dry run.
struct StageText {
    let report: DryRunReport
    let showsSteps: Bool
    let style: Style

    var lines: [String] {
        let event = self.report.event
        return self.block("ingest", ["\(event.body.count) bytes, \(Printable.text(event.contentType))"])
            + self.block("verify", self.verify)
            + self.block("route", [self.route] + self.conversions(isOwn: true))
            + self.block("transform", self.transform)
            + self.block("store", self.store)
            + self.block("deliver", [self.deliver])
    }

    /// The name of the stage before the first line only.
    private func block(_ name: String, _ lines: [String]) -> [String] {
        lines.enumerated().map { place, line in
            (place == 0 ? self.style.blue(name.padded(10)) : String(repeating: " ", count: 10)) + " " + line
        }
    }

    private var verify: [String] {
        let event = self.report.event
        let version = event.version.map { "@\($0)" } ?? ""
        let id = event.senderID.map { ", id \($0)" } ?? ""
        let first = Printable.text("\(event.type)\(version) from \(event.source)\(id)")
        let check: String? =
            switch self.report.check {
            case .none: nil
            case .skipped(let words): "not checked: \(words) (--sign does)"
            case .passed(let words): "checked with a test key: \(words)"
            }
        return [first] + (check.map { [self.style.dim(Printable.text($0))] } ?? []) + self.schema
    }

    /// What the catalogue says of the event.
    private var schema: [String] {
        guard let note = self.report.schema else { return [] }
        let name = Printable.text(note.name)
        guard let first = note.violations.first else { return ["schema \(name) " + self.style.green("ok")] }
        let words = note.isKeptAside ? ": kept aside (validate: quarantine)" : ""
        let lines = note.violations.prefix(5).map { found in
            let place = found.pointer.isEmpty ? "the event" : found.pointer
            return self.style.dim("  \(Printable.text("\(place) \(found.detail)  by \(found.rule)"))")
        }
        let place = first.pointer.isEmpty ? "the top" : Printable.text(first.pointer)
        return ["schema \(name) " + self.style.red("fails at \(place)") + words] + lines
    }

    private var route: String {
        let hits = self.report.explanations.count(where: \.isMatched)
        return "\(hits) of \(self.report.explanations.count) routes, revision \(self.report.revision)"
            + self.time(self.report.timing.route)
    }

    private var transform: [String] {
        let calls = self.report.conditionCalls + self.report.targets.compactMap(\.call)
        let behind = self.conversions(isOwn: false) + self.outputs
        if calls.isEmpty { return behind.isEmpty ? ["no script"] : behind }
        if !self.showsSteps {
            return [Array(Set(calls.map(\.script))).sorted().joined(separator: ", ")] + behind
        }
        let rows = calls.map { call in
            let whom = call.destination.map { "for \($0)" } ?? "a condition of \(call.route)"
            return "\(call.script)  \(call.steps) steps, \(DurationWords.fine(call.duration))  \(self.style.dim(whom))"
        }
        let logged = calls.flatMap(\.lines).map { self.style.dim("log: \(Printable.text($0.message))") }
        return rows + logged + behind
    }

    /// Declarative steps and formats, a line a target.
    private var outputs: [String] {
        self.report.targets.compactMap { target in
            let words = OutputWords(target.outcome.output)
            let parts = words.steps + (words.format.map { ["format \($0)"] } ?? [])
            if parts.isEmpty { return nil }
            return Printable.text(parts.joined(separator: "; "))
                + self.style.dim("  for \(target.outcome.destination)")
        }
    }

    /// Conversions of the event on its way in, or of what transforms made of it on its way out.
    private func conversions(isOwn: Bool) -> [String] {
        self.report.conversions.filter { ($0.destination == nil) == isOwn }.map { note in
            let figures = note.steps.map { step in
                "\(step.call.steps) steps, \(DurationWords.fine(step.call.duration))"
            }
            return Printable.text(note.words)
                + (self.showsSteps ? self.style.dim("  \(figures.joined(separator: "; "))") : "")
        }
    }

    private var store: [String] {
        let prepared = self.report.prepared
        if prepared.isUnmatched, self.report.unrouted != .keep { return ["nothing: no route took the event"] }
        let held = prepared.held.isEmpty ? "" : ", \(prepared.held.count) held"
        let deliveries = prepared.deliveries.count
        let emitted = prepared.eventCount - 1
        let made =
            (emitted == 0 ? "" : ", \(emitted) emitted \(emitted == 1 ? "event" : "events") with what follows")
            + (prepared.members.isEmpty ? "" : ", a place in \(prepared.members.count == 1 ? "a window" : "windows")")
        return [
            "the event, \(deliveries) \(deliveries == 1 ? "delivery" : "deliveries")\(made)\(held), in one transaction",
            self.style.dim("── durable from here on: the sender would be answered 202 ──"),
        ]
    }

    private var deliver: String {
        let names = self.report.requests.map(\.ticket.destination.text)
        return "would send \(names.count)" + (names.isEmpty ? "" : ": \(names.joined(separator: ", "))")
    }

    private func time(_ duration: Duration) -> String {
        self.showsSteps ? self.style.dim("  \(DurationWords.fine(duration))") : ""
    }
}
