// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a change does: the deliveries that appear, vanish or change.",
        discussion: """
            Compiles two revisions and runs the same events through both, without sending anything. A revision is
            anything that git calls a commit, a folder (./before), or the running router's configuration
            (running, running:ID). The second one is by default the project as it is on disk.

              hookswitch diff main
              hookswitch diff main feature --events events/ -o markdown
              hookswitch diff running --events recorded:1d --exit-code

            Ends with 0; with --exit-code 1 where a delivery or fate differs; 78 where a revision has errors.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson, markdown }

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var server: ServerOptions

    @Argument(help: ArgumentHelp("The old revision.", valueName: "rev"))
    var old: String

    @Argument(help: ArgumentHelp("The new revision; by default the files as they are.", valueName: "rev"))
    var new: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Saved events: a folder, a file, - for NDJSON on stdin; or recorded:1d, recorded:10000 for what the running router keeps. By default the events of the project's tests.",
            valueName: "events"))
    var events: String?

    @Flag(name: .long, help: "End with 1 where a delivery or a fate differs.")
    var exitCode = false

    @Option(name: .long, help: "Show only what concerns this route.")
    var route: String?

    @Option(name: .long, help: ArgumentHelp("Threads; by default one for each processor.", valueName: "n"))
    var threads: Int?

    @Option(name: [.short, .long], help: "How results look: text, json, ndjson or markdown.")
    var output: Format = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    func validate() throws {
        if let threads, !(1...64).contains(threads) { throw ValidationError("--threads takes a number from 1 to 64.") }
        if let events, events.hasPrefix("recorded"), RecordedSpan(events) == nil {
            throw ValidationError("\"\(events)\" is not understood: write recorded:1d, recorded:12h or recorded:10000.")
        }
    }

    func run() async throws {
        let loading = RevisionLoading(
            project: self.projectOptions.project, server: self.server, style: Style(self.color, descriptor: 2))
        let before = try await loading.revision(self.old)
        let after = try await loading.revision(self.new ?? RevisionLoading.workTree)
        let diff = BehaviourDiff(from: before.revision, to: after.revision)
        let threads = self.threads ?? max(1, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        let clock = HookCore.Environment.live.now
        let began = clock()
        let run = DiffRun(diff, threads: threads)
        let source: String
        do {
            source = try await self.feed(run, before.revision, after.revision)
        } catch {
            _ = await offThePool(named: "diff-end") { run.finish() }
            throw error
        }
        var report = await offThePool(named: "diff-end") { run.finish() }
        let seconds = (clock() - began).inSeconds
        if let route { report = report.only(RouteName(route)) }
        let names = (before.name, after.name)
        self.print(report, names, source, timing: Timing(seconds: seconds, threads: threads))
        if self.exitCode && !report.isEmpty { throw ExitCode.findings }
    }

    private struct Timing {
        let seconds: Double
        let threads: Int
    }

    /// Gives the events to the comparison; says where they come from.
    private func feed(_ run: DiffRun, _ old: Revision, _ new: Revision) async throws -> String {
        guard let events else {
            let found = RecordedEvent.ofTests(old, new)
            if found.isEmpty {
                throw Console.fail(
                    "there are no events to compare with: neither revision has tests",
                    hint:
                        "name a folder of saved events with --events, or ask a running router with --events recorded:1d",
                    .usage)
            }
            return await offThePool(named: "diff-feed") {
                run.feed(found)
                return "the tests beside the routes"
            }
        }
        if let span = RecordedSpan(events) { return try await RecordedTraffic(span, self.server).feed(run) }
        let (result, skipped) = await offThePool(named: "diff-feed") { () -> (Result<Void, any Error>, [String]) in
            var files = SavedEventFiles(events)
            let result = Result { try files.forEach { run.feed([$0]) } }
            return (result, files.skipped)
        }
        try result.get()
        if let first = skipped.first {
            Console.note("\(skipped.count) files are no saved events and were left out, as \(first)")
        }
        if run.count == 0 {
            throw Console.fail(
                "\(events) holds no saved events", hint: "hookswitch events save writes one", .unreadable)
        }
        return events == "-" ? "stdin" : events
    }

    private func print(
        _ report: DiffReport, _ names: (DiffReport.Name, DiffReport.Name), _ source: String, timing: Timing
    ) {
        switch self.json ? .json : self.output {
        case .text:
            let style = Style(self.color, descriptor: STDOUT_FILENO)
            Console.out(
                DiffText(report: report, old: names.0, new: names.1, events: source, style: style).text)
            let rate = timing.seconds > 0 ? Int(Double(report.events) / timing.seconds) : 0
            Console.note(
                "compared \(DiffWords.number(report.events)) events in \(Self.seconds(timing.seconds)) s"
                    + (report.events >= 1000 ? ": \(DiffWords.number(rate)) events/s on \(timing.threads) threads" : "")
            )
        case .markdown:
            Console.out(DiffMarkdown(report: report, old: names.0, new: names.1, events: source).text)
        case .json, .ndjson:
            guard case .object(let members) = report.json(from: names.0, to: names.1, events: source) else { return }
            let spent: JSONValue = [
                "seconds": .number(Self.seconds(timing.seconds)), "threads": .int(timing.threads),
            ]
            Console.out(.object(members + [.init("timing", spent)]))
        }
    }

    private static func seconds(_ value: Double) -> String {
        let milliseconds = Int((value * 1000).rounded())
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
