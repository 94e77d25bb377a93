// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookDeliver
package import HookRoute
package import HookTransform

/// The result of a dry run, for text and JSON alike.
package struct DryRunReport: Sendable {
    package struct Timing: Sendable {
        package let verify: Duration
        package let route: Duration
        package let transform: Duration
    }

    /// What one chosen target of a route would get.
    package struct Target: Sendable {
        package let route: RouteName
        package let caseName: String?
        package let destination: DestinationName
        /// Nil where no script runs.
        package let call: ScriptCall?
        package let policy: PolicySpec?
        package let requests: [Request]
        package let held: ScriptFailure?
        package let dropped: String?
    }

    package struct Request: Sendable {
        /// Nil where it cannot be made; then `problem` says why.
        package let outbound: OutboundRequest?
        package let problem: String?
        package let body: [UInt8]
        /// The bytes of the event itself.
        package let isUnchanged: Bool
    }

    package let event: Event
    package let revision: RevisionID
    package let timing: Timing
    /// Every route that was looked at.
    package let explanations: [RouteExplanation]
    package let targets: [Target]
    package let fates: [Fate]
    package let held: [HeldEntry]

    package var deliveries: Int { self.targets.reduce(0) { $0 + $1.requests.count } }

    /// What the transform changed, where both sides are JSON.
    package func differences(of request: Request) -> [JSONDifference] {
        guard !request.isUnchanged, let data = self.event.data, let after = try? JSONValue(parsing: request.body) else {
            // A body that is no JSON has no members to compare.
            return []
        }
        return JSONComparison.differences(from: JSONValue(data), to: after)
    }
}
