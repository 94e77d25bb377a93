// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

struct Held: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Events that are kept aside: list, replay after a fix, discard.",
        subcommands: [List.self, Replay.self, Discard.self], defaultSubcommand: List.self)

    struct FilterOptions: ParsableArguments {
        @Option(help: "Only of this event.") var event: String?
        @Option(help: "Only of this route.") var route: String?
        @Option(help: "Only with this code, such as script/runtime.") var code: String?
        @Option(help: "Only of this kind: failed, lookup or quarantine.") var kind: String?

        var query: [(String, String?)] {
            [("event", self.event), ("route", self.route), ("code", self.code), ("kind", self.kind)]
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List held entries, newest first.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var paging: PagingOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: FilterOptions

        func run() async throws {
            let listing = Listing(
                path: "/api/v1/held",
                columns: [
                    .init("AT", "at"), .init("ID", "id"), .init("KIND", "kind"), .init("ROUTE", "route"),
                    .init("DESTINATION", "destination"),
                    .init("CODE", "code"),
                    .init("PLACE", "place"), .init("REASON", "reason"),
                ], empty: "nothing is held")
            try await listing.run(self.server, self.paging, self.outputOptions, self.filter.query)
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run held events again: some by id, or all that match the filter.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: FilterOptions
        @OptionGroup var bulk: BulkOptions
        @Flag(help: "Route events that break their schema still.") var force = false
        @Argument(help: "hld_…") var ids: [String] = []

        func run() async throws {
            try await Bulk(verb: "replay", path: "/api/v1/held/replay", noun: "held entries").run(
                self.server, self.outputOptions, self.bulk, ids: self.ids,
                self.filter.query + [("force", self.force ? "true" : nil)])
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove held entries for good.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: FilterOptions
        @OptionGroup var bulk: BulkOptions
        @Argument(help: "hld_…") var ids: [String] = []

        func run() async throws {
            try await Bulk(verb: "discard", path: "/api/v1/held/discard", noun: "held entries").run(
                self.server, self.outputOptions, self.bulk, ids: self.ids, self.filter.query)
        }
    }
}
