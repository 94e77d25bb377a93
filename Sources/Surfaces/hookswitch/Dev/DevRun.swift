// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookAdmin
import HookCore
import HookPipeline

/// One run of `dev`: waits for a project that can run, runs it, and takes each save through check, tests and reload.
struct DevRun: Sendable {
    /// What can happen while nothing is being done.
    enum Happening: Sendable { case saved, ended }

    let command: Dev
    let storePath: String
    let length: Duration?

    private let report: DevReport
    private let happenings: AsyncStream<Happening>
    private let happen: AsyncStream<Happening>.Continuation

    init(command: Dev, storePath: String, length: Duration?) {
        self.command = command
        self.storePath = storePath
        self.length = length
        self.report = DevReport(
            projectFolder: command.projectOptions.project, format: command.outputOptions.format,
            style: command.outputOptions.style)
        (self.happenings, self.happen) = AsyncStream.makeStream(of: Happening.self)
    }

    private var project: String { self.command.projectOptions.project }

    func run() async throws {
        let watch = DirectoryWatch()
        if let watch { self.startWatching(with: watch) }
        defer { watch?.stop() }
        if let length { self.end(after: length) }
        let happen = self.happen
        let signals = SignalWatch([SIGINT, SIGTERM]) { _ in happen.yield(.ended) }
        defer { withExtendedLifetime(signals) {} }
        guard let first = try await self.firstGood() else { return }
        let failed = await self.test(first)
        if self.command.once && failed > 0 { throw ExitCode.findings }
        try await self.serve(first)
    }

    private func startWatching(with watch: DirectoryWatch) {
        let folder = self.project
        let happen = self.happen
        WorkerThread.run(name: "watch") {
            watch.run(folders: { Project.folders(of: folder) }, quiet: .milliseconds(150)) { happen.yield(.saved) }
        }
    }

    private func end(after length: Duration) {
        let happen = self.happen
        WorkerThread.run(name: "dev-time") {
            WorkerThread.pause(length)
            happen.yield(.ended)
        }
    }

    // MARK: Before it runs

    /// The project as soon as it can run; nil where it is over before.
    private func firstGood() async throws -> Revision? {
        while true {
            let loaded = try ProjectLoading.load(self.project)
            self.report.checked(loaded.diagnostics, loaded.files)
            if let revision = loaded.revision { return revision }
            if self.command.once { throw ExitCode.findings }
            self.report.waiting()
            for await happening in self.happenings {
                if happening == .ended { return nil }
                break
            }
        }
    }

    /// - Returns: how many tests failed.
    private func test(_ revision: Revision) async -> Int {
        let tests = revision.configuration.tests
        let threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let results = await offThePool(named: "tests") {
            RouteTestRunner(revision: revision, clock: Environment.live.now).run(tests, threads: threads)
        }
        self.report.tested(results, revision.files)
        return results.count { !$0.passed }
    }

    // MARK: While it runs

    private func serve(_ first: Revision) async throws {
        guard !self.command.deliver else { return try await self.serve(first, binPort: nil) }
        let bin = RequestBin(host: "127.0.0.1", port: 0) { _ in RequestBin.Reply(status: 200) }
        let ports = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bin.run { ports.continuation.yield($0) } }
            for await port in ports.stream {
                try await self.serve(first, binPort: port)
                break
            }
            group.cancelAll()
        }
    }

    private func serve(_ first: Revision, binPort: Int?) async throws {
        let report = self.report
        let signals = Signals { report.logged($0) }
        let server = try await RouterServer.start(
            self.options(first, binPort: binPort),
            adminListen: self.command.admin ?? Self.loopback(first.configuration.server.adminListen),
            signals: signals, messageStyle: self.command.outputOptions.messageStyle)
        let router = server.router
        try await server.run(
            ending: {
                if self.command.once { return }
                await self.work(router, signals)
            },
            ready: { ready in
                let missing = first.configuration.secrets.map(\.name).filter { first.secrets.values(of: $0).isEmpty }
                report.ready(ready, router.revision, missing: missing, isCaught: binPort != nil)
            })
    }

    private func options(_ first: Revision, binPort: Int?) -> RouterOptions {
        var options = RouterOptions(projectFolder: self.project)
        options.ingestListen = self.command.ingest ?? Self.loopback(first.configuration.server.ingestListen)
        options.storePath = self.storePath
        // This command takes each save through the steps itself, and says what came of it.
        options.watchesFiles = false
        options.secretFallback = TestSecrets()
        options.adjust = { configuration in
            configuration.defaults.testsOnReload = .required
            // Nobody but this machine is there to ask for one.
            configuration.server.adminTokens = []
            if let binPort { configuration.pointDestinations(atBin: binPort) }
        }
        return options
    }

    /// The port of the settings, on this machine only.
    private static func loopback(_ address: String) -> String {
        "127.0.0.1:" + (address.split(separator: ":").last.map(String.init) ?? "0")
    }

    /// Until the time is over; a signal cancels it from outside.
    private func work(_ router: RouterProcess, _ signals: Signals) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await DevTraffic(router: router, report: self.report, showsBodies: self.command.verbose).run()
            }
            for await happening in self.happenings {
                if happening == .ended { break }
                let outcome = await router.reloader.reload(.watch)
                self.report.reloaded(outcome)
            }
            group.cancelAll()
        }
    }
}
