// SPDX-License-Identifier: Apache-2.0
// What a route does with an event for which its conditions hold: scripts, then cases or targets.

import HookCore

/// Collects hits, fates and held entries, route by route.
struct RouteDecision {
    /// As the routes see it that are decided next.
    var event: Event
    private(set) var hits: [Routed.Hit] = []
    private(set) var fates: [Fate] = []
    private(set) var held: [HeldEntry] = []

    /// What a list of scripts came to.
    private enum Outcome {
        case holds
        case fails(reason: String?)
        case failed(ScriptFailure)
    }

    /// What a list of targets came to.
    private struct Choice {
        var targets: [Routed.Target] = []
        /// Why the last refused target refused, where a script said so.
        var reason: String?
        var failures: [(destination: DestinationName, failure: ScriptFailure)] = []
    }

    /// What is known of look-ups.
    private let answers: (any LookupAnswers)?

    init(event: Event, answers: (any LookupAnswers)? = nil) {
        self.event = event
        self.answers = answers
    }

    mutating func decide<Scripts: ConditionScripts>(
        _ plan: RoutePlan, _ reading: MatchReading, _ scripts: inout Scripts
    ) {
        switch self.run(plan.spec.scripts, plan.spec, &scripts) {
        case .fails(let reason): self.settle(plan.spec, .filtered, reason)
        case .failed(let failure): self.settle(plan.spec, failure, at: nil)
        case .holds:
            if let aggregate = plan.spec.aggregate {
                self.hits.append(
                    Routed.Hit(
                        route: plan.spec.name, event: self.event, onError: plan.spec.onError, caseName: nil,
                        targets: [],
                        aggregate: aggregate))
                return
            }
            switch plan.targets {
            case .list(let targets):
                let choice = self.choose(targets, plan.spec, plan.spec.transform, reading, &scripts)
                self.settle(plan.spec, choice, caseName: nil, emission: plan.spec.emission(plan.spec.transform))
            case .cases(let cases): self.decide(cases, of: plan.spec, reading, &scripts)
            }
        }
    }

    /// Decides for each view of the event by itself; the route has one fate over all of them.
    mutating func decideViews<Scripts: ConditionScripts>(
        _ plan: RoutePlan, _ engine: MatchTable, _ scripts: inout Scripts
    ) {
        switch EventViews(route: plan.spec, answers: self.answers).of(self.event) {
        case .none(let reason): self.settle(plan.spec, .filtered, reason)
        case .failed(let failure) where plan.spec.onError != .pass: self.settle(plan.spec, failure, at: nil)
        // The original passes, in one piece.
        case .failed: self.decide([.event(self.event)], plan, engine, &scripts)
        case .waits(let request):
            let failure = Enricher.waiting(request)
            self.held.append(
                HeldEntry(route: plan.spec.name, destination: nil, failure: failure, kind: .awaitingLookup))
            self.settle(plan.spec, .held, failure.code)
        case .views(let views): self.decide(views, plan, engine, &scripts)
        }
    }

    private mutating func decide<Scripts: ConditionScripts>(
        _ views: [EventViews.View], _ plan: RoutePlan, _ engine: MatchTable, _ scripts: inout Scripts
    ) {
        var fate: Fate?
        let hitsBefore = self.hits.count
        for view in views {
            var decision: RouteDecision
            switch view {
            case .event(let event):
                decision = RouteDecision(event: event)
                engine.read(event) { decision.decide(plan, $0, &scripts) }
            case .held(let failure, let part):
                decision = RouteDecision(event: self.event)
                decision.held = [HeldEntry(route: plan.spec.name, destination: nil, failure: failure, part: part)]
                decision.settle(plan.spec, .held, failure.code)
            }
            self.hits += decision.hits
            self.held += decision.held
            for one in decision.fates { fate = fate?.joined(with: one) ?? one }
        }
        // Where a view is sent on, stage 4 says what became of the route.
        if self.hits.count == hitsBefore, let fate { self.fates.append(fate) }
    }

    private mutating func decide<Scripts: ConditionScripts>(
        _ cases: [CasePlan], of route: RouteSpec, _ reading: MatchReading, _ scripts: inout Scripts
    ) {
        for candidate in cases {
            if let condition = candidate.condition, !reading.holds(condition) { continue }
            switch self.run(candidate.spec.scripts, route, &scripts) {
            case .fails: continue
            case .failed(let failure):
                self.settle(route, failure, at: nil)
                return
            case .holds:
                let transform = candidate.spec.transform ?? route.transform
                let choice = self.choose(candidate.targets, route, transform, reading, &scripts)
                self.settle(route, choice, caseName: candidate.spec.name, emission: route.emission(transform))
                return
            }
        }
        self.settle(route, .filtered, "no case matched")
    }

    /// All must hold; the first that does not ends it. A failure under `on_error: pass` counts as holding.
    private func run<Scripts: ConditionScripts>(
        _ list: [ScriptID], _ route: RouteSpec, _ scripts: inout Scripts
    ) -> Outcome {
        for script in list {
            do throws(ScriptFailure) {
                switch try scripts.verdict(of: script, for: self.event, route: route.name) {
                case .holds: continue
                case .fails(let reason): return .fails(reason: reason)
                }
            } catch {
                if route.onError != .pass { return .failed(error) }
            }
        }
        return .holds
    }

    private func choose<Scripts: ConditionScripts>(
        _ targets: [TargetPlan], _ route: RouteSpec, _ transform: ScriptID?, _ reading: MatchReading,
        _ scripts: inout Scripts
    ) -> Choice {
        var choice = Choice()
        for target in targets {
            if let condition = target.condition, !reading.holds(condition) { continue }
            switch self.run(target.spec.scripts, route, &scripts) {
            case .holds:
                choice.targets.append(
                    Routed.Target(
                        destination: target.spec.destination, transform: target.spec.transform ?? transform,
                        due: target.spec.due, output: target.spec.output, version: target.spec.version))
            case .fails(let reason): choice.reason = reason ?? choice.reason
            case .failed(let failure): choice.failures.append((target.spec.destination, failure))
            }
        }
        return choice
    }

    // MARK: Settling

    /// The event could not be brought into the version that the route pins. `on_error: pass` holds too: what came is not
    /// what the route was written for.
    mutating func hold(_ route: RouteSpec, _ failure: ScriptFailure) {
        if route.onError == .drop { return self.settle(route, .dropped, failure.code) }
        self.held.append(HeldEntry(route: route.name, destination: nil, failure: failure))
        self.settle(route, .held, failure.code)
    }

    private mutating func settle(_ route: RouteSpec, _ kind: Fate.Kind, _ reason: String?) {
        self.fates.append(Fate(route: route.name, kind: kind, reason: reason))
    }

    private mutating func settle(_ route: RouteSpec, _ failure: ScriptFailure, at destination: DestinationName?) {
        switch route.onError {
        case .hold:
            self.held.append(
                HeldEntry(route: route.name, destination: destination, failure: failure, part: self.event.part))
            self.settle(route, .held, failure.code)
        // `pass` never comes here: a failure counted as holding.
        case .drop, .pass: self.settle(route, .dropped, failure.code)
        }
    }

    /// Targets that were chosen fire even where another one's script failed; that one is held by itself. The route has
    /// one fate: a hit gets it from stage 4, so only a route without any target is settled here.
    private mutating func settle(
        _ route: RouteSpec, _ choice: Choice, caseName: String?, emission: Routed.Emission?
    ) {
        let isHit = !choice.targets.isEmpty || emission != nil
        if isHit {
            self.hits.append(
                Routed.Hit(
                    route: route.name, event: self.event, onError: route.onError, caseName: caseName,
                    targets: choice.targets, emission: emission))
        }
        if route.onError == .hold {
            for (destination, failure) in choice.failures {
                self.held.append(
                    HeldEntry(route: route.name, destination: destination, failure: failure, part: self.event.part))
            }
        }
        guard !isHit else { return }
        if let failure = choice.failures.first?.failure {
            self.settle(route, route.onError == .hold ? .held : .dropped, failure.code)
        } else {
            self.settle(route, .filtered, choice.reason.map { "no target matched: \($0)" } ?? "no target matched")
        }
    }
}

extension RouteSpec {
    /// What a hit emits, besides the deliveries to its targets; `transform` is that of the route or of the case that fired.
    fileprivate func emission(_ transform: ScriptID?) -> Routed.Emission? {
        self.emit.map { Routed.Emission(type: $0.type, version: $0.version, transform: transform) }
    }
}
