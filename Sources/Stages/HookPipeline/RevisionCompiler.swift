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

    package func compile(_ files: ProjectFiles, gitCommit: String? = nil) -> Outcome {
        let loaded = ConfigLoader.load(files)
        let scripts = ScriptSet.compile(
            files: files, scripts: loaded.configuration.scripts, checks: loaded.configuration.checks,
            schemas: loaded.declared.catalogue.ofScripts(in: loaded.configuration.routes))
        let diagnostics = DiagnosticList.arranged(
            loaded.findings + ProjectLint.findings(files, loaded) + scripts.diagnostics)
        guard !diagnostics.hasErrors, let set = scripts.set else {
            return Outcome(
                files: files, revision: nil, configuration: loaded.configuration, diagnostics: diagnostics)
        }
        var configuration = loaded.configuration
        self.adjust(&configuration)
        let secrets = self.secrets(of: configuration)
        let revision = Revision(
            id: Self.identity(of: files), gitCommit: gitCommit, files: files, configuration: configuration,
            secrets: secrets,
            verify: Verify(
                sources: configuration.sources, secrets: secrets,
                jsonDepthMax: configuration.server.ingest.jsonDepthMax),
            routes: RouteTable(routes: configuration.routes), scripts: set)
        return Outcome(files: files, revision: revision, configuration: configuration, diagnostics: diagnostics)
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
