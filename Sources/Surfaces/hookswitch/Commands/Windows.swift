// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

struct Windows: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Windows of routes that aggregate: list them, close them before their time.",
        subcommands: [List.self, Close.self], defaultSubcommand: List.self)

    struct FilterOptions: ParsableArguments {
        @Argument(help: "Only of this route.") var route: String?
        @Option(help: "Only with this key, as text or JSON: C1, 7, '[\"C1\",7]'.") var key: String?

        var query: [(String, String?)] { [("route", self.route), ("key", self.key)] }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List windows, oldest first.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var paging: PagingOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: FilterOptions
        @Option(help: "Only open or held ones.") var state: String?

        func run() async throws {
            let listing = Listing(
                path: "/api/v1/windows",
                columns: [
                    .init("OPENED", "opened_at"), .init("ID", "id"), .init("ROUTE", "route"), .init("KEY", "key"),
                    .init("STATE", "state"), .init("COUNT", "count"), .init("BYTES", "bytes"), .init("LAST", "last_at"),
                    .init("DUE", "due_at"),
                ], empty: "no window is open")
            try await listing.run(
                self.server, self.paging, self.outputOptions, self.filter.query + [("state", self.state)])
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close open windows now, with the events that they have.",
            discussion: "Of one route, of one key, some by --id, or --all of them.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: FilterOptions
        @OptionGroup var bulk: BulkOptions
        @Option(help: "win_…") var id: [String] = []
        @Flag(help: "Every open window of every route.") var all = false

        func validate() throws {
            let isNarrow = self.filter.route != nil || self.filter.key != nil || !self.id.isEmpty
            if !isNarrow && !self.all { throw ValidationError("say which: a route, --key, --id, or --all") }
            if isNarrow && self.all { throw ValidationError("--all is every window; leave the rest out") }
        }

        func run() async throws {
            try await Bulk(verb: "close", path: "/api/v1/windows/close", noun: "windows").run(
                self.server, self.outputOptions, self.bulk, ids: self.id, self.filter.query)
        }
    }
}
