// SPDX-License-Identifier: Apache-2.0
// What a route emits: its result as new events, which are routed at once, so that everything that follows from one
// request becomes durable in one transaction.
package import HookCore

extension Transform {
    /// Events that may be emitted on behalf of one request, over all hops: routes that make many of one could otherwise
    /// fill any memory before the limit of hops ends them.
    package static let emittedMax = 1_000
}

/// What became of what a route emits, for whoever explains it.
package struct EmissionOutcome: Sendable {
    package let route: RouteName
    /// The switch case that fired.
    package let caseName: String?
    package let type: String
    package let version: Int?
    package let transform: ScriptID?
    package let events: Int
    /// Why there are none.
    package let dropped: String?
    /// Under every `on_error`: it holds, drops, or lets the original pass.
    package let failure: ScriptFailure?
}

/// Makes the events of one hit.
struct Emitter {
    /// What came of it.
    struct Made {
        var events: [Prepared] = []
        var held: HeldEntry?
        var dropReason: String?
    }

    let hit: Routed.Hit
    let emission: Routed.Emission
    let worker: ScriptWorker

    func run(note: ((EmissionOutcome) -> Void)?, _ reroute: (Event) -> Prepared?) -> Made {
        let hops = (self.hit.event.lineage?.hops ?? 0) + 1
        guard hops <= Event.Lineage.hopsMax else {
            let failure = self.failure(
                "emit/too-many-hops", "the event has come over \(Event.Lineage.hopsMax) routes that emit: a circle?")
            note?(self.outcome(failure: failure))
            return self.held(failure)
        }
        switch Transform.bodies(self.emission.transform, of: self.hit, for: nil, worker: self.worker) {
        case .failed(let failure):
            note?(self.outcome(failure: failure))
            return self.held(failure)
        case .dropped(let reason, let failure):
            note?(self.outcome(dropped: reason, failure: failure))
            return Made(dropReason: reason)
        case .bodies(let bodies, _, let failure):
            let lineage = Event.Lineage(parent: self.hit.event.id, hops: hops)
            let events = bodies.enumerated().compactMap { self.event($1, number: $0 + 1, lineage) }
            guard events.count == bodies.count else {
                let failure = self.failure("emit/not-json", "the transform gave text that is no JSON, as JSON")
                note?(self.outcome(failure: failure))
                return self.held(failure)
            }
            note?(self.outcome(events: events.count, failure: failure))
            return self.route(events, reroute)
        }
    }

    private func route(_ events: [Event], _ reroute: (Event) -> Prepared?) -> Made {
        var made = Made()
        for event in events {
            guard let prepared = reroute(event) else {
                // All of them or none: what was half emitted could not be emitted again without repetitions.
                return self.held(
                    self.failure("emit/too-many", "more than \(Transform.emittedMax) events would come of one request"))
            }
            made.events.append(prepared)
        }
        return made
    }

    /// Nil where the body says that it is JSON and is not.
    private func event(_ body: RenderedBody, number: Int, _ lineage: Event.Lineage) -> Event? {
        let parent = self.hit.event
        let contentType = body.contentType ?? (body.body == nil ? parent.contentType : "application/json")
        var data = body.body == nil ? parent.data : nil
        if let bytes = body.body, JSONContent.isJSON(contentType) {
            // Why does not matter: a table that a script returned is always JSON.
            guard let document = try? JSONDocument(parsing: bytes) else { return nil }
            data = document
        }
        return Event(
            id: Self.id(of: parent.id, route: self.hit.route, part: parent.part, number: number), source: parent.source,
            type: self.emission.type, version: self.emission.version, time: parent.time,
            contentType: contentType, body: body.body ?? parent.body, data: data, lineage: lineage)
    }

    /// The same for the same event, route, part and place among what the part emits.
    fileprivate static func id(of parent: EventID, route: RouteName, part: Int?, number: Int) -> EventID {
        parent.derived("\(route) \(part ?? 0) \(number)")
    }

    private func failure(_ code: String, _ message: String) -> ScriptFailure {
        ScriptFailure(code: code, script: "\(self.hit.route)", message: message)
    }

    private func held(_ failure: ScriptFailure) -> Made {
        Made(
            held: HeldEntry(
                route: self.hit.route, destination: nil, isEmission: true, failure: failure, part: self.hit.event.part))
    }

    private func outcome(events: Int = 0, dropped: String? = nil, failure: ScriptFailure? = nil) -> EmissionOutcome {
        EmissionOutcome(
            route: self.hit.route, caseName: self.hit.caseName, type: self.emission.type,
            version: self.emission.version, transform: self.emission.transform, events: events, dropped: dropped,
            failure: failure)
    }
}

enum JSONContent {
    /// Whether a body of this content type is JSON: `application/json`, `application/cloudevents+json; charset=utf-8`.
    static func isJSON(_ contentType: String) -> Bool {
        let type = contentType.lowercased().prefix { $0 != ";" && $0 != " " }
        return type == "application/json" || type.hasSuffix("+json")
    }
}

extension Prepared {
    /// What concerns one held entry alone: the delivery to its destination, its emission, or the whole route; of a split
    /// event its part.
    package func only(_ entry: HeldRow) -> Prepared {
        let own = entry.part.map { self.only(part: $0, of: entry.route) } ?? self
        return own.onlyTarget(of: entry)
    }

    private func only(part: Int, of route: RouteName) -> Prepared {
        let ids = Set(
            (1...Transform.emittedMax).map { Emitter.id(of: self.event.id, route: route, part: part, number: $0) })
        return Prepared(
            event: self.event, dedupe: self.dedupe, fates: self.fates,
            // A failure of the whole event concerns each of its parts.
            held: self.held.filter { $0.part == nil || $0.part == part },
            deliveries: self.deliveries.filter { $0.part == part },
            emitted: self.emitted.filter { ids.contains($0.event.id) },
            members: self.members.filter { $0.part == part }, revision: self.revision)
    }

    private func onlyTarget(of entry: HeldRow) -> Prepared {
        if entry.destination == nil && !entry.isEmission { return self }
        func concerns(_ destination: DestinationName?, _ isEmission: Bool) -> Bool {
            // A failure of the whole route concerns each of its entries.
            (destination == entry.destination && isEmission == entry.isEmission) || (destination == nil && !isEmission)
        }
        return Prepared(
            event: self.event, dedupe: self.dedupe, fates: self.fates,
            held: self.held.filter { concerns($0.destination, $0.isEmission) },
            deliveries: self.deliveries.filter { !entry.isEmission && $0.destination == entry.destination },
            emitted: entry.isEmission ? self.emitted : [], revision: self.revision)
    }

    /// The same with a fate for a route that has none: one that does not look at the event any more.
    package func withFate(_ fate: Fate) -> Prepared {
        Prepared(
            event: self.event, dedupe: self.dedupe, fates: self.fates.isEmpty ? [fate] : self.fates, held: self.held,
            deliveries: self.deliveries, emitted: self.emitted, members: self.members, revision: self.revision)
    }
}
