// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

/// Finds and compiles the revision that a word of the command line means.
struct RevisionLoading {
    struct Loaded {
        let name: DiffReport.Name
        let revision: Revision
    }

    /// The project as it is on disk.
    static let workTree = ""

    let project: String
    let server: ServerOptions
    /// For diagnostics.
    let style: Style

    /// - Errors: `ExitCode`: 78 with diagnostics where it has errors, 65 where it cannot be read, 64 where it is unknown.
    func revision(_ text: String) async throws -> Loaded {
        if text == Self.workTree {
            let files = try await self.files(in: self.project)
            let commit = await offThePool(named: "git") { Project.gitCommit(of: self.project) }
            return try await self.compile(files, name: "work tree", commit: commit)
        }
        if text == "running" || text.hasPrefix("running:") { return try await self.running(text) }
        if text == "." || text == ".." || text.hasPrefix("./") || text.hasPrefix("../") || text.hasPrefix("/") {
            return try await self.compile(try await self.files(in: text), name: text, commit: nil)
        }
        return try await self.fromGit(text)
    }

    private func files(in folder: String) async throws -> ProjectFiles {
        let read = await offThePool(named: "read") {
            Result { () throws(ProjectReadFailure) in try Project.read(folder) }
        }
        switch read {
        case .success(let files):
            guard files.files.contains(where: { ConfigLoader.isRouteFile($0.path) }) else {
                throw Console.fail("there is no route file below \(folder)/routes", .unreadable)
            }
            return files
        case .failure(let failure):
            throw Console.fail("\(failure)", hint: "a project is a folder with routes/ and scripts/ in it", .unreadable)
        }
    }

    private func fromGit(_ text: String) async throws -> Loaded {
        let folder = self.project
        let read = await offThePool(named: "git") {
            Result { () throws(GitFailure) in try GitProject(folder: folder).read(text) }
        }
        switch read {
        case .success(let found):
            guard found.files.files.contains(where: { ConfigLoader.isRouteFile($0.path) }) else {
                throw Console.fail(
                    "there is no route file of \(folder) at \(text)",
                    hint: "the project is named with --project, as it is called in the work tree", .unreadable)
            }
            return try await self.compile(found.files, name: text, commit: found.commit)
        case .failure(let failure):
            let code: ExitCode = failure.kind == .unknownRevision ? .usage : .unreadable
            throw Console.fail(failure.message, hint: failure.hint, code)
        }
    }

    /// The configuration that a router runs, or one that its store keeps.
    private func running(_ text: String) async throws -> Loaded {
        let client = try self.server.client()
        var id = text.hasPrefix("running:") ? String(text.dropFirst("running:".count)) : ""
        if id.isEmpty { id = try await client.get("/api/v1/config")["revision"]?.stringValue ?? "" }
        let answer = try await client.get("/api/v1/config/revisions/\(PercentCoding.encode(id))")
        let files = try EventRecord.files(answer)
        return try await self.compile(files, name: text, commit: answer["git_commit"]?.stringValue)
    }

    private func compile(_ files: ProjectFiles, name: String, commit: String?) async throws -> Loaded {
        let folder = self.project
        let outcome = await offThePool(named: "compile") {
            RevisionCompiler(environment: .live, projectFolder: folder, secretOverride: TestSecrets()).compile(
                files, gitCommit: commit)
        }
        guard let revision = outcome.revision else {
            Console.note("\(name):")
            ProjectLoading.explain(outcome.diagnostics, files, self.style)
            throw Console.fail("the configuration of \(name) has errors", .refused)
        }
        return Loaded(
            name: DiffReport.Name(text: name, revision: revision.id, gitCommit: commit), revision: revision)
    }
}
