// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookDeliver
import Synchronization

struct TapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap",
        abstract: "Watch events as they pass through a running router, stage by stage.",
        discussion: """
            Who watches never slows the router: what comes too fast is left out, and counted.

              hookswitch tap
              hookswitch tap --stage route,deliver --where 'data.total_cents: {gte: 1000}'
              hookswitch tap --where type=order.* --payload -o json
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    @Option(
        name: .long, help: "Only of these stages: ingest, verify, route, transform, store, deliver; with commas.")
    var stage: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only events for which this holds: a condition of the match language, or path=pattern; may be repeated.",
            valueName: "condition"))
    var `where`: [String] = []

    @Option(name: .long, help: "Only what concerns these routes, with commas.")
    var route: String?

    @Option(name: .long, help: "Only events of these sources, with commas.")
    var source: String?

    @Option(name: .long, help: "Only attempts to these destinations, with commas.")
    var destination: String?

    @Flag(name: .long, help: "Show the body of each event that is accepted.")
    var payload = false

    @Option(name: .long, help: ArgumentHelp("End after so many lines.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1.") }
    }

    func run() async throws {
        let client = try self.server.client()
        let printer = TapPrinter(self.outputOptions, limit: self.limit)
        let query: [(String, String?)] =
            [
                ("stage", self.stage), ("route", self.route), ("source", self.source),
                ("destination", self.destination), ("payload", self.payload ? "true" : nil),
            ] + self.where.map { ("where", $0) }
        try await client.stream("/api/v1/tap", query) { printer.take($0) }
        if self.limit == nil || printer.count < self.limit ?? 0 {
            throw Console.fail("the router has ended the view", .unreachable)
        }
    }
}

/// Prints what comes in, as it comes.
private final class TapPrinter: Sendable {
    private struct State {
        var stream = EventStream()
        var count = 0
    }

    private let state = Mutex(State())
    private let format: OutputFormat
    private let style: Style
    private let limit: Int?

    init(_ output: OutputOptions, limit: Int?) {
        self.format = output.format
        self.style = output.style
        self.limit = limit
    }

    var count: Int { self.state.withLock { $0.count } }

    /// Whether to go on.
    func take(_ bytes: [UInt8]) -> Bool {
        self.state.withLock { state in
            for item in state.stream.take(bytes) {
                // The router's own text; what is no JSON is nothing that this version knows.
                guard let value = try? JSONValue(parsing: Array(item.data.utf8)) else { continue }
                if item.name == "gap" {
                    self.printGap(value)
                } else {
                    state.count += 1
                    self.print(value)
                    if let limit = self.limit, state.count >= limit { return false }
                }
            }
            return true
        }
    }

    private func printGap(_ value: JSONValue) {
        if self.format != .text { return Console.out(value) }
        Console.note(value["lost"]?.intValue.map { "… \($0) left out: they came too fast" } ?? "… some left out")
    }

    private func print(_ value: JSONValue) {
        if self.format != .text { return Console.out(value) }
        func text(_ key: String) -> String { value[key]?.stringValue ?? "" }
        let what = text("what")
        let time = text("at").drop { $0 != "T" }.dropFirst().prefix(12)
        let names = value["destinations"]?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? ""
        let version = value["version"]?.intValue.map { "@\($0)" } ?? ""
        let route = text("route") + (names.isEmpty ? "" : " → \(names)")
        var words = [self.style.dim(String(time)), text("stage").padded(9), self.coloured(what).padded(9)]
        words.append((text("type") + version).padded(24))
        if !route.isEmpty { words.append(route.drop { $0 == " " }.description) }
        if let attempt = value["attempt"]?.intValue { words.append("#\(attempt)") }
        if !text("code").isEmpty { words.append(text("code")) }
        if let took = value["took_ms"]?.intValue { words.append("\(took) ms") }
        if !text("reason").isEmpty { words.append(self.style.dim(text("reason"))) }
        if text("type").isEmpty, !text("source").isEmpty { words.append("source \(text("source"))") }
        words.append(self.style.dim(text("event_id")))
        Console.out(words.map(Self.safe).joined(separator: " "))
        if let body = value["body"] { Console.out("  " + Printable.text(body.stringValue ?? body.text)) }
    }

    /// Colours are ours, everything else comes from outside.
    private static func safe(_ text: String) -> String {
        text.split(separator: "\u{1B}", omittingEmptySubsequences: false).map { Printable.text(String($0)) }.joined(
            separator: "\u{1B}")
    }

    private func coloured(_ what: String) -> String {
        switch what {
        case "refused", "dead", "failed", "held": self.style.red(what.padded(9))
        case "retry", "dropped", "unmatched", "filtered", "duplicate": self.style.yellow(what.padded(9))
        default: self.style.green(what.padded(9))
        }
    }
}
