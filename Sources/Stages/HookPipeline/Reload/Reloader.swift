// SPDX-License-Identifier: Apache-2.0
// Reload: read until stable, compile and test aside, swap once, refuse whole.
package import HookCore
import HookRoute

/// Takes the running process from one revision to the next. One reload at a time; the second one waits for the first
/// and then usually finds nothing changed.
package actor Reloader {
    private let compiler: RevisionCompiler
    private let projectFolder: String
    private let environment: Environment
    private let signals: Signals
    private let store: any EventStore
    /// Swaps; called with the new revision once everything about it is known to be good.
    private let activate: @Sendable (Revision) -> Void

    private var running: Revision
    private var state: ReloadStatus
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(
        running: Revision, isFallback: Bool, diagnostics: [Diagnostic], compiler: RevisionCompiler,
        projectFolder: String, store: any EventStore, environment: Environment, signals: Signals,
        activate: @escaping @Sendable (Revision) -> Void
    ) {
        self.running = running
        self.compiler = compiler
        self.projectFolder = projectFolder
        self.store = store
        self.environment = environment
        self.signals = signals
        self.activate = activate
        let now = environment.wall()
        self.state = ReloadStatus(
            revision: running.id, gitCommit: running.gitCommit, activatedAt: now, lastAttemptAt: now,
            lastTrigger: .start, lastResult: isFallback ? .refused : .accepted, diagnostics: diagnostics,
            testFailures: [], isFallback: isFallback)
        Self.report(self.state, to: signals)
    }

    package var status: ReloadStatus { self.state }

    /// Reads the project and makes it run, if it is good.
    package func reload(_ trigger: ReloadTrigger) async -> ReloadOutcome {
        await self.enter()
        defer { self.leave() }
        let outcome = await self.attempt(trigger)
        return outcome
    }

    /// What ``reload(_:)`` would do now, and the revision that it would take up, where that is another one.
    package func planned() async -> (outcome: ReloadOutcome, candidate: Revision?) {
        let read = await self.readAndCompile()
        guard let candidate = read.revision else { return (self.refusal(read.diagnostics), nil) }
        if candidate.id == self.running.id {
            return (ReloadOutcome(result: .unchanged, revision: candidate.id), nil)
        }
        let tests = await self.tests(of: candidate)
        guard tests.allSatisfy(\.passed) else { return (self.refusal(read.diagnostics, tests), nil) }
        let outcome = ReloadOutcome(
            result: .planned, revision: candidate.id, diagnostics: read.diagnostics,
            plan: ReloadPlan(from: self.running, to: candidate))
        return (outcome, candidate)
    }

    private func attempt(_ trigger: ReloadTrigger) async -> ReloadOutcome {
        let read = await self.readAndCompile()
        guard let candidate = read.revision else {
            return self.note(self.refusal(read.diagnostics), trigger)
        }
        if candidate.id == self.running.id {
            return self.note(ReloadOutcome(result: .unchanged, revision: candidate.id), trigger)
        }
        let tests = await self.tests(of: candidate)
        guard tests.allSatisfy(\.passed) else {
            return self.note(self.refusal(read.diagnostics, tests), trigger)
        }
        let plan = ReloadPlan(from: self.running, to: candidate)
        do throws(StoreFailure) {
            try await self.store.saveRevision(
                StoredRevision(
                    id: candidate.id, gitCommit: candidate.gitCommit, activatedAt: self.environment.wall(),
                    files: candidate.files.encoded))
        } catch {
            // Without it the next start could not fall back; routing itself is not harmed, so the reload goes on.
            self.signals.log(.error, .config, "the revision could not be kept in the store", ("error", "\(error)"))
        }
        self.activate(candidate)
        self.running = candidate
        let accepted = ReloadOutcome(
            result: .accepted, revision: candidate.id, diagnostics: read.diagnostics, tests: tests, plan: plan)
        return self.note(accepted, trigger)
    }

    private func readAndCompile() async -> (revision: Revision?, diagnostics: [Diagnostic]) {
        let folder = self.projectFolder
        let compiler = self.compiler
        return await offThePool(named: "reload") {
            do throws(ProjectReadFailure) {
                let outcome = compiler.compile(try Project.read(folder), gitCommit: Project.gitCommit(of: folder))
                return (outcome.revision, outcome.diagnostics)
            } catch {
                return (nil, [Project.diagnostic(error)])
            }
        }
    }

    /// On one thread: the others are needed for events.
    private func tests(of candidate: Revision) async -> [RouteTestResult] {
        guard candidate.configuration.defaults.testsOnReload == .required else { return [] }
        let clock = self.environment.now
        return await offThePool(named: "reload-tests") {
            RouteTestRunner(revision: candidate, clock: clock).runAll()
        }
    }

    private func refusal(_ diagnostics: [Diagnostic], _ tests: [RouteTestResult] = []) -> ReloadOutcome {
        ReloadOutcome(result: .refused, revision: self.running.id, diagnostics: diagnostics, tests: tests)
    }

    private func note(_ outcome: ReloadOutcome, _ trigger: ReloadTrigger) -> ReloadOutcome {
        let now = self.environment.wall()
        let isNew = outcome.result == .accepted
        let isRefused = outcome.result == .refused
        self.state = ReloadStatus(
            revision: self.running.id, gitCommit: self.running.gitCommit,
            activatedAt: isNew ? now : self.state.activatedAt, lastAttemptAt: now, lastTrigger: trigger,
            lastResult: outcome.result, diagnostics: isRefused ? outcome.diagnostics : [],
            testFailures: outcome.tests.filter { !$0.passed },
            isFallback: isNew || outcome.result == .unchanged ? false : self.state.isFallback)
        Self.report(self.state, to: self.signals)
        self.log(outcome, trigger)
        return outcome
    }

    private func log(_ outcome: ReloadOutcome, _ trigger: ReloadTrigger) {
        switch outcome.result {
        case .accepted:
            self.signals.log(
                .info, .config, "configuration reloaded", ("revision", outcome.revision.text),
                ("trigger", trigger.rawValue), ("changes", "\(outcome.plan.changes.count)"))
            for change in outcome.plan.changes where change.kind == .deferred {
                self.signals.log(
                    .warning, .config, "a setting changed that takes effect at the next start", ("setting", change.name)
                )
            }
        case .refused:
            let first = outcome.diagnostics.first { $0.severity == .error }
            let place = first?.mark.map { "\($0.file):\($0.line):\($0.column)" } ?? ""
            self.signals.log(
                .error, .config, "reload refused, the running configuration stays",
                ("revision", outcome.revision.text), ("trigger", trigger.rawValue), ("place", place),
                ("code", first?.code ?? ""),
                ("reason", first?.message ?? "failed tests: \(outcome.failedTests.joined(separator: ", "))"))
            self.log(outcome.tests.filter { !$0.passed })
        case .unchanged, .planned: break
        }
    }

    /// What each failed test wanted and found; of many the first few, since the answer of the reload has them all.
    private func log(_ failed: [RouteTestResult]) {
        for test in failed.prefix(Self.testsLogged) {
            self.signals.log(
                .error, .config, "a test failed, so the reload is refused", ("test", test.name),
                ("failure", test.sentences.first ?? ""), ("failures", "\(test.failures.count)"))
        }
    }

    private static let testsLogged = 10

    private static func report(_ status: ReloadStatus, to signals: Signals) {
        signals.counter(.configSuccessful).set(status.lastResult == .refused ? 0 : 1)
        signals.counter(.configTime).set(Int(status.activatedAt.seconds))
    }

    // An actor's functions interleave at each await; reloads must not.
    private func enter() async {
        if !self.isBusy {
            self.isBusy = true
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    private func leave() {
        if self.waiting.isEmpty {
            self.isBusy = false
        } else {
            self.waiting.removeFirst().resume()
        }
    }
}
