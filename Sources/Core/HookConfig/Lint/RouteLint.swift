// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Routes, cases and targets that are never reached or stand twice.
struct RouteLint {
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    /// Cases that are never reached.
    func checkCases(of routes: [RouteSpec]) {
        for route in routes {
            if case .cases(let cases) = route.targets { self.checkCases(cases, route) }
        }
    }

    /// Event patterns and sources that another one of the list covers.
    func checkLists(of routes: [RouteSpec]) {
        for route in routes {
            let events = route.events
            if events.count > 1, events.count <= Self.pairsMax,
                let index = events.indices.first(where: { Self.isCovered(events[$0], at: $0, in: events) })
            {
                self.reportCovered("event", index, events[index].description, route)
            }
            var seen: Set<SourceName> = []
            if let index = route.sources.firstIndex(where: { !seen.insert($0).inserted }) {
                self.reportCovered("source", index, route.sources[index].text, route)
            }
        }
    }

    private static func isCovered(_ pattern: EventPattern, at index: Int, in all: [EventPattern]) -> Bool {
        all.enumerated().contains { place, other in
            guard place != index, other.version == nil || other.version == pattern.version else { return false }
            // Of two equal ones the later is too much.
            if other.type == pattern.type { return place < index || other.version != pattern.version }
            return !pattern.type.utf8.contains(UInt8(ascii: "*")) && Glob(pattern: other.type).matches(pattern.type)
        }
    }

    private func reportCovered(_ key: String, _ index: Int, _ text: String, _ route: RouteSpec) {
        let items = self.trees.node([key], below: route.mark)?.items
        self.report(
            Diagnostic(
                "match/redundant", .warning,
                at: items.flatMap { $0.indices.contains(index) ? $0[index].at : nil } ?? route.mark,
                "another entry of the list covers \(text)", hint: "remove it",
                notes: [Diagnostic.Note("route \(route.name)")]))
    }

    /// What stands twice. Targets and routes that could not be read look alike: only for projects without errors.
    func checkRepetitions(in routes: [RouteSpec]) {
        for route in routes {
            switch route.targets {
            case .list(let targets): self.checkTargets(targets, "route \(route.name)")
            case .cases(let cases):
                for item in cases { self.checkTargets(item.targets, "route \(route.name), case \(item.name)") }
            }
        }
        self.checkTwins(routes)
    }

    // MARK: Targets

    /// The same delivery twice.
    private func checkTargets(_ targets: [TargetSpec], _ context: String) {
        guard targets.count > 1 else { return }
        var first: [String: Mark] = [:]
        for target in targets {
            guard let earlier = first.updateValue(target.mark, forKey: Self.key(target)) else { continue }
            self.report(
                Diagnostic(
                    "route/duplicate-target", .warning, at: target.mark,
                    "\(target.destination) gets the same delivery twice", hint: "remove one of the two",
                    notes: [Diagnostic.Note("the first is here", at: earlier), Diagnostic.Note(context)]))
        }
    }

    private static func key(_ target: TargetSpec) -> String {
        let scripts = (target.scripts.map(\.index) + [target.transform?.index ?? -1]).map { "\($0)" }
        let steps = target.output.steps.flatMap(\.steps).map { "\($0.kind.rawValue) \($0.path) \($0.value ?? "")" }
        let output = "\(steps) \(target.output.format?.rawValue ?? "")"
        let due = target.due.map { "\($0)" } ?? ""
        return "\(target.destination) \(scripts) \(due) \(ConditionKey.text(target.match)) \(output)"
    }

    // MARK: Cases

    /// Cases beyond so many are compared by their text alone.
    private static let pairsMax = 100

    private func checkCases(_ cases: [CaseSpec], _ route: RouteSpec) {
        var first: [String: CaseSpec] = [:]
        for (index, item) in cases.enumerated() where item.match != nil || !item.scripts.isEmpty {
            let key = "\(item.scripts.map(\.index)) \(ConditionKey.text(item.match))"
            if let earlier = first[key] {
                self.reportUnreached(item, route, "case \(earlier.name) has the same conditions", earlier)
                continue
            }
            first[key] = item
            guard index < Self.pairsMax else { continue }
            // What holds when the case is asked: the route's own conditions and its own.
            let known = Condition.and([route.ownViewMatch, item.match].compactMap { $0 })
            let wider = cases[..<index].first { earlier in
                guard earlier.scripts.isEmpty, let match = earlier.match else { return false }
                return known.implies(match)
            }
            if let wider { self.reportUnreached(item, route, "case \(wider.name) takes every event first", wider) }
        }
    }

    private func reportUnreached(_ item: CaseSpec, _ route: RouteSpec, _ why: String, _ earlier: CaseSpec) {
        self.report(
            Diagnostic(
                "route/unreachable-case", .warning, at: item.mark, "no event reaches this case: \(why)",
                hint: "put it before the other, or remove it",
                notes: [
                    Diagnostic.Note("the other case", at: earlier.mark), Diagnostic.Note("route \(route.name)"),
                ]))
    }

    // MARK: Routes

    /// Routes that do the same to the same events: every delivery is made twice.
    private func checkTwins(_ routes: [RouteSpec]) {
        // A cheap key first: the texts of conditions are long.
        let groups = Dictionary(grouping: routes.filter(\.isEnabled)) { route in
            "\(route.transform?.index ?? -1) \(route.allTargets.map(\.destination.text).sorted().joined(separator: ",")) "
                + route.events.map(\.type).joined(separator: ",")
        }
        for group in groups.values where group.count > 1 {
            var first: [String: RouteSpec] = [:]
            for route in group.sorted(by: { ($0.mark.file, $0.mark.line) < ($1.mark.file, $1.mark.line) }) {
                guard let earlier = first.updateValue(route, forKey: Self.key(route)) else { continue }
                self.report(
                    Diagnostic(
                        "route/duplicate", .warning, at: route.mark,
                        "route \(route.name) does the same as route \(earlier.name)",
                        hint: "remove one of the two: both fire",
                        notes: [Diagnostic.Note("the other route", at: earlier.mark)])
                )
            }
        }
    }

    private static func key(_ route: RouteSpec) -> String {
        let targets =
            switch route.targets {
            case .list(let targets): targets.map(self.key).sorted().joined(separator: ";")
            case .cases(let cases):
                cases.map { item in
                    "\(ConditionKey.text(item.match)) \(item.scripts.map(\.index)) \(item.transform?.index ?? -1) "
                        + item.targets.map(self.key).joined(separator: ";")
                }.joined(separator: "|")
            }
        let events = route.events.map(\.description).sorted().joined(separator: ",")
        let sources = route.sources.map(\.text).sorted().joined(separator: ",")
        let made = "\(route.emit?.text ?? "") \(route.aggregate.map { "\($0.key) \($0.close) \($0.function)" } ?? "")"
        return "\(made) \(events) \(sources) \(ConditionKey.text(route.match)) \(route.scripts.map(\.index)) "
            + "\(route.transform?.index ?? -1) \(route.onError) \(route.viewKey) \(targets)"
    }
}
