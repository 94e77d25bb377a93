// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at events, save and replay them.",
        subcommands: [List.self, Get.self, Save.self, Replay.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List events, newest first.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var paging: PagingOptions
        @OptionGroup var outputOptions: OutputOptions
        @Option(help: "Only of this source.") var source: String?
        @Option(help: "Only of this type.") var type: String?
        @Option(help: "Only events that this route looked at.") var route: String?
        @Option(help: "Only with this fate: matched, filtered, dropped, held or unmatched.") var fate: String?
        @Option(help: "Only with this id of the sender's.") var senderID: String?
        @Option(help: "Only since this time (RFC 3339).") var since: String?
        @Option(help: "Only until this time (RFC 3339).") var until: String?

        func run() async throws {
            let listing = Listing(
                path: "/api/v1/events",
                columns: [
                    .init("TIME", "time"), .init("ID", "id"), .init("SOURCE", "source"), .init("TYPE", "type"),
                    .init("DELIVERIES", "deliveries"), .init("FATES", Self.fates),
                ], empty: "no events")
            try await listing.run(
                self.server, self.paging, self.outputOptions,
                [
                    ("source", self.source), ("type", self.type), ("route", self.route), ("fate", self.fate),
                    ("sender_id", self.senderID), ("since", self.since), ("until", self.until),
                ])
        }

        private static func fates(_ item: JSONValue) -> String {
            let fates = item["fates"]?.arrayValue ?? []
            if fates.isEmpty { return "unmatched" }
            return fates.map { "\($0["route"]?.stringValue ?? "quarantine"):\($0["fate"]?.stringValue ?? "")" }.joined(
                separator: " ")
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one event: payload, fates, deliveries.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "evt_…") var id: String

        func run() async throws {
            Details.print(try await self.server.client().get("/api/v1/events/\(self.id)"), self.outputOptions)
        }
    }

    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write an event to a file, for dry runs, tests and diffs.",
            discussion: """
                The file holds the payload and the request that it came in with; credentials of the sender are left out.

                  hookswitch events save evt_… --out events/order.json
                  hookswitch dry-run events/order.json
                """)

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "evt_…") var id: String
        @Option(name: .long, help: ArgumentHelp("The file; - is stdout. Default ID.json.", valueName: "file"))
        var out: String?

        func run() async throws {
            let answer = try await self.server.client().get("/api/v1/events/\(self.id)")
            if answer["body"] == .null, answer["body_base64"] == nil {
                throw Console.fail(
                    "the payload of \(self.id) is gone", hint: "retention.payload says how long it is kept", .findings)
            }
            let saved: SavedEvent
            do throws(SavedEvent.Failure) {
                saved = try SavedEvent(parsing: answer.encoded(), now: HookCore.Environment.live.wall())
            } catch {
                throw Console.fail("the router's answer cannot be used: \(error)", .internalError)
            }
            let path = self.out ?? "\(saved.event.id).json"
            if path == "-" { return Console.out(saved.json, .indented) }
            do throws(FileFailure) {
                try FileSystem.writeAtomically(saved.json.encoded(.indented) + [0x0A], to: path)
            } catch {
                throw Console.fail("\(path) cannot be written: \(error.reason)", .unreadable)
            }
            if self.outputOptions.format == .text {
                Console.note("saved as \(path)")
            } else {
                Console.out(["schema": "hookswitch/saved@1", "id": .string("\(saved.event.id)"), "file": .string(path)])
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Carry a stored event through the running configuration again, as a new event.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Argument(help: "evt_…") var id: String

        func run() async throws {
            Details.print(try await self.server.client().post("/api/v1/events/\(self.id)/replay"), self.outputOptions)
        }
    }
}

/// One object: indented JSON for people as well, since payloads are part of it.
enum Details {
    static func print(_ value: JSONValue, _ output: OutputOptions) {
        Console.out(value, output.format == .text ? .indented : .compact)
    }
}
