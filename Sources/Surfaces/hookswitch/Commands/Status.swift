// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The condition of a running router.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() async throws {
        let status = try await self.server.client().get("/api/v1/status")
        if self.outputOptions.format != .text { return Console.out(status) }
        let text = { (key: String) in Listing.Column.text(status[key]) }
        Console.out("hookswitch \(text("version")), up \(text("uptime_seconds")) s, ingest http://\(text("ingest"))")
        Console.out("revision   \(text("revision")) (git \(text("git_commit")))")
        let reload = status["config"]?["last_reload"]
        Console.out("reload     \(Listing.Column.text(reload?["result"])) at \(Listing.Column.text(reload?["at"]))")
        Console.out("events     \(text("events")), held \(text("held")), store \(text("store_bytes")) bytes")
        Console.out("oldest     \(text("oldest_pending"))")
        self.printQueues(status)
    }

    private func printQueues(_ status: JSONValue) {
        let style = self.outputOptions.style
        var table = TextTable(["DESTINATION", "STATE", "COUNT", "REASON"])
        for entry in status["deliveries"]?.arrayValue ?? [] {
            table.add(["destination", "state", "count", "reason"].map { Listing.Column.text(entry[$0]) })
        }
        if !(status["deliveries"]?.arrayValue ?? []).isEmpty { Console.out("\n" + table.text(style)) }
    }
}
