// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

struct Catalogue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The event types: versions, schemas, who sends and who receives which.",
        discussion: """
              hookswitch catalogue
              hookswitch catalogue show order.created@2
              hookswitch catalogue asyncapi > asyncapi.yaml
              hookswitch catalogue markdown > events.md
              hookswitch catalogue infer --type order.created recorded:1d > routes/schemas/order.created.1.json
            """,
        subcommands: [List.self, Show.self, AsyncAPI.self, Markdown.self, Infer.self, CatalogueUsage.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List types and versions.")

        @OptionGroup var projectOptions: ProjectOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            let (report, _) = try Catalogue.report(self.projectOptions, self.outputOptions.messageStyle)
            let now = HookCore.Environment.live.wall()
            switch self.outputOptions.format {
            case .json: Console.out(report.json(at: now))
            case .ndjson: for type in report.types { Console.out(type.json(at: now)) }
            case .text:
                if report.types.isEmpty { return Console.note("the catalogue is empty: declare types below events:") }
                var table = TextTable(["TYPE", "VERSION", "STATE", "SENDERS", "RECEIVERS"])
                for type in report.types {
                    for version in type.spec.versions {
                        table.add([
                            type.spec.name, "\(version.number)", Catalogue.state(version, of: type.spec, now),
                            Catalogue.words(type.senders.map(\.text)),
                            Catalogue.words(type.receivers(of: version.number).map(\.destination.text)),
                        ])
                    }
                }
                Console.out(table.text(self.outputOptions.style))
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one type, or one version of it.")

        @OptionGroup var projectOptions: ProjectOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: ArgumentHelp("order.created, or order.created@2", valueName: "type@version")) var type: String

        func run() throws {
            let (report, _) = try Catalogue.report(self.projectOptions, self.outputOptions.messageStyle)
            let parts = self.type.split(separator: "@", maxSplits: 1).map(String.init)
            guard let type = report.types.first(where: { $0.spec.name == parts.first }) else {
                let near = NearestName.to(parts.first ?? "", among: report.types.map(\.spec.name))
                throw Console.fail(
                    "the catalogue has no type \"\(Printable.text(parts.first ?? ""))\"",
                    hint: near.map { "did you mean \"\($0)\"?" }, .usage)
            }
            let number = parts.count > 1 ? Int(parts[1]) : nil
            if parts.count > 1, number.flatMap(type.spec.version) == nil {
                let known = type.spec.versions.map { "\($0.number)" }.joined(separator: ", ")
                throw Console.fail(
                    "\(type.spec.name) has no version \(Printable.text(parts[1]))", hint: "it has \(known)", .usage)
            }
            let now = HookCore.Environment.live.wall()
            switch self.outputOptions.format {
            case .json, .ndjson: Console.out(Self.json(type, number, now))
            case .text: Console.out(self.text(type, number, now))
            }
        }

        private static func json(_ type: CatalogueReport.EventType, _ number: Int?, _ now: WallTime) -> JSONValue {
            guard case .object(let members) = type.json(at: now) else { return .null }
            let shown = type.spec.versions.filter { number == nil || $0.number == number }
            let bodies = shown.map { version -> JSONValue in
                [
                    "version": .int(version.number), "schema": version.schema?.value ?? .null,
                    "examples": .array(version.examples.map(\.value)),
                ]
            }
            return .object(
                [.init("schema", "hookswitch/event-type@1")] + members + [.init("schemas", .array(bodies))])
        }

        private func text(_ type: CatalogueReport.EventType, _ number: Int?, _ now: WallTime) -> String {
            let style = self.outputOptions.style
            var lines = [
                style.bold(Printable.text(type.spec.name)) + (type.spec.summary.map { "  \(Printable.text($0))" } ?? "")
            ]
            if let description = type.spec.description { lines.append(Printable.text(description)) }
            lines.append("sent by   \(Catalogue.words(type.senders.map(\.text)))")
            for version in type.spec.versions where number == nil || version.number == number {
                lines += [
                    "", style.bold("version \(version.number)") + "  \(Catalogue.state(version, of: type.spec, now))",
                ]
                if let schema = version.schema { lines.append("schema    \(schema.path)") }
                for receiver in type.receivers(of: version.number) {
                    lines.append("goes to   \(receiver.destination)  \(style.dim("by route \(receiver.route)"))")
                }
                if number != nil, let schema = version.schema {
                    lines += ["", Printable.lines(String(decoding: schema.value.encoded(.indented), as: UTF8.self))]
                }
                if number != nil, let example = version.examples.first {
                    lines += [
                        "", style.bold("example"),
                        Printable.lines(String(decoding: example.value.encoded(.indented), as: UTF8.self)),
                    ]
                }
            }
            return lines.joined(separator: "\n")
        }
    }

    struct AsyncAPI: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable, Sendable { case yaml, json }

        static let configuration = CommandConfiguration(
            commandName: "asyncapi", abstract: "Write the catalogue as AsyncAPI 3.0.0.")

        @OptionGroup var projectOptions: ProjectOptions
        @Option(name: [.short, .long], help: "yaml or json.") var output: Format = .yaml
        @Flag(name: .long, help: "The same as --output json.") var json = false
        @Option(name: .long, help: "Title of the document.") var title = "Events"

        func run() throws {
            let (_, compiled) = try Catalogue.report(self.projectOptions, Style(.auto, descriptor: STDERR_FILENO))
            let document = AsyncAPIDocument(
                compiled.configuration, files: compiled.files, title: self.title,
                version: compiled.revision?.id.text ?? "0"
            ).json
            if self.json || self.output == .json { return Console.out(document, .indented) }
            guard case .object(let members) = document else { return }
            var yaml = YAMLText()
            yaml.members(members, indent: 0)
            Console.out(bytes: Array(yaml.text.utf8))
        }
    }

    struct Markdown: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write the catalogue as a page in Markdown.")

        @OptionGroup var projectOptions: ProjectOptions

        func run() throws {
            let (report, _) = try Catalogue.report(self.projectOptions, Style(.auto, descriptor: STDERR_FILENO))
            Console.out(Printable.lines(CatalogueMarkdown(report, at: HookCore.Environment.live.wall()).text))
        }
    }

    // MARK: Shared

    static func report(
        _ project: ProjectOptions, _ style: Style
    ) throws -> (CatalogueReport, ProjectLoading.Compiled) {
        let compiled = try ProjectLoading.compile(project.project, messages: style, secrets: TestSecrets())
        return (CatalogueReport(compiled.configuration), compiled)
    }

    static func words(_ list: [String]) -> String {
        list.isEmpty
            ? "nobody" : list.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ", ")
    }

    static func state(_ version: EventVersionSpec, of type: EventTypeSpec, _ now: WallTime) -> String {
        var words: [String] = version.number == type.current?.number ? ["current"] : []
        if let day = version.deprecated {
            words.append("deprecated \(version.isDeprecated(at: now) ? "since" : "from") \(CatalogueReport.day(day))")
        }
        if let day = version.sunset { words.append("ends \(CatalogueReport.day(day))") }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
