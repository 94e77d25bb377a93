// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline
import HookRoute
import HookVerify

struct DryRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dry-run",
        abstract: "Show what would happen to an event: which routes, why, what would be sent.",
        discussion: """
            Touches neither the network nor the store, and shows no secret. The event is a body, or a saved event.

              hookswitch dry-run release.json --source github -H 'X-GitHub-Event: release'
              hookswitch dry-run order.json --type order.created@2
              hookswitch dry-run saved/evt_….json
              hookswitch dry-run events.jsonl --type order.created -o ndjson

            --against is the only form that sends: what each destination would get goes to another address.

              hookswitch listen 127.0.0.1:9000
              hookswitch dry-run order.json --type order.created@2 --against http://127.0.0.1:9000
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var origin: EventOrigin

    @Option(name: .long, help: "Look at this route only.")
    var route: String?

    @Flag(
        name: .long,
        help: "Sign the request with test keys and run the source's checks; show outgoing signatures as they would be.")
    var sign = false

    @Flag(name: .long, help: "Show steps, time and log of each script.")
    var steps = false

    @Flag(name: .long, help: "Show every route that did not match, not only the nearest.")
    var all = false

    @Flag(name: .long, help: "End with 1 when no route matches.")
    var expectMatch = false

    @Flag(name: .long, help: "EVENT holds one event a line; so do files named .jsonl or .ndjson.")
    var ndjson = false

    @Option(
        name: .long,
        help: ArgumentHelp("Send the requests there instead, without real credentials.", valueName: "url"))
    var against: String?

    @Argument(help: "A file with the body, or a saved event; - is stdin.")
    var event: String

    private var isMany: Bool {
        self.ndjson || self.event.hasSuffix(".jsonl") || self.event.hasSuffix(".ndjson")
    }

    func validate() throws {
        try self.origin.check()
        if self.isMany, self.against != nil || self.sign || self.steps || self.all {
            throw ValidationError("--against, --sign, --steps and --all are for one event.")
        }
    }

    func run() async throws {
        if self.isMany { return try self.runMany() }
        // A file that is not there can be no saved event, and what is missing first is where the event comes from.
        if self.origin.isOpen, self.event != "-", (try? FileSystem.existing(self.event)) == nil {
            throw EventOrigin.missing
        }
        let bytes = try Console.readFile(self.event)
        let input = try self.origin.input(bytes, named: self.event, signs: self.sign)
        let body = try self.origin.body(bytes, named: self.event)
        let trial = try self.against.map { try TrialAddress($0) }
        switch try self.outcome(body, input, try self.revision()) {
        case .ended(let end): try self.print(end)
        case .routed(let report):
            let answers = await trial?.send(report.requests) ?? []
            self.print(report, answers)
            if answers.contains(where: { $0.status == nil }) { throw ExitCode.unreachable }
            if self.expectMatch && !report.explanations.contains(where: \.isMatched) { throw ExitCode.findings }
        }
    }

    private func revision() throws -> Revision {
        let compiled = try ProjectLoading.compile(
            self.projectOptions.project, self.outputOptions, secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        if let route = self.route, revision.configuration.route(RouteName(route)) == nil {
            throw Console.fail(
                "no route is called \"\(route)\"",
                hint: NearestName.to(route, among: revision.configuration.routes.map(\.name.text)).map {
                    "did you mean \"\($0)\"?"
                }, .usage)
        }
        return revision
    }

    private func runMany() throws {
        try DryRunMany(
            revision: try self.revision(), origin: self.origin, route: self.route.map { RouteName($0) },
            expectsMatch: self.expectMatch, output: self.outputOptions
        ).run(self.event)
    }

    private func outcome(
        _ body: [UInt8], _ input: HookPipeline.DryRun.Input, _ revision: Revision
    ) throws -> HookPipeline.DryRun.Outcome {
        let secrets = SecretStore(
            revision.configuration.secrets, environment: .live, projectRoot: self.projectOptions.project)
        let dryRun = HookPipeline.DryRun(
            revision: revision, environment: .live, only: self.route.map { RouteName($0) },
            signing: self.sign ? secrets : nil)
        do throws(HookPipeline.DryRun.Failure) {
            return try dryRun.run(body, input)
        } catch {
            switch error {
            case .unknownSource(let name): throw EventOrigin.unknown(name, revision)
            case .unreadable(let failure):
                throw Console.fail(
                    "\(self.event): \(failure.detail)",
                    hint: "for a body that is no JSON: -H 'content-type: text/plain'",
                    .unreadable)
            }
        }
    }

    // MARK: Printing

    private func print(_ report: DryRunReport, _ answers: [DryRunReport.Answer]) {
        switch self.outputOptions.format {
        case .text:
            let text = DryRunText(
                report: report, showsSteps: self.steps, showsAll: self.all, style: self.outputOptions.style,
                answers: answers)
            Console.out(text.text)
        case .json, .ndjson: Console.out(report.json(answers: answers))
        }
    }

    private func print(_ end: DryRunEnd) throws {
        let isText = self.outputOptions.format == .text
        if !isText { Console.out(end.json) }
        let style = self.outputOptions.style
        switch end.kind {
        case .challenge(let reply):
            if isText {
                Console.note("the request is a handshake; the answer would be:")
                Console.out(bytes: reply.body + [0x0A])
            }
        case .refused(let stage, let failure):
            if isText {
                let number = stage == .ingest ? 1 : 2
                var lines = [
                    "\(style.blue("ingest".padded(10))) \(end.bytes) bytes, \(Printable.text(end.contentType))"
                ]
                if stage == .verify { lines.append("\(style.blue("verify".padded(10))) \(style.red("refused"))") }
                lines += [
                    "", style.red("REFUSED") + " with \(failure.status) [\(failure.code)]: \(failure.detail)",
                    style.dim("nothing would be stored, no route would see it"),
                ]
                Console.out(lines.joined(separator: "\n"))
                throw Console.fail(
                    "stage \(number) refuses it with \(failure.status) [\(failure.code)]: \(failure.detail)",
                    hint: "hookswitch help \(failure.code)", .findings)
            }
            throw ExitCode.findings
        }
    }
}
