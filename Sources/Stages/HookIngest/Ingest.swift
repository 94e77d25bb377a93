// SPDX-License-Identifier: Apache-2.0
// Stage 1 of 6: ingest. In come bytes of senders; out goes a whole request that kept every limit, for a known source.
// The answer comes back later, when the event is durable.
package import HookCore
import NIOCore
import NIOPosix
import Synchronization

/// The listener of events: HTTP/1.1 with keep-alive and pipelining, strict about framing, bounded in every direction.
///
/// - Isolation: `receive` is called on an event loop and must not block; its answer may come from any thread.
package final class Ingest: Sendable {
    /// A loop and what is confined to it.
    private struct Loop {
        let eventLoop: any EventLoop
        let state: NIOLoopBound<LoopState>
    }

    private struct Running {
        let group: MultiThreadedEventLoopGroup
        let server: any Channel
        let loops: [Loop]
    }

    private let listen: String
    private let state: ListenerState
    private let running = Mutex<Running?>(nil)

    /// Loops beyond two gain nothing while one thread writes the store.
    private static let loopsMax = 2
    private static let backlog: Int32 = 1024

    /// How many event loops, and so how many values of `loop` in ``Receive``, there are.
    package static var loopCount: Int { min(self.loopsMax, max(1, System.coreCount)) }

    /// - Parameter listen: `host:port`, `[v6]:port` or `:port`; port 0 is any free one.
    package init(
        listen: String, limits: IngestLimits, environment: Environment, signals: Signals, receive: @escaping Receive
    ) {
        self.listen = listen
        self.state = ListenerState(limits: limits, environment: environment, signals: signals, receive: receive)
    }

    /// Takes these sources from the next request on; requests under way keep what they had.
    package func replaceSources(_ sources: [SourceSpec]) {
        self.state.replace(table: SourceTable(sources, limits: self.state.limits, signals: self.state.signals))
    }

    /// Answers every event with 503 until ``resume()``: accepting what cannot be kept would break the promise.
    package func refuse(code: String, detail: String, retryAfter: Int) {
        self.state.replace(refusal: .unavailable(code: code, detail: detail, retryAfter: retryAfter))
    }

    /// Accepts events again.
    package func resume() { self.state.replace(refusal: nil) }

    /// Connections that are open now.
    package var connectionCount: Int { self.state.connections.load(ordering: .relaxed) }

    /// Binds and begins to accept; gives the bound address as `host:port`.
    package func start() async throws -> String {
        let address = try ListenAddress(self.listen)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount)
        do {
            let loops = try await self.makeLoops(group)
            let server = try await self.bootstrap(group, loops).bind(host: address.host, port: address.port).get()
            self.running.withLock { $0 = Running(group: group, server: server, loops: loops) }
            return ListenAddress.text(of: server.localAddress)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private func makeLoops(_ group: MultiThreadedEventLoopGroup) async throws -> [Loop] {
        var loops: [Loop] = []
        let pause = SweepPace.pause(self.state.limits)
        for (index, eventLoop) in group.makeIterator().enumerated() {
            let shared = self.state
            let bound = try await eventLoop.submit {
                let bound = NIOLoopBound(LoopState(index: index, shared: shared), eventLoop: eventLoop)
                eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in bound.value.sweep() }
                return bound
            }.get()
            loops.append(Loop(eventLoop: eventLoop, state: bound))
        }
        return loops
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup, _ loops: [Loop]) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else { return }
                    try channel.pipeline.syncOperations.addHandler(Connection(loop: loop.state.value))
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    /// Stops accepting, lets requests under way finish within `grace`, then closes what is left.
    package func shutdown(grace: Duration) async {
        guard let running = self.running.withLock({ $0.take() }), let first = running.loops.first else { return }
        self.state.isDraining.store(true, ordering: .relaxed)
        // A failure to close means that it is closed already.
        try? await running.server.close().get()
        let drained = first.eventLoop.makePromise(of: Void.self)
        self.state.whenEmpty { drained.succeed() }
        for loop in running.loops {
            loop.eventLoop.execute {
                for connection in Array(loop.state.value.connections.values) { connection.drain() }
            }
        }
        let timeout = first.eventLoop.scheduleTask(in: .milliseconds(grace.milliseconds)) { drained.succeed() }
        // The promise is only ever fulfilled.
        try? await drained.futureResult.get()
        timeout.cancel()
        for loop in running.loops {
            loop.eventLoop.execute {
                for connection in Array(loop.state.value.connections.values) { connection.close() }
            }
        }
        // Fails only where it was shut down before.
        try? await running.group.shutdownGracefully()
    }
}
