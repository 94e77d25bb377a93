// SPDX-License-Identifier: Apache-2.0
// The router process: it builds the six stages, swaps revisions under them, and takes them down in reverse order.
package import HookCore
package import HookDeliver
import HookIngest
import HookStore
import Synchronization

package final class RouterProcess: Sendable {
    package let environment: Environment
    package let signals: Signals
    /// Who sends and gets which version of an event.
    package let versionUsage: VersionUsage
    package let store: any EventStore
    package let deliver: Deliver
    package let windows: WindowCloser
    package let lookups: LookupDesk
    package let reloader: Reloader
    /// The address at which stage 1 listens.
    package let ingestAddress: String
    package let startedAt: WallTime

    private let options: RouterOptions
    private let ingest: Ingest
    private let workers: StageWorkers
    private let current: Current
    private let reloadRequests:
        (stream: AsyncStream<ReloadTrigger>, continuation: AsyncStream<ReloadTrigger>.Continuation)

    /// The revision in force. A box of its own, since the stages look at it before there is a router.
    private final class Current: Sendable {
        private let value: Mutex<Revision>
        init(_ revision: Revision) { self.value = Mutex(revision) }
        var revision: Revision {
            get { self.value.withLock { $0 } }
            set { self.value.withLock { $0 = newValue } }
        }
    }

    package var revision: Revision { self.current.revision }

    /// Starts all six stages; returns when requests are accepted.
    package static func start(
        _ options: RouterOptions, environment: Environment, signals: Signals
    ) async throws(StartFailure) -> RouterProcess {
        let compiler = RevisionCompiler(
            environment: environment, projectFolder: options.projectFolder, secretOverride: options.secretOverride,
            secretFallback: options.secretFallback,
            adjust: options.adjust)
        let first = await Self.compile(options.projectFolder, compiler)
        let path = Self.storePath(options, first.configuration.server)
        // A store that is not there has no last good revision, and must not come into being for a mistyped folder.
        if first.revision == nil, (try? FileSystem.existing(path)) == nil {
            throw StartFailure.configuration(first.diagnostics, first.files)
        }
        let store = try Self.openStore(path, first.configuration.server, environment, signals)
        let chosen = try await Self.choose(first, options, compiler, store, signals)
        return try await RouterProcess(
            options: options, compiler: compiler, revision: chosen, isFallback: first.revision == nil,
            first: first, store: store, environment: environment, signals: signals)
    }

    private init(
        options: RouterOptions, compiler: RevisionCompiler, revision: Revision, isFallback: Bool,
        first: RevisionCompiler.Outcome, store: any EventStore, environment: Environment, signals: Signals
    ) async throws(StartFailure) {
        self.options = options
        self.environment = environment
        self.signals = signals
        self.store = store
        self.startedAt = environment.wall()
        let current = Current(revision)
        self.current = current
        let deliver = Deliver(store: store, environment: environment, signals: signals)
        self.deliver = deliver
        let usage = VersionUsage(signals: signals)
        self.versionUsage = usage
        let windows = WindowCloser(
            store: store, deliver: deliver, environment: environment, signals: signals,
            revision: { current.revision },
            compile: { ProjectFiles(encoded: $0.files).flatMap { compiler.compile($0).revision } })
        self.windows = windows
        let lookups = LookupDesk(
            store: store, deliver: deliver, environment: environment, signals: signals,
            revision: { current.revision }, released: { windows.look() })
        self.lookups = lookups
        let pipeline = Pipeline(
            store: store, deliver: deliver, windows: windows, lookups: lookups, environment: environment,
            tap: signals.tap, usage: usage)
        let workers = StageWorkers(
            count: Self.workerCount, pipeline: pipeline, environment: environment, signals: signals,
            revision: { current.revision })
        self.workers = workers
        let listen = options.ingestListen ?? revision.configuration.server.ingestListen
        let ingest = Ingest(
            listen: listen,
            limits: revision.configuration.server.ingest, environment: environment, signals: signals
        ) { accepted, _, answer in
            if !workers.offer(accepted, answer: answer) { answer(.overloaded) }
        }
        self.ingest = ingest
        self.reloader = Reloader(
            running: revision, isFallback: isFallback, first: first, compiler: compiler,
            projectFolder: options.projectFolder, store: store, environment: environment,
            signals: signals,
            activate: {
                Self.swap(to: $0, current: current, ingest: ingest, deliver: deliver, signals: signals)
                windows.look()
                lookups.look()
            })
        self.reloadRequests = AsyncStream.makeStream(of: ReloadTrigger.self, bufferingPolicy: .bufferingNewest(1))
        Self.swap(to: revision, current: current, ingest: ingest, deliver: deliver, signals: signals)
        self.ingestAddress = try await Self.begin(deliver, ingest, at: listen)
        // Its windows may outlive the configuration: it is kept before any is looked at.
        if !isFallback { await Self.keep(revision, in: store, environment, signals) }
        windows.start()
        lookups.start()
    }

    /// Stage 6 begins with what is pending, then stage 1 listens; its address.
    private static func begin(_ deliver: Deliver, _ ingest: Ingest, at listen: String) async throws(StartFailure)
        -> String
    {
        do {
            try await deliver.start()
        } catch {
            throw StartFailure.store(error)
        }
        do {
            return try await ingest.start()
        } catch {
            throw StartFailure.listen("cannot listen at \(listen): \(error)")
        }
    }

    /// Two threads for the stages on a small machine: more would only take turns.
    private static let workerCount = 2

    /// One swap. Destinations come first, so that no event can be routed to one that stage 6 does not know yet; the
    /// sources come last, so that no request can be accepted for one that stage 2 does not know yet.
    private static func swap(
        to revision: Revision, current: Current, ingest: Ingest, deliver: Deliver, signals: Signals
    ) {
        revision.reportMissingSecrets(signals)
        deliver.reconfigure(revision.configuration.destinations, secrets: revision.secrets)
        FaultPoint.duringSwap.hit()
        current.revision = revision
        ingest.replaceSources(revision.configuration.sources)
    }

    /// Asks for a reload without waiting for it; a second request before the first has begun is the same request.
    package func requestReload(_ trigger: ReloadTrigger) { self.reloadRequests.continuation.yield(trigger) }

    /// Keeps house until the task is cancelled: reloads on request, watches the files, applies retention.
    package func run() async {
        let watch = self.options.watchesFiles ? DirectoryWatch() : nil
        if let watch { self.startWatching(with: watch) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await trigger in self.reloadRequests.stream { _ = await self.reloader.reload(trigger) }
            }
            group.addTask { await Housekeeping(router: self).run() }
            await group.waitForAll()
        }
        watch?.stop()
    }

    private func startWatching(with watch: DirectoryWatch) {
        let folder = self.options.projectFolder
        let requests = self.reloadRequests.continuation
        WorkerThread.run(name: "watch") {
            watch.run(folders: { Project.folders(of: folder) }, quiet: .milliseconds(300)) { requests.yield(.watch) }
        }
    }

    /// Takes the stages down from the first to the last: no new events, finish what was accepted, record, close.
    package func shutdown() async {
        let grace = self.revision.configuration.server.shutdownGrace
        self.reloadRequests.continuation.finish()
        await self.ingest.shutdown(grace: grace)
        let (workers, windows) = (self.workers, self.windows)
        await offThePool(named: "shutdown") {
            workers.close()
            windows.close()
        }
        self.lookups.close()
        await self.deliver.shutdown(grace: grace)
        // Counts of the last minute; a store that does not write any more says so itself.
        try? await self.versionUsage.flush(to: self.store)
        await self.store.close()
    }
}

extension RouterProcess {
    private static func compile(_ folder: String, _ compiler: RevisionCompiler) async -> RevisionCompiler.Outcome {
        await offThePool(named: "compile") { compiler.compile(folder: folder) }
    }

    private static func storePath(_ options: RouterOptions, _ server: ServerSpec) -> String {
        options.storePath
            ?? (server.storePath.hasPrefix("/") ? server.storePath : "\(options.projectFolder)/\(server.storePath)")
    }

    private static func openStore(
        _ path: String, _ server: ServerSpec, _ environment: Environment, _ signals: Signals
    ) throws(StartFailure) -> any EventStore {
        var storeOptions = SQLiteStoreOptions()
        storeOptions.reserveBytes = server.storeReserveBytes
        do throws(StoreFailure) {
            return try SQLiteStore.open(
                path: path, options: storeOptions, environment: environment, signals: signals)
        } catch {
            throw StartFailure.store(error)
        }
    }

    /// The compiled files; or, where they are invalid, the last good revision that the store has kept.
    private static func choose(
        _ first: RevisionCompiler.Outcome, _ options: RouterOptions, _ compiler: RevisionCompiler,
        _ store: any EventStore,
        _ signals: Signals
    ) async throws(StartFailure) -> Revision {
        if let revision = first.revision {
            // Who asks for strictness would rather not run than answer 503 to every sender.
            if options.isStrict,
                let missing = SecretCheck.finding(revision.configuration, revision.secrets, .error)
            {
                await store.close()
                throw StartFailure.configuration([missing], first.files)
            }
            return revision
        }
        if !options.isStrict, let revision = await Self.lastGood(compiler, store) {
            signals.log(
                .error, .config, "the configuration is invalid: the last good revision runs instead",
                ("revision", revision.id.text),
                ("problems", "\(first.diagnostics.filter { $0.severity == .error }.count)"))
            return revision
        }
        await store.close()
        throw StartFailure.configuration(first.diagnostics, first.files)
    }

    private static func lastGood(_ compiler: RevisionCompiler, _ store: any EventStore) async -> Revision? {
        // A store that cannot be read has no revision to offer; the caller reports the invalid files.
        guard let kept = try? await store.lastGoodRevision(), let files = ProjectFiles(encoded: kept.files) else {
            return nil
        }
        return await offThePool(named: "compile") { compiler.compile(files, gitCommit: kept.gitCommit).revision }
    }

    private static func keep(
        _ revision: Revision, in store: any EventStore, _ environment: Environment, _ signals: Signals
    ) async {
        do throws(StoreFailure) {
            try await store.saveRevision(
                StoredRevision(
                    id: revision.id, gitCommit: revision.gitCommit, activatedAt: environment.wall(),
                    files: revision.files.encoded))
        } catch {
            signals.log(.error, .config, "the revision could not be kept in the store", ("error", "\(error)"))
        }
    }
}
