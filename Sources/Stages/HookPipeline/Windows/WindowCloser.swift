// SPDX-License-Identifier: Apache-2.0
// Closes windows when they are due. Memory holds one moment, that of the next look; which windows are due then, an index
// of the store knows. So a million open windows cost memory nothing, and a restart forgets nothing.
package import HookCore
import HookDeliver
import HookTransform
import Synchronization

/// The thread that closes windows.
///
/// - Bounds: `batchMax` windows are in memory at a time, with their members; and no more than `closesPerSecond` are
///   closed, so that what became due while the router was down does not keep it from accepting.
package final class WindowCloser: Sendable {
    private enum Call { case look }

    static let batchMax = 64
    static let closesPerSecond = 4_000
    /// Windows are reckoned by the wall clock, which may jump: so often it is looked at whatever was due.
    private static let longestSleep = Duration.seconds(30)
    /// Configurations of before that stay compiled.
    private static let sidesMax = 4

    private let calls = Mailbox<Call>(capacity: 4)
    private let isClosing = Atomic<Bool>(false)
    /// The moment of the next look, Unix milliseconds.
    private let nextLook = Atomic<Int64>(.max)
    private let thread = Mutex<WorkerThread?>(nil)
    private let store: any EventStore
    private let deliver: Deliver
    private let environment: Environment
    private let signals: Signals
    private let revision: @Sendable () -> Revision
    private let compile: @Sendable (StoredRevision) -> Revision?

    /// - Parameter compile: makes a configuration of before run again; nil where it cannot.
    init(
        store: any EventStore, deliver: Deliver, environment: Environment, signals: Signals,
        revision: @escaping @Sendable () -> Revision, compile: @escaping @Sendable (StoredRevision) -> Revision?
    ) {
        self.store = store
        self.deliver = deliver
        self.environment = environment
        self.signals = signals
        self.revision = revision
        self.compile = compile
    }

    /// Begins to look at windows; what became due before is closed first.
    package func start() {
        self.thread.withLock { $0 = WorkerThread(name: "windows") { self.run() } }
    }

    /// A window is due at this time, which may be sooner than what is known.
    package func wake(at time: WallTime) {
        guard time.milliseconds < self.nextLook.load(ordering: .relaxed) else { return }
        self.nextLook.store(time.milliseconds, ordering: .relaxed)
        // Full: somebody else has woken it.
        _ = self.calls.offer(.look)
    }

    /// The configuration has changed.
    package func look() { self.wake(at: WallTime(milliseconds: .min)) }

    /// Ends after the windows at hand. Blocks.
    package func close() {
        self.isClosing.store(true, ordering: .relaxed)
        self.calls.close()
        self.thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    // MARK: The thread

    private func run() {
        var state = State()
        while !self.isClosing.load(ordering: .relaxed) {
            let wait: Duration
            do throws(StoreFailure) {
                wait = try self.work(&state)
            } catch {
                // A failed write or read changes nothing: the windows are as they were.
                if error.kind != .closed {
                    self.signals.log(.error, .store, "Windows could not be closed", ("error", "\(error)"))
                }
                wait = error.kind == .busy ? .milliseconds(250) : .seconds(2)
            }
            let isNil = self.calls.takeAll(within: wait) == nil
            if isNil { return }
        }
    }

    private struct State {
        var current: WindowSide?
        var earlier: [WindowSide] = []
    }

    /// Closes what is due; how long there is nothing to do.
    private func work(_ state: inout State) throws(StoreFailure) -> Duration {
        let current = try self.current(&state)
        let reading = WindowReading(store: self.store)
        while !self.isClosing.load(ordering: .relaxed) {
            let now = self.environment.wall()
            let began = self.environment.now()
            self.nextLook.store(.max, ordering: .relaxed)
            let (windows, nextDue) = try reading.wait {
                self.store.dueWindows(dueBy: now, limit: Self.batchMax, then: $0)
            }
            if windows.isEmpty {
                let due = min(nextDue ?? now + Self.longestSleep, now + Self.longestSleep)
                self.nextLook.store(
                    min(due.milliseconds, self.nextLook.load(ordering: .relaxed)), ordering: .relaxed)
                return self.revision() === current.revision ? max(.zero, due - now) : .zero
            }
            var ends: [WindowEnd] = []
            var reasons: [(RouteName, WindowReason)] = []
            for window in windows {
                let (end, reason) = try self.end(window, now: now, current, reading, &state)
                ends.append(end)
                if let reason { reasons.append((window.route, reason)) }
            }
            FaultPoint.afterAggregate.hit()
            do throws(StoreFailure) {
                try self.commit(ends, now: now, reading)
            } catch  where error.kind == .unusable {
                // One of them is wrong in itself, and must not keep the others.
                for end in ends { try self.commitAlone(end, now: now, reading) }
            }
            for (route, reason) in reasons { self.signals.counter(.windowCloses, route.text, reason.rawValue).add() }
            if self.revision() !== current.revision { return .zero }
            let pace = Duration.seconds(1) * windows.count / Self.closesPerSecond
            WorkerThread.pause(max(.zero, pace - (self.environment.now() - began)))
        }
        return .zero
    }

    private func commit(_ ends: [WindowEnd], now: WallTime, _ reading: WindowReading) throws(StoreFailure) {
        let done = try reading.wait { self.store.end(ends, now: now, then: $0) }
        // ── durable from here on ──
        self.deliver.wake(done.tickets)
        guard self.signals.tap.isWatched else { return }
        for case .closed(let prepared?) in ends.map(\.outcome) {
            self.signals.tap.offer(now, .prepared(prepared))
            self.signals.tap.offer(
                now, .stored(prepared.event, duplicateOf: nil, deliveries: prepared.deliveries.count))
        }
    }

    private func commitAlone(_ end: WindowEnd, now: WallTime, _ reading: WindowReading) throws(StoreFailure) {
        do throws(StoreFailure) {
            try self.commit([end], now: now, reading)
        } catch  where error.kind == .unusable {
            let failure = ScriptFailure(
                code: "aggregate/not-stored", script: end.window.description,
                message: "what became of the window cannot be stored: \(error.detail)")
            try self.commit(
                [WindowEnd(window: end.window, through: end.through, outcome: .held(failure))], now: now, reading)
        }
    }

    /// What becomes of one window, and why it closes.
    private func end(
        _ window: WindowRow, now: WallTime, _ current: WindowSide, _ reading: WindowReading, _ state: inout State
    ) throws(StoreFailure) -> (WindowEnd, WindowReason?) {
        guard let side = try self.side(of: window, current, reading, &state), let route = side.route(of: window.print),
            let aggregate = route.aggregate
        else {
            let last = try reading.members(of: window.id, WindowClose()).last?.key ?? 0
            let failure = ScriptFailure(
                code: "aggregate/revision-gone", script: "\(window.route)",
                message: "the configuration \(window.revision), which has its function, is not there any more")
            return (WindowEnd(window: window.id, through: last, outcome: .held(failure)), nil)
        }
        let deadline = aggregate.close.deadline(openedAt: window.openedAt, lastAt: window.lastAt)
        let full = aggregate.close.fullness(count: window.count, bytes: window.bytes)
        guard let reason = window.forced ?? full ?? (deadline.at <= now ? deadline.reason : nil) else {
            return (WindowEnd(window: window.id, through: 0, outcome: .rearmed(deadline.at)), nil)
        }
        let members = try reading.members(of: window.id, aggregate.close)
        guard let last = members.last else {
            return (WindowEnd(window: window.id, through: 0, outcome: .closed(nil)), nil)
        }
        let batch = WindowBatch(
            route: window.route, key: window.key, openedAt: window.openedAt, closedAt: now, reason: reason,
            members: members)
        let outcome = WindowRun(side: side, current: current).outcome(route, batch)
        if case .held(let failure) = outcome {
            self.signals.log(
                .error, .transform, "The function of a window failed; the window is held",
                ("route", window.route.text), ("window", window.id.description), ("code", failure.code),
                ("detail", failure.message))
            return (WindowEnd(window: window.id, through: last.key, outcome: outcome), nil)
        }
        return (WindowEnd(window: window.id, through: last.key, outcome: outcome), reason)
    }

    // MARK: Configurations

    /// The running configuration; says to the store which windows go on where it has changed.
    private func current(_ state: inout State) throws(StoreFailure) -> WindowSide {
        let latest = self.revision()
        if let current = state.current, current.revision === latest { return current }
        let side = self.makeSide(latest)
        let lanes = side.lanes
        try WindowReading(store: self.store).wait { self.store.declare(lanes, then: $0) }
        if let before = state.current { self.keep(before, &state) }
        state.current = side
        return side
    }

    private func makeSide(_ revision: Revision) -> WindowSide {
        WindowSide(revision, worker: revision.makeWorker(environment: self.environment, signals: self.signals))
    }

    private func keep(_ side: WindowSide, _ state: inout State) {
        state.earlier.append(side)
        if state.earlier.count > Self.sidesMax { state.earlier.removeFirst() }
    }

    /// Who has the function of a window: the running configuration, or one of before; nil where there is none.
    private func side(
        of window: WindowRow, _ current: WindowSide, _ reading: WindowReading, _ state: inout State
    ) throws(StoreFailure) -> WindowSide? {
        if current.route(of: window.print) != nil { return current }
        if let known = state.earlier.last(where: { $0.route(of: window.print) != nil }) { return known }
        guard let stored = try reading.wait({ self.store.revision(window.revision, then: $0) }),
            let revision = self.compile(stored)
        else { return nil }
        let side = self.makeSide(revision)
        self.keep(side, &state)
        return side.route(of: window.print) == nil ? nil : side
    }
}
