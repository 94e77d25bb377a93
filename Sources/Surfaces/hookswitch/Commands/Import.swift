// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookConfig
import HookCore
import HookRoute

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the rules of another router as routes.", subcommands: [EventBridge.self])

    struct EventBridge: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "eventbridge",
            abstract: "Write EventBridge patterns as routes that mean the same.",
            discussion: """
                The file has one pattern a line; the route of line N is called rule-N, counted from 0. What the route
                language cannot say is named on stderr with line and reason, and left out; then the command ends with 1.
                """)

        @Argument(help: ArgumentHelp("Patterns, one a line; - is stdin.", valueName: "file"))
        var file: String

        @Option(name: .long, help: ArgumentHelp("The destination of the routes.", valueName: "destination"))
        var to: String?

        @Option(name: .long, help: ArgumentHelp("Write the routes there, not to stdout.", valueName: "file"))
        var out: String?

        @OptionGroup var outputOptions: OutputOptions

        func validate() throws {
            if let to = self.to, !Self.isName(to) {
                throw ValidationError("--to takes the name of a destination: lower case letters, digits and hyphens")
            }
        }

        private static func isName(_ text: String) -> Bool {
            guard let first = text.utf8.first, first >= 0x61, first <= 0x7A else { return false }
            return text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
        }

        func run() throws {
            let imported = RouteImport(Lines.of(try Console.readFile(self.file)), from: self.file, to: self.to)
            for refusal in imported.refusals {
                Console.note("\(self.file):\(refusal.line + 1): rule \(refusal.line) refused: \(refusal.reason)")
            }
            if let out = self.out {
                do throws(FileFailure) {
                    try FileSystem.writeAtomically(Array(imported.yaml.utf8), to: out)
                } catch {
                    throw Console.fail("\(out) cannot be written: \(error.reason)", .unreadable)
                }
            }
            if self.outputOptions.format != .text {
                Console.out(imported.json(withText: self.out == nil))
            } else if self.out == nil {
                Console.out(bytes: Array(imported.yaml.utf8))
            }
            if !imported.refusals.isEmpty { throw ExitCode.findings }
        }
    }
}
