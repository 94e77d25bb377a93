// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookPipeline
import Synchronization

/// What `dev` says: lines for people, or an object a line (`hookswitch/dev@1`) for tools.
final class DevReport: Sendable {
    let style: Style
    private let projectFolder: String
    private let format: OutputFormat
    /// Whether the last save was refused: then going back to what runs is worth a line.
    private let isRefused = Mutex(false)

    init(projectFolder: String, format: OutputFormat, style: Style) {
        self.projectFolder = projectFolder
        self.format = format
        self.style = style
    }

    /// One thing that happened; `text` is written only for people.
    func say(_ kind: String, _ members: [JSONValue.Member], _ text: @autoclosure () -> String) {
        if self.format == .text {
            Console.out(text())
        } else {
            Console.out(
                .object([.init("schema", "hookswitch/dev@1"), .init("kind", .string(kind))] + members))
        }
    }

    /// The time of day, as it stands before each line.
    var time: String {
        let text = Environment.live.wall().rfc3339
        return self.style.dim(String(text.split(separator: "T").last?.prefix(8) ?? ""))
    }

    // MARK: Steps of a save

    func checked(_ diagnostics: [Diagnostic], _ files: ProjectFiles) {
        let mark = diagnostics.hasErrors ? self.style.red("✗ check") : self.style.green("✓ check")
        self.say(
            "check", [.init("ok", .bool(!diagnostics.hasErrors)), .init("diagnostics", Self.json(diagnostics))],
            {
                let words = diagnostics.isEmpty ? "" : "  \(DiagnosticRenderer.summary(diagnostics))"
                return (["\(self.time) \(mark)\(words)"] + self.lines(of: diagnostics, files)).joined(separator: "\n")
            }())
    }

    func tested(_ results: [RouteTestResult], _ files: ProjectFiles) {
        let failed = results.filter { !$0.passed }
        let members: [JSONValue.Member] = [
            .init("ok", .bool(failed.isEmpty)), .init("passed", .int(results.count - failed.count)),
            .init("failed", .int(failed.count)), .init("failures", RouteTestResult.failuresJSON(results)),
        ]
        self.say(
            "tests", members,
            {
                let words = "\(results.count - failed.count) passed, \(failed.count) failed"
                let head = failed.isEmpty ? self.style.green("✓ tests") : self.style.red("✗ tests")
                let text = RouteTestText(files: files, style: self.style)
                return (["\(self.time) \(head)  \(words)"] + failed.flatMap { text.lines(of: $0) }).joined(
                    separator: "\n")
            }())
    }

    func waiting() {
        self.say("waiting", [], "\(self.time) waiting for the next save")
    }

    /// A save after the first: what the reload did with it.
    func reloaded(_ outcome: ReloadOutcome) {
        let wasRefused = self.isRefused.withLock { refused in
            defer { refused = outcome.result == .refused }
            return refused
        }
        // The files may have changed again; then the excerpts are of the newer ones, and the next save comes at once.
        let files = (try? Project.read(self.projectFolder)) ?? ProjectFiles([])
        switch outcome.result {
        case .unchanged:
            if wasRefused {
                self.say(
                    "reload", [.init("result", "unchanged"), .init("revision", .string(outcome.revision.text))],
                    "\(self.time) as it was: revision \(outcome.revision) runs")
            }
        case .refused where outcome.diagnostics.hasErrors:
            self.checked(outcome.diagnostics, files)
            self.refused(outcome)
        case .refused:
            self.checked(outcome.diagnostics, files)
            self.tested(outcome.tests, files)
            self.refused(outcome)
        case .accepted, .planned:
            self.checked(outcome.diagnostics, files)
            self.tested(outcome.tests, files)
            self.accepted(outcome)
        }
    }

    private func refused(_ outcome: ReloadOutcome) {
        self.say(
            "reload", [.init("result", "refused"), .init("revision", .string(outcome.revision.text))],
            "\(self.time) \(self.style.red("✗ not reloaded"))  revision \(outcome.revision) goes on")
    }

    private func accepted(_ outcome: ReloadOutcome) {
        let changes = outcome.plan.changes.map { "\($0.kind.rawValue) \($0.what) \($0.name)" }
        self.say(
            "reload",
            [
                .init("result", "accepted"), .init("revision", .string(outcome.revision.text)),
                .init("changes", .array(changes.map { .string($0) })),
            ],
            "\(self.time) \(self.style.green("✓ reloaded"))  revision \(outcome.revision)"
                + (changes.isEmpty ? "" : ": \(changes.joined(separator: ", "))"))
    }

    private func lines(of diagnostics: [Diagnostic], _ files: ProjectFiles) -> [String] {
        guard !diagnostics.isEmpty else { return [] }
        return [DiagnosticRenderer(files: files, colour: self.style.isColoured ? .always : .never).render(diagnostics)]
    }

    private static func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        .array(
            diagnostics.map {
                [
                    "code": .string($0.code), "severity": .string($0.severity.rawValue), "file": .text($0.mark?.file),
                    "line": $0.mark.map { .int($0.line) } ?? .null, "column": $0.mark.map { .int($0.column) } ?? .null,
                    "message": .string($0.message), "hint": .text($0.hint),
                ]
            })
    }

    // MARK: The router

    func ready(_ ready: RouterServer.Ready, _ revision: Revision, missing: [SecretName], isCaught: Bool) {
        guard self.format == .text else {
            Console.out(ready.json)
            return
        }
        let where_ = isCaught ? "caught here and answered 200; --deliver sends them" : "sent to their destinations"
        var lines = [
            "", "\(self.style.bold("hookswitch dev"))  each save is checked, tested and reloaded; ctrl-c ends it",
            "  webhooks    http://\(ready.ingest)", "  admin       http://\(ready.admin)", "  deliveries  \(where_)",
        ]
        if !missing.isEmpty {
            let names = missing.map(\.text).joined(separator: ", ")
            lines.append("  " + self.style.yellow("DEV KEYS    stand in for secrets without a value: \(names)"))
        }
        lines += ["", "Send an event from another terminal:", "  \(self.example(ready, revision))", ""]
        Console.out(lines.joined(separator: "\n"))
    }

    /// The first request of a test whose body stands in a file, else the first source.
    private func example(_ ready: RouterServer.Ready, _ revision: Revision) -> String {
        var words = ["hookswitch", "send"]
        var tail = ["--dev", "--to", "http://\(ready.ingest)"]
        if self.projectFolder != "." { tail += ["--project", self.projectFolder] }
        for test in revision.configuration.tests {
            for step in test.steps {
                guard case .request(let request) = step.action, request.signs,
                    let file = revision.files.files.first(where: { $0.bytes == request.body })
                else { continue }
                words += ["\(self.projectFolder == "." ? "" : self.projectFolder + "/")\(file.path)"]
                words += ["--source", request.source.text]
                words += request.headers.map { "-H '\($0.name): \($0.value)'" }
                return Printable.text((words + tail).joined(separator: " "))
            }
        }
        let source = revision.configuration.sources.first?.name.text ?? "NAME"
        return (words + ["body.json", "--source", source] + tail).joined(separator: " ")
    }

    /// What went wrong in the router. Reloads, refused requests and failed scripts have lines of their own.
    func logged(_ record: LogRecord) {
        guard record.level >= .warning, ![.config, .ingest, .verify, .transform].contains(record.stage) else { return }
        let fields = record.fields.map { "\($0.0)=\(Printable.text($0.1))" }.joined(separator: " ")
        Console.note("\(record.level.rawValue): [\(record.stage.rawValue)] \(record.message) \(fields)")
    }
}
