// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

extension Bench {
    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Validate events against a JSON Schema, and measure what that costs.",
            discussion: """
                The schema may refer to nothing but itself and the meta-schemas. Each event is parsed once and then
                validated in passes; an empty line is none, and one that is no JSON is named on stderr, counted as
                refused and not measured. Times are those of one thread; the fastest of several samples counts. A KB is
                1,000 bytes; what is given per KB is processor time, validation alone, and parsing beside it.
                """)

        @Option(name: .long, help: ArgumentHelp("The JSON Schema.", valueName: "file"))
        var schema: String

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
            let program = try self.readProgram()
            let lines = Lines.of(try Lines.readLarge(self.events))
            let result = SchemaMeasurement(program, lines, seconds: self.seconds) { line, failure in
                Console.note(
                    "\(self.events):\(line + 1):\(failure.offset + 1): event refused: \(failure.reason.rawValue)")
            }
            if self.outputOptions.format == .text {
                Console.out(result.text)
            } else {
                Console.out(result.json)
            }
        }

        private func readProgram() throws -> SchemaProgram {
            let bytes = try Lines.readLarge(self.schema)
            let value: JSONValue
            do throws(JSONFailure) {
                value = try JSONValue(parsing: bytes)
            } catch {
                throw Console.fail(
                    "\(self.schema) is no JSON: \(error.reason.rawValue), at byte \(error.offset)", .unreadable)
            }
            do throws(SchemaFailures) {
                return try SchemaProgram.compile(value, named: "schema.json")
            } catch {
                let first = error.list.first
                throw Console.fail(
                    "\(self.schema)#\(first?.pointer ?? ""): \(first?.message ?? "is no schema")", hint: first?.hint,
                    .unreadable)
            }
        }
    }
}
