// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

struct Dev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work on a project: each save is checked, tested and reloaded, each event is shown.",
        discussion: """
            Runs the router on this machine alone. Deliveries are caught and answered with 200, unless --deliver is
            given. Secrets without a value are replaced by dev keys; send an event to it with:

              hookswitch send body.json --source NAME --dev

            A save that does not pass is shown, and the revision before it goes on.
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Where webhooks come in; port 0 takes a free one.", valueName: "host:port"))
    var ingest: String?

    @Option(name: .long, help: ArgumentHelp("Where API, metrics and health are.", valueName: "host:port"))
    var admin: String?

    @Option(name: .long, help: ArgumentHelp("A SQLite file that stays; else one that goes.", valueName: "path"))
    var store: String?

    @Flag(name: .long, help: "Send deliveries to their destinations.")
    var deliver = false

    @Flag(name: .shortAndLong, help: "Show what changed between each event and what was sent.")
    var verbose = false

    @Flag(name: .long, help: "Check and test once, start once, end; with 1 where something is wrong.")
    var once = false

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End after this long, e.g. 10s; else ctrl-c ends it.", valueName: "time"))
    var length: String?

    func validate() throws {
        for (option, address) in [("--ingest", self.ingest), ("--admin", self.admin)] {
            guard let address else { continue }
            guard let colon = address.lastIndex(of: ":"), UInt16(address[address.index(after: colon)...]) != nil else {
                throw ValidationError("\(option) takes HOST:PORT, not \"\(address)\".")
            }
            guard ["127.0.0.1", "localhost", "[::1]"].contains(String(address[..<colon])) else {
                throw ValidationError("\(option): dev listens on this machine only, since it works with dev keys.")
            }
        }
    }

    func run() async throws {
        let length = try self.length.map(RunLength.parse)
        let folder = try self.store == nil ? Self.makeFolder() : nil
        defer {
            // What cannot be removed stays in the system's temporary folder, which is cleaned by the system.
            if let folder { try? FileSystem.removeTree(folder) }
        }
        try await DevRun(
            command: self, storePath: self.store ?? "\(folder ?? ".")/store.db", length: length
        ).run()
    }

    private static func makeFolder() throws -> String {
        do throws(FileFailure) {
            return try FileSystem.makeTemporaryDirectory(prefix: "hookswitch-dev")
        } catch {
            throw Console.fail("no temporary folder: \(error.reason)", .tryAgain)
        }
    }
}
