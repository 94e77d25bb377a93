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
    /// - Complexity: compiles everything once more; for people, not for every event.
    package var statistics: TableStatistics {
        var compiler = RouteCompiler()
        var builder = ProgramBuilder()
        for route in self.routes {
            compiler.add(route.spec)
            _ = builder.condition(route.spec.wholeCondition)
        }
        let paths = compiler.fieldPaths
        let routes = compiler.index.chosen().map { route, keys in
            TableStatistics.Route(
                name: self.routes[Int(route)].spec.name, keys: (keys ?? []).map { Self.text($0, paths) },
                isRemainder: keys == nil)
        }
        return TableStatistics(routes: routes, predicates: builder.program.predicates.count, paths: paths.count)
    }

    private static func text(_ key: AccessKey, _ paths: [FieldPath]) -> String {
        switch key {
        case .interval(let path, _, _): return "\(paths[Int(path)]) (range)"
        case .hash(_, let probe):
            let path = paths[Int(probe.path)]
            switch probe.kind {
            case .text, .number, .literal: return "\(path) (equal)"
            case .folded: return "\(path) (equal, any case)"
            case .prefix: return "\(path) (prefix of \(probe.length) bytes)"
            case .suffix: return "\(path) (suffix of \(probe.length) bytes)"
            case .foldedPrefix: return "\(path) (prefix of \(probe.length) bytes, any case)"
            case .foldedSuffix: return "\(path) (suffix of \(probe.length) bytes, any case)"
            case .factor: return "\(path) (contained text)"
            case .block: return "\(path) (address block of \(probe.length) bits)"
            case .reached: return "\(path) (exists)"
            case .anyText: return "\(path) (is a text)"
            }
        }
    }
}
