// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookDeliver

/// What differs between two revisions over some events: counts, groups, one example each.
package struct DiffReport: Sendable {
    /// Differences that look alike: the same route and destination, the same kind, the same parts.
    package struct Group: Sendable {
        package let key: Key
        /// Deliveries; events where no delivery is concerned.
        package internal(set) var count: Int
        package internal(set) var example: Example
        /// Place of the example's event among all events.
        var exampleIndex: Int
    }

    package struct Key: Hashable, Sendable {
        package let kind: Kind
        package let route: RouteName?
        package let destination: DestinationName?
        /// Why, or what of it: `new route`, `body, url`, `filtered → held (script/runtime)`.
        package let what: String

        init(_ kind: Kind, _ route: RouteName?, _ destination: DestinationName?, _ what: String) {
            self.kind = kind
            self.route = route
            self.destination = destination
            self.what = what
        }
    }

    package enum Kind: String, Sendable, CaseIterable {
        /// A delivery that the old revision does not make.
        case appeared
        /// A delivery that the new revision does not make.
        case vanished
        /// A delivery that both make, with another request.
        case changed
        /// What became of an event for a route, where no delivery tells.
        case fate
        /// What became of an event as a whole: refused, mapped to another type, no longer matched.
        case event
    }

    package struct Example: Sendable {
        package let event: Subject
        /// The requests, secrets taken out; nil on the side that makes none.
        package var before: Request?
        package var after: Request?
        /// What became of it, in words, where there is no request.
        package var fateBefore: String?
        package var fateAfter: String?

        init(_ event: Subject) { self.event = event }
    }

    package struct Subject: Sendable {
        /// The event's id, file or test.
        package let label: String
        package let id: EventID
        package let source: SourceName
        /// Empty where stage 2 refuses it.
        package let type: String
    }

    package struct Request: Sendable {
        /// Nil where it cannot be made; then `problem` says why.
        package let outbound: OutboundRequest?
        package let problem: String?
        package let body: [UInt8]
        package let contentType: String
    }

    /// What was run.
    package internal(set) var events = 0
    package internal(set) var eventsChanged = 0
    package internal(set) var before = Totals()
    package internal(set) var after = Totals()
    /// Deliveries that are alike on both sides.
    package internal(set) var alike = 0
    package internal(set) var groups: [Group] = []
    /// What the configurations say differently, whether an event shows it or not.
    package internal(set) var plan = ReloadPlan()

    /// What one side makes of all events.
    package struct Totals: Sendable, Equatable {
        package var deliveries = 0
        package var unmatched = 0
        package var held = 0
        package var refused = 0

        mutating func add(_ other: Totals) {
            self.deliveries += other.deliveries
            self.unmatched += other.unmatched
            self.held += other.held
            self.refused += other.refused
        }
    }

    package func count(_ kind: Kind) -> Int { self.groups.reduce(0) { $0 + ($1.key.kind == kind ? $1.count : 0) } }

    package var isEmpty: Bool { self.groups.isEmpty }
}

extension DiffReport {
    /// Takes in what another thread found.
    mutating func merge(_ other: DiffReport) {
        self.events += other.events
        self.eventsChanged += other.eventsChanged
        self.before.add(other.before)
        self.after.add(other.after)
        self.alike += other.alike
        for group in other.groups {
            guard let place = self.groups.firstIndex(where: { $0.key == group.key }) else {
                self.groups.append(group)
                continue
            }
            self.groups[place].count += group.count
            // The earliest event: the same run gives the same examples, however many threads there are.
            if group.exampleIndex < self.groups[place].exampleIndex {
                self.groups[place].example = group.example
                self.groups[place].exampleIndex = group.exampleIndex
            }
        }
    }

    /// The same with the groups of one route alone; counts of all events stay.
    package func only(_ route: RouteName) -> DiffReport {
        var report = self
        report.groups = self.groups.filter { $0.key.route == route }
        return report
    }

    /// By route, then kind, then destination; events as a whole come last.
    mutating func sort() {
        let order = Kind.allCases
        func rank(_ key: Key) -> (Int, String, Int, String, String) {
            (
                key.route == nil ? 1 : 0, key.route?.text ?? "", order.firstIndex(of: key.kind) ?? 0,
                key.destination?.text ?? "", key.what
            )
        }
        self.groups.sort { rank($0.key) < rank($1.key) }
    }
}
