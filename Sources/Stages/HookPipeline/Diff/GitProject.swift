// SPDX-License-Identifier: Apache-2.0
// A project as it is at a revision of its repository. Git is asked for the list of files and their content; the work
// tree, the index and HEAD stay as they are. What counts as a file of the project is what ``ProjectReader`` says on
// disk: links are followed inside the repository, submodules are read where they are checked out.
package import HookCore

/// Why a revision could not be read: what is wrong, and what to do about it.
package struct GitFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// There is no git program.
        case noGit
        /// The project folder is in no repository.
        case noRepository
        /// Git knows no commit of this name.
        case unknownRevision
        /// The project's files cannot be read at this revision.
        case unreadable
    }

    package let kind: Kind
    package let message: String
    package let hint: String?

    package init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

/// Reads a project folder at revisions of the repository that it stands in. Blocks.
package struct GitProject: Sendable {
    package struct Read: Sendable {
        /// The commit's full hash.
        package let commit: String
        package let files: ProjectFiles
    }

    private let git: GitCommand
    /// The top of the work tree.
    private let top: String
    /// The project below it, with a slash at the end; empty where the project is the top.
    private let prefix: String

    /// - Errors: `noGit`, `noRepository`.
    package init(folder: String) throws(GitFailure) {
        let git = GitCommand(folder: folder)
        let answer = try git.run(["rev-parse", "--show-toplevel", "--show-prefix"])
        guard answer.code == 0 else { throw Self.noRepository(folder, answer.errorText) }
        let lines = GitCommand.lines(answer.out)
        self.top = lines.first ?? folder
        self.prefix = lines.count > 1 ? lines[1] : ""
        self.git = git
    }

    private static func noRepository(_ folder: String, _ words: String) -> GitFailure {
        if words.contains("dubious ownership") {
            return GitFailure(
                .noRepository, "git does not trust the repository at \(folder): it belongs to another user",
                hint: "git config --global --add safe.directory FOLDER")
        }
        return GitFailure(
            .noRepository, "\(folder) is in no git repository", hint: "name a folder instead of a revision, as ./before"
        )
    }

    /// The files of the project at a revision, as `main`, `HEAD~3`, `v1.2`, a hash.
    package func read(_ revision: String) throws(GitFailure) -> Read {
        let commit = try self.commit(revision)
        let tree = GitTree(git: self.git, commit: commit, top: self.top)
        var reader = GitProjectReader(tree: tree, revision: revision, prefix: self.prefix)
        return Read(commit: commit, files: try reader.read())
    }

    /// The commit that a name means.
    private func commit(_ revision: String) throws(GitFailure) -> String {
        guard !revision.isEmpty, !revision.hasPrefix("-") else {
            throw GitFailure(.unknownRevision, "\"\(revision)\" is no revision")
        }
        let answer = try self.git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"])
        if answer.code == 0, let commit = GitCommand.lines(answer.out).first { return commit }
        throw GitFailure(.unknownRevision, "git knows no commit \"\(revision)\"", hint: try self.hint(for: revision))
    }

    private func hint(for revision: String) throws(GitFailure) -> String? {
        let refs = try self.git.run(["for-each-ref", "--format=%(refname:short)"])
        let names = GitCommand.lines(refs.out) + ["HEAD"]
        if let near = NearestName.to(revision, among: names) { return "did you mean \"\(near)\"?" }
        if let remote = names.first(where: { $0.hasSuffix("/\(revision)") }) { return "did you mean \"\(remote)\"?" }
        let shallow = try self.git.run(["rev-parse", "--is-shallow-repository"])
        if GitCommand.lines(shallow.out).first == "true" {
            return "the clone is shallow: fetch more of it, as with fetch-depth: 0 of actions/checkout"
        }
        let branches = names.prefix(8).joined(separator: ", ")
        return "branches and tags are: \(branches)\(names.count > 8 ? ", …" : "")"
    }
}

/// Runs git in one folder, without touching anything and without asking anybody.
struct GitCommand: Sendable {
    let folder: String

    func run(_ arguments: [String], input: [UInt8] = []) throws(GitFailure) -> ChildCommand.Output {
        var command = ChildCommand(["git", "-C", self.folder] + arguments)
        command.variables = [
            ("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_LITERAL_PATHSPECS", "1"),
        ]
        // Hooks of git set these for the repository that they run in; here the folder says which one is meant.
        command.withheld = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"]
        do throws(ChildCommand.Failure) {
            return try command.run(input: input)
        } catch {
            switch error {
            case .notFound:
                throw GitFailure(
                    .noGit, "git is not installed", hint: "install git, or name a folder instead of a revision")
            case .timeout: throw GitFailure(.unreadable, "git does not answer")
            case .tooMuch: throw GitFailure(.unreadable, "the project is too large to be compared")
            case .system(let words): throw GitFailure(.unreadable, "git cannot be run: \(words)")
            }
        }
    }

    static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
