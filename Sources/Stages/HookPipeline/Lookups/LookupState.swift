// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookIngest
import HookRoute
import HookTransform
import HookVerify
import Synchronization

/// One event at the desk.
struct LookupEntry {
    let row: HeldRow
    let tries: Int
    let event: Event
    /// Nil: today's configuration does not read it.
    let verified: Verified?
    /// By ``LookupRequest/key``; also failures, which no cache keeps.
    var answers: [String: LookupAnswer] = [:]
}

/// What is at the desk, whom it waits for, and what is on the wire.
///
/// - Isolation: the desk's thread, which owns the Lua state in it.
struct LookupState {
    private(set) var revision: Revision
    private(set) var worker: ScriptWorker
    private var tables: [RouteName: RouteTable] = [:]
    private(set) var entries: [HeldID: LookupEntry] = [:]
    private var ready: [HeldID] = []
    /// By key of the look-up: single flight.
    private var waiters: [String: [HeldID]] = [:]
    private var queued: [String: [LookupRequest]] = [:]
    private var onWire: [String: Int] = [:]

    init(revision: Revision, environment: Environment, signals: Signals) {
        self.revision = revision
        self.worker = revision.makeWorker(environment: environment, signals: signals)
    }

    mutating func renew(_ revision: Revision, environment: Environment, signals: Signals) {
        self.revision = revision
        self.worker = revision.makeWorker(environment: environment, signals: signals)
        self.tables = [:]
    }

    /// Leaves what is on the wire: its answers come, and nobody waits.
    mutating func forget() {
        self.entries = [:]
        self.ready = []
        self.waiters = [:]
        self.queued = [:]
    }

    mutating func table(of route: RouteName) -> RouteTable? {
        if let known = self.tables[route] { return known }
        guard let spec = self.revision.configuration.route(route), spec.isEnabled else { return nil }
        let table = self.revision.table(of: [spec])
        self.tables[route] = table
        return table
    }

    mutating func admit(_ item: WaitingLookup) {
        guard self.entries[item.entry.id] == nil else { return }
        let event = Event(item.event, id: item.event.row.id, at: item.event.row.time, body: item.event.body ?? [])
        self.entries[item.entry.id] = LookupEntry(
            row: item.entry, tries: item.tries, event: event,
            verified: item.event.body == nil ? nil : self.verified(item.event, event))
        self.ready.append(item.entry.id)
    }

    /// The stored event as stage 2 would hand it on today.
    private func verified(_ detail: EventDetail, _ event: Event) -> Verified? {
        if detail.row.lineage != nil { return Verify.trusting(event) }
        let accepted = Recall.accepted(
            id: event.id, source: event.source, at: event.time, method: event.method, path: event.path,
            query: event.query, headers: event.headers, body: event.body)
        guard case .verified(let verified) = self.revision.verify.admit(accepted, validates: false).first else {
            return nil
        }
        return Verify.trusting(verified.event)
    }

    mutating func nextReady() -> LookupEntry? {
        while let id = self.ready.popLast() {
            if let entry = self.entries[id] { return entry }
        }
        return nil
    }

    mutating func remove(_ id: HeldID) { self.entries[id] = nil }

    mutating func take(_ answer: LookupAnswer, to request: LookupRequest) {
        self.onWire[request.host] = max(0, (self.onWire[request.host] ?? 0) - 1)
        for id in self.waiters.removeValue(forKey: request.key) ?? [] where self.entries[id] != nil {
            self.entries[id]?.answers[request.key] = answer
            self.ready.append(id)
        }
    }

    func isFull(for requests: [LookupRequest], max limit: Int) -> Bool {
        requests.contains { self.waiters[$0.key] == nil && (self.queued[$0.host]?.count ?? 0) >= limit }
    }

    /// Notes whom the entry waits for; what nobody has asked yet is queued.
    mutating func wait(_ entry: LookupEntry, for requests: [LookupRequest]) {
        for request in requests {
            if self.waiters[request.key] == nil { self.queued[request.host, default: []].append(request) }
            self.waiters[request.key, default: []].append(entry.row.id)
        }
    }

    /// What may be asked now.
    mutating func startable(perHost limit: Int) -> [LookupRequest] {
        var requests: [LookupRequest] = []
        for host in self.queued.keys.sorted() {
            let room = max(0, limit - (self.onWire[host] ?? 0))
            let chosen = self.queued[host]?.prefix(room) ?? []
            if chosen.isEmpty { continue }
            self.queued[host]?.removeFirst(chosen.count)
            self.onWire[host, default: 0] += chosen.count
            requests += chosen
        }
        return requests
    }
}

/// What one entry was answered, then what the cache knows; and what is not known.
final class EntryAnswers: LookupAnswers {
    private struct State {
        var unknown: [LookupRequest] = []
        var retried: LookupFailure?
    }

    private let own: [String: LookupAnswer]
    private let cached: CachedAnswers
    private let state = Mutex(State())

    init(own: [String: LookupAnswer], cached: CachedAnswers) {
        self.own = own
        self.cached = cached
    }

    func answer(to request: LookupRequest) -> LookupAnswer? {
        let answer = self.own[request.key] ?? self.cached.answer(to: request)
        self.state.withLock { state in
            switch answer {
            case nil: if !state.unknown.contains(request) { state.unknown.append(request) }
            case .failed(let failure) where failure.isTransient && request.onError == .retry: state.retried = failure
            default: break
            }
        }
        return answer
    }

    var unknown: [LookupRequest] { self.state.withLock { $0.unknown } }
    /// A failure that another try may mend.
    var retried: LookupFailure? { self.state.withLock { $0.retried } }
}
