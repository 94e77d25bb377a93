// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// What asked for a reload.
package enum ReloadTrigger: String, Sendable {
    case start, watch, signal, api
}

/// What a reload did, or would do.
package struct ReloadOutcome: Sendable {
    package enum Result: String, Sendable {
        /// The new revision runs.
        case accepted
        /// The files are those of the running revision.
        case unchanged
        /// Nothing changed; `diagnostics` or `failedTests` say why.
        case refused
        /// A plan was asked for: nothing changed.
        case planned
    }

    package let result: Result
    package let revision: RevisionID
    package let diagnostics: [Diagnostic]
    /// Where tests gate reloads: what became of each; empty where none ran.
    package let tests: [RouteTestResult]
    package let plan: ReloadPlan
    package var times = ReloadTimes()

    package var failedTests: [String] { self.tests.filter { !$0.passed }.map(\.name) }

    package init(
        result: Result, revision: RevisionID, diagnostics: [Diagnostic] = [], tests: [RouteTestResult] = [],
        plan: ReloadPlan = ReloadPlan()
    ) {
        self.result = result
        self.revision = revision
        self.diagnostics = diagnostics
        self.tests = tests
        self.plan = plan
    }
}

/// How long a reload took, part by part, in the order in which they happen.
package struct ReloadTimes: Sendable {
    package enum Part: String, Sendable, CaseIterable {
        /// Reading the files until two reads agree.
        case read
        /// Route files to checked values.
        case load
        /// Lua files loaded, every use of a script checked.
        case scripts
        /// What can only be said of all routes together.
        case lint
        case table
        /// Identity, secrets and sources; comparing with the revision that runs.
        case compare
        /// Route tests, where they are required.
        case tests
        /// Keeping the revision in the store.
        case store
        /// Putting it in force.
        case swap
    }

    package private(set) var parts: [(part: Part, duration: Duration)] = []

    package init() {}

    package mutating func add(_ part: Part, _ duration: Duration) { self.parts.append((part, duration)) }

    package var total: Duration { self.parts.reduce(.zero) { $0 + $1.duration } }
}

/// The running configuration and what became of the last reload.
package struct ReloadStatus: Sendable {
    package let revision: RevisionID
    package let gitCommit: String?
    package let activatedAt: WallTime
    package let lastAttemptAt: WallTime
    package let lastTrigger: ReloadTrigger
    package let lastResult: ReloadOutcome.Result
    /// Why the last reload was refused; empty otherwise.
    package let diagnostics: [Diagnostic]
    /// The tests that refused it, with what differs.
    package let testFailures: [RouteTestResult]
    package var failedTests: [String] { self.testFailures.map(\.name) }
    /// The process runs an older revision, kept in the store, since the files were invalid at start.
    package let isFallback: Bool
    package let times: ReloadTimes
}
