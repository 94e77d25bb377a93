// SPDX-License-Identifier: Apache-2.0
// Stage 4 of 6. Every target that stage 3 chose becomes deliveries with rendered bodies, or a fate with its reason.
package import HookCore

/// Stage 4 of 6: reshape. Runs the transforms of a routed event and renders what is to be delivered.
///
/// One fate per route: `matched` where at least one target got a delivery; else `held` where a target's script failed
/// under `on_error: hold`; else `dropped` with the first reason. Failures under `on_error: hold` stay in
/// ``Prepared/held`` one per target, also beside deliveries of the route's other targets.
package struct Transform: Sendable {
    /// What a ``DeliveryID`` can number.
    package static let deliveriesMax = Int(UInt16.max)

    package init() {}

    /// Renders every delivery of an event.
    ///
    /// - Parameter templates: the fields in the URL, query and header templates of each destination.
    /// - Parameter note: called after each target with what became of it; nil where nobody looks, as in a router.
    /// - Isolation: runs scripts on the calling thread, within their budgets.
    package func apply(
        _ routed: Routed, using worker: ScriptWorker, templates: [DestinationName: [FieldPath]], revision: RevisionID,
        note: ((TargetOutcome) -> Void)? = nil
    ) -> Prepared {
        let event = routed.verified.event
        var deliveries: [PreparedDelivery] = []
        var fates = routed.fates
        var held = routed.held
        for hit in routed.hits {
            var outcome = HitOutcome()
            for target in hit.targets {
                let fields = templates[target.destination] ?? []
                let rendered = self.render(target, of: hit, worker: worker, fields: fields)
                let room = Self.deliveriesMax - deliveries.count - outcome.deliveries.count
                outcome.add(rendered, hit: hit, target: target, room: room)
                if let note { note(outcome.last(of: hit, target)) }
            }
            fates.append(outcome.fate(of: hit))
            held.append(contentsOf: outcome.held)
            deliveries.append(contentsOf: outcome.deliveries)
        }
        return Prepared(
            event: event, dedupe: routed.verified.dedupe, fates: fates, held: held, deliveries: deliveries,
            revision: revision)
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
        guard let script = target.transform else { return .bodies([RenderedBody(body: nil)], fields: values, nil) }
        do {
            switch try worker.transform(script, event: event, route: hit.route, destination: target.destination) {
            case .unchanged(let contentType, let request):
                let body = RenderedBody(body: nil, contentType: contentType, request: request)
                return .bodies([body], fields: values, nil)
            case .body(let body, let contentType, let request):
                let body = RenderedBody(body: body, contentType: contentType, request: request)
                return .bodies([body], fields: values, nil)
            case .many(let bodies): return .bodies(bodies, fields: values, nil)
            case .drop(let reason): return .dropped(reason: reason, nil)
            }
        } catch {
            switch hit.onError {
            case .hold: return .failed(error)
            case .drop: return .dropped(reason: error.code, error)
            case .pass: return .bodies([RenderedBody(body: nil)], fields: values, error)
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
    /// The last so many of the event's deliveries so far.
    package let deliveries: Int
    /// Why there are none.
    package let dropped: String?
    /// Under every `on_error`: it holds, drops, or lets the original pass.
    package let failure: ScriptFailure?
}

/// What became of one target; the failure that `on_error` has turned into something else goes along.
private enum Rendered {
    case bodies([RenderedBody], fields: [(path: String, value: String)], ScriptFailure?)
    case dropped(reason: String, ScriptFailure?)
    case failed(ScriptFailure)
}

/// What became of the targets of one hit so far.
private struct HitOutcome {
    var deliveries: [PreparedDelivery] = []
    var held: [HeldEntry] = []
    var dropReason: String?
    /// What the target that was added last came to.
    private var last: (deliveries: Int, dropped: String?, failure: ScriptFailure?) = (0, nil, nil)

    mutating func add(_ rendered: Rendered, hit: Routed.Hit, target: Routed.Target, room: Int) {
        switch rendered {
        case .bodies(let bodies, _, _) where bodies.count > room:
            let message = "the event has more than \(Transform.deliveriesMax) deliveries in all"
            let failure = ScriptFailure(code: "script/too-many", script: "\(hit.route)", message: message)
            self.last = (0, nil, failure)
            self.held.append(HeldEntry(route: hit.route, destination: target.destination, failure: failure))
        case .bodies(let bodies, let fields, let failure):
            self.last = (bodies.count, nil, failure)
            for body in bodies {
                self.deliveries.append(Self.delivery(body, fields: fields, hit: hit, target: target))
            }
        case .dropped(let reason, let failure):
            self.last = (0, reason, failure)
            if self.dropReason == nil { self.dropReason = reason }
        case .failed(let failure):
            self.last = (0, nil, failure)
            self.held.append(HeldEntry(route: hit.route, destination: target.destination, failure: failure))
        }
    }

    private static func delivery(
        _ body: RenderedBody, fields: [(path: String, value: String)], hit: Routed.Hit, target: Routed.Target
    ) -> PreparedDelivery {
        let event = hit.event
        var request = body.request ?? RequestOverrides()
        request.fields = fields
        return PreparedDelivery(
            route: hit.route, destination: target.destination,
            body: body.body ?? (event.isReshaped ? event.body : nil),
            contentType: body.contentType ?? (body.body == nil ? event.contentType : "application/json"),
            request: request.isEmpty ? nil : request)
    }

    func last(of hit: Routed.Hit, _ target: Routed.Target) -> TargetOutcome {
        TargetOutcome(
            route: hit.route, caseName: hit.caseName, destination: target.destination, transform: target.transform,
            deliveries: self.last.deliveries, dropped: self.last.dropped, failure: self.last.failure)
    }

    func fate(of hit: Routed.Hit) -> Fate {
        if !self.deliveries.isEmpty { return Fate(route: hit.route, kind: .matched) }
        if let entry = self.held.first { return Fate(route: hit.route, kind: .held, reason: entry.failure.code) }
        return Fate(route: hit.route, kind: .dropped, reason: self.dropReason)
    }
}
