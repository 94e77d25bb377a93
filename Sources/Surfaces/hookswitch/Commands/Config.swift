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
            abstract: "The JSON Schema of route files, for editors.")

        func run() throws { Console.out(RouteSchema.json(), .indented) }
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
