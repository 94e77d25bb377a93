// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

/// The command line. Each command is a file of its own in Commands/.
@main
struct Hookswitch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hookswitch",
        abstract: "Webhook and event router: ingest, verify, route, transform, store, deliver.",
        discussion: """
            A project is a folder with routes/ (YAML) and scripts/ (Lua). Try it first:

              hookswitch demo
            """,
        version: HookswitchVersion.text,
        subcommands: [Reference.self],
        groupedSubcommands: [
            CommandGroup(name: "Start:", subcommands: [Demo.self, Init.self, Dev.self, Serve.self]),
            CommandGroup(
                name: "Write:",
                subcommands: [
                    Check.self, Fmt.self, New.self,
                    DryRun.self, Explain.self, Graph.self,
                    Diff.self,
                    Test.self,
                    Import.self,
                    Repl.self, DebugSignature.self,
                ]),
            CommandGroup(
                name: "Operate:",
                subcommands: [
                    Status.self,
                    Top.self,
                    TapCommand.self,
                    Events.self, Deliveries.self, Dead.self, Held.self, Windows.self, Reload.self, Config.self,
                    Send.self,
                    Listen.self, Bench.self,
                ]),
            CommandGroup(name: "Learn:", subcommands: [Help.self, Catalogue.self, Completion.self, Version.self]),
        ])
}

/// Exit codes, after sysexits.h where it has one.
extension ExitCode {
    static let findings = ExitCode(1)
    static let usage = ExitCode(64)
    static let unreadable = ExitCode(65)
    static let unreachable = ExitCode(69)
    static let internalError = ExitCode(70)
    static let tryAgain = ExitCode(75)
    static let notAllowed = ExitCode(77)
    static let refused = ExitCode(78)
    static let interrupted = ExitCode(130)
}
