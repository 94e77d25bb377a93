// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say in words what a route does, or why a stored event went where it went.",
        discussion: """
            A route is read from the project's files. An event is asked of a running router, and explained under the
            configuration that routed it, whatever runs today.

              hookswitch explain order-to-erp
              hookswitch explain evt_…
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    @Flag(name: .long, help: "Show every route that did not match, not only the nearest.")
    var all = false

    @Argument(help: ArgumentHelp("The name of a route, or the id of an event.", valueName: "route|event-id"))
    var subject: String

    func run() async throws {
        // No route can be called evt_….
        if self.subject.hasPrefix("evt_") {
            guard let id = EventID(self.subject) else {
                throw Console.fail("\"\(self.subject)\" is no event id", hint: "events list shows them", .usage)
            }
            return try await self.explain(id)
        }
        let compiled = try ProjectLoading.compile(
            self.projectOptions.project, self.outputOptions, secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        guard let story = RouteStory(RouteName(self.subject), in: revision) else {
            throw Console.fail(
                "no route is called \"\(self.subject)\"",
                hint: NearestName.to(self.subject, among: revision.configuration.routes.map(\.name.text)).map {
                    "did you mean \"\($0)\"?"
                } ?? "hookswitch graph shows all routes", .usage)
        }
        switch self.outputOptions.format {
        case .text: Console.out(Self.text(story, self.outputOptions.style))
        case .json, .ndjson: Console.out(story.json)
        }
    }

    private static func text(_ story: RouteStory, _ style: Style) -> String {
        let width = (story.sections.map(\.title.count).max() ?? 0) + 2
        let lines = story.sections.flatMap { section in
            [""]
                + section.lines.enumerated().map { place, line in
                    let title =
                        place == 0 ? style.blue(section.title.padded(width)) : String(repeating: " ", count: width)
                    return title + Printable.text(line)
                }
        }
        return ([style.bold(Printable.text(story.head))] + lines).joined(separator: "\n")
    }

    // MARK: An event

    private func explain(_ id: EventID) async throws {
        let client = try self.server.client()
        let record = try await EventRecord(id, from: client)
        let compiler = RevisionCompiler(
            environment: .live, projectFolder: self.projectOptions.project, secretOverride: TestSecrets())
        let outcome = compiler.compile(record.files)
        guard let revision = outcome.revision else {
            ProjectLoading.explain(outcome.diagnostics, record.files, self.outputOptions.messageStyle)
            throw Console.fail("revision \(record.revision) does not compile with this version", .refused)
        }
        let dryRun = HookPipeline.DryRun(revision: revision, environment: .live)
        let result: HookPipeline.DryRun.Outcome
        do throws(HookPipeline.DryRun.Failure) {
            result = try dryRun.run(record.saved.event.body, .saved(record.saved, source: nil, signs: false))
        } catch {
            throw Console.fail("the event cannot be read under revision \(record.revision): \(error)", .internalError)
        }
        guard case .routed(let report) = result else {
            throw Console.fail("revision \(record.revision) does not take the event any more", .findings)
        }
        switch self.outputOptions.format {
        case .text:
            let text = EventStoryText(
                record: record, report: report, showsAll: self.all, style: self.outputOptions.style)
            Console.out(text.text)
        case .json, .ndjson: Console.out(record.json(report))
        }
    }
}
