// SPDX-License-Identifier: Apache-2.0
// One router process with its admin listener and its signals: what `serve` and `demo` run.
import ArgumentParser
import Glibc
import HookAdmin
import HookCore
import HookPipeline
import Synchronization

struct RouterServer: Sendable {
    /// What is said once requests are accepted.
    struct Ready: Sendable {
        let ingest: String
        let admin: String
        let revision: RevisionID

        var json: String {
            let value: JSONValue = [
                "schema": "hookswitch/ready@1", "ingest": .string(self.ingest), "admin": .string(self.admin),
                "revision": .string(self.revision.text),
            ]
            return value.text
        }

        var text: String {
            "hookswitch \(HookswitchVersion.text) is ready: ingest http://\(self.ingest) admin http://\(self.admin) "
                + "revision \(self.revision)"
        }
    }

    let router: RouterProcess
    private let admin: AdminServer

    /// Starts the stages; failures are explained on stderr and end with the exit code of their kind.
    static func start(
        _ options: RouterOptions, adminListen: String?, signals: Signals, messageStyle: Style
    ) async throws -> RouterServer {
        ProcessLimits.ignoreSignals()
        ProcessLimits.raiseOpenFiles()
        let router: RouterProcess
        do throws(StartFailure) {
            router = try await RouterProcess.start(options, environment: .live, signals: signals)
        } catch {
            throw Self.explain(error, messageStyle)
        }
        do {
            let listen = adminListen ?? router.revision.configuration.server.adminListen
            return RouterServer(router: router, admin: try AdminServer(router: router, listen: listen))
        } catch {
            await router.shutdown()
            throw Console.fail("\(error)", hint: "listen on 127.0.0.1, or name tokens in hookswitch.yaml", .refused)
        }
    }

    private static func explain(_ failure: StartFailure, _ style: Style) -> ExitCode {
        switch failure {
        case .configuration(let diagnostics, let files):
            ProjectLoading.explain(diagnostics, files, style)
            return Console.fail(
                "the configuration is refused", hint: "hookswitch check says the same at any time", .refused)
        case .store(let failure):
            // Neither goes away by itself, so a supervisor need not try again.
            let isFinal = failure.kind == .unusable || failure.kind == .corrupt
            return Console.fail("the store: \(failure.detail)", isFinal ? .refused : .tryAgain)
        case .listen(let reason):
            return Console.fail(reason, .tryAgain)
        }
    }

    /// Runs until INT or TERM, or until `ending` returns.
    ///
    /// - Parameters:
    ///   - ending: begun once both listeners accept; what it does while the router runs.
    ///   - ready: called once both listeners accept.
    ///   - stopping: called before the stages are taken down.
    func run(
        ending: @escaping @Sendable () async -> Void = { await Self.forever() },
        ready: @escaping @Sendable (Ready) -> Void, stopping: () async -> Void = {}
    ) async throws {
        let stop = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let router = self.router
        let hasStopped = Atomic<Bool>(false)
        let watch = SignalWatch([SIGINT, SIGTERM, SIGHUP]) { number in
            if number == SIGHUP {
                router.requestReload(.signal)
            } else if hasStopped.exchange(true, ordering: .relaxed) {
                // Asked twice: what is not recorded is done again after the next start.
                exit(number == SIGINT ? 130 : 0)
            } else {
                stop.continuation.yield()
            }
        }
        let failure = await self.serve(until: stop.stream, ready: ready, ending: ending)
        await stopping()
        await router.shutdown()
        withExtendedLifetime(watch) {}
        if let failure { throw Console.fail("\(failure)", .tryAgain) }
    }

    /// Both listeners, until the first of them fails, `stop` says something, or `ending` returns.
    private func serve(
        until stop: AsyncStream<Void>, ready: @escaping @Sendable (Ready) -> Void,
        ending: @escaping @Sendable () async -> Void
    ) async -> ListenFailure? {
        let router = self.router
        return await withTaskGroup(of: ListenFailure?.self) { group in
            let started = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                // Any other error is the cancellation below.
                do { try await self.admin.run { started.continuation.yield($0) } } catch {
                    return error as? ListenFailure
                }
                return nil
            }
            group.addTask {
                await router.run()
                return nil
            }
            group.addTask {
                for await _ in stop { break }
                return nil
            }
            group.addTask {
                for await address in started.stream {
                    ready(Ready(ingest: router.ingestAddress, admin: address, revision: router.revision.id))
                    await ending()
                    break
                }
                return nil
            }
            // The first to end is a signal, the given end, or a listener that failed.
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Until the task is cancelled.
    private static func forever() async {
        let never = AsyncStream<Void> { _ in }
        for await _ in never {}
    }
}
