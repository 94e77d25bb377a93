// SPDX-License-Identifier: Apache-2.0
// Stage 4 of 6. Every target that stage 3 chose becomes deliveries with rendered bodies, or a fate with its reason.
package import HookCore

/// Stage 4 of 6: reshape. Runs the transforms of a routed event and renders what is to be delivered.
///
/// One fate per route: `matched` where at least one target got a delivery; else `held` where a target's script failed
/// under `on_error: hold`; else `dropped` with the first reason. Failures under `on_error: hold` stay in
/// ``Prepared/held`` one per target, also beside deliveries of the route's other targets. What a route emits counts as
/// one more target.
package struct Transform: Sendable {
    /// What a ``DeliveryID`` can number.
    package static let deliveriesMax = Int(UInt16.max)

    package init() {}

    /// Renders every delivery of an event.
    ///
    /// - Parameter conversions: of the event; nil where the catalogue does not have its type.
    /// - Parameter templates: the fields in the URL, query and header templates of each destination.
    /// - Parameter note: called after each target with what became of it; nil where nobody looks, as in a router.
    /// - Parameter noteEmission: the same for what a route emits.
    /// - Parameter reroute: carries an emitted event through stages 3 and 4; nil where no more may be emitted on behalf of
    ///   one request.
    /// - Isolation: runs scripts on the calling thread, within their budgets.
    package func apply(
        _ routed: Routed, using worker: ScriptWorker, conversions: Conversions? = nil,
        templates: [DestinationName: [FieldPath]], revision: RevisionID,
        note: ((TargetOutcome) -> Void)? = nil, noteEmission: ((EmissionOutcome) -> Void)? = nil,
        reroute: (Event) -> Prepared? = { _ in nil }
    ) -> Prepared {
        let event = routed.verified.event
        var deliveries: [PreparedDelivery] = []
        var fates = routed.fates
        var held = routed.held
        var emitted: [Prepared] = []
        var members: [WindowMember] = []
        for hit in routed.hits {
            if let aggregate = hit.aggregate {
                self.join(hit, aggregate, of: routed, &members, &fates, &held)
                continue
            }
            var outcome = HitOutcome()
            for target in hit.targets {
                let fields = templates[target.destination] ?? []
                let (rendered, due) = self.scheduled(target, of: hit) {
                    self.render(target, of: hit, worker: worker, fields: fields).finished(target, of: hit, conversions)
                }
                let room = Self.deliveriesMax - deliveries.count - outcome.deliveries.count
                let facts = conversions?.facts(of: target, seen: hit.event.version)
                outcome.add(rendered, hit: hit, target: target, due: due, facts: facts, room: room)
                if let note { note(outcome.last(of: hit, target)) }
            }
            if let emission = hit.emission {
                let made = Emitter(hit: hit, emission: emission, worker: worker).run(note: noteEmission, reroute)
                outcome.add(made)
                emitted.append(contentsOf: made.events)
            }
            Self.add(outcome.fate(of: hit), after: routed, to: &fates)
            held.append(contentsOf: outcome.held)
            deliveries.append(contentsOf: outcome.deliveries)
        }
        return Prepared(
            event: event, dedupe: routed.verified.dedupe, fates: fates, held: held, deliveries: deliveries,
            emitted: emitted, members: members, revision: revision)
    }

    /// The parts of a split event are hits in a row with one fate; parts that stage 3 has held count too.
    static func add(_ fate: Fate, after routed: Routed, to fates: inout [Fate]) {
        if fates.count > routed.fates.count, fates[fates.count - 1].route == fate.route {
            fates[fates.count - 1] = fates[fates.count - 1].joined(with: fate)
            return
        }
        let before = routed.held.first { $0.route == fate.route && $0.part != nil }
        let held = before.map { Fate(route: fate.route, kind: .held, reason: $0.failure.code) }
        fates.append(held.map(fate.joined) ?? fate)
    }

    /// When the delivery is due, and what it is; a time that cannot be read counts as a failed script.
    private func scheduled(
        _ target: Routed.Target, of hit: Routed.Hit, render: () -> Rendered
    ) -> (Rendered, due: WallTime?) {
        let due: WallTime?
        do throws(ScriptFailure) {
            due = try DueTime.resolve(target.due, for: hit.event, to: target.destination)
        } catch {
            switch hit.onError {
            case .hold: return (.failed(error), nil)
            case .drop: return (.dropped(reason: error.code, error), nil)
            case .pass:
                let rendered = render()
                guard case .bodies(let bodies, let fields, nil) = rendered else { return (rendered, nil) }
                return (.bodies(bodies, fields: fields, error), nil)
            }
        }
        return (render(), due)
    }

    private func render(
        _ target: Routed.Target, of hit: Routed.Hit, worker: ScriptWorker, fields: [FieldPath]
    ) -> Rendered {
        let event = hit.event
        let values: [(path: String, value: String)]
        do {
            values = try TemplateFields.resolve(fields, from: event, for: target.destination)
        } catch {
            // Without its address there is nothing to pass on: `on_error: pass` holds too.
            return hit.onError == .drop ? .dropped(reason: error.code, error) : .failed(error)
        }
        return Self.bodies(target.transform, of: hit, for: target.destination, worker: worker).with(fields: values)
    }

    /// What a transform makes of the event as the route sees it; without one the event itself.
    static func bodies(
        _ transform: ScriptID?, of hit: Routed.Hit, for destination: DestinationName?, worker: ScriptWorker
    ) -> Rendered {
        guard let transform else { return .bodies([RenderedBody(body: nil)], fields: [], nil) }
        do {
            switch try worker.transform(transform, event: hit.event, route: hit.route, destination: destination) {
            case .unchanged(let contentType, let request):
                return .bodies([RenderedBody(body: nil, contentType: contentType, request: request)], fields: [], nil)
            case .body(let body, let contentType, let request):
                return .bodies([RenderedBody(body: body, contentType: contentType, request: request)], fields: [], nil)
            case .many(let bodies): return .bodies(bodies, fields: [], nil)
            case .drop(let reason): return .dropped(reason: reason, nil)
            }
        } catch {
            switch hit.onError {
            case .hold: return .failed(error)
            case .drop: return .dropped(reason: error.code, error)
            case .pass: return .bodies([RenderedBody(body: nil)], fields: [], error)
            }
        }
    }
}

/// What became of one chosen target, for whoever explains it.
package struct TargetOutcome: Sendable {
    package let route: RouteName
    /// The switch case that fired.
    package let caseName: String?
    package let destination: DestinationName
    package let transform: ScriptID?
    package let output: OutputSpec
    /// The last so many of the event's deliveries so far.
    package let deliveries: Int
    /// Why there are none.
    package let dropped: String?
    /// Under every `on_error`: it holds, drops, or lets the original pass.
    package let failure: ScriptFailure?
    /// The event as the route saw it.
    package let view: Event
}

/// What became of one target; the failure that `on_error` has turned into something else goes along.
enum Rendered {
    case bodies([RenderedBody], fields: [(path: String, value: String)], ScriptFailure?)
    case dropped(reason: String, ScriptFailure?)
    case failed(ScriptFailure)

    func with(fields: [(path: String, value: String)]) -> Rendered {
        if fields.isEmpty { return self }
        if case .bodies(let bodies, _, let failure) = self { return .bodies(bodies, fields: fields, failure) }
        return self
    }
}

/// What became of the targets of one hit so far.
private struct HitOutcome {
    var deliveries: [PreparedDelivery] = []
    var held: [HeldEntry] = []
    var dropReason: String?
    private var hasEmitted = false
    /// What the target that was added last came to.
    private var last: (deliveries: Int, dropped: String?, failure: ScriptFailure?) = (0, nil, nil)

    /// - Parameter facts: of the version that goes out.
    mutating func add(
        _ rendered: Rendered, hit: Routed.Hit, target: Routed.Target, due: WallTime?, facts: EventVersionFacts?,
        room: Int
    ) {
        switch rendered {
        case .bodies(let bodies, _, _) where bodies.count > room:
            let message = "the event has more than \(Transform.deliveriesMax) deliveries in all"
            let failure = ScriptFailure(code: "script/too-many", script: "\(hit.route)", message: message)
            self.last = (0, nil, failure)
            self.hold(failure, hit, target)
        case .bodies(let bodies, let fields, let failure):
            self.last = (bodies.count, nil, failure)
            for body in bodies {
                self.deliveries.append(Self.delivery(body, fields: fields, hit: hit, target: target, due: due, facts))
            }
        case .dropped(let reason, let failure):
            self.last = (0, reason, failure)
            if self.dropReason == nil { self.dropReason = reason }
        case .failed(let failure):
            self.last = (0, nil, failure)
            self.hold(failure, hit, target)
        }
    }

    mutating func add(_ emission: Emitter.Made) {
        if !emission.events.isEmpty { self.hasEmitted = true }
        if let entry = emission.held { self.held.append(entry) }
        if self.dropReason == nil { self.dropReason = emission.dropReason }
    }

    private mutating func hold(_ failure: ScriptFailure, _ hit: Routed.Hit, _ target: Routed.Target) {
        self.held.append(
            HeldEntry(route: hit.route, destination: target.destination, failure: failure, part: hit.event.part))
    }

    private static func delivery(
        _ body: RenderedBody, fields: [(path: String, value: String)], hit: Routed.Hit, target: Routed.Target,
        due: WallTime?, _ facts: EventVersionFacts?
    ) -> PreparedDelivery {
        let event = hit.event
        var request = body.request ?? RequestOverrides()
        request.fields = fields
        if let header = facts?.deliveryHeader { request.add(header) }
        return PreparedDelivery(
            route: hit.route, destination: target.destination,
            body: body.body ?? (event.isReshaped ? event.body : nil),
            contentType: body.contentType ?? (body.body == nil ? event.contentType : "application/json"),
            request: request.isEmpty ? nil : request, due: due, part: event.part,
            version: facts?.version ?? event.version)
    }

    func last(of hit: Routed.Hit, _ target: Routed.Target) -> TargetOutcome {
        TargetOutcome(
            route: hit.route, caseName: hit.caseName, destination: target.destination, transform: target.transform,
            output: target.output, deliveries: self.last.deliveries, dropped: self.last.dropped,
            failure: self.last.failure, view: hit.event)
    }

    func fate(of hit: Routed.Hit) -> Fate {
        if !self.deliveries.isEmpty || self.hasEmitted { return Fate(route: hit.route, kind: .matched) }
        if let entry = self.held.first { return Fate(route: hit.route, kind: .held, reason: entry.failure.code) }
        return Fate(route: hit.route, kind: .dropped, reason: self.dropReason)
    }
}
