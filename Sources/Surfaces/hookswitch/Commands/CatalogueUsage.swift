// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

/// Who still uses which version, asked of a running router.
struct CatalogueUsage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Who sends and who gets which version of the catalogue's events.",
        discussion: """
            Counts since the store was made, with the first and the last time. A version that is deprecated or past its
            sunset is marked; so is one that the catalogue does not have (undeclared), and an event without one (none).

              hookswitch catalogue usage --old      # only who should move on
            """)

    @Option(name: .long, help: ArgumentHelp("Only this event type.", valueName: "type"))
    var type: String?

    @Flag(name: .long, help: "Only versions that are deprecated, past their sunset, or not in the catalogue.")
    var old = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    /// What nobody needs to do anything about.
    private static let settled: Set = ["current", "supported"]

    func run() async throws {
        let answer = try await self.server.client().get("/api/v1/catalogue/usage", [("type", self.type)])
        let senders = self.chosen(answer["senders"])
        let receivers = self.chosen(answer["receivers"])
        switch self.outputOptions.format {
        case .json:
            Console.out([
                "schema": answer["schema"] ?? .null, "senders": .array(senders), "receivers": .array(receivers),
            ])
        case .ndjson: for row in senders + receivers { Console.out(row.text) }
        case .text:
            if senders.isEmpty && receivers.isEmpty {
                return Console.out(self.old ? "nobody uses an old version" : "no event of the catalogue was seen yet")
            }
            self.print(senders, ["source"], "SENDS")
            if !senders.isEmpty && !receivers.isEmpty { Console.out("") }
            self.print(receivers, ["destination", "route"], "GETS")
        }
    }

    private func chosen(_ rows: JSONValue?) -> [JSONValue] {
        (rows?.arrayValue ?? []).filter { row in
            !self.old || !Self.settled.contains(row["status"]?.stringValue ?? "")
        }
    }

    private func print(_ rows: [JSONValue], _ who: [String], _ verb: String) {
        if rows.isEmpty { return }
        var table = TextTable(who.map { $0.uppercased() } + [verb, "STATUS", "COUNT", "LAST SEEN"])
        for row in rows {
            let text = { (key: String) in Listing.Column.text(row[key]) }
            let version = row["version"]?.intValue.map { "@\($0)" } ?? " (\(text("label")))"
            table.add(who.map(text) + [text("type") + version, text("status"), text("count"), text("last_seen")])
        }
        Console.out(table.text(self.outputOptions.style))
    }
}
