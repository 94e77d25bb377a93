// SPDX-License-Identifier: Apache-2.0
// Which source leads over which route to which destination, as a graph: for text, Mermaid, Graphviz, SVG and JSON.
package import HookCore

package struct RouteGraph: Sendable {
    /// Names to which the graph is cut; nil: no cut.
    package struct Cut: Sendable {
        package var route: RouteName?
        package var source: SourceName?
        package var destination: DestinationName?

        package init() {}
    }

    package struct Source: Sendable {
        package let name: SourceName
        /// `/in/github`, and the preset.
        package let lines: [String]
    }

    package struct Route: Sendable {
        package let name: RouteName
        package let mark: Mark
        package let isEnabled: Bool
        package let sources: [SourceName]
        /// Event patterns, then conditions in short.
        package let lines: [String]
        package let targets: [Target]
        /// The type that it emits, and the routes that may take it.
        package let emits: (type: String, takers: [RouteName])?
    }

    /// One arrow from a route.
    package struct Target: Sendable {
        package let destination: DestinationName
        package let caseName: String?
        /// Case and target together; nil: always.
        package let condition: String?
        package let script: String?
        /// Steps and format.
        package let output: String?
        /// `after 10m`; nil: at once.
        package let due: String?
        /// The version that a subscriber pins.
        package let version: Int?

        /// `case big: data.total is at least 1000 · orders.lua#to_erp`
        package var label: String {
            let name = self.caseName.map { name in self.condition.map { "\(name): \($0)" } ?? "\(name)" }
            let version = self.version.map { "version \($0)" }
            return [name ?? self.condition, self.script, version, self.output, self.due].compactMap(\.self)
                .joined(separator: " · ")
        }
    }

    package struct Destination: Sendable {
        package let name: DestinationName
        /// Address, policy.
        package let lines: [String]
    }

    package let revision: RevisionID
    /// Those with an arrow, and, uncut, those without one.
    package let sources: [Source]
    package let routes: [Route]
    package let destinations: [Destination]

    package init(_ revision: Revision, cut: Cut = Cut()) {
        let configuration = revision.configuration
        let reach = SourceReach(configuration.sources)
        let maker = RouteGraphMaker(configuration)
        self.revision = revision.id
        self.routes = configuration.routes.compactMap { spec in
            if let only = cut.route, spec.name != only { return nil }
            let sources = reach.sources(of: spec).map(\.name)
            if let only = cut.source, !sources.contains(only) { return nil }
            let targets = maker.targets(of: spec).filter { cut.destination == nil || $0.destination == cut.destination }
            if targets.isEmpty && (spec.emit == nil || cut.destination != nil) { return nil }
            let takers = spec.emit.map { emit in configuration.routes.filter { $0.mayTake(emit) }.map(\.name) }
            return Route(
                name: spec.name, mark: spec.mark, isEnabled: spec.isEnabled,
                sources: sources.filter { cut.source == nil || $0 == cut.source }, lines: maker.lines(of: spec),
                targets: targets, emits: spec.emit.map { ($0.text, takers ?? []) })
        }
        let isCut = cut.route != nil || cut.source != nil || cut.destination != nil
        let (fed, reached) = (
            Set(self.routes.flatMap(\.sources)), Set(self.routes.flatMap { $0.targets.map(\.destination) })
        )
        self.sources = configuration.sources.filter { !isCut || fed.contains($0.name) }.map { source in
            Source(name: source.name, lines: [source.path] + (source.preset.map { ["preset \($0)"] } ?? []))
        }
        self.destinations = configuration.destinations.filter { !isCut || reached.contains($0.name) }.map { spec in
            Destination(name: spec.name, lines: [DestinationWords(spec).url, "policy \(spec.policy.name)"])
        }
    }

    /// Routes that a source leads to, in their order.
    package func routes(of source: SourceName) -> [Route] { self.routes.filter { $0.sources.contains(source) } }

    /// Routes that no source of the project leads to.
    package var routesWithoutSource: [Route] { self.routes.filter(\.sources.isEmpty) }
}

/// Puts the parts of routes into words.
private struct RouteGraphMaker {
    private let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    func lines(of route: RouteSpec) -> [String] {
        let events = route.events.isEmpty ? "every event" : route.events.map(\.description).joined(separator: ", ")
        let views = ViewWords.short(route)
        let windows = route.aggregate.map { ["window by \($0.key.map(\.description).joined(separator: ", "))"] } ?? []
        return [events] + self.conditions(route.match, []) + views + self.conditions(nil, route.scripts)
            + windows + (route.isEnabled ? [] : ["switched off"])
    }

    func targets(of route: RouteSpec) -> [RouteGraph.Target] {
        switch route.targets {
        case .list(let targets): return targets.map { self.target($0, nil, [], route.transform) }
        case .cases(let cases):
            return cases.flatMap { one in
                let conditions = self.conditions(one.match, one.scripts)
                return one.targets.map { self.target($0, one.name, conditions, one.transform ?? route.transform) }
            }
        }
    }

    private func target(
        _ target: TargetSpec, _ caseName: String?, _ before: [String], _ transform: ScriptID?
    ) -> RouteGraph.Target {
        let conditions = before + self.conditions(target.match, target.scripts)
        return RouteGraph.Target(
            destination: target.destination, caseName: caseName,
            condition: conditions.isEmpty ? nil : conditions.joined(separator: " and "),
            script: (target.transform ?? transform).flatMap(self.script)?.label,
            output: OutputWords(target.output).short, due: target.due.map(DueWords.short), version: target.version)
    }

    private func conditions(_ match: Condition?, _ scripts: [ScriptID]) -> [String] {
        let parts: [Condition] =
            switch match {
            case .and(let parts)?: parts
            case let other?: [other]
            case nil: []
            }
        return parts.map(ConditionWords.short) + scripts.compactMap(self.script).map(self.words)
    }

    private func words(_ script: ScriptSpec) -> String {
        switch script.body {
        case .expression(let text): text
        case .function, .inline: script.label
        }
    }

    private func script(_ id: ScriptID) -> ScriptSpec? {
        self.configuration.scripts.indices.contains(id.index) ? self.configuration.scripts[id.index] : nil
    }
}
