// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookRoute

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure parts of the router on files of yours.", subcommands: [Match.self])

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
            let events = Lines.of(try Console.readFile(self.events))
            let result = MatchMeasurement(try self.readRules(), events, seconds: self.seconds)
            if self.outputOptions.format == .text {
                Console.out(result.text)
            } else {
                Console.out(result.json)
            }
        }

        /// The patterns by line; what is refused is said and counted.
        private func readRules() throws -> PatternFile {
            let file = PatternFile(Lines.of(try Console.readFile(self.rules)))
            file.report(self.rules)
            return file
        }
    }
}

/// The lines of a file.
enum Lines {
    /// Without their ends; the end of the last line begins no other one.
    static func of(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    static func isBlank(_ line: [UInt8]) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

/// EventBridge patterns, one a line.
struct PatternFile {
    struct Refusal {
        /// From 0.
        let line: Int
        let failure: PatternFailure
    }

    /// By line; nil where the line is blank or was refused.
    private(set) var patterns: [EventBridgePattern?] = []
    private(set) var refusals: [Refusal] = []

    init(_ lines: [[UInt8]]) {
        self.patterns.reserveCapacity(lines.count)
        for (number, line) in lines.enumerated() {
            guard !Lines.isBlank(line) else {
                self.patterns.append(nil)
                continue
            }
            do throws(PatternFailure) {
                self.patterns.append(try EventBridgePattern(parsing: line))
            } catch {
                self.refusals.append(Refusal(line: number, failure: error))
                self.patterns.append(nil)
            }
        }
    }

    /// Names every refused pattern on stderr, with its place as editors count.
    func report(_ path: String) {
        for refusal in self.refusals {
            Console.note(
                "\(path):\(refusal.line + 1):\(refusal.failure.offset + 1): rule \(refusal.line) refused: "
                    + refusal.failure.reason)
        }
    }
}
