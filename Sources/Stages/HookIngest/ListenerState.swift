// SPDX-License-Identifier: Apache-2.0
package import HookCore
import NIOCore
import Synchronization

/// Takes an accepted request; answers once, later, from any thread.
package typealias Receive =
    @Sendable (_ accepted: Accepted, _ loop: Int, _ answer: @escaping @Sendable (IngestAnswer) -> Void) -> Void

/// What all connections of a listener share.
final class ListenerState: Sendable {
    let limits: IngestLimits
    let environment: Environment
    let signals: Signals
    let receive: Receive
    let bodies: BodyBudget
    let isDraining = Atomic<Bool>(false)
    /// Open connections over all loops.
    let connections = Atomic<Int>(0)
    private let posture: Mutex<Posture>
    /// Called once, when the last connection has ended.
    private let emptied = Mutex<(@Sendable () -> Void)?>(nil)

    init(limits: IngestLimits, environment: Environment, signals: Signals, receive: @escaping Receive) {
        self.limits = limits
        self.environment = environment
        self.signals = signals
        self.receive = receive
        self.bodies = BodyBudget(bytesMax: limits.bodiesBytesMax)
        self.posture = Mutex(Posture(table: SourceTable([], limits: limits, signals: signals), refusal: nil))
    }

    /// The posture of this moment; immutable, so it may leave the lock.
    var current: Posture { self.posture.withLock { $0 } }

    func replace(table: SourceTable) {
        self.posture.withLock { $0 = Posture(table: table, refusal: $0.refusal) }
    }

    func replace(refusal: IngestAnswer?) {
        self.posture.withLock { $0 = Posture(table: $0.table, refusal: refusal) }
    }
}

extension ListenerState {
    /// Calls `action` when no connection is open; at once where that is so.
    func whenEmpty(_ action: @escaping @Sendable () -> Void) {
        self.emptied.withLock { $0 = action }
        self.connectionEnded()
    }

    func connectionEnded() {
        guard self.isDraining.load(ordering: .relaxed), self.connections.load(ordering: .relaxed) == 0 else { return }
        self.emptied.withLock { $0.take() }?()
    }
}

extension ListenerState {
    /// Codes of refusals that later stages make, and show themselves.
    private static let codesOfLaterStages = ["verify/", "event/", "json/", "store/"]

    /// Shows a refusal of stage 1 to whoever watches.
    func watch(_ code: String, source: String, status: Int) {
        guard self.signals.tap.isWatched, !Self.codesOfLaterStages.contains(where: code.hasPrefix) else { return }
        self.signals.tap.offer(self.environment.wall(), .unheard(source: source, status: status, code: code))
    }
}

/// What the connections of one event loop share. Confined to its loop.
final class LoopState {
    /// Refusals written to the log per second and loop; the rest is counted.
    private static let logLinesMax = 5

    let index: Int
    let shared: ListenerState
    var connections: [ObjectIdentifier: Connection] = [:]
    private var dateSecond: Int64 = .min
    private var dateText = ""
    private var logSecond: Int64 = .min
    private var logLines = 0
    private var suppressed = 0

    init(index: Int, shared: ListenerState) {
        self.index = index
        self.shared = shared
    }

    /// The date as answers carry it; made once a second.
    func date(_ now: WallTime) -> String {
        if now.seconds != self.dateSecond {
            self.dateSecond = now.seconds
            self.dateText = now.httpDate
        }
        return self.dateText
    }

    /// Logs a refusal, unless this second has had its share.
    func logRefusal(code: String, source: String, status: Int, requestID: String, peer: String) {
        let second = self.shared.environment.wall().seconds
        if second != self.logSecond {
            self.logSecond = second
            self.logLines = 0
        }
        self.logLines += 1
        if self.logLines > Self.logLinesMax {
            self.suppressed += 1
            return
        }
        self.shared.signals.log(
            .warning, .ingest, "request refused", ("code", code), ("source", source), ("status", "\(status)"),
            ("request_id", requestID), ("peer", peer),
            ("suppressed", "\(self.suppressed)"))
        self.suppressed = 0
    }

    /// Looks at every connection's deadline.
    func sweep() {
        let now = self.shared.environment.now()
        for connection in Array(self.connections.values) { connection.sweep(now: now) }
    }
}
