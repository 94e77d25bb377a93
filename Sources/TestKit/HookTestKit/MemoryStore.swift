// SPDX-License-Identifier: Apache-2.0
// A store that behaves like the real one and forgets everything: passes the same contract suite, deterministic, no
// thread, and fails when a test says so.
package import HookCore
import Synchronization

/// The store in memory.
///
/// - Isolation: any thread. Completions run on the calling thread: at once, or in ``flush()`` where writes are deferred.
package final class MemoryStore: EventStore {
    private enum Write {
        case accept(Prepared, @Sendable (Result<Stored, StoreFailure>) -> Void)
        case acceptAll([Prepared], @Sendable (Result<[Stored], StoreFailure>) -> Void)
        case settle([Settled], @Sendable (Result<Void, StoreFailure>) -> Void)
    }

    private struct Shell {
        var books = MemoryBooks()
        var queued: [Write] = []
        var isDeferred: Bool
        var isClosed = false
        var writesSeen = 0
        var faults: [Int: StoreFailure] = [:]
        var outage: StoreFailure?
        var failing: StoreFailure?
    }

    private let shell: Mutex<Shell>

    /// - `deferred`: `commit` and `settle` wait for ``flush()``, as they would for the disk.
    package init(deferred: Bool = false) { self.shell = Mutex(Shell(isDeferred: deferred)) }

    // MARK: What tests do to it

    /// Fails the write with this number (from 1, over all writes of any kind); nothing of it is kept.
    package func failWrite(_ number: Int, _ failure: StoreFailure = StoreFailure(.io, "injected")) {
        self.shell.withLock { $0.faults[number] = failure }
    }

    /// Fails every write until called with nil.
    package func setOutage(_ failure: StoreFailure?) { self.shell.withLock { $0.outage = failure } }

    /// Writes so far, failed ones included.
    package var writesSeen: Int { self.shell.withLock { $0.writesSeen } }

    /// Makes the deferred writes durable in order and tells their owners.
    package func flush() {
        let queued = self.shell.withLock { shell in
            let queued = shell.queued
            shell.queued = []
            return queued
        }
        for write in queued { self.process(write) }
    }

    /// Loses the deferred writes without a word, as a power cut would.
    package func loseQueued() { self.shell.withLock { $0.queued = [] } }

    // MARK: EventStore

    package func commit(_ prepared: Prepared, then: @escaping @Sendable (Result<Stored, StoreFailure>) -> Void) {
        self.enqueue(.accept(prepared, then))
    }

    package func commit(
        _ prepared: [Prepared], then: @escaping @Sendable (Result<[Stored], StoreFailure>) -> Void
    ) {
        self.enqueue(.acceptAll(prepared, then))
    }

    package func settle(_ settled: [Settled], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void) {
        self.enqueue(.settle(settled, then))
    }

    package func pending(
        for destination: DestinationName, dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<PendingPage, StoreFailure>) -> Void
    ) {
        then(self.read { $0.pending(for: destination, dueBy: dueBy, limit: limit) })
    }

    package func pendingSummary() async throws(StoreFailure) -> [PendingSummary] {
        try self.read { $0.pendingSummary() }.get()
    }

    package func events(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventRow> {
        try self.read { $0.events(filter, page: page) }.get()
    }

    package func event(_ id: EventID) async throws(StoreFailure) -> EventDetail? {
        try self.read { $0.event(id) }.get()
    }

    package func recorded(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventDetail> {
        try self.read { $0.recorded(filter, page: page) }.get()
    }

    package func deliveries(_ filter: DeliveryFilter, page: PageRequest) async throws(StoreFailure) -> Page<DeliveryRow>
    {
        try self.read { $0.deliveries(filter, page: page) }.get()
    }

    package func delivery(_ id: DeliveryID) async throws(StoreFailure) -> DeliveryDetail? {
        try self.read { $0.delivery(id) }.get()
    }

    package func held(_ filter: HeldFilter, page: PageRequest) async throws(StoreFailure) -> Page<HeldRow> {
        try self.read { $0.held(filter, page: page) }.get()
    }

    package func heldEntry(_ id: HeldID) async throws(StoreFailure) -> HeldRow? {
        try self.read { $0.heldEntry(id) }.get()
    }

    package func status() async throws(StoreFailure) -> StoreStatus { try self.read { $0.status() }.get() }

    package func redrive(
        _ filter: DeliveryFilter, limit: Int, now: WallTime
    ) async throws(StoreFailure) -> [PendingSummary] {
        try self.write { .success($0.redrive(filter, limit: limit, now: now)) }.get()
    }

    package func close(
        _ filter: DeliveryFilter, as state: DeliveryState, limit: Int, now: WallTime
    ) async throws(StoreFailure) -> Int {
        try self.write { $0.close(filter, as: state, limit: limit, now: now) }.get()
    }

    package func release(
        _ id: HeldID, as prepared: Prepared, now: WallTime
    ) async throws(StoreFailure) -> [DeliveryTicket] {
        try self.write { $0.release(id, as: prepared, now: now) }.get()
    }

    package func declare(_ lanes: [WindowLane], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void) {
        then(self.write { .success($0.declare(lanes)) })
    }

    package func dueWindows(
        dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<(windows: [WindowRow], nextDue: WallTime?), StoreFailure>) -> Void
    ) {
        then(self.read { $0.dueWindows(dueBy: dueBy, limit: limit) })
    }

    package func members(
        of window: WindowID, after: Int64, count: Int, bytes: Int,
        then: @escaping @Sendable (Result<[MemberRow], StoreFailure>) -> Void
    ) {
        then(self.read { $0.members(of: window, after: after, count: count, bytes: bytes) })
    }

    package func end(
        _ windows: [WindowEnd], now: WallTime,
        then: @escaping @Sendable (Result<(tickets: [DeliveryTicket], windowsDue: WallTime?), StoreFailure>) -> Void
    ) {
        then(self.write { .success($0.end(windows, now: now)) })
    }

    package func windows(_ filter: WindowFilter, page: PageRequest) async throws(StoreFailure) -> Page<WindowRow> {
        try self.read { $0.windows(filter, page: page) }.get()
    }

    package func requestClose(_ filter: WindowFilter, limit: Int) async throws(StoreFailure) -> Int {
        try self.write { .success($0.requestClose(filter, limit: limit)) }.get()
    }

    package func windowCounts() async throws(StoreFailure) -> (routes: [WindowCount], oldest: WallTime?) {
        try self.read { $0.windowCounts() }.get()
    }

    package func discardHeld(_ filter: HeldFilter, limit: Int, now: WallTime) async throws(StoreFailure) -> Int {
        try self.write { .success($0.discardHeld(filter, limit: limit)) }.get()
    }

    package func saveRevision(_ revision: StoredRevision) async throws(StoreFailure) {
        try self.write { books in
            books.revisions.append(revision)
            return .success(())
        }.get()
    }

    package func addVersionUses(_ uses: [VersionUse]) async throws(StoreFailure) {
        try self.write { books in
            for use in uses { books.versionUses[use.key, default: use.nothing].add(use) }
            return .success(())
        }.get()
    }

    package func versionUses() async throws(StoreFailure) -> [VersionUse] {
        try self.read { books in books.versionUses.values.sorted { $0.key.order < $1.key.order } }.get()
    }

    package func lastGoodRevision() async throws(StoreFailure) -> StoredRevision? {
        try self.read { $0.revisions.last }.get()
    }

    package func revision(_ id: RevisionID) async throws(StoreFailure) -> StoredRevision? {
        try self.read { $0.revisions.last { $0.id == id } }.get()
    }

    package func revision(
        _ id: RevisionID, then: @escaping @Sendable (Result<StoredRevision?, StoreFailure>) -> Void
    ) {
        then(self.read { $0.revisions.last { $0.id == id } })
    }

    package func sweep(
        _ retention: ServerSpec.Retention, now: WallTime, limit: Int
    ) async throws(StoreFailure) -> Bool {
        try self.write { .success($0.sweep(retention, now: now, limit: max(1, limit))) }.get()
    }

    package var failing: StoreFailure? { self.shell.withLock { $0.failing } }

    package func close() async {
        self.flush()
        self.shell.withLock { $0.isClosed = true }
    }

    // MARK: Inside

    private func enqueue(_ write: Write) {
        let isDeferred = self.shell.withLock { shell in
            guard shell.isDeferred && !shell.isClosed else { return false }
            shell.queued.append(write)
            return true
        }
        if !isDeferred { self.process(write) }
    }

    /// Applies under the lock, tells outside it.
    private func process(_ write: Write) {
        switch write {
        case .accept(let prepared, let then): then(self.write { $0.accept(prepared) })
        case .acceptAll(let all, let then):
            then(
                self.write { books in
                    // All or none: what a part of them did is undone with the copy.
                    let before = books
                    var stored: [Stored] = []
                    for prepared in all {
                        switch books.accept(prepared) {
                        case .success(let one): stored.append(one)
                        case .failure(let failure):
                            books = before
                            return .failure(failure)
                        }
                    }
                    return .success(stored)
                })
        case .settle(let settled, let then):
            then(
                self.write { books in
                    for one in settled { books.settle(one) }
                    return .success(())
                })
        }
    }

    func read<Value: Sendable>(_ body: (MemoryBooks) -> Value) -> Result<Value, StoreFailure> {
        self.shell.withLock { shell in
            shell.isClosed ? .failure(Self.closed) : .success(body(shell.books))
        }
    }

    func write<Value: Sendable>(
        _ body: (inout MemoryBooks) -> Result<Value, StoreFailure>
    ) -> Result<Value, StoreFailure> {
        self.shell.withLock { shell in
            if shell.isClosed { return .failure(Self.closed) }
            shell.writesSeen += 1
            if let fault = shell.faults.removeValue(forKey: shell.writesSeen) ?? shell.outage {
                shell.failing = fault
                return .failure(fault)
            }
            shell.failing = nil
            return body(&shell.books)
        }
    }

    private static let closed = StoreFailure(.closed, "the store is shutting down")
}
