// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore

struct Help: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain a code such as route/unknown-destination, a command, or a field of route files.")

    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "A code, a command or a field; without it all codes are listed.")
    var topic: [String] = []

    func run() throws {
        guard let topic = self.topic.first else {
            Console.out(Hookswitch.helpMessage())
            Console.out("CODES (hookswitch help CODE):")
            for entry in CodeRegistry.all { Console.out("  \(entry.code.padded(34)) \(entry.title)") }
            return
        }
        if let entry = CodeRegistry.entry(for: topic) { return self.explain(entry) }
        if let command = Hookswitch.configuration.groupedSubcommands.flatMap(\.subcommands).first(where: {
            ($0.configuration.commandName ?? "\($0)".kebabCased) == topic
        }) {
            return Console.out(Hookswitch.helpMessage(for: command))
        }
        if let field = ReferenceManual.help(field: topic) { return Console.out(field) }
        let near = CodeRegistry.all.map(\.code).filter { $0.contains(topic) }
        throw Console.fail(
            "\"\(topic)\" is no code, command or field",
            hint: near.isEmpty ? "hookswitch help lists all codes" : "did you mean \(near.joined(separator: ", "))?",
            .usage)
    }

    private func explain(_ entry: CodeEntry) {
        if self.outputOptions.format != .text {
            return Console.out([
                "schema": "hookswitch/code@1", "code": .string(entry.code), "title": .string(entry.title),
                "explanation": .string(entry.explanation), "wrong": .string(entry.wrong), "right": .string(entry.right),
            ])
        }
        let style = self.outputOptions.style
        Console.out(style.bold(entry.code) + ": " + entry.title + "\n\n" + entry.explanation)
        if !entry.wrong.isEmpty { Console.out("\n" + style.red("Wrong") + "\n" + entry.wrong.indented) }
        if !entry.right.isEmpty { Console.out("\n" + style.green("Right") + "\n" + entry.right.indented) }
    }
}

extension String {
    /// Every line moved in by two spaces.
    fileprivate var indented: String {
        self.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
    }

    /// `DryRun` → `dry-run`, as the argument parser names commands.
    fileprivate var kebabCased: String {
        self.reduce(into: "") { text, letter in
            if letter.isUppercase && !text.isEmpty { text += "-" }
            text += letter.lowercased()
        }
    }
}

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completion script of a shell.",
        discussion: "For bash: hookswitch completion bash > /etc/bash_completion.d/hookswitch")

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish") var shell: Shell

    func run() throws {
        let shell: CompletionShell =
            switch self.shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Console.out(Hookswitch.completionScript(for: shell))
    }
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        if self.outputOptions.format == .text {
            Console.out(HookswitchVersion.text)
        } else {
            Console.out(["schema": "hookswitch/version@1", "version": .string(HookswitchVersion.text)])
        }
    }
}
