// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookRoute

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure parts of the router on files of yours.", subcommands: [Match.self, Schema.self])

    struct Match: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Match events against EventBridge patterns with the routing table's engine.",
            discussion: """
                Both files have one JSON text a line. A rule's number is its line, counted from 0; a pattern that is
                refused is named on stderr, keeps its number and never matches. An event that is no JSON object matches
                nothing. The digest is FNV-1a (64 bits) over one line an event: the numbers of the rules that match,
                ascending, a space between, so that the answers of other engines can be compared.

                Times are those of one thread; the fastest of several samples counts. Each event is measured from its
                bytes to its matches, the validation of the whole body included.
                """)

        @Option(name: .long, help: ArgumentHelp("EventBridge patterns, one a line.", valueName: "file"))
        var rules: String

        @Option(name: .long, help: ArgumentHelp("Events, one a line.", valueName: "file"))
        var events: String

        @Option(name: .long, help: "How long to measure, in seconds; at least one pass is made.")
        var seconds = 2.0

        @OptionGroup var outputOptions: OutputOptions

        func validate() throws {
            guard self.seconds >= 0, self.seconds <= 600 else {
                throw ValidationError("--seconds takes a number from 0 to 600")
            }
        }

        func run() throws {
            let events = Lines.of(try Lines.readLarge(self.events))
            let result = MatchMeasurement(try self.readRules(), events, seconds: self.seconds)
            if self.outputOptions.format == .text {
                Console.out(result.text)
            } else {
                Console.out(result.json)
            }
        }

        /// The patterns by line; what is refused is said and counted.
        private func readRules() throws -> PatternFile {
            let file = PatternFile(Lines.of(try Lines.readLarge(self.rules)))
            for refusal in file.refusals {
                // With its place as editors count.
                Console.note(
                    "\(self.rules):\(refusal.line + 1):\(refusal.failure.offset + 1): rule \(refusal.line) refused: "
                        + refusal.failure.reason)
            }
            return file
        }
    }
}

extension Lines {
    /// A file of up to 4 GiB, or stdin for `-`: events by the million are a fair thing to measure with.
    static func readLarge(_ path: String) throws -> [UInt8] {
        if path == "-" { return Console.readInput() }
        do throws(FileFailure) {
            return try FileSystem.read(path, bytesMax: 4 << 30)
        } catch {
            throw Console.fail("\(path) cannot be read: \(error.reason)", .unreadable)
        }
    }
}
