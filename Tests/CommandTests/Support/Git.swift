// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore

/// A git repository of its own, with a project in it.
final class Repository: Sendable {
    let project: Project

    init(_ project: Project) throws {
        self.project = project
        try self.git("init", "-q", "-b", "main")
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        var command = ChildCommand(["git", "-C", self.project.folder] + arguments)
        command.variables = [
            ("GIT_AUTHOR_NAME", "n"), ("GIT_AUTHOR_EMAIL", "n@example.org"), ("GIT_COMMITTER_NAME", "n"),
            ("GIT_COMMITTER_EMAIL", "n@example.org"), ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"), ("GIT_ALLOW_PROTOCOL", "file"),
        ]
        let done = try command.run()
        guard done.code == 0 else { throw TestFailure("git \(arguments): \(done.errorText)") }
        return String(decoding: done.out, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func commit(_ message: String = "change") throws {
        try self.git("add", "-A")
        try self.git("commit", "-q", "--allow-empty", "-m", message)
    }

    func diff(_ arguments: String..., folder: String? = nil) throws -> Finished {
        try hookswitch(["diff"] + arguments, folder: folder ?? self.project.folder)
    }
}
