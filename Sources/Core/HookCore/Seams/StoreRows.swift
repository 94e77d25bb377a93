// SPDX-License-Identifier: Apache-2.0
// What lists and look-ups of the store return: values for people and for the API.

package struct PageRequest: Sendable {
    /// 1...1000.
    package let limit: Int
    package let cursor: String?

    package init(limit: Int = 50, cursor: String? = nil) {
        self.limit = min(max(limit, 1), 1000)
        self.cursor = cursor
    }
}

package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Nil on the last page.
    package let cursor: String?

    package init(items: [Item], cursor: String?) {
        self.items = items
        self.cursor = cursor
    }
}

/// Bounds of ``EventStore/recorded(_:page:)``.
package enum RecordedPage {
    /// Payloads of one page; a page has one event at least.
    package static let bytesMax = 8 * 1024 * 1024
}

/// All conditions given must hold.
package struct EventFilter: Sendable {
    package var source: SourceName?
    package var type: String?
    package var route: RouteName?
    /// `matched`, `filtered`, `dropped`, `held`, `unmatched`: events with at least one such fate.
    package var fate: String?
    package var senderID: String?
    package var since: WallTime?
    package var until: WallTime?

    package init() {}
}

package struct DeliveryFilter: Sendable {
    package var ids: [DeliveryID] = []
    package var event: EventID?
    package var route: RouteName?
    package var destination: DestinationName?
    package var states: [DeliveryState] = []
    package var reason: String?
    package var since: WallTime?
    package var until: WallTime?

    package init() {}
}

package struct HeldFilter: Sendable {
    package var ids: [HeldID] = []
    package var event: EventID?
    package var route: RouteName?
    package var code: String?
    package var kind: HeldEntry.Kind?

    package init() {}
}

package enum DeliveryState: String, Sendable, CaseIterable {
    case pending, delivered, dead, dropped, cancelled, discarded
}

package struct EventRow: Sendable {
    package let id: EventID
    package let source: SourceName
    package let type: String
    package let version: Int?
    package let time: WallTime
    package let subject: String?
    package let senderID: String?
    package let revision: RevisionID
    /// Empty: unmatched.
    package let fates: [Fate]
    package let deliveries: Int
    package let bodyBytes: Int
    /// Nil for what a sender sent.
    package let lineage: Event.Lineage?

    package init(
        id: EventID, source: SourceName, type: String, version: Int?, time: WallTime, subject: String?,
        senderID: String?,
        revision: RevisionID, fates: [Fate], deliveries: Int, bodyBytes: Int, lineage: Event.Lineage? = nil
    ) {
        self.lineage = lineage
        self.id = id
        self.source = source
        self.type = type
        self.version = version
        self.time = time
        self.subject = subject
        self.senderID = senderID
        self.revision = revision
        self.fates = fates
        self.deliveries = deliveries
        self.bodyBytes = bodyBytes
    }
}

package struct EventDetail: Sendable {
    package let row: EventRow
    package let method: String
    package let path: String
    package let query: String
    package let contentType: String
    package let headers: HeaderBlock
    /// Nil after the payload's retention.
    package let body: [UInt8]?
    package let deliveries: [DeliveryRow]
    package let held: [HeldRow]
    /// Events that routes made of it, oldest first; of very many the first.
    package let emitted: [EventRow]

    /// Events in ``emitted``.
    package static let emittedMax = 1_000

    package init(
        row: EventRow, method: String, path: String, query: String, contentType: String, headers: HeaderBlock,
        body: [UInt8]?, deliveries: [DeliveryRow], held: [HeldRow], emitted: [EventRow] = []
    ) {
        self.emitted = emitted
        self.row = row
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.headers = headers
        self.body = body
        self.deliveries = deliveries
        self.held = held
    }
}

package struct DeliveryRow: Sendable {
    package let id: DeliveryID
    package let route: RouteName
    package let destination: DestinationName
    package let state: DeliveryState
    package let attempts: Int
    /// HTTP status of the last attempt.
    package let status: Int?
    /// Outcome of the last attempt, as ``Settled/outcome``.
    package let outcome: String?
    /// Why it is dead or dropped.
    package let reason: String?
    package let acceptedAt: WallTime
    /// When the next attempt is due; nil unless pending.
    package let dueAt: WallTime?
    package let finishedAt: WallTime?

    package init(
        id: DeliveryID, route: RouteName, destination: DestinationName, state: DeliveryState, attempts: Int,
        status: Int?,
        outcome: String?, reason: String?, acceptedAt: WallTime, dueAt: WallTime?, finishedAt: WallTime?
    ) {
        self.id = id
        self.route = route
        self.destination = destination
        self.state = state
        self.attempts = attempts
        self.status = status
        self.outcome = outcome
        self.reason = reason
        self.acceptedAt = acceptedAt
        self.dueAt = dueAt
        self.finishedAt = finishedAt
    }
}

extension DeliveryRow {
    /// It was to begin later than it was accepted, and has not been tried.
    package var isScheduled: Bool {
        self.state == .pending && self.attempts == 0 && self.dueAt.map { $0 > self.acceptedAt } ?? false
    }
}

package struct AttemptRow: Sendable {
    package let number: Int
    package let startedAt: WallTime
    package let took: Duration
    package let status: Int?
    package let outcome: String
    package let detail: String?
    package let response: [UInt8]

    package init(
        number: Int, startedAt: WallTime, took: Duration, status: Int?, outcome: String, detail: String?,
        response: [UInt8]
    ) {
        self.number = number
        self.startedAt = startedAt
        self.took = took
        self.status = status
        self.outcome = outcome
        self.detail = detail
        self.response = response
    }
}

package struct DeliveryDetail: Sendable {
    package let row: DeliveryRow
    package let contentType: String
    package let request: RequestOverrides?
    /// Nil after the payload's retention.
    package let body: [UInt8]?
    package let attempts: [AttemptRow]

    package init(
        row: DeliveryRow, contentType: String, request: RequestOverrides?, body: [UInt8]?, attempts: [AttemptRow]
    ) {
        self.row = row
        self.contentType = contentType
        self.request = request
        self.body = body
        self.attempts = attempts
    }
}

package struct HeldRow: Sendable {
    package let id: HeldID
    package let route: RouteName
    package let destination: DestinationName?
    /// It concerns what the route emits, and nothing else of it.
    package let isEmission: Bool
    /// It concerns all members of this window.
    package let window: WindowID?
    package let failure: ScriptFailure
    package let at: WallTime
    package let kind: HeldEntry.Kind
    /// The part of a split event that it concerns; nil: all of the event.
    package let part: Int?

    package init(
        id: HeldID, route: RouteName, destination: DestinationName?, isEmission: Bool = false, window: WindowID? = nil,
        failure: ScriptFailure, at: WallTime, kind: HeldEntry.Kind = .failed, part: Int? = nil
    ) {
        self.window = window
        self.isEmission = isEmission
        self.kind = kind
        self.part = part
        self.id = id
        self.route = route
        self.destination = destination
        self.failure = failure
        self.at = at
    }
}

package struct StoreStatus: Sendable {
    package struct Count: Sendable, Equatable {
        package let destination: DestinationName
        package let state: DeliveryState
        /// Reason of dead letters, else nil.
        package let reason: String?
        package let count: Int

        package init(destination: DestinationName, state: DeliveryState, reason: String?, count: Int) {
            self.destination = destination
            self.state = state
            self.reason = reason
            self.count = count
        }
    }

    package let events: Int
    /// Pending and dead deliveries, by destination and reason.
    package let deliveries: [Count]
    package let held: Int
    /// File and write-ahead log.
    package let bytes: Int
    /// Of those that may be sent; scheduled ones are not late.
    package let oldestPending: WallTime?
    /// Pending deliveries that begin later, by destination; they are among ``deliveries`` too.
    package let scheduled: [DestinationName: Int]

    package init(
        events: Int, deliveries: [Count], held: Int, bytes: Int, oldestPending: WallTime?,
        scheduled: [DestinationName: Int] = [:]
    ) {
        self.scheduled = scheduled
        self.events = events
        self.deliveries = deliveries
        self.held = held
        self.bytes = bytes
        self.oldestPending = oldestPending
    }
}
