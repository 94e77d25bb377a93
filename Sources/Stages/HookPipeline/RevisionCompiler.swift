// SPDX-License-Identifier: Apache-2.0
import HookConfig
package import HookCore
import HookCrypto
import HookRoute
import HookTransform
import HookVerify

/// Files → checked configuration → one immutable ``Revision``, all aside; nothing that runs is touched.
package struct RevisionCompiler: Sendable {
    package struct Outcome: Sendable {
        package let files: ProjectFiles
        /// Nil where a diagnostic is an error.
        package let revision: Revision?
        /// Also filled, as far as it goes, where there are errors.
        package let configuration: Configuration
        package let diagnostics: [Diagnostic]
        /// For the next compilation of the same project.
        package let memory: CompilerMemory
        package var times: CompileTimes

        package init(
            files: ProjectFiles, revision: Revision?, configuration: Configuration, diagnostics: [Diagnostic],
            memory: CompilerMemory = CompilerMemory(), times: CompileTimes = CompileTimes()
        ) {
            self.files = files
            self.revision = revision
            self.configuration = configuration
            self.diagnostics = diagnostics
            self.memory = memory
            self.times = times
        }
    }

    private let environment: Environment
    private let projectFolder: String
    /// Values that stand in for secrets of the same name: tests and the demo have no real ones.
    private let secretOverride: (any SecretReading)?

    /// Answers for secrets that have no value of their own: `dev` works without any.
    private let secretFallback: (any SecretReading)?

    private let adjust: @Sendable (inout Configuration) -> Void

    package init(
        environment: Environment, projectFolder: String, secretOverride: (any SecretReading)? = nil,
        secretFallback: (any SecretReading)? = nil,
        adjust: @escaping @Sendable (inout Configuration) -> Void = { _ in }
    ) {
        self.adjust = adjust
        self.environment = environment
        self.projectFolder = projectFolder
        self.secretOverride = secretOverride
        self.secretFallback = secretFallback
    }

    /// - Parameter memory: what an earlier compilation of this project has left; it makes no difference but in time.
    package func compile(
        _ files: ProjectFiles, gitCommit: String? = nil, after memory: CompilerMemory = CompilerMemory()
    ) -> Outcome {
        var watch = Watch(self.environment)
        var times = CompileTimes()
        let loaded = ConfigLoader.load(files, after: memory.load)
        times.load = watch.lap()
        let book = loaded.declared.catalogue
        let schemas = book.ofScripts(in: loaded.configuration.routes)
            .merging(book.ofConverters(in: loaded.configuration.catalogue)) { route, _ in route }
        let uses = Self.uses(of: loaded.configuration)
        let kept = memory.scripts.flatMap { kept in
            schemas.isEmpty && kept.lookups == loaded.declared.lookupNames
                && kept.set.isAlsoOf(files: files, uses: uses, insteadOf: (kept.files, kept.uses))
                ? kept : nil
        }
        let scripts =
            kept.map { (set: $0.set, diagnostics: $0.diagnostics) }
            ?? ScriptSet.compile(
                files: files, scripts: uses[0], checks: uses[1], schemas: schemas,
                lookups: loaded.declared.lookupNames)
        times.scripts = watch.lap()
        let diagnostics = DiagnosticList.arranged(
            loaded.findings + ProjectLint.findings(files, loaded) + scripts.diagnostics)
        times.lint = watch.lap()
        let next = CompilerMemory(
            load: loaded.memory,
            scripts: scripts.set.flatMap { set in
                // A finding about a use depends on the text around it; one about a Lua file on that file alone.
                schemas.isEmpty && scripts.diagnostics.allSatisfy { $0.mark?.file.hasPrefix("scripts/") ?? false }
                    ? .init(
                        files: files, uses: uses, set: set, diagnostics: scripts.diagnostics,
                        lookups: loaded.declared.lookupNames) : nil
            })
        guard !diagnostics.hasErrors, let set = scripts.set else {
            return Outcome(
                files: files, revision: nil, configuration: loaded.configuration, diagnostics: diagnostics,
                memory: next, times: times)
        }
        var configuration = loaded.configuration
        self.adjust(&configuration)
        Self.setPrints(of: &configuration, set)
        let secrets = self.secrets(of: configuration)
        let routes = RouteTable(routes: configuration.routes, versions: VersionTable(configuration))
        times.table = watch.lap()
        let revision = Revision(
            id: Self.identity(of: files), gitCommit: gitCommit, files: files, configuration: configuration,
            secrets: secrets,
            verify: Verify(
                sources: configuration.sources, secrets: secrets,
                jsonDepthMax: configuration.server.ingest.jsonDepthMax,
                bodyBytesMax: configuration.server.ingest.bodyBytesMax, catalogue: configuration.catalogue),
            routes: routes, scripts: set.with(configuration.lookups))
        times.rest = watch.lap()
        return Outcome(
            files: files, revision: revision, configuration: configuration, diagnostics: diagnostics, memory: next,
            times: times)
    }

    /// Reads the project as it is now and compiles it; a folder that cannot be read is a diagnostic. Blocks.
    ///
    /// - Parameter running: is the outcome where the files are still its own.
    package func compile(
        folder: String, after memory: CompilerMemory = CompilerMemory(), running: Revision? = nil
    ) -> Outcome {
        var watch = Watch(self.environment)
        do throws(ProjectReadFailure) {
            let files = try Project.read(folder)
            let read = watch.lap()
            if let running, running.files == files {
                var outcome = Outcome(
                    files: files, revision: running, configuration: running.configuration, diagnostics: [],
                    memory: memory)
                outcome.times.read = read
                return outcome
            }
            var outcome = self.compile(files, gitCommit: Project.gitCommit(of: folder), after: memory)
            outcome.times.read = read
            return outcome
        } catch {
            return Outcome(
                files: ProjectFiles([]), revision: nil, configuration: Configuration(),
                diagnostics: [Project.diagnostic(error)], memory: memory)
        }
    }

    /// Windows are told apart by what they are made with.
    private static func setPrints(of configuration: inout Configuration, _ set: ScriptSet) {
        let aggregating = configuration.routes.indices.filter { configuration.routes[$0].aggregate != nil }
        guard !aggregating.isEmpty else { return }
        let printer = RoutePrinter(scripts: set.prints(of: configuration.scripts))
        for place in aggregating {
            let print = printer.print(of: configuration.routes[place])
            configuration.routes[place].aggregate?.print = print
        }
    }

    private static func uses(of configuration: Configuration) -> [[ScriptSpec]] {
        [configuration.scripts, configuration.checks]
    }

    private func secrets(of configuration: Configuration) -> any SecretReading {
        if let secretOverride { return secretOverride }
        let real = SecretStore(configuration.secrets, environment: self.environment, projectRoot: self.projectFolder)
        guard let secretFallback else { return real }
        return FallbackSecrets(first: real, then: secretFallback)
    }

    /// The first 12 hexadecimal digits of the SHA-256 of the files.
    package static func identity(of files: ProjectFiles) -> RevisionID {
        RevisionID(String(Hex.text(Digest.sha256(files.encoded)).prefix(12)))
    }
}

/// What one compilation leaves for the next of the same project: only what the next one may need again.
package struct CompilerMemory: Sendable {
    /// Scripts of which none was refused.
    struct Scripts: Sendable {
        let files: ProjectFiles
        let uses: [[ScriptSpec]]
        let set: ScriptSet
        let diagnostics: [Diagnostic]
        let lookups: Set<String>?
    }

    let load: LoadMemory?
    let scripts: Scripts?

    package init() {
        self.load = nil
        self.scripts = nil
    }

    init(load: LoadMemory, scripts: Scripts?) {
        self.load = load
        self.scripts = scripts
    }
}

/// How long the parts of a compilation took.
package struct CompileTimes: Sendable {
    /// Reading the files until two reads agree; zero where they were given.
    package var read = Duration.zero
    /// Route files to checked values.
    package var load = Duration.zero
    /// Lua files loaded and every use of a script checked.
    package var scripts = Duration.zero
    /// What can only be said of all routes together.
    package var lint = Duration.zero
    package var table = Duration.zero
    /// Identity, secrets, sources.
    package var rest = Duration.zero

    package init() {}

    /// As the first parts of a reload.
    var reload: ReloadTimes {
        var times = ReloadTimes()
        times.add(.read, self.read)
        times.add(.load, self.load)
        times.add(.scripts, self.scripts)
        times.add(.lint, self.lint)
        times.add(.table, self.table)
        return times
    }
}

/// Laps on the clock of an environment.
struct Watch {
    private let environment: Environment
    private var last: Duration

    init(_ environment: Environment) {
        self.environment = environment
        self.last = environment.now()
    }

    mutating func lap() -> Duration {
        let now = self.environment.now()
        defer { self.last = now }
        return now - self.last
    }
}
