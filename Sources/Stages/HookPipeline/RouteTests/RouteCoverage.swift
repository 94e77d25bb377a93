// SPDX-License-Identifier: Apache-2.0
// What the tests of a revision reach: routes, cases, conditions (each true and false), lines of Lua.
package import HookCore
import HookRoute
import HookTransform

/// What can be reached and how often it was.
package struct RouteCoverage: Sendable {
    package struct Route: Sendable {
        package let name: RouteName
        package let mark: Mark
        /// Events that it sent to at least one target.
        package var hits = 0
    }

    package struct Case: Sendable {
        package let route: RouteName
        package let name: String
        package let mark: Mark
        package var hits = 0
    }

    /// A condition of `match`, or a script of `when` and `filter`. It counts only where it is asked: a condition of a
    /// case once the cases before it did not hold, and any condition once the event has the type that the route takes.
    package struct Condition: Sendable {
        package let route: RouteName
        /// `route`, `case big`, `target fraud`.
        package let part: String
        /// `data.action eq "published"`, `filter orders.lua#is_big`.
        package let text: String
        package let mark: Mark
        package var met = 0
        package var unmet = 0

        /// True and false count one each.
        package var seen: Int { (self.met > 0 ? 1 : 0) + (self.unmet > 0 ? 1 : 0) }
    }

    /// One entry of `convert:` of an event type.
    package struct Converter: Sendable {
        package let type: String
        package let from: Int
        package let to: Int
        /// `orders.lua#v1_to_v2`
        package let script: String
        package let mark: Mark
        /// Calls that gave a result.
        package var hits = 0
    }

    package internal(set) var routes: [Route] = []
    package internal(set) var converters: [Converter] = []
    package internal(set) var cases: [Case] = []
    package internal(set) var conditions: [Condition] = []
    /// By file and line; 0 for a line with code that never ran.
    package internal(set) var lines: [String: [Int: Int]] = [:]

    /// How much of one kind was reached.
    package struct Share: Sendable, Equatable {
        package var covered = 0
        package var total = 0

        package static func + (left: Share, right: Share) -> Share {
            Share(covered: left.covered + right.covered, total: left.total + right.total)
        }

        /// Of a hundred, rounded down to a tenth, so that only all of it is 100; 100 where there is nothing to reach.
        package var percent: Double {
            self.total == 0 ? 100 : Double(self.covered * 1000 / self.total) / 10
        }
    }

    /// Of one file, or of all.
    package struct Shares: Sendable, Equatable {
        package var routes = Share()
        package var cases = Share()
        /// Each condition counts twice: true and false.
        package var conditions = Share()
        package var converters = Share()
        package var lines = Share()

        package var all: Share { self.routes + self.cases + self.conditions + self.converters + self.lines }
    }

    /// - Parameter file: nil: all files.
    package func shares(of file: String? = nil) -> Shares {
        func isIn(_ mark: Mark) -> Bool { file == nil || mark.file == file }
        var shares = Shares()
        for route in self.routes where isIn(route.mark) {
            shares.routes = shares.routes + Share(covered: route.hits > 0 ? 1 : 0, total: 1)
        }
        for one in self.cases where isIn(one.mark) {
            shares.cases = shares.cases + Share(covered: one.hits > 0 ? 1 : 0, total: 1)
        }
        for condition in self.conditions where isIn(condition.mark) {
            shares.conditions = shares.conditions + Share(covered: condition.seen, total: 2)
        }
        for converter in self.converters where isIn(converter.mark) {
            shares.converters = shares.converters + Share(covered: converter.hits > 0 ? 1 : 0, total: 1)
        }
        for (path, lines) in self.lines where file == nil || path == file {
            shares.lines = shares.lines + Share(covered: lines.values.count { $0 > 0 }, total: lines.count)
        }
        return shares
    }

    /// Files with anything to reach in them, sorted.
    package var files: [String] {
        let marks =
            self.routes.map(\.mark) + self.cases.map(\.mark) + self.conditions.map(\.mark)
            + self.converters.map(\.mark)
        return Set(marks.map(\.file) + self.lines.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Adds what another thread saw of the same revision.
    mutating func merge(_ other: RouteCoverage) {
        for place in self.routes.indices { self.routes[place].hits += other.routes[place].hits }
        for place in self.cases.indices { self.cases[place].hits += other.cases[place].hits }
        for place in self.conditions.indices {
            self.conditions[place].met += other.conditions[place].met
            self.conditions[place].unmet += other.conditions[place].unmet
        }
        for place in self.converters.indices { self.converters[place].hits += other.converters[place].hits }
        for (file, lines) in other.lines { self.lines[file, default: [:]].merge(lines) { $0 + $1 } }
    }
}
