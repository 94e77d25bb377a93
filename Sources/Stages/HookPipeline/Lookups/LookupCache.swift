// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// Answers that are used again. Bounded by number, bytes and time; what came first goes first.
///
/// - Isolation: any thread; the lock is held for a look at a dictionary.
final class LookupCache: Sendable {
    struct Limits: Sendable {
        var entries = 10_000
        var bytes = 32 * 1024 * 1024
    }

    private struct Entry {
        let answer: LookupAnswer
        let expires: Duration
        let bytes: Int
        let number: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Keys in order of arrival; one that was put in again stands twice, and its earlier number counts no more.
        var order: [(key: String, number: Int)] = []
        var head = 0
        var bytes = 0
        var next = 0
    }

    /// Places of the order that are worth no tidying.
    private static let slack = 1_024

    private let state = Mutex(State())
    private let limits: Limits

    init(limits: Limits = Limits()) { self.limits = limits }

    func answer(to key: String, now: Duration) -> LookupAnswer? {
        self.state.withLock { state in
            guard let entry = state.entries[key], entry.expires > now else { return nil }
            return entry.answer
        }
    }

    /// Keeps what was found or is known to be missing; failures are not kept.
    func keep(_ answer: LookupAnswer, for request: LookupRequest, now: Duration) {
        let time: Duration
        var bytes = request.key.utf8.count + 128
        switch answer {
        case .found(let text):
            time = request.spec.cache
            bytes += text.count
        case .missing: time = min(request.spec.cache, LookupJudge.missingCacheMax)
        case .failed: return
        }
        guard time > .zero, bytes <= self.limits.bytes else { return }
        self.state.withLock { state in
            if let old = state.entries[request.key] { state.bytes -= old.bytes }
            state.next += 1
            state.entries[request.key] = Entry(answer: answer, expires: now + time, bytes: bytes, number: state.next)
            state.order.append((request.key, state.next))
            state.bytes += bytes
            while state.entries.count > self.limits.entries || state.bytes > self.limits.bytes {
                Self.dropFirst(&state)
            }
            // Keys that expire and come again leave their earlier places behind.
            if state.order.count > 2 * state.entries.count + Self.slack {
                state.order = state.order[state.head...].filter { state.entries[$0.key]?.number == $0.number }
                state.head = 0
            }
        }
    }

    private static func dropFirst(_ state: inout State) {
        guard state.head < state.order.count else { return }
        let first = state.order[state.head]
        state.head += 1
        guard let entry = state.entries[first.key], entry.number == first.number else { return }
        state.entries[first.key] = nil
        state.bytes -= entry.bytes
    }

    var count: Int { self.state.withLock { $0.entries.count } }
    /// Places in the order of arrival, stale ones included.
    var places: Int { self.state.withLock { $0.order.count } }
}

/// What the cache knows, for events on their way in: they wait for nothing else.
struct CachedAnswers: LookupAnswers {
    let cache: LookupCache
    let environment: Environment
    let signals: Signals

    func answer(to request: LookupRequest) -> LookupAnswer? {
        guard let answer = self.cache.answer(to: request.key, now: self.environment.now()) else { return nil }
        self.signals.counter(.lookups, request.host, "hit").add()
        return answer
    }
}
