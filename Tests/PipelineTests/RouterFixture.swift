// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookVerify

/// A router on a temporary project, taken down and removed at the end.
func withRouter(
    _ files: [(path: String, text: String)], _ body: (RouterProcess) async throws -> Void
) async throws {
    try await withRouter(files) { router, _ in try await body(router) }
}

/// The same with the project's folder.
func withRouter(
    _ files: [(path: String, text: String)], _ body: (RouterProcess, String) async throws -> Void
) async throws {
    let folder = try FileSystem.makeTemporaryDirectory(prefix: "hookswitch-test-")
    defer { try? FileSystem.removeTree(folder) }
    for file in files {
        let path = "\(folder)/\(file.path)"
        try FileSystem.makeDirectories(
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
        try FileSystem.writeAtomically(Array(file.text.utf8), to: path)
    }
    var options = RouterOptions(projectFolder: folder)
    options.ingestListen = "127.0.0.1:0"
    options.secretOverride = TestSecrets()
    options.watchesFiles = false
    let router = try await RouterProcess.start(options, environment: .live, signals: Signals())
    do {
        try await body(router, folder)
    } catch {
        await router.shutdown()
        throw error
    }
    await router.shutdown()
}

extension RouterProcess {
    /// Posts a signed request to a source, as its provider would; the status and the JSON of the answer.
    func post(
        _ body: [UInt8], to name: SourceName, headers: [(name: String, value: String)]
    ) async throws -> (status: Int, answer: JSONValue) {
        try await self.post(body, to: name, exactly: headers + [("content-type", "application/json")])
    }

    /// The same with no header added but the signature's.
    func post(
        _ body: [UInt8], to name: SourceName, query: String = "", exactly all: [(name: String, value: String)]
    ) async throws -> (status: Int, answer: JSONValue) {
        guard let source = self.revision.configuration.source(name) else { throw MissingSource() }
        let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
        let signature = try TestSignature.sign(
            TestSignature.Request(path: source.path, headers: all, body: body), spec: source, secret: secret,
            now: Environment.live.wall())
        let answer = try await Egress.fetch(
            OutboundRequest(
                method: "POST", url: "http://\(self.ingestAddress)\(source.path)\(query.isEmpty ? "" : "?\(query)")",
                headers: all + signature, body: body,
                signedWith: nil))
        return (answer.status, try JSONValue(parsing: answer.body))
    }

    struct MissingSource: Error {}
}
