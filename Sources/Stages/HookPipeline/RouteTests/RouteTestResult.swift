// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// What became of one test of the user's.
package struct RouteTestResult: Sendable {
    package struct Failure: Sendable {
        /// What was compared: `status`, `deliveries`, `body of chat`, …
        package let what: String
        package let expected: String
        package let found: String
        package let mark: Mark
    }

    package let name: String
    package let mark: Mark
    package let failures: [Failure]
    /// Most steps that one script call used.
    package let steps: Int
    /// Routes that made at least one delivery: for coverage.
    package let routesHit: [RouteName]

    package var passed: Bool { self.failures.isEmpty }
}
