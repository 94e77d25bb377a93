// SPDX-License-Identifier: Apache-2.0

package import HookCore

extension RouteTable {
    /// Why every route took the event or did not, in the order of the routes. Scripts count as holding.
    ///
    /// - Complexity: compiles every condition once more; for people, not for every event.
    package func explain(_ event: Event) -> [RouteExplanation] {
        var none = NoScripts()
        return self.explain(event, with: &none, .skipped)
    }

    /// The same with scripts run where the conditions before them hold. A failing script counts as not holding, except
    /// under `on_error: pass`.
    package func explain<Scripts: ConditionScripts>(
        _ event: Event, scripts: inout Scripts, answers: (any LookupAnswers)? = nil
    ) -> [RouteExplanation] {
        self.explain(event, with: &scripts, .run, answers)
    }

    /// The same; a route that pins another version than the event came in is held against that version.
    ///
    /// - Parameter converted: where it fails the route is held against the event as it came.
    package func explain<Scripts: ConditionScripts>(
        _ event: Event, scripts: inout Scripts, converted: Converted, answers: (any LookupAnswers)? = nil
    ) -> [RouteExplanation] {
        var explanations = self.explain(event, with: &scripts, .run, answers)
        for view in self.pins.isEmpty ? [] : self.pins.views(of: event) ?? [] {
            // Why it fails is said of the route that is held.
            guard let seen = try? converted(view.version) else { continue }
            let others = self.explain(seen, view.routes.map { self.routes[$0] }, with: &scripts, .run, answers)
            for (place, var explanation) in zip(view.routes, others) {
                explanation.seenVersion = view.version
                explanations[place] = explanation
            }
        }
        return explanations
    }

    /// Routes that might take the event in another version, as far as that can be said without its data.
    func undecided(_ routes: [Int], of event: Event, as version: Int) -> [Int] {
        let view = event.reshaped(version: version, body: event.body, data: event.data)
        var none = NoScripts()
        let explanations = self.explain(view, routes.map { self.routes[$0] }, with: &none, .skipped)
        return zip(routes, explanations).filter { _, explanation in
            explanation.isEnabled
                && explanation.conditions.allSatisfy { row in
                    row.isMet || !row.parts.isEmpty || row.path == "data" || row.path.utf8.starts(with: "data.".utf8)
                }
        }.map(\.0)
    }

    private func explain<Scripts: ConditionScripts>(
        _ event: Event, with scripts: inout Scripts, _ mode: Explainer.Mode, _ answers: (any LookupAnswers)? = nil
    ) -> [RouteExplanation] {
        self.explain(event, self.routes, with: &scripts, mode, answers)
    }

    private func explain<Scripts: ConditionScripts>(
        _ event: Event, _ routes: [RoutePlan], with scripts: inout Scripts, _ mode: Explainer.Mode,
        _ answers: (any LookupAnswers)? = nil
    ) -> [RouteExplanation] {
        var builder = ProgramBuilder()
        let drafts = routes.map { RouteDraft($0.spec, for: event, &builder) }
        let program = builder.program
        var reading = EventReading(for: program)
        reading.read(event, for: program)
        var explainer = Explainer(event: event, program: program, reading: reading, mode: mode, answers: answers)
        return drafts.map { explainer.explain($0, &scripts) }
    }
}

/// Stands in where scripts are not run.
private struct NoScripts: ConditionScripts {
    mutating func verdict(
        of script: ScriptID, for event: Event, route: RouteName
    ) throws(ScriptFailure) -> ConditionVerdict { .holds }
}

/// The rows of one route, compiled.
private struct RouteDraft {
    struct Target {
        let spec: TargetSpec
        let rows: [ConditionDraft]

        init(_ spec: TargetSpec, _ builder: inout ProgramBuilder) {
            self.spec = spec
            self.rows = spec.match.map { ConditionDraft.rows(of: $0, &builder) } ?? []
        }
    }

    struct Case {
        let spec: CaseSpec
        let rows: [ConditionDraft]
        let targets: [Target]
    }

    let spec: RouteSpec
    let rows: [ConditionDraft]
    var targets: [Target] = []
    var cases: [Case] = []

    init(_ spec: RouteSpec, for event: Event, _ builder: inout ProgramBuilder) {
        self.spec = spec
        self.rows = ConditionDraft.rows(of: spec, for: event, &builder)
        switch spec.targets {
        case .list(let targets): self.targets = targets.map { Target($0, &builder) }
        case .cases(let cases):
            self.cases = cases.map { spec in
                Case(
                    spec: spec, rows: spec.match.map { ConditionDraft.rows(of: $0, &builder) } ?? [],
                    targets: spec.targets.map { Target($0, &builder) })
            }
        }
    }
}

/// Holds compiled rows against one event.
private struct Explainer {
    enum Mode { case run, skipped }

    let event: Event
    let program: Program
    var reading: EventReading
    let mode: Mode
    let answers: (any LookupAnswers)?

    mutating func explain<Scripts: ConditionScripts>(_ draft: RouteDraft, _ scripts: inout Scripts) -> RouteExplanation
    {
        if draft.spec.hasViews { return self.explainViews(draft, &scripts) }
        return self.explain(draft, self.rows(draft.rows, draft.spec.scripts, draft.spec, &scripts), &scripts)
    }

    /// `match` asks the event; scripts, cases and targets ask each view by itself.
    private mutating func explainViews<Scripts: ConditionScripts>(
        _ draft: RouteDraft, _ scripts: inout Scripts
    ) -> RouteExplanation {
        var rows = self.rows(draft.rows, [], draft.spec, &scripts)
        var views: [Event] = []
        if draft.spec.isEnabled, rows.allSatisfy(\.isMet) {
            switch EventViews(route: draft.spec, answers: self.answers).of(self.event) {
            case .views(let found):
                views = found.compactMap { if case .event(let view) = $0 { view } else { nil } }
                for case .held(let failure, nil) in found { rows.append(Self.row(failure.message, draft.spec)) }
            case .waits(let request): rows.append(Self.row(Enricher.waiting(request).message, draft.spec))
            case .failed where draft.spec.onError == .pass: views = [self.event]
            case .failed(let failure): rows.append(Self.row(failure.message, draft.spec))
            case .none(let reason): rows.append(Self.row(reason, draft.spec))
            }
        }
        let explained = views.map { view in
            var inner = Explainer(
                event: view, program: self.program, reading: EventReading(for: self.program), mode: self.mode,
                answers: self.answers)
            inner.reading.read(view, for: self.program)
            let scriptRows = self.mode == .run ? inner.rows([], draft.spec.scripts, draft.spec, &scripts) : []
            var explanation = inner.explain(draft, rows + scriptRows, &scripts)
            explanation.part = view.part
            return explanation
        }
        // One view that is the event itself, or has its data enriched, is told as the route's own.
        if let only = explained.first, only.part == nil { return only }
        let isMatched = explained.contains(where: \.isMatched)
        let shape = self.explain(draft, rows, &scripts, isOpen: false)
        var whole = RouteExplanation(
            route: draft.spec.name, mark: draft.spec.mark, isEnabled: draft.spec.isEnabled, isMatched: isMatched,
            conditions: rows, targets: shape.targets, cases: shape.cases)
        whole.parts = explained
        return whole
    }

    private static func row(_ reason: String, _ route: RouteSpec) -> ConditionExplanation {
        ConditionExplanation(
            path: route.split?.path.description ?? "data", op: ConditionExplanation.split,
            want: route.split == nil ? "what is looked up" : "a list with elements", got: .string(reason), isMet: false,
            mark: route.split?.mark, parts: [],
            script: nil)
    }

    private mutating func explain<Scripts: ConditionScripts>(
        _ draft: RouteDraft, _ conditions: [ConditionExplanation], _ scripts: inout Scripts, isOpen: Bool = true
    ) -> RouteExplanation {
        let holds = isOpen && draft.spec.isEnabled && conditions.allSatisfy(\.isMet)
        // A route that aggregates asks its targets about what its windows become.
        let collects = draft.spec.aggregate != nil
        let targets = draft.targets.map { self.target($0, draft.spec, isOpen: holds && !collects, &scripts) }
        var isOpen = holds && !collects
        var cases: [CaseExplanation] = []
        for candidate in draft.cases {
            let explained = self.explain(candidate, draft.spec, isOpen: isOpen, &scripts)
            if explained.isChosen { isOpen = false }
            cases.append(explained)
        }
        let sent = targets.contains(where: \.isSent) || cases.contains { $0.targets.contains(where: \.isSent) }
        let emits =
            holds && draft.spec.emit != nil && (draft.cases.isEmpty || cases.contains(where: \.isChosen))
        return RouteExplanation(
            route: draft.spec.name, mark: draft.spec.mark, isEnabled: draft.spec.isEnabled,
            isMatched: collects ? holds : sent || emits, conditions: conditions, targets: targets, cases: cases)
    }

    private mutating func explain<Scripts: ConditionScripts>(
        _ draft: RouteDraft.Case, _ route: RouteSpec, isOpen: Bool, _ scripts: inout Scripts
    ) -> CaseExplanation {
        let conditions = self.rows(draft.rows, isOpen ? draft.spec.scripts : [], route, &scripts)
        let isChosen = isOpen && conditions.allSatisfy(\.isMet)
        return CaseExplanation(
            name: draft.spec.name, mark: draft.spec.mark, isChosen: isChosen, conditions: conditions,
            targets: draft.targets.map { self.target($0, route, isOpen: isChosen, &scripts) })
    }

    /// - Parameter isOpen: whether everything before the target holds.
    private mutating func target<Scripts: ConditionScripts>(
        _ draft: RouteDraft.Target, _ route: RouteSpec, isOpen: Bool, _ scripts: inout Scripts
    ) -> TargetExplanation {
        let conditions = self.rows(draft.rows, isOpen ? draft.spec.scripts : [], route, &scripts)
        return TargetExplanation(
            destination: draft.spec.destination, mark: draft.spec.mark,
            isSent: isOpen && conditions.allSatisfy(\.isMet), conditions: conditions)
    }

    /// Rows of conditions, then of scripts up to the first that fails. Scripts run only where all conditions hold.
    private mutating func rows<Scripts: ConditionScripts>(
        _ drafts: [ConditionDraft], _ list: [ScriptID], _ route: RouteSpec, _ scripts: inout Scripts
    ) -> [ConditionExplanation] {
        var rows: [ConditionExplanation] = []
        for draft in drafts { rows.append(draft.explained(&self.reading, self.program)) }
        guard self.mode == .run, route.isEnabled, rows.allSatisfy(\.isMet) else { return rows }
        for script in list {
            let row = self.row(script, route, &scripts)
            rows.append(row)
            if !row.isMet { break }
        }
        return rows
    }

    private func row<Scripts: ConditionScripts>(
        _ script: ScriptID, _ route: RouteSpec, _ scripts: inout Scripts
    ) -> ConditionExplanation {
        var reason: String?
        var isMet = true
        do throws(ScriptFailure) {
            if case .fails(let text) = try scripts.verdict(of: script, for: self.event, route: route.name) {
                reason = text
                isMet = false
            }
        } catch {
            reason = "\(error.code): \(error.message)"
            isMet = route.onError == .pass
        }
        return ConditionExplanation(
            path: "", op: "script", want: true, got: reason.map { .string($0) }, isMet: isMet, mark: nil, parts: [],
            script: script)
    }
}
