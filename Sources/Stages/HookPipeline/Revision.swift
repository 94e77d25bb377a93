// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookRoute
package import HookTransform
package import HookVerify

/// One compiled configuration: immutable, swapped whole. An event keeps the one that it started with.
package final class Revision: Sendable {
    package let id: RevisionID
    package let gitCommit: String?
    package let files: ProjectFiles
    package let configuration: Configuration
    package let secrets: any SecretReading
    package let verify: Verify
    package let routes: RouteTable
    package let scripts: ScriptSet
    /// Whether some route may wait for the answer of a peer.
    package let asksPeers: Bool
    /// Holes in the templates of each destination, to be filled while the event is at hand.
    package let templates: [DestinationName: [FieldPath]]
    /// Of the catalogue.
    package let versions: VersionTable

    init(
        id: RevisionID, gitCommit: String?, files: ProjectFiles, configuration: Configuration,
        secrets: any SecretReading, verify: Verify, routes: RouteTable, scripts: ScriptSet
    ) {
        self.id = id
        self.gitCommit = gitCommit
        self.files = files
        self.configuration = configuration
        self.secrets = secrets
        self.versions = routes.versions
        self.verify = verify
        self.routes = routes
        self.scripts = scripts
        self.asksPeers = configuration.routes.contains { $0.isEnabled && $0.asksPeers }
        self.templates = Self.templates(of: configuration.destinations)
    }

    private static func templates(of destinations: [DestinationSpec]) -> [DestinationName: [FieldPath]] {
        var templates: [DestinationName: [FieldPath]] = [:]
        for destination in destinations {
            let parts = [destination.url.path] + destination.headers.map(\.value) + destination.query.map(\.value)
            let fields = parts.flatMap(\.fields)
            if !fields.isEmpty { templates[destination.name] = fields }
        }
        return templates
    }

    /// A secret that is missing now may come later (a file that another process writes), so the process runs; what needs
    /// the secret is refused or waits, and that is an error in the log.
    func reportMissingSecrets(_ signals: Signals) {
        for secret in self.configuration.secrets where self.secrets.values(of: secret.name).isEmpty {
            signals.log(
                .error, .config, "a secret has no value: what needs it is refused or waits",
                ("code", "secret/unresolved"), ("secret", secret.name.text),
                ("reason", SecretCheck.place(secret.provider)),
                ("place", "\(secret.mark.file):\(secret.mark.line)"))
        }
    }

    /// A worker for the scripts of this revision. Belongs to the thread that makes it.
    package func makeWorker(environment: Environment, signals: Signals, mode: ScriptMode = .live) -> ScriptWorker {
        ScriptWorker(
            self.scripts, revision: self.id, mode: mode, secrets: self.secrets, signals: signals,
            environment: environment)
    }
}
