// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HookCore
import Synchronization

/// One thing to be made durable, and whom to tell.
///
/// INVARIANT: `apply` may run twice (a batch is repeated when one of its writes fails), so it has no effect outside the
/// transaction; what it returns runs once, after the commit.
enum Write: Sendable {
    typealias Finish = @Sendable () -> Void

    case accept(Prepared, then: @Sendable (Result<Stored, StoreFailure>) -> Void)
    case acceptAll([Prepared], then: @Sendable (Result<[Stored], StoreFailure>) -> Void)
    case settle([Settled], then: @Sendable (Result<Void, StoreFailure>) -> Void)
    /// `frees`: makes room, and so may use the last of it.
    case change(apply: @Sendable (WriteContext) throws -> Finish, fail: @Sendable (StoreFailure) -> Void, frees: Bool)

    /// Bytes that it keeps in memory, and about as many that it adds to the log.
    var bytes: Int {
        switch self {
        case .accept(let prepared, _): Self.bytes(of: prepared)
        case .acceptAll(let all, _): all.reduce(0) { $0 + Self.bytes(of: $1) }
        case .settle(let settled, _): settled.reduce(0) { $0 + Self.rowBytes + $1.response.count }
        case .change: 0
        }
    }

    private static func bytes(of prepared: Prepared) -> Int {
        let own = prepared.deliveries.reduce(
            Self.rowBytes + prepared.event.body.count + prepared.event.headers.bytes.count
        ) { $0 + Self.rowBytes + ($1.body?.count ?? 0) }
        let members = prepared.members.reduce(own) { sum, member in
            if case .own(let body) = member.payload { sum + Self.rowBytes + body.count } else { sum + Self.rowBytes }
        }
        return prepared.emitted.reduce(members) { $0 + Self.bytes(of: $1) }
    }

    /// What a row costs besides its payload, roughly: columns, indexes, and a share of the pages they stand on.
    private static let rowBytes = 768

    /// Rows that it changes at once, a page of body counting as one. A change takes no more than it is allowed.
    var rows: Int {
        switch self {
        case .accept(let prepared, _): Self.rows(of: prepared) + self.bytes / Writer.pageBytes
        case .acceptAll(let all, _): all.reduce(0) { $0 + Self.rows(of: $1) } + self.bytes / Writer.pageBytes
        case .settle(let settled, _): settled.count
        case .change: .max / 2
        }
    }

    private static func rows(of prepared: Prepared) -> Int {
        prepared.emitted.reduce(1 + prepared.deliveries.count + 2 * prepared.members.count) { $0 + Self.rows(of: $1) }
    }

    var isChange: Bool {
        if case .change = self { true } else { false }
    }

    var isAccept: Bool {
        switch self {
        case .accept, .acceptAll: true
        case .settle, .change: false
        }
    }

    var frees: Bool {
        if case .change(_, _, true) = self { true } else { false }
    }

    func fail(_ failure: StoreFailure) {
        switch self {
        case .accept(_, let then): then(.failure(failure))
        case .acceptAll(_, let then): then(.failure(failure))
        case .settle(_, let then): then(.failure(failure))
        case .change(_, let fail, _): fail(failure)
        }
    }
}

/// What waits for the next commit. Bounded by number and by bytes; refuses as busy when full.
///
/// - Isolation: `offer` from any thread; `take` from the writer's thread only.
final class WriteQueue: Sendable {
    enum Taken {
        case writes([Write], bytes: Int)
        /// Nothing came in the time given.
        case idle
        case closed
    }

    private struct State {
        var writes: [Write] = []
        var bytes = 0
        var isClosed = false
        var isAwaited = false
    }

    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let writesMax: Int
    private let bytesMax: Int

    init(writesMax: Int, bytesMax: Int) {
        self.writesMax = writesMax
        self.bytesMax = bytesMax
    }

    /// Puts a write in, or says why not.
    func offer(_ write: Write) -> StoreFailure? {
        let bytes = write.bytes
        let refusal: StoreFailure? = self.state.withLock { state in
            if state.isClosed { return StoreFailure(.closed, "the store is shutting down") }
            // A single write larger than the bound must pass through an empty queue, or it never would.
            let isTooMuch = state.bytes + bytes > self.bytesMax && !state.writes.isEmpty
            if state.writes.count >= self.writesMax || isTooMuch {
                return StoreFailure(.busy, "\(state.writes.count) writes wait for the disk")
            }
            state.writes.append(write)
            state.bytes += bytes
            return nil
        }
        if refusal == nil { self.wake() }
        return refusal
    }

    func close() {
        self.state.withLock { $0.isClosed = true }
        self.wake()
    }

    /// Everything that waits; sleeps while there is nothing.
    func take(waitingAtMost wait: Duration) -> Taken {
        if let taken = self.takeNow() { return taken }
        _ = self.filled.wait(timeout: .now() + .milliseconds(Int(clamping: wait.milliseconds)))
        return self.takeNow(isLast: true) ?? .idle
    }

    private func takeNow(isLast: Bool = false) -> Taken? {
        self.state.withLock { state in
            if !state.writes.isEmpty {
                let taken = Taken.writes(state.writes, bytes: state.bytes)
                state.writes = []
                state.writes.reserveCapacity(64)
                state.bytes = 0
                state.isAwaited = false
                return taken
            }
            if state.isClosed { return .closed }
            state.isAwaited = !isLast
            return nil
        }
    }

    /// A semaphore call costs a system call where somebody sleeps, so it is made once per sleep.
    private func wake() {
        let isAwaited = self.state.withLock { state in
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if isAwaited { self.filled.signal() }
    }
}
