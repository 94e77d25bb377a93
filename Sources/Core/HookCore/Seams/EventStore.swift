// SPDX-License-Identifier: Apache-2.0
// The store as the other stages see it. Two implementations are meant: SQLite in this process, PostgreSQL for many
// processes. Both pass the contract suite in HookTestKit; nothing here may say which one it is.

/// Why the store did not do what it was asked.
package struct StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The queue of writes is full: try again after a moment.
        case busy
        /// The disk is full, or the size budget is spent.
        case full
        /// A write or sync failed. Nothing of the batch is durable.
        case io
        /// The stored bytes do not match their checksum, or the file is no database.
        case corrupt
        /// The store is shutting down.
        case closed
        /// Written by a newer version, in use by another process, or not permitted.
        case unusable
    }

    package let kind: Kind
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package var description: String { "\(self.kind.rawValue): \(self.detail)" }
}

/// Due deliveries of one destination.
package struct PendingPage: Sendable {
    package let tickets: [DeliveryTicket]
    /// When the earliest delivery that is not in `tickets` is due; nil where there is none.
    package let nextDue: WallTime?
    /// That one was to begin later and has not begun.
    package let isNextScheduled: Bool

    package init(tickets: [DeliveryTicket], nextDue: WallTime?, isNextScheduled: Bool = false) {
        self.tickets = tickets
        self.nextDue = nextDue
        self.isNextScheduled = isNextScheduled
    }
}

package struct PendingSummary: Sendable, Equatable {
    package let destination: DestinationName
    package let count: Int
    package let earliestDue: WallTime
    /// The earliest was to begin later and has not begun.
    package let isScheduled: Bool

    package init(destination: DestinationName, count: Int, earliestDue: WallTime, isScheduled: Bool = false) {
        self.destination = destination
        self.count = count
        self.earliestDue = earliestDue
        self.isScheduled = isScheduled
    }
}

/// Keeps events, fates, deliveries, attempts, dead letters, held entries and revisions.
///
/// - Isolation: every function may be called from any thread and returns at once; completions run on the store's
///   thread and must not block.
/// - Errors: a completion with `.failure` means that nothing of that write is durable.
package protocol EventStore: AnyObject, Sendable {
    /// Makes an event durable with its fates, held entries, deliveries and deduplication key, and everything that was
    /// emitted below it, in one transaction that it may share with others. Success is called after the fsync, with the
    /// tickets of the whole tree. A duplicate stores nothing.
    func commit(_ prepared: Prepared, then: @escaping @Sendable (Result<Stored, StoreFailure>) -> Void)

    /// Makes several events of one request durable, all of them in one transaction or none; of each what it came to, in
    /// their order. Each has its own deduplication key, and may be a duplicate of one before it.
    func commit(
        _ prepared: [Prepared], then: @escaping @Sendable (Result<[Stored], StoreFailure>) -> Void)

    /// Records finished attempts and what follows from them. Records of cancelled or unknown deliveries are ignored.
    func settle(_ settled: [Settled], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void)

    /// Pending deliveries of a destination that are due, in order of due time, then of acceptance.
    func pending(
        for destination: DestinationName, dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<PendingPage, StoreFailure>) -> Void)

    /// All destinations with pending deliveries; read at start.
    func pendingSummary() async throws(StoreFailure) -> [PendingSummary]

    /// Events that wait for a look-up and are due, earliest first.
    func waitingLookups(
        dueBy: WallTime, limit: Int, then: @escaping @Sendable (Result<WaitingPage, StoreFailure>) -> Void)
    /// Ends or postpones waiting, all in one transaction; an entry that is gone is passed over.
    func endLookups(
        _ ends: [LookupEnd], now: WallTime,
        then: @escaping @Sendable (Result<[DeliveryTicket], StoreFailure>) -> Void)

    // Looking at what happened. Newest first; cursors are opaque.
    func events(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventRow>
    func event(_ id: EventID) async throws(StoreFailure) -> EventDetail?
    /// Events with their requests and payloads, for reading much of what was recorded: lists of what became of them stay
    /// empty. A page ends early once its payloads have ``RecordedPage/bytesMax`` bytes; its cursor goes on from there.
    func recorded(_ filter: EventFilter, page: PageRequest) async throws(StoreFailure) -> Page<EventDetail>
    func deliveries(_ filter: DeliveryFilter, page: PageRequest) async throws(StoreFailure) -> Page<DeliveryRow>
    func delivery(_ id: DeliveryID) async throws(StoreFailure) -> DeliveryDetail?
    func held(_ filter: HeldFilter, page: PageRequest) async throws(StoreFailure) -> Page<HeldRow>
    func heldEntry(_ id: HeldID) async throws(StoreFailure) -> HeldRow?
    func status() async throws(StoreFailure) -> StoreStatus

    // Repair. Each returns what it changed, so that the caller can wake stage 6.
    /// Makes matching dead (or, by `state`, other finished) deliveries pending again, due now, in a new cycle.
    func redrive(_ filter: DeliveryFilter, limit: Int, now: WallTime) async throws(StoreFailure) -> [PendingSummary]
    /// Ends matching dead or pending deliveries in state `discarded` or `cancelled`; their number.
    func close(_ filter: DeliveryFilter, as state: DeliveryState, limit: Int, now: WallTime) async throws(StoreFailure)
        -> Int
    /// Puts what a held entry came to in its place, in one transaction: fates take the place of those of the same routes;
    /// deliveries and held entries follow the event's last; emitted events are stored with all that hangs on them. An
    /// entry that is gone releases nothing.
    ///
    /// - Parameter prepared: of the stored event, as far as the entry concerns it; its body is not stored again.
    /// - Returns: the tickets of the whole tree, due at `now`.
    func release(_ id: HeldID, as prepared: Prepared, now: WallTime) async throws(StoreFailure) -> [DeliveryTicket]

    // Windows. Members come with ``commit(_:then:)`` and ``release(_:as:now:)``.
    /// Says which windows may go on: those of these lanes. All others close as ``WindowReason/reconfigured``.
    func declare(_ lanes: [WindowLane], then: @escaping @Sendable (Result<Void, StoreFailure>) -> Void)
    /// Windows to be looked at: those that must close, those that are due, at most `limit`; and when the next one is due.
    func dueWindows(
        dueBy: WallTime, limit: Int,
        then: @escaping @Sendable (Result<(windows: [WindowRow], nextDue: WallTime?), StoreFailure>) -> Void)
    /// Members of a window in order, at most `count` and, but for the first, `bytes` of data.
    func members(
        of window: WindowID, after: Int64, count: Int, bytes: Int,
        then: @escaping @Sendable (Result<[MemberRow], StoreFailure>) -> Void)
    /// Ends windows, all in one transaction: the events that members became are stored with all that hangs on them, and
    /// exactly the members that were read are removed. A window that is gone meanwhile ends nothing.
    ///
    /// - Returns: the tickets of all trees; and when windows that these fed are due.
    func end(
        _ windows: [WindowEnd], now: WallTime,
        then: @escaping @Sendable (Result<(tickets: [DeliveryTicket], windowsDue: WallTime?), StoreFailure>) -> Void)
    /// By age, oldest first.
    func windows(_ filter: WindowFilter, page: PageRequest) async throws(StoreFailure) -> Page<WindowRow>
    /// Makes open windows close now; their number.
    func requestClose(_ filter: WindowFilter, limit: Int) async throws(StoreFailure) -> Int
    func windowCounts() async throws(StoreFailure) -> (routes: [WindowCount], oldest: WallTime?)

    /// Removes held entries for good; their number. With the entry of a window goes the window.
    func discardHeld(_ filter: HeldFilter, limit: Int, now: WallTime) async throws(StoreFailure) -> Int

    // Configuration.
    func saveRevision(_ revision: StoredRevision) async throws(StoreFailure)
    func lastGoodRevision() async throws(StoreFailure) -> StoredRevision?
    /// The configuration with this id, as it was activated last; nil where it is not kept any more.
    func revision(_ id: RevisionID) async throws(StoreFailure) -> StoredRevision?
    func revision(_ id: RevisionID, then: @escaping @Sendable (Result<StoredRevision?, StoreFailure>) -> Void)

    /// Adds to the totals of who sent or got which version; counts that are lost before are lost.
    func addVersionUses(_ uses: [VersionUse]) async throws(StoreFailure)
    /// The totals, senders first, in order of their names.
    func versionUses() async throws(StoreFailure) -> [VersionUse]

    /// Removes what has outlived its retention, at most `limit` rows a call; whether there is more.
    func sweep(_ retention: ServerSpec.Retention, now: WallTime, limit: Int) async throws(StoreFailure) -> Bool

    /// Nil while writes succeed; else why they do not.
    var failing: StoreFailure? { get }

    /// Finishes what was accepted, then closes.
    func close() async
}

package struct StoredRevision: Sendable, Equatable {
    package let id: RevisionID
    package let gitCommit: String?
    package let activatedAt: WallTime
    /// The project's files, as ``ProjectFiles/encoded``.
    package let files: [UInt8]

    package init(id: RevisionID, gitCommit: String?, activatedAt: WallTime, files: [UInt8]) {
        self.id = id
        self.gitCommit = gitCommit
        self.activatedAt = activatedAt
        self.files = files
    }
}
