// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc

/// How results look.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json, ndjson
}

/// The options that every command has.
struct OutputOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "How results look: text, json or ndjson.")
    var output: OutputFormat = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    var format: OutputFormat { self.json ? .json : self.output }
    var style: Style { Style(self.color, descriptor: STDOUT_FILENO) }
    var messageStyle: Style { Style(self.color, descriptor: STDERR_FILENO) }
}

/// Where the project is.
struct ProjectOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The project: a folder with routes/ and scripts/.", valueName: "dir"))
    var project = "."
}
