// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// What a table hangs its routes on; for lint and for people who wonder why an event costs what it costs.
package struct TableStatistics: Sendable {
    package struct Route: Sendable {
        package let name: RouteName
        /// `data.action (equal)`, …: one for every value or range the route is found by. Empty: the remainder.
        package let keys: [String]
        /// Found by nothing: a candidate for every event, for ever.
        package let isRemainder: Bool
    }

    /// Routes that are enabled, in order.
    package let routes: [Route]
    /// Distinct tests on distinct paths, over all routes.
    package let predicates: Int
    /// Distinct paths that are read from an event.
    package let paths: Int

    /// Names of routes without a key: only negations, `exists: false`, or no condition at all.
    package var remainder: [RouteName] { self.routes.filter(\.isRemainder).map(\.name) }
}

extension RouteTable {
    package var statistics: TableStatistics {
        let routes = self.chosen.map { route, keys in
            TableStatistics.Route(
                name: self.routes[Int(route)].spec.name, keys: (keys ?? []).map(self.text), isRemainder: keys == nil)
        }
        return TableStatistics(
            routes: routes, predicates: self.program.predicates.count, paths: self.program.paths.count)
    }

    private func text(_ key: AccessKey) -> String {
        switch key {
        case .interval(let path, _, _): return "\(self.program.paths[Int(path)]) (range)"
        case .hash(_, let probe):
            let path = self.program.paths[Int(probe.path)]
            switch probe {
            case .equal: return "\(path) (equal)"
            case .folded: return "\(path) (equal, any case)"
            case .prefix(_, let length): return "\(path) (prefix of \(length) bytes)"
            case .suffix(_, let length): return "\(path) (suffix of \(length) bytes)"
            case .factor: return "\(path) (contained text)"
            case .block(_, let length): return "\(path) (address block of \(length) bits)"
            case .reached: return "\(path) (exists)"
            case .anyText: return "\(path) (is a text)"
            }
        }
    }
}
