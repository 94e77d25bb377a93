// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Begin a project: routes, scripts, tests, editor schema.",
        discussion: "Writes the examples that the demo runs. Nothing that is there is overwritten.")

    @Argument(help: "The folder; made where it is missing.")
    var folder = "."

    func run() throws {
        var written: [String] = []
        var kept: [String] = []
        let schema = ProjectFiles.File(
            path: ".hookswitch/route.schema.json", bytes: RouteSchema.json().encoded(.indented) + [0x0A])
        let ignore = ProjectFiles.File(path: ".hookswitch/.gitignore", bytes: Array("store.db*\n".utf8))
        for file in Examples.files + [schema, ignore] {
            let path = "\(self.folder)/\(file.path)"
            do throws(FileFailure) {
                if try FileSystem.existing(path) != nil {
                    kept.append(file.path)
                    continue
                }
                let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
                    separator: "/")
                try FileSystem.makeDirectories(parent)
                try FileSystem.writeAtomically(file.bytes, to: path)
                written.append(file.path)
            } catch {
                throw Console.fail("\(path): \(error.reason)", .unreadable)
            }
        }
        for path in written { Console.out("wrote \(path)") }
        if !kept.isEmpty { Console.note("kept \(kept.count) files that were there") }
        Console.note("next: hookswitch check --project \(self.folder) && hookswitch test --project \(self.folder)")
    }
}
