// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// What became of one test of the user's.
package struct RouteTestResult: Sendable {
    package struct Failure: Sendable {
        /// What was compared: `status`, `deliveries`, `body of chat`, …
        package let what: String
        package let expected: String
        package let found: String
        /// Where the expectation stands that failed.
        package let mark: Mark
        /// What turns the expected JSON into what was found; empty where no JSON was compared.
        package var differences: [JSONDifference] = []
        /// Lines of a unified diff; empty where no text was compared.
        package var lines: [String] = []
        /// The golden file that would make this hold.
        package var golden: ProjectFiles.File?

        package init(what: String, expected: String, found: String, mark: Mark) {
            self.what = what
            self.expected = expected
            self.found = found
            self.mark = mark
        }
    }

    package let name: String
    package let mark: Mark
    package let failures: [Failure]
    /// Most steps that one script call used.
    package let steps: Int
    /// What scripts logged in the first run: level, script, message, fields.
    package let logs: [String]
    /// Routes that made at least one delivery.
    package let routesHit: [RouteName]
    /// Of all runs together.
    package let duration: Duration

    package var passed: Bool { self.failures.isEmpty }

    /// Golden files that are missing or differ.
    package var golden: [ProjectFiles.File] { self.failures.compactMap(\.golden) }

    /// The same with the differences of these golden files taken as settled.
    package func settling(_ paths: Set<String>) -> RouteTestResult {
        RouteTestResult(
            name: self.name, mark: self.mark,
            failures: self.failures.filter { failure in failure.golden.map { !paths.contains($0.path) } ?? true },
            steps: self.steps, logs: self.logs, routesHit: self.routesHit, duration: self.duration)
    }
}
