// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The configuration: what runs, what it says, its schema.",
        subcommands: [Status.self, Show.self, Schema.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which revision a running router has, and what became of the last reload.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() async throws {
            Details.print(try await self.server.client().get("/api/v1/config"), self.outputOptions)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What the files of a project come to: sources, routes, destinations.")

        @OptionGroup var projectOptions: ProjectOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            let compiled = try ProjectLoading.compile(self.projectOptions.project, self.outputOptions)
            Details.print(ConfigurationSummary.json(compiled.configuration, compiled.revision?.id), self.outputOptions)
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What editors need: the JSON Schema of route files, Lua definitions.",
            discussion: """
                Prints the JSON Schema (draft-07) of route files, with --settings that of hookswitch.yaml, with --lua the
                definitions for LuaLS: the functions of scripts, and a class for each event of the catalogue.

                  hookswitch config schema --lua --out .    # .hookswitch/lua/*.d.lua, .luarc.json, .luacheckrc
                """)

        @OptionGroup var projectOptions: ProjectOptions

        @Flag(name: .long, help: "The schema of hookswitch.yaml.")
        var settings = false

        @Flag(name: .long, help: "Definitions for the Lua language server instead of the JSON Schema.")
        var lua = false

        @Option(
            name: .long, help: ArgumentHelp("Write files below this folder instead of printing.", valueName: "dir"))
        var out: String?

        func run() throws {
            let files = self.lua ? try self.luaFiles() : self.schemaFiles()
            guard let out else {
                for (place, file) in files.printed.enumerated() {
                    Console.out(bytes: (place > 0 ? [0x0A] : []) + file.bytes)
                }
                return
            }
            let written = try GeneratedFiles(folder: out).write(files.printed, kept: files.kept)
            for path in written.written { Console.out("wrote \(path)") }
            if !written.kept.isEmpty { Console.note("kept \(written.kept.joined(separator: ", "))") }
        }

        private func schemaFiles() -> (printed: [ProjectFiles.File], kept: [ProjectFiles.File]) {
            let name = self.settings ? "settings" : "route"
            let files = EditorFiles.generated(ProjectFiles([]))
            return (files.filter { $0.path == ".hookswitch/\(name).schema.json" }, [])
        }

        private func luaFiles() throws -> (printed: [ProjectFiles.File], kept: [ProjectFiles.File]) {
            var project = ProjectFiles([])
            // Without a project there is no catalogue; the functions are the same.
            if let read = try? Project.read(self.projectOptions.project) { project = read }
            return (EditorFiles.lua(project), EditorFiles.settings.filter { $0.path.hasPrefix(".lua") })
        }
    }
}

/// A configuration as JSON: names, places and what leads where. Secrets by name only.
enum ConfigurationSummary {
    static func json(_ configuration: Configuration, _ revision: RevisionID?) -> JSONValue {
        [
            "schema": "hookswitch/project@1",
            "revision": .text(revision?.text),
            "sources": .array(
                configuration.sources.map {
                    ["name": .string($0.name.text), "path": .string($0.path), "preset": .text($0.preset)]
                }),
            "routes": .array(configuration.routes.map(self.json)),
            "destinations": .array(
                configuration.destinations.map {
                    [
                        "name": .string($0.name.text), "origin": .string($0.url.origin), "method": .string($0.method),
                        "policy": .string($0.policy.name.text), "signed": .bool($0.sign != nil),
                    ]
                }),
            "secrets": .array(configuration.secrets.map { .string($0.name.text) }),
            "tests": .int(configuration.tests.count),
        ]
    }

    private static func json(_ route: RouteSpec) -> JSONValue {
        let targets: [TargetSpec] =
            switch route.targets {
            case .list(let targets): targets
            case .cases(let cases): cases.flatMap(\.targets)
            }
        return [
            "name": .string(route.name.text), "at": .string("\(route.mark.file):\(route.mark.line)"),
            "enabled": .bool(route.isEnabled),
            "events": .array(route.events.map { .string($0.description) }),
            "destinations": .array(targets.map { .string($0.destination.text) }),
        ]
    }
}
