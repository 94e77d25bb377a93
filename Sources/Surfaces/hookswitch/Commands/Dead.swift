// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

struct Dead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Dead letters: list, group, redrive, discard, export.",
        subcommands: [List.self, Groups.self, Redrive.self, Discard.self, Export.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List dead letters, newest first.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var paging: PagingOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: DeliveryFilterOptions

        func run() async throws {
            try await Listing.deliveries("/api/v1/dead", empty: "no dead letters").run(
                self.server, self.paging, self.outputOptions, self.filter.query)
        }
    }

    struct Groups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Count dead letters by destination and cause.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() async throws {
            let listing = Listing(
                path: "/api/v1/dead/groups",
                columns: [.init("DESTINATION", "destination"), .init("CODE", "code"), .init("COUNT", "count")],
                empty: "no dead letters")
            try await listing.run(self.server, nil, self.outputOptions, [])
        }
    }

    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver dead letters again: some by id, or all that match the filter.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: DeliveryFilterOptions
        @OptionGroup var bulk: BulkOptions
        @Argument(help: "dlv_…") var ids: [String] = []

        func run() async throws {
            try await Bulk(verb: "redrive", path: "/api/v1/dead/redrive", noun: "dead letters").run(
                self.server, self.outputOptions, self.bulk, ids: self.ids, self.filter.query)
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give dead letters up for good: some by id, or all that match the filter.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: DeliveryFilterOptions
        @OptionGroup var bulk: BulkOptions
        @Argument(help: "dlv_…") var ids: [String] = []

        func run() async throws {
            try await Bulk(verb: "discard", path: "/api/v1/dead/discard", noun: "dead letters").run(
                self.server, self.outputOptions, self.bulk, ids: self.ids, self.filter.query)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print all matching dead letters with body and attempts, one JSON object a line.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var filter: DeliveryFilterOptions

        func run() async throws {
            let client = try self.server.client()
            var cursor: String?
            repeat {
                let page = try await client.get(
                    "/api/v1/dead", self.filter.query + [("limit", "500"), ("cursor", cursor)])
                for item in page["items"]?.arrayValue ?? [] {
                    guard let id = item["id"]?.stringValue else { continue }
                    Console.out(try await client.get("/api/v1/deliveries/\(id)"))
                }
                cursor = page["cursor"]?.stringValue
            } while cursor != nil
        }
    }
}
