// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline

/// One request of a dry run: what the transform changed, then the request exactly as it would go out.
struct RequestText {
    /// Lines of a difference that are shown.
    private static let differencesMax = 40

    let report: DryRunReport
    let style: Style

    func lines(
        of request: DryRunReport.Request, _ target: DryRunReport.Target, _ answer: DryRunReport.Answer?
    ) -> [String] {
        let name = request.ticket.destination.text
        guard let outbound = request.shown else {
            return ["", self.style.red("CANNOT SEND to \(name): \(request.problem ?? "")")]
        }
        let head =
            answer.map { self.head($0, name) } ?? self.style.bold("WOULD SEND") + " to \(name)"
            + self.style.dim("  route \(request.ticket.route)")
        return self.difference(of: request) + ["", head, "  \(outbound.method) \(outbound.url)"]
            + outbound.headers.map { "  \(self.style.dim("\($0.name):")) \(Printable.text($0.value))" }
            + self.body(of: request) + self.signature(of: request) + self.policy(of: target)
    }

    private func head(_ answer: DryRunReport.Answer, _ name: String) -> String {
        let result =
            answer.status.map { self.style.green("\($0)") }
            ?? self.style.red(Printable.text(answer.problem ?? "no answer"))
        return self.style.bold("SENT") + " what is for \(name) to \(answer.url): \(result)"
    }

    private func body(of request: DryRunReport.Request) -> [String] {
        if request.body.isEmpty { return ["", self.style.dim("  (no body)")] }
        if request.isUnchanged {
            return ["", self.style.dim("  (the body as it came in, \(request.body.count) bytes)")]
        }
        // A body that is no JSON is shown as it is.
        let text =
            (try? JSONValue(parsing: request.body)).map { String(decoding: $0.encoded(.indented), as: UTF8.self) }
            ?? String(validating: request.body, as: UTF8.self)
        guard let text else { return ["", self.style.dim("  (\(request.body.count) bytes that are no text)")] }
        return [""] + Printable.lines(text).split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    }

    private func signature(of request: DryRunReport.Request) -> [String] {
        guard let signature = request.signature else { return [] }
        let words =
            switch signature.isTestKey {
            case nil: "signed with \(signature.key) (--sign shows the signature)"
            case false?: "signed with \(signature.key)"
            case true?: "signed with a test key: \(signature.key) has no value here"
            }
        return [self.style.dim("  \(words)")]
    }

    private func policy(of target: DryRunReport.Target) -> [String] {
        guard let policy = target.destination?.policy else { return [] }
        let words = PolicyWords(policy)
        return [
            self.style.dim("  policy \(policy.name): \(words.retries)"),
            self.style.dim("  \(words.outcomes); \(words.limits)"),
        ]
    }

    // MARK: Differences

    private func difference(of request: DryRunReport.Request) -> [String] {
        let differences = self.report.differences(of: request)
        let lines = differences.isEmpty ? self.textLines(of: request) : differences.map(self.line)
        if lines.isEmpty { return [] }
        let shown = lines.prefix(Self.differencesMax)
        let more = lines.count - shown.count
        return ["", self.style.bold("DIFF") + " from the event to the body for \(request.ticket.destination)"] + shown
            + (more > 0 ? [self.style.dim("  … and \(more) more")] : [])
    }

    private func line(_ difference: JSONDifference) -> String {
        let path = difference.path.isEmpty ? "(all)" : difference.path
        switch difference.operation {
        case .add: return self.style.green(Printable.text("  + \(path): \(difference.value?.text ?? "")"))
        case .remove: return self.style.red(Printable.text("  - \(path): \(Self.short(difference.old))"))
        case .replace:
            return self.style.yellow(
                Printable.text("  ~ \(path): \(Self.short(difference.old)) → \(difference.value?.text ?? "")"))
        }
    }

    /// What is gone needs no more than a glance.
    private static func short(_ value: JSONValue?) -> String {
        let text = value?.text ?? ""
        return text.count > 60 ? "\(text.prefix(60))…" : text
    }

    private func textLines(of request: DryRunReport.Request) -> [String] {
        self.report.textDifferences(of: request).map { line in
            let shown = Printable.text("  \(line)")
            return switch line.first {
            case "+": self.style.green(shown)
            case "-": self.style.red(shown)
            case "@", "…": self.style.dim(shown)
            default: shown
            }
        }
    }
}
