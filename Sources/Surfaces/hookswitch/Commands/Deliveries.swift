// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

/// Filters that deliveries and dead letters share.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: "Only of this event.") var event: String?
    @Option(help: "Only of this route.") var route: String?
    @Option(help: "Only to this destination.") var destination: String?
    @Option(help: "Only with this reason, such as delivery/attempts-exhausted.") var reason: String?
    @Option(help: "Only accepted since this time (RFC 3339).") var since: String?
    @Option(help: "Only accepted until this time (RFC 3339).") var until: String?

    var query: [(String, String?)] {
        [
            ("event", self.event), ("route", self.route), ("destination", self.destination), ("reason", self.reason),
            ("since", self.since), ("until", self.until),
        ]
    }

    var isEmpty: Bool { self.query.allSatisfy { $0.1 == nil } }
}

extension Listing {
    static func deliveries(_ path: String, empty: String) -> Listing {
        Listing(
            path: path,
            columns: [
                .init("ACCEPTED", "accepted_at"), .init("ID", "id"), .init("ROUTE", "route"),
                .init("DESTINATION", "destination"), .init("STATE", Self.state(of:)), .init("TRIES", "attempts"),
                .init("CODE", Self.code(of:)), .init("REASON", "reason"),
            ], empty: empty)
    }

    private static func state(of delivery: JSONValue) -> String {
        delivery["scheduled"] == .bool(true) ? "scheduled" : Column.text(delivery["state"])
    }

    /// For what begins later: when.
    private static func code(of delivery: JSONValue) -> String {
        delivery["scheduled"] == .bool(true) ? "at \(Column.text(delivery["due_at"]))" : Column.text(delivery["code"])
    }
}

struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at deliveries, retry or cancel them.",
        subcommands: [List.self, Get.self, Retry.self, Cancel.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deliveries, newest first.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var paging: PagingOptions
        @OptionGroup var outputOptions: OutputOptions
        @OptionGroup var filter: DeliveryFilterOptions
        @Option(help: "Only in this state: pending, delivered, dead, dropped, cancelled or discarded.") var state:
            String?

        func run() async throws {
            try await Listing.deliveries("/api/v1/deliveries", empty: "no deliveries").run(
                self.server, self.paging, self.outputOptions, self.filter.query + [("state", self.state)])
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one delivery with its attempts.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "dlv_…") var id: String

        func run() async throws {
            Details.print(try await self.server.client().get("/api/v1/deliveries/\(self.id)"), self.outputOptions)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deliver again, whatever became of it before.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "dlv_…") var id: String

        func run() async throws {
            Bulk.report(try await self.server.client().post("/api/v1/deliveries/\(self.id)/retry"), self.outputOptions)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a pending delivery without another attempt.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "dlv_…") var id: String

        func run() async throws {
            Bulk.report(try await self.server.client().post("/api/v1/deliveries/\(self.id)/cancel"), self.outputOptions)
        }
    }
}
