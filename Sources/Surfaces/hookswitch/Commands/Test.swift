// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the tests that stand beside the routes.",
        discussion: """
            No network, no store, a virtual clock; secrets are replaced by test keys. Ends with 1 where a test fails.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson, junit }

    @OptionGroup var projectOptions: ProjectOptions

    @Argument(help: "Only tests of these files or folders, or whose name contains this text.")
    var only: [String] = []

    @Option(name: .long, help: ArgumentHelp("Only tests whose name contains this text.", valueName: "text"))
    var filter: [String] = []

    @Option(name: [.short, .long], help: "How results look: text, json, ndjson or junit.")
    var output: Format = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("Write JUnit XML into a file as well.", valueName: "file"))
    var junit: String?

    @Flag(name: .long, help: "Run again whenever a file changes; ctrl-c ends it.")
    var watch = false

    @Flag(name: .long, help: "Write golden files that are missing or differ.")
    var update = false

    @Flag(name: .long, help: "Let --update write where CI is set.")
    var force = false

    @Flag(name: .long, help: "Say what no test reaches: routes, cases, conditions (true and false), lines of Lua.")
    var coverage = false

    @Option(
        name: .long, help: ArgumentHelp("Write the coverage into a file; - is stdout.", valueName: "file"))
    var coverageOut: String?

    @Option(name: .long, help: "How the coverage looks: text, json or lcov.")
    var coverageFormat: CoverageFormat?

    @Option(
        name: .long,
        help: ArgumentHelp("End with 1 where less than this share of all that can be reached is.", valueName: "percent")
    )
    var minCoverage: Double?

    @Option(name: .long, help: ArgumentHelp("Tests that run at the same time; 0: one a core.", valueName: "n"))
    var jobs = 0

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    /// Whether any option asks for it.
    var measures: Bool {
        self.coverage || self.coverageOut != nil || self.coverageFormat != nil || self.minCoverage != nil
    }
    /// The coverage for a tool goes to stdout alone; what people read moves to stderr then.
    var coverageTakesStdout: Bool {
        (self.coverageFormat ?? .text) != .text && (self.coverageOut ?? "-") == "-"
    }
    var format: Format { self.json ? .json : self.output }
    var threads: Int { self.jobs > 0 ? self.jobs : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    func validate() throws {
        guard (0...256).contains(self.jobs) else { throw ValidationError("--jobs takes 0 to 256.") }
        if self.coverageTakesStdout, self.format != .text {
            throw ValidationError("Both results and coverage would go to stdout: name a file with --coverage-out.")
        }
        if let minCoverage, !(0...100).contains(minCoverage) {
            throw ValidationError("--min-coverage takes 0 to 100.")
        }
    }

    func run() async throws {
        if self.update { try GoldenUpdate.refuseOnBuildServer(.live, isForced: self.force) }
        if self.watch { return await RouteTestWatch(command: self).run() }
        let outcome = try await RouteTestCommandRun(command: self).run()
        if !outcome.isGood { throw ExitCode.findings }
    }

    func isAskedFor(_ test: RouteTestSpec) -> Bool {
        let isChosen =
            self.only.isEmpty
            || self.only.contains { text in
                let plain = Self.plain(text)
                return test.mark.file == plain || test.mark.file.hasPrefix(plain + "/") || test.name.contains(text)
            }
        return isChosen && (self.filter.isEmpty || self.filter.contains { test.name.contains($0) })
    }

    /// `./routes/` is `routes`.
    private static func plain(_ text: String) -> String {
        var plain = text.hasPrefix("./") ? text.dropFirst(2) : text[...]
        while plain.count > 1, plain.hasSuffix("/") { plain = plain.dropLast() }
        return String(plain)
    }
}
