// SPDX-License-Identifier: Apache-2.0
// The six carriers. Each stage takes the one before and makes the next, so the order of the stages is checked by the
// compiler: an unverified event cannot be routed. Only the stage named may construct its carrier (ArchitectureTests).

/// Stage 1, ingest: a whole request that kept every limit, for a known source.
package struct Accepted: Sendable {
    package let id: EventID
    package let source: SourceName
    package let receivedAt: WallTime
    package let method: String
    /// Path without the query.
    package let path: String
    package let query: String
    package let headers: HeaderBlock
    package let body: [UInt8]
    /// Address of the peer; nil where it is not a network peer.
    package let peer: CIDR?

    package init(
        id: EventID, source: SourceName, receivedAt: WallTime, method: String, path: String, query: String,
        headers: HeaderBlock, body: [UInt8], peer: CIDR?
    ) {
        self.id = id
        self.source = source
        self.receivedAt = receivedAt
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
    }
}

extension Accepted {
    /// One of several events that the request brings, as if it had come alone.
    package func part(id: EventID, headers: HeaderBlock, body: [UInt8]) -> Self {
        Self(
            id: id, source: self.source, receivedAt: self.receivedAt, method: self.method, path: self.path,
            query: self.query, headers: headers, body: body, peer: self.peer)
    }
}

/// Stage 2, verify: an event whose sender is who the source says.
package struct Verified: Sendable {
    package struct DedupeKey: Sendable, Equatable {
        package let key: [UInt8]
        package let within: Duration

        package init(key: [UInt8], within: Duration) {
            self.key = key
            self.within = within
        }
    }

    package let event: Event
    package let dedupe: DedupeKey?
    /// Why the event is kept aside instead of being routed (`validate: quarantine`); nil for all others.
    package let breach: SchemaBreach?

    package init(event: Event, dedupe: DedupeKey?, breach: SchemaBreach? = nil) {
        self.event = event
        self.dedupe = dedupe
        self.breach = breach
    }
}

/// Stage 3, route: which routes took the event, with the targets that they chose.
package struct Routed: Sendable {
    package struct Target: Sendable {
        package let destination: DestinationName
        package let transform: ScriptID?
        /// When its delivery is due; nil: at once.
        package let due: DueSpec?
        /// What happens to the body behind the transform.
        package let output: OutputSpec
        /// The version that goes out; nil: the one that the route sees.
        package let version: Int?

        package init(
            destination: DestinationName, transform: ScriptID?, due: DueSpec? = nil, output: OutputSpec = OutputSpec(),
            version: Int? = nil
        ) {
            self.output = output
            self.version = version
            self.destination = destination
            self.transform = transform
            self.due = due
        }
    }

    /// The event that the route makes of this one.
    package struct Emission: Sendable {
        package let type: String
        package let version: Int?
        /// Gives the data; nil: the data as the route sees it.
        package let transform: ScriptID?

        package init(type: String, version: Int?, transform: ScriptID?) {
            self.type = type
            self.version = version
            self.transform = transform
        }
    }

    package struct Hit: Sendable {
        package let route: RouteName
        /// The event as this route sees it.
        package let event: Event
        package let onError: RouteSpec.OnError
        /// The switch case that fired.
        package let caseName: String?
        package let targets: [Target]
        package let emission: Emission?
        /// The event only takes its place in a window.
        package let aggregate: AggregateSpec?

        package init(
            route: RouteName, event: Event, onError: RouteSpec.OnError, caseName: String?, targets: [Target],
            emission: Emission? = nil, aggregate: AggregateSpec? = nil
        ) {
            self.aggregate = aggregate
            self.emission = emission
            self.route = route
            self.event = event
            self.onError = onError
            self.caseName = caseName
            self.targets = targets
        }
    }

    package let verified: Verified
    package let hits: [Hit]
    /// Fates that are settled already: filtered, and held where a condition's script failed.
    package let fates: [Fate]
    package let held: [HeldEntry]

    package init(verified: Verified, hits: [Hit], fates: [Fate], held: [HeldEntry]) {
        self.verified = verified
        self.hits = hits
        self.fates = fates
        self.held = held
    }
}

/// What became of an event for one route. Visible in lists; exactly one per route that looked at it.
package struct Fate: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Deliveries or events were made.
        case matched
        /// `filter` or `when` said no.
        case filtered
        /// The script dropped it, or it failed under `on_error: drop`.
        case dropped
        /// A script failed under `on_error: hold`.
        case held
        /// It waits in a window of the route.
        case aggregated
    }

    package let route: RouteName
    package let kind: Kind
    package let reason: String?

    package init(route: RouteName, kind: Kind, reason: String? = nil) {
        self.route = route
        self.kind = kind
        self.reason = reason
    }

    /// The fate of a route whose parts had these two: what was sent counts before what is held, that before what was
    /// dropped, and last comes what was filtered; of two alike the first.
    package func joined(with other: Fate) -> Fate { other.kind.weight > self.kind.weight ? other : self }
}

extension Fate.Kind {
    fileprivate var weight: Int {
        switch self {
        case .matched: 4
        case .aggregated: 3
        case .held: 2
        case .dropped: 1
        case .filtered: 0
        }
    }
}

/// An event that is kept for one route: something failed, or the route waits for a look-up.
package struct HeldEntry: Sendable {
    /// Who ends it. Stored by number: new cases go to the end.
    package enum Kind: Int, Sendable, CaseIterable {
        /// A person, once the script or the data is repaired.
        case failed
        /// The router, once a look-up has answered; never a person's work.
        case awaitingLookup
        /// A person, once the schema is repaired or the event is known to be right: it was not routed at all.
        case quarantined
    }

    package let route: RouteName
    /// Nil: the failure concerns the whole route, or its emission; not one target.
    package let destination: DestinationName?
    /// It concerns what the route emits, and nothing else of it.
    package let isEmission: Bool
    package let failure: ScriptFailure
    package let kind: Kind
    /// The part of a split event that it concerns; nil: all of the event.
    package let part: Int?

    package init(
        route: RouteName, destination: DestinationName?, isEmission: Bool = false, failure: ScriptFailure,
        kind: Kind = .failed, part: Int? = nil
    ) {
        self.route = route
        self.destination = destination
        self.isEmission = isEmission
        self.failure = failure
        self.kind = kind
        self.part = part
    }
}

/// A failed script call, complete enough to repair the script.
package struct ScriptFailure: Error, Sendable, Equatable {
    /// `script/runtime`, `script/budget-steps`, … of ``CodeRegistry``.
    package let code: String
    /// `chat.lua#release_message`.
    package let script: String
    package let message: String
    /// `scripts/chat.lua:12`, where known.
    package let place: String?
    /// User frames, innermost first.
    package let traceback: [String]

    package init(code: String, script: String, message: String, place: String? = nil, traceback: [String] = []) {
        self.code = code
        self.script = script
        self.message = message
        self.place = place
        self.traceback = traceback
    }
}

/// Stage 4, transform: everything that is to be made durable, bodies rendered.
package struct Prepared: Sendable {
    package let event: Event
    package let dedupe: Verified.DedupeKey?
    package let fates: [Fate]
    package let held: [HeldEntry]
    package let deliveries: [PreparedDelivery]
    /// Events that routes made of this one, routed in their turn; they become durable with it or not at all.
    package let emitted: [Prepared]
    /// Its places in windows.
    package let members: [WindowMember]
    /// The configuration that routed it.
    package let revision: RevisionID

    package init(
        event: Event, dedupe: Verified.DedupeKey?, fates: [Fate], held: [HeldEntry], deliveries: [PreparedDelivery],
        emitted: [Prepared] = [], members: [WindowMember] = [], revision: RevisionID
    ) {
        self.emitted = emitted
        self.members = members
        self.revision = revision
        self.event = event
        self.dedupe = dedupe
        self.fates = fates
        self.held = held
        self.deliveries = deliveries
    }

    /// No route took it, and none held, filtered or dropped it either.
    package var isUnmatched: Bool { self.fates.isEmpty }

    /// Itself and everything that was emitted below it: each before what it was made into.
    package func forEachInTree(_ body: (Prepared) -> Void) {
        body(self)
        for child in self.emitted { child.forEachInTree(body) }
    }

    /// Events of the tree, itself included.
    package var eventCount: Int { self.emitted.reduce(1) { $0 + $1.eventCount } }
}

/// One delivery, rendered; its id is the event's id and its place in ``Prepared/deliveries`` from 1.
package struct PreparedDelivery: Sendable {
    package let route: RouteName
    package let destination: DestinationName
    /// Nil: the event's body, unchanged; stored once.
    package let body: [UInt8]?
    package let contentType: String
    package let request: RequestOverrides?
    /// When the first attempt is due; nil: at once. Waits between attempts, and the time after which it is given up,
    /// count from here.
    package let due: WallTime?
    /// The part of a split event that it came from.
    package let part: Int?
    /// Of the event as it goes out.
    package let version: Int?

    package init(
        route: RouteName, destination: DestinationName, body: [UInt8]?, contentType: String, request: RequestOverrides?,
        due: WallTime? = nil, part: Int? = nil, version: Int? = nil
    ) {
        self.version = version
        self.route = route
        self.destination = destination
        self.body = body
        self.contentType = contentType
        self.request = request
        self.due = due
        self.part = part
    }
}

/// What a script or a template fixed about the request of one delivery. Method, header names and values are checked.
package struct RequestOverrides: Sendable, Equatable {
    package var method: String?
    /// Replaces path and query of the destination's URL; begins with `/`.
    package var path: String?
    package var query: [(name: String, value: String)] = []
    package var headers: [(name: String, value: String)] = []
    /// Values of the holes in the destination's templates, by the spelling of their path.
    package var fields: [(path: String, value: String)] = []

    package init() {}

    package var isEmpty: Bool {
        self.method == nil && self.path == nil && self.query.isEmpty && self.headers.isEmpty && self.fields.isEmpty
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.method == right.method && left.path == right.path && left.query.elementsEqual(right.query, by: ==)
            && left.headers.elementsEqual(right.headers, by: ==) && left.fields.elementsEqual(right.fields, by: ==)
    }
}

/// Stage 5, store: durable. Either the event with its deliveries, or the earlier event of which it is a duplicate.
package struct Stored: Sendable {
    package let event: EventID
    package let duplicateOf: EventID?
    package let tickets: [DeliveryTicket]
    /// When the first of the windows that the event opened or filled is to be looked at; nil where there is none.
    package let windowsDue: WallTime?

    package init(event: EventID, duplicateOf: EventID?, tickets: [DeliveryTicket], windowsDue: WallTime? = nil) {
        self.windowsDue = windowsDue
        self.event = event
        self.duplicateOf = duplicateOf
        self.tickets = tickets
    }
}

/// A durable delivery on its way: all that an attempt needs besides the destination's current settings.
package struct DeliveryTicket: Sendable {
    package let id: DeliveryID
    package let route: RouteName
    package let destination: DestinationName
    package let body: [UInt8]
    package let contentType: String
    package let request: RequestOverrides?
    /// Attempts recorded so far, over all redrives.
    package let attemptsMade: Int
    /// Attempts recorded since the delivery was queued or last redriven; the retry schedule counts these.
    package let attemptsInCycle: Int
    package let acceptedAt: WallTime
    /// When the present cycle began: acceptance, or the last redrive.
    package let cycleBegan: WallTime
    package let dueAt: WallTime

    package init(
        id: DeliveryID, route: RouteName, destination: DestinationName, body: [UInt8], contentType: String,
        request: RequestOverrides?, attemptsMade: Int, attemptsInCycle: Int, acceptedAt: WallTime, cycleBegan: WallTime,
        dueAt: WallTime
    ) {
        self.id = id
        self.route = route
        self.destination = destination
        self.body = body
        self.contentType = contentType
        self.request = request
        self.attemptsMade = attemptsMade
        self.attemptsInCycle = attemptsInCycle
        self.acceptedAt = acceptedAt
        self.cycleBegan = cycleBegan
        self.dueAt = dueAt
    }
}

extension DeliveryTicket {
    /// A delivery that becomes durable at `time`, before its first attempt. What is scheduled begins when it is due.
    package init(fresh delivery: PreparedDelivery, id: DeliveryID, eventBody: [UInt8], at time: WallTime) {
        let due = delivery.begins(at: time)
        self.init(
            id: id, route: delivery.route, destination: delivery.destination, body: delivery.body ?? eventBody,
            contentType: delivery.contentType, request: delivery.request, attemptsMade: 0, attemptsInCycle: 0,
            acceptedAt: time, cycleBegan: due, dueAt: due)
    }
}

extension DeliveryTicket {
    /// It was to begin later than it was accepted, and has not begun yet.
    package var isScheduled: Bool { self.attemptsMade == 0 && self.dueAt > self.acceptedAt }

    /// When it could be sent first: acceptance, or the time it was scheduled for.
    package var beganAt: WallTime { self.attemptsMade == self.attemptsInCycle ? self.cycleBegan : self.acceptedAt }
}

extension PreparedDelivery {
    /// When the first attempt is due of a delivery that becomes durable at `time`; never before.
    package func begins(at time: WallTime) -> WallTime { self.due.map { max($0, time) } ?? time }
}

/// Stage 6, deliver: one finished attempt, and what follows from it.
package struct Settled: Sendable {
    package enum Disposition: Sendable, Equatable {
        case delivered
        case retry(at: WallTime)
        /// Kept as a dead letter with this reason, a code of ``CodeRegistry`` such as `delivery/refused-status`.
        case dead(reason: String)
        /// Given up under `dead_letter: drop`; the row stays with its reason until retention.
        case dropped(reason: String)
    }

    package let delivery: DeliveryID
    package let destination: DestinationName
    /// From 1, over all redrives.
    package let attempt: Int
    package let startedAt: WallTime
    package let took: Duration
    /// HTTP status; nil where there was no answer.
    package let status: Int?
    /// Closed set: `ok`, `status`, `dns`, `connect`, `tls`, `timeout`, `reset`, `too-large`, `protocol`, `egress`, `config`.
    package let outcome: String
    /// One line for people.
    package let detail: String?
    /// At most 4 KiB of the answer's body.
    package let response: [UInt8]
    package let disposition: Disposition

    package init(
        delivery: DeliveryID, destination: DestinationName, attempt: Int, startedAt: WallTime, took: Duration,
        status: Int?,
        outcome: String, detail: String?, response: [UInt8], disposition: Disposition
    ) {
        self.delivery = delivery
        self.destination = destination
        self.attempt = attempt
        self.startedAt = startedAt
        self.took = took
        self.status = status
        self.outcome = outcome
        self.detail = detail
        self.response = response
        self.disposition = disposition
    }
}
