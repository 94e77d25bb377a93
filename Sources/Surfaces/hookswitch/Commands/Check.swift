// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookConfig
import HookCore
import HookPipeline

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check routes and scripts: every problem, with its place and what to do.",
        discussion: """
            Ends with 0 when nothing is wrong, 1 when there are errors (or warnings, with --deny-warnings), 65 when the
            project cannot be read. A secret that has no value on this machine is a warning of its own: it says
            nothing about the files, so --deny-warnings does not count it; --secrets deny does.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson, github, sarif }

    /// What a secret without a value is.
    enum Secrets: String, ExpressibleByArgument, CaseIterable { case warn, deny, off }

    @OptionGroup var projectOptions: ProjectOptions

    @Argument(help: "Show only the problems of these files and folders.")
    var paths: [String] = []

    @Option(name: [.short, .long], help: "How results look: text, json, ndjson, github or sarif.")
    var output: Format = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Flag(name: .long, help: "Treat warnings as errors.")
    var denyWarnings = false

    @Option(
        name: .long,
        help: "Secrets that have no value here: warn, deny (an error), or off (do not look).")
    var secrets: Secrets = .warn

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    func run() throws {
        let compiled = try ProjectLoading.load(self.projectOptions.project)
        guard compiled.files.files.contains(where: { ConfigLoader.isRouteFile($0.path) }) else {
            throw Console.fail(
                "there is no route file below \(self.projectOptions.project)/routes",
                hint: "name the project with --project, or begin one with hookswitch init", .unreadable)
        }
        // A mistyped path must not look clean.
        for path in self.paths where !compiled.files.files.contains(where: { self.names(file: $0.path, path) }) {
            throw Console.fail("the project has no file or folder \"\(path)\"", .unreadable)
        }
        let diagnostics = DiagnosticList.arranged(compiled.diagnostics + self.missingSecrets(compiled)).filter(
            self.isAskedFor)
        self.print(diagnostics, compiled.files)
        let isBad =
            diagnostics.hasErrors || (self.denyWarnings && diagnostics.contains { $0.code != "secret/unresolved" })
        if isBad { throw ExitCode.findings }
    }

    private func missingSecrets(_ compiled: ProjectLoading.Compiled) -> [Diagnostic] {
        let configuration = compiled.configuration
        let values = SecretStore(
            configuration.secrets, environment: .live, projectRoot: self.projectOptions.project)
        switch self.secrets {
        case .off: return []
        case .warn: return [SecretCheck.finding(configuration, values, .warning)].compactMap { $0 }
        case .deny: return [SecretCheck.finding(configuration, values, .error)].compactMap { $0 }
        }
    }

    private func isAskedFor(_ diagnostic: Diagnostic) -> Bool {
        guard let file = diagnostic.mark?.file, !self.paths.isEmpty else { return true }
        return self.paths.contains { self.names(file: file, $0) }
    }

    /// Whether a path, relative to the project or beginning with its folder, names a file of it or a folder above that.
    private func names(file: String, _ path: String) -> Bool {
        var plain = path[...]
        for prefix in [self.projectOptions.project + "/", "./"] where plain.hasPrefix(prefix) {
            plain = plain.dropFirst(prefix.count)
        }
        return plain.isEmpty || plain == "." || file == plain
            || file.hasPrefix(plain.hasSuffix("/") ? plain : plain + "/")
    }

    private func print(_ diagnostics: [Diagnostic], _ files: ProjectFiles) {
        let format: DiagnosticRenderer.Format =
            switch self.json ? .json : self.output {
            case .json: .json
            case .ndjson: .ndjson
            case .github: .github
            case .sarif: .sarif
            case .text: .text
            }
        let isColoured = Style(self.color, descriptor: STDOUT_FILENO).isColoured
        Console.out(
            bytes: Array(
                DiagnosticRenderer(
                    files: files, colour: isColoured ? .always : .never, folder: self.projectOptions.project
                ).render(diagnostics, as: format).utf8))
        if format == .text {
            Console.note(
                diagnostics.isEmpty ? "ok: \(files.files.count) files" : DiagnosticRenderer.summary(diagnostics))
        }
    }
}
