// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore

struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch a running router: rates, queues, times, what waits and what died.",
        discussion: """
            Renewed every second; q ends it. Without a terminal, with --once or -o json it looks twice, a second apart,
            prints one snapshot and ends.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    @Flag(name: .long, help: "Print one snapshot and end.")
    var once = false

    @Option(name: .long, help: ArgumentHelp("Seconds between two looks, 1 to 60.", valueName: "seconds"))
    var every = 1

    func validate() throws {
        if !(1...60).contains(self.every) { throw ValidationError("--every takes a number of seconds from 1 to 60.") }
    }

    /// What one look at the router sees.
    private struct Look {
        let at: Duration
        let status: JSONValue
        let metrics: MetricsText
    }

    func run() async throws {
        let client = try self.server.client()
        // Before the terminal is touched: where nothing answers, this says so.
        let first = try await self.look(client)
        if self.once || self.outputOptions.format != .text { return try await self.printOnce(client, first) }
        guard let screen = LiveScreen() else { return try await self.printOnce(client, first) }
        let watch = SignalWatch([SIGTERM, SIGHUP]) { number in
            screen.restore()
            Glibc.exit(128 + number)
        }
        defer {
            screen.restore()
            withExtendedLifetime(watch) {}
        }
        if await self.show(client, first, on: screen) == .interrupt { throw ExitCode.interrupted }
    }

    private func look(_ client: ServerClient) async throws -> Look {
        let status = try await client.get("/api/v1/status")
        let metrics = MetricsText(try await client.text("/metrics"))
        return Look(at: HookCore.Environment.live.now(), status: status, metrics: metrics)
    }

    private func snapshot(_ before: Look, _ now: Look) -> TopSnapshot {
        TopSnapshot(
            status: now.status, now: now.metrics, before: before.metrics, seconds: (now.at - before.at).inSeconds)
    }

    private func printOnce(_ client: ServerClient, _ first: Look) async throws {
        let every = self.every
        await offThePool(named: "top") { WorkerThread.pause(.seconds(every)) }
        let snapshot = self.snapshot(first, try await self.look(client))
        if self.outputOptions.format != .text { return Console.out(snapshot.json) }
        let width = isatty(STDOUT_FILENO) == 1 ? LiveScreen.size.columns : 120
        let view = TopView(snapshot: snapshot, style: self.outputOptions.style, width: width, height: nil)
        Console.out(view.lines(now: HookCore.Environment.live.wall()).joined(separator: "\n"))
    }

    /// Until a key ends it; which one.
    private func show(_ client: ServerClient, _ first: Look, on screen: LiveScreen) async -> LiveScreen.Key? {
        let style = self.outputOptions.style
        let every = self.every * 1000
        let clock = HookCore.Environment.live
        var before = first
        var shown = self.snapshot(first, first)
        var trouble: String?
        var due = clock.now()
        while true {
            if clock.now() >= due {
                due = clock.now() + .milliseconds(every)
                do throws(ServerClient.Trouble) {
                    let now = try await self.quietLook(client)
                    shown = self.snapshot(before, now)
                    before = now
                    trouble = nil
                } catch {
                    trouble = error.words
                }
            }
            let size = LiveScreen.size
            var lines = TopView(
                snapshot: shown, style: style, width: size.columns, height: size.lines - (trouble == nil ? 0 : 1)
            ).lines(now: clock.wall())
            if let trouble { lines.insert(style.red(String(trouble.prefix(size.columns))), at: 0) }
            let ready = lines
            let left = max(1, Int((due - clock.now()).milliseconds))
            let key = await offThePool(named: "top") { () -> LiveScreen.Key? in
                screen.draw(ready)
                return screen.wait(milliseconds: left)
            }
            if let key { return key }
        }
    }

    /// Like ``look(_:)``, but says what is wrong instead of ending the command: the router may come back.
    private func quietLook(_ client: ServerClient) async throws(ServerClient.Trouble) -> Look {
        let status = try await client.fetch("/api/v1/status")
        let metrics = try await client.fetch("/metrics")
        guard let value = try? JSONValue(parsing: status) else {
            // Something else listens there now.
            throw ServerClient.Trouble(words: "\(client.base) does not answer as a router")
        }
        return Look(
            at: HookCore.Environment.live.now(), status: value,
            metrics: MetricsText(String(decoding: metrics, as: UTF8.self)))
    }
}
