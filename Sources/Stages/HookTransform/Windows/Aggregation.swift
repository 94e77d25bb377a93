// SPDX-License-Identifier: Apache-2.0
// A window that closes becomes an event. Its targets and what else takes it come after: the event is routed like any.
package import HookCore

/// What the function of an aggregation made of a window.
package enum AggregateOutcome: Sendable {
    case event(Event)
    case dropped(reason: String)
    case failed(ScriptFailure)
}

/// Runs the function of one aggregation.
package struct Aggregation {
    private let route: RouteSpec
    private let worker: ScriptWorker

    /// - Parameter worker: of the configuration that the route is of.
    package init(_ route: RouteSpec, using worker: ScriptWorker) {
        self.route = route
        self.worker = worker
    }

    /// The event has the type that the route emits; without one, the route's name and `.window`.
    package func run(_ batch: WindowBatch) -> AggregateOutcome {
        guard let aggregate = self.route.aggregate else { return .dropped(reason: "the route does not aggregate") }
        let body: [UInt8]
        switch aggregate.function {
        case .script(let script):
            do throws(ScriptFailure) {
                switch try self.worker.aggregate(script, batch) {
                case .body(let bytes): body = bytes
                case .drop(let reason): return .dropped(reason: reason)
                }
            } catch {
                return .failed(error)
            }
        default: body = BuiltInAggregate.body(aggregate.function, batch)
        }
        // Our own writer has made it; a depth beyond what is parsed is the only way to fail.
        guard let data = try? JSONDocument(parsing: body, limits: JSONLimits(depthMax: 128, duplicateKeys: .last)),
            let event = batch.event(
                type: self.route.emit?.type ?? "\(self.route.name).window", version: self.route.emit?.version,
                body: body, data: data, contentType: "application/json")
        else {
            return .failed(
                ScriptFailure(
                    code: "script/result-path", script: "\(self.route.name)", message: "the result is nested too deeply"
                ))
        }
        return .event(event)
    }
}

/// What an aggregate script returned.
enum AggregateResult: Equatable {
    case body([UInt8])
    case drop(reason: String)
}

extension RouteSpec {
    /// The route for what its windows become: its targets, without the conditions that chose the members.
    package var ofWindows: RouteSpec {
        var route = self
        (route.aggregate, route.emit, route.match) = (nil, nil, nil)
        (route.events, route.sources, route.scripts) = ([], [], [])
        (route.split, route.enrich) = (nil, [])
        return route
    }

    /// Whether anything but the event itself comes of its windows.
    package var hasTargets: Bool {
        switch self.targets {
        case .list(let targets): !targets.isEmpty
        case .cases(let cases): !cases.isEmpty
        }
    }
}

extension Prepared {
    /// One event that was prepared twice, by the targets of its own route and by all routes that take it.
    package func joined(with other: Prepared) -> Prepared {
        Prepared(
            event: self.event, dedupe: nil, fates: self.fates + other.fates, held: self.held + other.held,
            deliveries: self.deliveries + other.deliveries, emitted: self.emitted + other.emitted,
            members: self.members + other.members, revision: other.revision)
    }

    /// The event of a window whose route has neither targets nor routes that take it.
    package static func alone(_ event: Event, fate: Fate, revision: RevisionID) -> Prepared {
        Prepared(event: event, dedupe: nil, fates: [fate], held: [], deliveries: [], revision: revision)
    }
}
