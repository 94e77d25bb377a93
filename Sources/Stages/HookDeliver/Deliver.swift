// SPDX-License-Identifier: Apache-2.0
// The shell of stage 6: a thread that feeds the dispatcher and does what it says. It decides nothing.
//
//   wake, reconfigure ─┐                     ┌─▶ transport.send ──▶ results ─┐
//   store's answers ───┼─▶ inbox ─▶ Dispatcher ─▶ store.settle ──▶ answer ───┼─▶ inbox
//   time ──────────────┘                     └─▶ store.pending ─▶ page ──────┘
package import HookCore
import Synchronization

/// Stage 6 of 6: tries durable deliveries until each has an end.
///
/// - Isolation: every function may be called from any thread and returns at once. Rendering and deciding are on the
///   stage's own thread, sockets on the transport's.
/// - Bounds: see ``Dispatcher/Limits``; tickets that find the inbox full stay in the store and are read from there.
package final class Deliver: Sendable {
    package struct Options: Sendable {
        package var limits = Dispatcher.Limits()
        /// Batches of tickets waiting for the thread.
        package var inboxMax = 8192

        package init() {}
    }

    enum Message: Sendable {
        case input(Dispatcher.Input)
        case finished([FinishedAttempt])
        case configured(DeliverPlan, any SecretReading)
        case shutdown(until: Duration)
    }

    private struct Lifecycle {
        var configured: (plan: DeliverPlan, secrets: any SecretReading)?
        var isRunning = false
        var isShuttingDown = false
        /// Destinations whose tickets found the inbox full, with how many.
        var overflow: [DestinationName: Int] = [:]
    }

    let store: any EventStore
    let transport: any Transport
    let environment: Environment
    let signals: DeliverSignals
    let inbox: Mailbox<Message>
    let dispatcher: Mutex<Dispatcher>
    private let lifecycle = Mutex(Lifecycle())
    private let inboxMax: Int

    package init(
        store: any EventStore, environment: Environment, signals: Signals, options: Options = Options(),
        transport: any Transport = CurlTransport()
    ) {
        self.store = store
        self.transport = transport
        self.environment = environment
        self.signals = DeliverSignals(signals, environment: environment)
        self.inboxMax = options.inboxMax
        // Never full for answers of store and transport, which are bounded by what is under way: `wake` keeps its
        // distance.
        self.inbox = Mailbox(capacity: .max)
        self.dispatcher = Mutex(Dispatcher(limits: options.limits))
    }

    /// Puts destinations and secrets in force for every attempt that begins from now on. Also before ``start()``.
    package func reconfigure(_ destinations: [DestinationSpec], secrets: any SecretReading) {
        let plan = DeliverPlan(destinations)
        let isRunning = self.lifecycle.withLock { state in
            state.configured = (plan, secrets)
            return state.isRunning
        }
        if isRunning { self.post(.configured(plan, secrets)) }
    }

    /// Reads what is pending and begins.
    ///
    /// - Errors: the store's, where it cannot say what is pending. Nothing has begun then.
    package func start() async throws(StoreFailure) {
        let pending = try await self.store.pendingSummary()
        let configured = self.lifecycle.withLock { state in
            state.isRunning = true
            return state.configured
        }
        if let configured { self.post(.configured(configured.plan, configured.secrets)) }
        self.post(.input(.woken(pending)))
        self.transport.start { [weak self] in self?.post(.finished($0)) }
        WorkerThread.run(name: "deliver") { [self] in DeliverLoop(self).run() }
    }

    /// Takes tickets that have just become durable.
    package func wake(_ tickets: [DeliveryTicket]) {
        if tickets.isEmpty { return }
        if self.inbox.count < self.inboxMax {
            self.post(.input(.committed(tickets)))
            return
        }
        let isFirst = self.lifecycle.withLock { state in
            defer { for ticket in tickets { state.overflow[ticket.destination, default: 0] += 1 } }
            return state.overflow.isEmpty
        }
        // The thread may have emptied the inbox since and gone to sleep.
        if isFirst { self.post(.input(.tick)) }
    }

    /// Says that deliveries have become pending in the store, for instance by a redrive.
    package func wake(_ summaries: [PendingSummary]) {
        if !summaries.isEmpty { self.post(.input(.woken(summaries))) }
    }

    /// Says that deliveries were ended in the store, as a cancellation does: what waits in memory is dropped there and
    /// read again. Attempts on the wire end as they end.
    package func reread() async throws(StoreFailure) {
        self.post(.input(.reread(try await self.store.pendingSummary())))
    }

    /// Stops sending, waits up to `grace` for what is under way, and has it recorded. What is cut off stays pending.
    package func shutdown(grace: Duration) async {
        let isFirst = self.lifecycle.withLock { state in
            defer { state.isShuttingDown = true }
            return state.isRunning && !state.isShuttingDown
        }
        guard isFirst else { return }
        await withCheckedContinuation { continuation in
            self.signals.whenEnded { continuation.resume() }
            self.post(.shutdown(until: self.environment.now() + max(.zero, grace)))
        }
    }

    /// The queues as they are now, for metrics.
    package var snapshot: DeliverSnapshot { self.dispatcher.withLock { $0.snapshot } }

    func post(_ message: Message) {
        // The inbox has no bound of its own, and is closed only when nobody needs the answer.
        _ = self.inbox.offer(message)
    }

    /// What `wake` could not hand over, as something to read from the store.
    func takeOverflow(wall: WallTime) -> [PendingSummary] {
        self.lifecycle.withLock { state in
            if state.overflow.isEmpty { return [] }
            defer { state.overflow = [:] }
            return state.overflow.map { PendingSummary(destination: $0.key, count: $0.value, earliestDue: wall) }
        }
    }
}
