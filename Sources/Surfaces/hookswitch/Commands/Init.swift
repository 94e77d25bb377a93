// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Begin a project: routes, scripts, tests, files for editors and linters.",
        discussion: """
            Writes the examples that the demo runs; with --from a first integration with each of these providers instead.
            Nothing that is there is overwritten.

              hookswitch init my-router --from github,stripe
            """)

    @Argument(help: "The folder; made where it is missing.")
    var folder = "."

    @Option(
        name: .long,
        help: ArgumentHelp("Presets, with commas: a source, route, script and test for each.", valueName: "presets"))
    var from: String?

    func run() throws {
        let routes = try self.from.map { try Self.starters($0, in: self.folder) } ?? Self.examples
        let project = ProjectFiles(routes)
        let files = routes + EditorFiles.settings
        let outcome = try GeneratedFiles(folder: self.folder).write(EditorFiles.generated(project), kept: files)
        for path in outcome.written { Console.out("wrote \(path)") }
        if !outcome.kept.isEmpty { Console.note("kept \(outcome.kept.count) files that were there") }
        Console.note("next: hookswitch check --project \(self.folder) && hookswitch test --project \(self.folder)")
    }

    /// The shipped examples, their route files with the line by which editors find the schema.
    private static var examples: [ProjectFiles.File] {
        Examples.files.map { file in
            guard ConfigLoader.isRouteFile(file.path) else { return file }
            let depth = file.path.split(separator: "/").count - 1
            return .init(path: file.path, bytes: Array(EditorFiles.modeline(depth: depth).utf8) + file.bytes)
        }
    }

    private static func starters(_ list: String, in folder: String) throws -> [ProjectFiles.File] {
        var starters: [Starter] = []
        for name in list.split(separator: ",").map({ $0.trimmingSpaces }) {
            guard let starter = Starter.named(name) else { throw PresetNames.unknown(name) }
            if !starters.contains(where: { $0.preset == name }) { starters.append(starter) }
        }
        if starters.isEmpty { throw Console.fail("--from names no preset", hint: PresetNames.list, .usage) }
        // A project that cannot be read yet holds no names.
        if let project = try? Project.read(folder) {
            let taken = ConfigLoader.load(project).configuration
            for starter in starters where taken.source(SourceName(starter.preset)) != nil {
                throw Console.fail(
                    "the project has a source called \"\(starter.preset)\" already",
                    hint: "hookswitch new source NAME --preset \(starter.preset)", .usage)
            }
        }
        return starters.flatMap(\.files) + [Starter.destinations]
    }
}

/// What commands say about presets.
enum PresetNames {
    static var list: String { "presets: \(RouteTemplates.presets.joined(separator: ", "))" }

    static func unknown(_ name: String) -> ExitCode {
        let near = NearestName.to(name, among: RouteTemplates.presets)
        return Console.fail(
            "no preset is called \"\(name)\"", hint: near.map { "did you mean \"\($0)\"? \(self.list)" } ?? self.list,
            .usage)
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        String(self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
