// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookTransform

/// Writes docs/reference/ from the declarations that the program itself runs on. `make docs` calls it.
struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the reference pages: route files, codes, commands, metrics, editor schemas.",
        shouldDisplay: false)

    @Argument(help: "The folder; made where it is missing.")
    var folder: String

    func run() throws {
        let pages: [(name: String, bytes: [UInt8])] = [
            ("route-files.md", Array(ReferenceManual.markdown.utf8)),
            ("errors.md", Array(ReferencePages.errors.utf8)),
            ("commands.md", Array(ReferencePages.commands.utf8)),
            ("metrics.md", Array(ReferencePages.metrics.utf8)),
            ("lua.md", Array(ScriptLibrary.markdown.utf8)),
            ("route.schema.json", RouteSchema.json().encoded(.indented) + [0x0A]),
            ("settings.schema.json", RouteSchema.settings().encoded(.indented) + [0x0A]),
        ]
        do throws(FileFailure) {
            try FileSystem.makeDirectories(self.folder)
            for page in pages {
                let path = "\(self.folder)/\(page.name)"
                try FileSystem.writeAtomically(page.bytes, to: path)
                Console.out("wrote \(path)")
            }
        } catch {
            throw Console.fail("\(self.folder): \(error.reason)", .unreadable)
        }
    }
}

/// The pages that are not of the route language.
private enum ReferencePages {
    private static let origin = "Made from the declarations in the program by `make docs`; do not edit."

    /// Columns of the help texts: fixed, so that the page does not depend on the terminal that made it.
    private static let columns = 100

    // MARK: - Codes

    static var errors: String {
        var page = """
            # Codes

            \(self.origin)

            Every diagnostic, refusal and dead letter carries one of these codes. They are stable: match on them, \
            not on the message. `hookswitch help CODE` prints the same text offline.

            | code | meaning |
            |---|---|

            """
        for entry in CodeRegistry.all { page += "| [`\(entry.code)`](#\(self.anchor(entry))) | \(entry.title) |\n" }
        for entry in CodeRegistry.all {
            page += "\n## \(entry.code)\n\n**\(entry.title).** \(entry.explanation)\n"
            if !entry.wrong.isEmpty { page += "\nWrong:\n\n" + self.fenced(entry.wrong) }
            if !entry.right.isEmpty { page += "\nRight:\n\n" + self.fenced(entry.right) }
        }
        return page
    }

    /// As GitHub makes the anchor of a heading: `yaml/syntax` → `yamlsyntax`.
    private static func anchor(_ entry: CodeEntry) -> String {
        String(entry.code.filter { $0 != "/" && $0 != "." })
    }

    private static func fenced(_ example: String) -> String {
        "```\n" + example + (example.hasSuffix("\n") ? "" : "\n") + "```\n"
    }

    // MARK: - Commands

    static var commands: String {
        var page = "# Commands\n\n\(self.origin)\n\n```text\n\(self.help(Hookswitch.self))```\n"
        for group in Hookswitch.configuration.groupedSubcommands {
            for command in group.subcommands { self.add(command, path: "hookswitch", to: &page) }
        }
        return page
    }

    private static func add(_ command: any ParsableCommand.Type, path: String, to page: inout String) {
        let path = "\(path) \(command._commandName)"
        page += "\n## \(path)\n\n```text\n\(self.help(command))```\n"
        for inner in command.configuration.subcommands { self.add(inner, path: path, to: &page) }
    }

    /// Lines without trailing spaces, one line feed at the end.
    private static func help(_ command: any ParsableCommand.Type) -> String {
        let text = Hookswitch.helpMessage(for: command, columns: self.columns)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Metrics

    static var metrics: String {
        var page = """
            # Metrics

            \(self.origin)

            `GET /metrics` on the admin listener answers in the Prometheus text format, version 0.0.4. A series \
            appears once it has a value. Label values are names from the configuration or members of closed sets; \
            ids of events and deliveries are never labels.

            | metric | type | labels | meaning |
            |---|---|---|---|

            """
        for metric in (Metric.all + [.business]).sorted(by: { $0.name < $1.name }) {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            page += "| `hookswitch_\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |\n"
        }
        page += """
            | `process_cpu_seconds_total` | counter |  | Processor time used. |
            | `process_open_fds` | gauge |  | Open file descriptors. |
            | `process_resident_memory_bytes` | gauge |  | Resident memory. |

            Histograms named `…_seconds` have the upper bounds \(self.bounds(Histogram.secondsBounds)); the others \
            \(self.bounds(Histogram.sizeBounds)).

            """
        return page
    }

    private static func bounds(_ bounds: [Double]) -> String {
        bounds.map { Int(exactly: $0).map(String.init) ?? "\($0)" }.joined(separator: ", ")
    }
}
