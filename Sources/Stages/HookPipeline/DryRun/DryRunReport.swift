// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookDeliver
package import HookRoute
package import HookTransform

/// The result of a dry run that reached the routes, for text and JSON alike.
package struct DryRunReport: Sendable {
    package struct Timing: Sendable {
        package let verify: Duration
        package let route: Duration
        package let transform: Duration
    }

    /// What one chosen target of a route would get.
    package struct Target: Sendable {
        package let outcome: TargetOutcome
        /// Nil where no script runs.
        package let call: ScriptCall?
        package let destination: DestinationSpec?
        package let requests: [Request]
    }

    package struct Request: Sendable {
        package let ticket: DeliveryTicket
        /// As it could be sent to an address for trials: credentials are test values. Nil where it cannot be made.
        package let wire: OutboundRequest?
        /// As it is shown: names stand where secrets and, unless they are asked for, signatures would be.
        package let shown: OutboundRequest?
        /// Nil where the destination signs nothing.
        package let signature: Signature?
        /// Why it cannot be made.
        package let problem: String?
        /// The bytes of the event itself.
        package let isUnchanged: Bool
        /// The event as the route saw it.
        package let view: Event

        package var body: [UInt8] { self.ticket.body }
        /// When it would be sent first; nil: at once.
        package var due: WallTime? { self.ticket.dueAt > self.ticket.acceptedAt ? self.ticket.dueAt : nil }
    }

    package struct Signature: Sendable {
        package let key: SecretName
        /// Whether a test key stood in for one that has no value here; nil where the signature is not shown.
        package let isTestKey: Bool?
    }

    /// The event against the catalogue.
    package struct Schema: Sendable {
        /// `order.created@2`.
        package let name: String
        /// None where it passes.
        package let violations: [SchemaViolation]
        package let isKeptAside: Bool
    }

    /// Nil where the catalogue has no schema for the event.
    package var schema: Schema?
    package let prepared: Prepared
    package let revision: RevisionID
    package let check: SourceCheck
    package let unrouted: DefaultsSpec.Unrouted
    package let timing: Timing
    /// Every route that was looked at.
    package let explanations: [RouteExplanation]
    package let conditionCalls: [ScriptCall]
    /// Of the event, and of what transforms made of it.
    package let conversions: [ConversionNote]
    /// In the order of the deliveries.
    package let targets: [Target]
    /// What routes emit, in their order.
    package var emissions: [(outcome: EmissionOutcome, call: ScriptCall?)] = []
    /// The same for each event that was emitted.
    package var emitted: [DryRunReport] = []
    /// How windows close that the event would join, by route.
    package var windows: [RouteName: WindowClose] = [:]

    package var event: Event { self.prepared.event }
    /// Of the emitted events too.
    package var deliveries: Int { self.emitted.reduce(self.prepared.deliveries.count) { $0 + $1.deliveries } }
    /// Of the emitted events too, after its own.
    package var requests: [Request] { self.targets.flatMap(\.requests) + self.emitted.flatMap(\.requests) }

    /// What a route emits of the event.
    package func emissions(of route: RouteName) -> [(outcome: EmissionOutcome, call: ScriptCall?)] {
        self.emissions.filter { $0.outcome.route == route }
    }

    /// Windows of a route that the event would join.
    package func members(of route: RouteName) -> [WindowMember] { self.prepared.members.filter { $0.route == route } }

    /// What became of the targets that a route chose, in their order.
    package func targets(of route: RouteName) -> [Target] { self.targets.filter { $0.outcome.route == route } }

    /// What the transform changed, where both sides are JSON.
    package func differences(of request: Request) -> [JSONDifference] {
        guard !request.isUnchanged, let data = request.view.data, let after = try? JSONValue(parsing: request.body)
        else {
            // A body that is no JSON has no members to compare.
            return []
        }
        return JSONComparison.differences(from: JSONValue(data), to: after)
    }

    /// What the transform changed, line by line, where one side is no JSON.
    package func textDifferences(of request: Request) -> [String] {
        guard !request.isUnchanged else { return [] }
        // Where both are JSON their members say more than their lines.
        if request.view.data != nil, (try? JSONValue(parsing: request.body)) != nil { return [] }
        guard [request.view.body, request.body].allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) else {
            return []
        }
        return LineDiff.unified(from: request.view.body, to: request.body)
    }
}
