// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

struct Graph: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, mermaid, dot, json, svg
    }

    static let configuration = CommandConfiguration(
        abstract: "Draw which source leads over which route to which destination.",
        discussion: """
              hookswitch graph
              hookswitch graph -o svg > routes.svg
              hookswitch graph -o mermaid --destination erp
              hookswitch graph -o dot | dot -Tpng > routes.png
            """)

    @OptionGroup var projectOptions: ProjectOptions

    @Option(name: [.short, .long], help: "What to draw: text, mermaid, dot, json or svg.")
    var output: Format = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    @Option(name: .long, help: "Only this route.")
    var route: String?

    @Option(name: .long, help: "Only what this source leads to.")
    var source: String?

    @Option(name: .long, help: "Only what leads to this destination.")
    var destination: String?

    func run() throws {
        let compiled = try ProjectLoading.compile(
            self.projectOptions.project, messages: Style(self.color, descriptor: STDERR_FILENO), secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        let graph = RouteGraph(revision, cut: try self.cut(revision.configuration))
        switch self.json ? .json : self.output {
        case .text: Console.out(graph.tree.map(Printable.text).joined(separator: "\n"))
        case .mermaid: Console.out(graph.mermaid.map(Printable.text).joined(separator: "\n"))
        case .dot: Console.out(graph.dot.map(Printable.text).joined(separator: "\n"))
        case .json: Console.out(graph.json)
        case .svg: Console.out(Printable.lines(graph.svg))
        }
    }

    private func cut(_ configuration: Configuration) throws -> RouteGraph.Cut {
        var cut = RouteGraph.Cut()
        try self.check(self.route, "route", among: configuration.routes.map(\.name.text))
        try self.check(self.source, "source", among: configuration.sources.map(\.name.text))
        try self.check(self.destination, "destination", among: configuration.destinations.map(\.name.text))
        cut.route = self.route.map { RouteName($0) }
        cut.source = self.source.map { SourceName($0) }
        cut.destination = self.destination.map { DestinationName($0) }
        return cut
    }

    private func check(_ name: String?, _ kind: String, among names: [String]) throws {
        guard let name, !names.contains(name) else { return }
        throw Console.fail(
            "no \(kind) is called \"\(name)\"",
            hint: NearestName.to(name, among: names).map { "did you mean \"\($0)\"?" }, .usage)
    }
}
