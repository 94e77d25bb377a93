// SPDX-License-Identifier: Apache-2.0
// Windows of routes that aggregate. A member is a row of its own, written with its event; so a crash loses none, and a
// repaired script can run over them again.

/// When a window closes: whichever comes first.
package struct WindowClose: Sendable, Equatable {
    /// Nothing came for so long.
    package var idle: Duration?
    /// So long after the first member.
    package var after: Duration?
    /// So many members.
    package var count: Int?
    /// So many bytes of members.
    package var bytes: Int?

    /// However it is set: no window lives longer, has more members or more bytes.
    package static let lifetimeMax = Duration.seconds(30 * 86_400)
    package static let countMax = 100_000
    package static let bytesMax = 64 * 1024 * 1024

    package init(idle: Duration? = nil, after: Duration? = nil, count: Int? = nil, bytes: Int? = nil) {
        self.idle = idle
        self.after = after
        self.count = count
        self.bytes = bytes
    }

    /// Members at which a window is full.
    package var countLimit: Int { min(self.count ?? Self.countMax, Self.countMax) }
    /// Bytes at which a window is full.
    package var bytesLimit: Int { min(self.bytes ?? Self.bytesMax, Self.bytesMax) }

    /// When a window closes by time, and why.
    package func deadline(openedAt: WallTime, lastAt: WallTime) -> (at: WallTime, reason: WindowReason) {
        var found = (at: openedAt + Self.lifetimeMax, reason: WindowReason.limit)
        if let after = self.after, openedAt + after <= found.at { found = (openedAt + after, .after) }
        if let idle = self.idle, lastAt + idle < found.at { found = (lastAt + idle, .idle) }
        return found
    }

    /// Why a window is full; nil where it is not.
    package func fullness(count: Int, bytes: Int) -> WindowReason? {
        if count >= self.countLimit { return self.count == nil || count < self.count ?? 0 ? .limit : .count }
        if bytes >= self.bytesLimit { return self.bytes == nil || bytes < self.bytes ?? 0 ? .limit : .bytes }
        return nil
    }
}

/// Why a window was closed.
package enum WindowReason: String, Sendable, CaseIterable {
    case idle, after, count, bytes
    /// A bound that holds for every window.
    case limit
    /// The route's key or function changed, or the route is gone.
    case reconfigured
    /// A person asked for it.
    case requested
    /// It was held, and is run again.
    case replayed
}

/// One event's place in a window, as it is written with the event.
package struct WindowMember: Sendable {
    /// What of the member is its data.
    package enum Payload: Sendable, Equatable {
        /// The body is not JSON.
        case none
        /// The stored body of the event.
        case event
        /// Another text: the event as the route sees it.
        case own([UInt8])
    }

    package let route: RouteName
    /// ``AggregateSpec/print``
    package let print: Int64
    /// The key as JSON: a scalar, or an array of them where there are several paths.
    package let key: [UInt8]
    package let close: WindowClose
    package let version: Int?
    package let part: Int?
    package let payload: Payload
    /// Bytes of the data.
    package let bytes: Int

    package init(
        route: RouteName, print: Int64, key: [UInt8], close: WindowClose, version: Int?, part: Int?, payload: Payload,
        bytes: Int
    ) {
        self.route = route
        self.print = print
        self.key = key
        self.close = close
        self.version = version
        self.part = part
        self.payload = payload
        self.bytes = bytes
    }
}

/// The number of a window in its store; never used again. Text: `win_17`.
package struct WindowID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    package init?(_ text: String) {
        guard text.hasPrefix("win_"), let number = Int64(text.dropFirst(4)), number > 0 else { return nil }
        self.number = number
    }

    package var description: String { "win_\(self.number)" }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// A window as it is stored.
package struct WindowRow: Sendable {
    package enum State: Int, Sendable {
        case open
        /// Its function has failed; it takes no more members.
        case held

        package var word: String { self == .open ? "open" : "held" }
    }

    package let id: WindowID
    package let route: RouteName
    package let print: Int64
    /// A configuration that has its function.
    package let revision: RevisionID
    package let key: [UInt8]
    package let openedAt: WallTime
    package let lastAt: WallTime
    package let count: Int
    package let bytes: Int
    /// When it is looked at next; it closes then, or later where members came meanwhile.
    package let dueAt: WallTime
    package let state: State
    /// Set where it closes whatever its times say.
    package let forced: WindowReason?

    package init(
        id: WindowID, route: RouteName, print: Int64, revision: RevisionID, key: [UInt8], openedAt: WallTime,
        lastAt: WallTime, count: Int, bytes: Int, dueAt: WallTime, state: State, forced: WindowReason?
    ) {
        self.id = id
        self.route = route
        self.print = print
        self.revision = revision
        self.key = key
        self.openedAt = openedAt
        self.lastAt = lastAt
        self.count = count
        self.bytes = bytes
        self.dueAt = dueAt
        self.state = state
        self.forced = forced
    }
}

/// A member as it is read when its window closes.
package struct MemberRow: Sendable {
    /// In order of acceptance, over all windows.
    package let key: Int64
    /// The event as the route saw it, without its data: ``payload`` is that.
    package let event: Event
    package let part: Int?
    /// JSON; nil where the body is none.
    package let payload: [UInt8]?
    /// Bytes that it counts in the window.
    package let bytes: Int

    package init(key: Int64, event: Event, part: Int?, payload: [UInt8]?, bytes: Int) {
        self.key = key
        self.event = event
        self.part = part
        self.payload = payload
        self.bytes = bytes
    }
}

/// What becomes of a window, written in one transaction.
package struct WindowEnd: Sendable {
    package enum Outcome: Sendable {
        /// The members became this event; nil: the function dropped them.
        case closed(Prepared?)
        /// The function failed; the members stay.
        case held(ScriptFailure)
        /// It is not time yet: look again then.
        case rearmed(WallTime)
    }

    package let window: WindowID
    /// The last member that was read; later ones stay, in the same window.
    package let through: Int64
    package let outcome: Outcome

    package init(window: WindowID, through: Int64, outcome: Outcome) {
        self.window = window
        self.through = through
        self.outcome = outcome
    }
}

/// What windows of one print have in common.
package struct WindowLane: Sendable, Equatable {
    package let route: RouteName
    package let print: Int64
    package let revision: RevisionID

    package init(route: RouteName, print: Int64, revision: RevisionID) {
        self.route = route
        self.print = print
        self.revision = revision
    }
}

/// All conditions given must hold.
package struct WindowFilter: Sendable {
    package var ids: [WindowID] = []
    package var route: RouteName?
    /// JSON, as ``WindowRow/key``.
    package var key: [UInt8]?
    package var state: WindowRow.State?

    package init() {}
}

/// Open windows of one route.
package struct WindowCount: Sendable, Equatable {
    package let route: RouteName
    package let open: Int

    package init(route: RouteName, open: Int) {
        self.route = route
        self.open = open
    }
}
