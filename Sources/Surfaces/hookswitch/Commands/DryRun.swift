// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline
import HookRoute
import HookVerify

struct DryRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dry-run",
        abstract: "Show what would happen to an event: which routes, why, what would be sent.",
        discussion: """
            Touches neither the network nor the store, and shows no secret.

              hookswitch dry-run release.json --source github -H 'X-GitHub-Event: release'
              hookswitch dry-run order.json --type order.created@2
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "A file with the body; - is stdin.")
    var event: String

    @Option(name: .long, help: "As a request to this source.")
    var source: String?

    @Option(name: .long, help: ArgumentHelp("As an event of this type.", valueName: "type@version"))
    var type: String?

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
    var header: [String] = []

    @Option(name: .long, help: "The query of the request.")
    var query = ""

    @Option(name: .long, help: "Look at this route only.")
    var route: String?

    @Flag(name: .long, help: "Sign the request with test keys and run the source's checks; else they are skipped.")
    var sign = false

    @Flag(name: .long, help: "Show the steps and time of each script.")
    var steps = false

    @Flag(name: .long, help: "End with 1 when no route matches.")
    var expectMatch = false

    func validate() throws {
        guard (self.source == nil) != (self.type == nil) else {
            throw ValidationError("Say where the event comes from: --source NAME, or --type TYPE[@VERSION].")
        }
        if let type, Self.typeAndVersion(type) == nil {
            throw ValidationError("\"\(type)\" is no event type: write order.created, or order.created@2.")
        }
    }

    func run() throws {
        let body = try Console.readFile(self.event)
        let compiled = try ProjectLoading.compile(
            self.projectOptions.project, self.outputOptions, secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        if let route = self.route, revision.configuration.route(RouteName(route)) == nil {
            throw Console.fail("no route is called \"\(route)\"", .usage)
        }
        let report = try self.report(body, revision)
        switch self.outputOptions.format {
        case .text:
            Console.out(DryRunText(report: report, showsSteps: self.steps, style: self.outputOptions.style).text)
        case .json, .ndjson: Console.out(report.json)
        }
        if self.expectMatch && !report.explanations.contains(where: \.isMatched) { throw ExitCode.findings }
    }

    private func report(_ body: [UInt8], _ revision: Revision) throws -> DryRunReport {
        let dryRun = HookPipeline.DryRun(revision: revision, environment: .live)
        let input = self.input(try HeaderArguments.parse(self.header))
        do throws(HookPipeline.DryRun.Failure) {
            return try dryRun.run(body, input, only: self.route.map { RouteName($0) })
        } catch {
            throw self.explain(error, revision)
        }
    }

    private func input(_ headers: [(name: String, value: String)]) -> HookPipeline.DryRun.Input {
        if let source = self.source {
            return .request(source: SourceName(source), headers: headers, query: self.query, signs: self.sign)
        }
        let (type, version) = self.type.flatMap(Self.typeAndVersion) ?? ("", nil)
        return .event(type: type, version: version, headers: headers, query: self.query)
    }

    /// `order.created@2`; nil where a part is empty or the version is no number.
    private static func typeAndVersion(_ text: String) -> (type: String, version: Int?)? {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = parts.first, !type.isEmpty else { return nil }
        guard parts.count > 1 else { return (String(type), nil) }
        guard let version = Int(parts[1]), version >= 0 else { return nil }
        return (String(type), version)
    }

    private func explain(_ failure: HookPipeline.DryRun.Failure, _ revision: Revision) -> ExitCode {
        switch failure {
        case .unknownSource(let name):
            let known = revision.configuration.sources.map(\.name.text).joined(separator: ", ")
            return Console.fail("no source is called \"\(name)\"", hint: "sources are: \(known)", .usage)
        case .refused(let failure):
            return Console.fail(
                "stage 2 refuses it with \(failure.status) [\(failure.code)]: \(failure.detail)", .findings)
        case .challenge(let answer):
            Console.note("the request is a handshake; the answer would be:")
            Console.out(bytes: answer + [0x0A])
            return .success
        case .notJSON(let failure):
            return Console.fail("\(self.event): \(failure.reason.rawValue) (byte \(failure.offset))", .unreadable)
        }
    }
}
