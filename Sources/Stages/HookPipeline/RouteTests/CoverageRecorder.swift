// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTransform

/// Counts what events reach, from the same explanations that a dry run shows.
struct CoverageRecorder {
    private(set) var coverage = RouteCoverage()
    /// Where each route's parts begin in ``coverage``.
    private var places: [RouteName: Places] = [:]
    private let revision: Revision

    /// Positions of the parts of one route: of its own conditions, of its cases and of its targets.
    private struct Places {
        let route: Int
        /// Rows before the conditions: event and source.
        let head: Int
        var own = Rows()
        var targets: [Rows] = []
        var cases: [(place: Int, rows: Rows, targets: [Rows])] = []
    }

    /// First of some conditions, and how many of them are no scripts.
    private struct Rows {
        var first = 0
        var plain = 0
    }

    init(revision: Revision) {
        self.revision = revision
        // Which rows there are does not depend on the event; how often they hold is not looked at.
        let nobody = Event(
            id: EventID(time: WallTime(milliseconds: 0), random: 0), source: "nobody", type: "", version: nil,
            time: WallTime(milliseconds: 0), subject: nil, senderID: nil, query: "", headers: HeaderBlock([]), body: [],
            data: nil)
        let specs = Dictionary(
            revision.configuration.routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for explanation in revision.routes.explain(nobody) where explanation.isEnabled {
            if let spec = specs[explanation.route] { self.add(explanation, spec) }
        }
        for type in revision.configuration.catalogue.types {
            for converter in type.converters {
                self.coverage.converters.append(
                    RouteCoverage.Converter(
                        type: type.name, from: converter.from, to: converter.to,
                        script: revision.scripts.label(of: converter.script), mark: converter.mark))
            }
        }
    }

    // MARK: What there is

    private mutating func add(_ explanation: RouteExplanation, _ spec: RouteSpec) {
        let head = (spec.events.isEmpty ? 0 : 1) + (spec.sources.isEmpty ? 0 : 1)
        var places = Places(route: self.coverage.routes.count, head: head)
        self.coverage.routes.append(RouteCoverage.Route(name: spec.name, mark: spec.mark))
        places.own = self.add(
            Array(explanation.conditions.dropFirst(head)), spec.scripts, of: spec, "route", at: spec.mark)
        switch spec.targets {
        case .list(let targets):
            places.targets = zip(explanation.targets, targets).map { self.add($0, $1, of: spec) }
        case .cases(let cases):
            for (explained, one) in zip(explanation.cases, cases) {
                let place = self.coverage.cases.count
                self.coverage.cases.append(RouteCoverage.Case(route: spec.name, name: one.name, mark: one.mark))
                let rows = self.add(explained.conditions, one.scripts, of: spec, "case \(one.name)", at: one.mark)
                let targets = zip(explained.targets, one.targets).map { self.add($0, $1, of: spec) }
                places.cases.append((place, rows, targets))
            }
        }
        self.places[spec.name] = places
    }

    private mutating func add(_ target: TargetExplanation, _ spec: TargetSpec, of route: RouteSpec) -> Rows {
        self.add(target.conditions, spec.scripts, of: route, "target \(spec.destination)", at: spec.mark)
    }

    private mutating func add(
        _ rows: [ConditionExplanation], _ scripts: [ScriptID], of route: RouteSpec, _ part: String, at mark: Mark
    ) -> Rows {
        let first = self.coverage.conditions.count
        for leaf in Self.leaves(of: rows) {
            self.coverage.conditions.append(
                RouteCoverage.Condition(
                    route: route.name, part: part, text: "\(leaf.path) \(leaf.op) \(leaf.want.text)",
                    mark: leaf.mark ?? mark))
        }
        let plain = self.coverage.conditions.count - first
        for script in scripts {
            let spec = self.revision.configuration.scripts[script.index]
            let text = if case .expression(let code) = spec.body { "when \(code)" } else { "filter \(spec.label)" }
            self.coverage.conditions.append(
                RouteCoverage.Condition(route: route.name, part: part, text: text, mark: spec.mark))
        }
        return Rows(first: first, plain: plain)
    }

    /// The conditions in groups, without the groups: those follow from them.
    private static func leaves(of rows: [ConditionExplanation]) -> [ConditionExplanation] {
        rows.flatMap { $0.parts.isEmpty ? [$0] : self.leaves(of: $0.parts) }
            .filter { $0.script == nil && !$0.isSplit }
    }

    // MARK: What is reached

    /// Counts one event.
    mutating func observe(_ explanations: [RouteExplanation]) {
        for explanation in explanations where explanation.isEnabled {
            guard let places = self.places[explanation.route] else { continue }
            for view in explanation.views { self.observe(view, places) }
        }
    }

    private mutating func observe(_ explanation: RouteExplanation, _ places: Places) {
        guard explanation.conditions.prefix(places.head).allSatisfy(\.isMet) else { return }
        let own = Array(explanation.conditions.dropFirst(places.head))
        self.count(own, places.own)
        if explanation.isMatched { self.coverage.routes[places.route].hits += 1 }
        guard own.allSatisfy(\.isMet) else { return }
        for (target, rows) in zip(explanation.targets, places.targets) { self.count(target.conditions, rows) }
        for (one, place) in zip(explanation.cases, places.cases) {
            self.count(one.conditions, place.rows)
            guard one.isChosen else { continue }
            self.coverage.cases[place.place].hits += 1
            for (target, rows) in zip(one.targets, place.targets) { self.count(target.conditions, rows) }
            // The first case that holds fires; those behind it are not asked.
            return
        }
    }

    private mutating func count(_ rows: [ConditionExplanation], _ places: Rows) {
        for (offset, leaf) in Self.leaves(of: rows).enumerated() { self.count(leaf.isMet, at: places.first + offset) }
        // Rows of scripts stop at the first that fails, since the next one is not asked.
        for (offset, row) in rows.filter({ $0.script != nil }).enumerated() {
            self.count(row.isMet, at: places.first + places.plain + offset)
        }
    }

    private mutating func count(_ isMet: Bool, at place: Int) {
        guard self.coverage.conditions.indices.contains(place) else { return }
        if isMet { self.coverage.conditions[place].met += 1 } else { self.coverage.conditions[place].unmet += 1 }
    }

    /// Counts converters that ran.
    mutating func observe(_ calls: [ScriptCall]) {
        for case let conversion? in calls.map(\.conversion) {
            let place = self.coverage.converters.firstIndex {
                $0.type == conversion.type && $0.from == conversion.from && $0.to == conversion.to
            }
            if let place { self.coverage.converters[place].hits += 1 }
        }
    }

    mutating func add(_ lines: LineCounts) {
        for (file, counts) in lines.files { self.coverage.lines[file, default: [:]].merge(counts) { $0 + $1 } }
    }
}
