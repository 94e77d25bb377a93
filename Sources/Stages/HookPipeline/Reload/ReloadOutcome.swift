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
    package let failedTests: [String]
    package let plan: ReloadPlan

    package init(
        result: Result, revision: RevisionID, diagnostics: [Diagnostic] = [], failedTests: [String] = [],
        plan: ReloadPlan = ReloadPlan()
    ) {
        self.result = result
        self.revision = revision
        self.diagnostics = diagnostics
        self.failedTests = failedTests
        self.plan = plan
    }
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
    package let failedTests: [String]
    /// The process runs an older revision, kept in the store, since the files were invalid at start.
    package let isFallback: Bool
}
