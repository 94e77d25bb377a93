// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Writes files that a command makes.
struct GeneratedFiles {
    let folder: String

    /// - Parameter files: written where something else is there.
    /// - Parameter kept: written only where nothing is there.
    /// - Returns: paths below the folder.
    func write(
        _ files: [ProjectFiles.File], kept: [ProjectFiles.File] = []
    ) throws -> (written: [String], kept: [String]) {
        var written: [String] = []
        var left: [String] = []
        for (file, replaces) in files.map({ ($0, true) }) + kept.map({ ($0, false) }) {
            let path = self.folder == "." ? file.path : "\(self.folder)/\(file.path)"
            do throws(FileFailure) {
                let isThere = try FileSystem.existing(path, .itself) != nil
                // What is there and cannot be read is not what it should be.
                if isThere, !replaces || (try? FileSystem.read(path)) == file.bytes {
                    left.append(file.path)
                    continue
                }
                let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
                if !parent.isEmpty { try FileSystem.makeDirectories(parent.joined(separator: "/")) }
                try FileSystem.writeAtomically(file.bytes, to: path)
                written.append(file.path)
            } catch {
                throw Console.fail("\(path): \(error.reason)", .unreadable)
            }
        }
        return (written, left)
    }
}
