// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// A project folder on disk: `routes/`, `scripts/`, optionally `hookswitch.yaml`.
package enum Project {
    /// How long the files must stay the same between two reads.
    private static let settleTime: Duration = .milliseconds(30)

    /// Reads the project until two reads agree. Blocks.
    package static func read(_ folder: String) throws(ProjectReadFailure) -> ProjectFiles {
        try ProjectReader.readStable(folder: folder) { WorkerThread.pause(Self.settleTime) }
    }

    package static func gitCommit(of folder: String) -> String? {
        // A file that is not there is an answer here, not a failure.
        GitCommit.current(of: folder) { try? FileSystem.read($0, bytesMax: 16 * 1024 * 1024) }
    }

    /// The folders to watch: the project itself, and everything below `routes` and `scripts`.
    package static func folders(of project: String) -> [String] {
        var found = [project]
        for name in ["routes", "scripts"] { Self.collect("\(project)/\(name)", depth: 0, into: &found) }
        return found
    }

    private static func collect(_ folder: String, depth: Int, into found: inout [String]) {
        // A folder that vanishes while it is listed is simply not watched.
        guard depth < ProjectReader.depthMax, let names = try? FileSystem.names(in: folder) else { return }
        found.append(folder)
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if let status = try? FileSystem.existing(path, .itself), status.kind == .folder {
                Self.collect(path, depth: depth + 1, into: &found)
            }
        }
    }

    package static func diagnostic(_ failure: ProjectReadFailure) -> Diagnostic {
        Diagnostic(
            "config/unreadable", at: nil, "\(failure)", hint: "a project is a folder with routes/ and scripts/ in it")
    }
}
