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
    /// - Isolation: runs scripts on the calling thread, within their budgets.
    package func apply(
        _ routed: Routed, using worker: ScriptWorker, templates: [DestinationName: [FieldPath]], revision: RevisionID
    ) -> Prepared {
        let event = routed.verified.event
        var deliveries: [PreparedDelivery] = []
        var fates = routed.fates
        var held = routed.held
        for hit in routed.hits {
            var outcome = HitOutcome()
            for target in hit.targets {
                let fields = templates[target.destination] ?? []
                let rendered = self.render(target, of: hit, event: event, worker: worker, fields: fields)
                let room = Self.deliveriesMax - deliveries.count - outcome.deliveries.count
                outcome.add(rendered, of: event, hit: hit, target: target, room: room)
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
        _ target: Routed.Target, of hit: Routed.Hit, event: Event, worker: ScriptWorker, fields: [FieldPath]
    ) -> Rendered {
        let values: [(path: String, value: String)]
        do {
            values = try TemplateFields.resolve(fields, from: event, for: target.destination)
        } catch {
            // Without its address there is nothing to pass on: `on_error: pass` holds too.
            return hit.onError == .drop ? .dropped(reason: error.code) : .failed(error)
        }
        guard let script = target.transform else { return .bodies([RenderedBody(body: nil)], fields: values) }
        do {
            switch try worker.transform(script, event: event, route: hit.route, destination: target.destination) {
            case .unchanged(let contentType, let request):
                return .bodies([RenderedBody(body: nil, contentType: contentType, request: request)], fields: values)
            case .body(let body, let contentType, let request):
                return .bodies([RenderedBody(body: body, contentType: contentType, request: request)], fields: values)
            case .many(let bodies): return .bodies(bodies, fields: values)
            case .drop(let reason): return .dropped(reason: reason)
            }
        } catch {
            switch hit.onError {
            case .hold: return .failed(error)
            case .drop: return .dropped(reason: error.code)
            case .pass: return .bodies([RenderedBody(body: nil)], fields: values)
            }
        }
    }
}

/// What became of one target.
private enum Rendered {
    case bodies([RenderedBody], fields: [(path: String, value: String)])
    case dropped(reason: String)
    case failed(ScriptFailure)
}

/// What became of the targets of one hit so far.
private struct HitOutcome {
    var deliveries: [PreparedDelivery] = []
    var held: [HeldEntry] = []
    var dropReason: String?

    mutating func add(_ rendered: Rendered, of event: Event, hit: Routed.Hit, target: Routed.Target, room: Int) {
        switch rendered {
        case .bodies(let bodies, _) where bodies.count > room:
            let message = "the event has more than \(Transform.deliveriesMax) deliveries in all"
            let failure = ScriptFailure(code: "script/too-many", script: "\(hit.route)", message: message)
            self.held.append(HeldEntry(route: hit.route, destination: target.destination, failure: failure))
        case .bodies(let bodies, let fields):
            for body in bodies {
                self.deliveries.append(Self.delivery(body, of: event, fields: fields, hit: hit, target: target))
            }
        case .dropped(let reason):
            if self.dropReason == nil { self.dropReason = reason }
        case .failed(let failure):
            self.held.append(HeldEntry(route: hit.route, destination: target.destination, failure: failure))
        }
    }

    private static func delivery(
        _ body: RenderedBody, of event: Event, fields: [(path: String, value: String)], hit: Routed.Hit,
        target: Routed.Target
    ) -> PreparedDelivery {
        var request = body.request ?? RequestOverrides()
        request.fields = fields
        return PreparedDelivery(
            route: hit.route, destination: target.destination, body: body.body,
            contentType: body.contentType ?? (body.body == nil ? event.contentType : "application/json"),
            request: request.isEmpty ? nil : request)
    }

    func fate(of hit: Routed.Hit) -> Fate {
        if !self.deliveries.isEmpty { return Fate(route: hit.route, kind: .matched) }
        if let entry = self.held.first { return Fate(route: hit.route, kind: .held, reason: entry.failure.code) }
        return Fate(route: hit.route, kind: .dropped, reason: self.dropReason)
    }
}
