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
    /// From the last compilation, whatever became of it.
    private var memory: CompilerMemory
    private var state: ReloadStatus
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(
        running: Revision, isFallback: Bool, first: RevisionCompiler.Outcome, compiler: RevisionCompiler,
        projectFolder: String, store: any EventStore, environment: Environment, signals: Signals,
        activate: @escaping @Sendable (Revision) -> Void
    ) {
        self.running = running
        self.compiler = compiler
        self.memory = first.memory
        self.projectFolder = projectFolder
        self.store = store
        self.environment = environment
        self.signals = signals
        self.activate = activate
        let now = environment.wall()
        self.state = ReloadStatus(
            revision: running.id, gitCommit: running.gitCommit, activatedAt: now, lastAttemptAt: now,
            lastTrigger: .start, lastResult: isFallback ? .refused : .accepted,
            diagnostics: isFallback ? first.diagnostics : [], testFailures: [], isFallback: isFallback,
            times: first.times.reload)
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
        await self.enter()
        defer { self.leave() }
        let (candidate, outcome) = await self.candidate()
        return (outcome, outcome.result == .planned ? candidate : nil)
    }

    private func attempt(_ trigger: ReloadTrigger) async -> ReloadOutcome {
        var (candidate, outcome) = await self.candidate()
        guard let candidate, outcome.result == .planned else { return self.note(outcome, trigger) }
        var watch = Watch(self.environment)
        do throws(StoreFailure) {
            try await self.store.saveRevision(
                StoredRevision(
                    id: candidate.id, gitCommit: candidate.gitCommit, activatedAt: self.environment.wall(),
                    files: candidate.files.encoded))
        } catch {
            // Without it the next start could not fall back; routing itself is not harmed, so the reload goes on.
            self.signals.log(.error, .config, "the revision could not be kept in the store", ("error", "\(error)"))
        }
        outcome.times.add(.store, watch.lap())
        self.activate(candidate)
        self.running = candidate
        outcome.times.add(.swap, watch.lap())
        var accepted = ReloadOutcome(
            result: .accepted, revision: candidate.id, diagnostics: outcome.diagnostics, tests: outcome.tests,
            plan: outcome.plan)
        accepted.times = outcome.times
        return self.note(accepted, trigger)
    }

    /// Everything up to the swap: `planned` with a revision that may run, or why none may or need.
    private func candidate() async -> (revision: Revision?, outcome: ReloadOutcome) {
        let read = await self.readAndCompile()
        self.memory = read.memory
        var times = read.times.reload
        func finished(_ outcome: ReloadOutcome) -> ReloadOutcome {
            var result = outcome
            result.times = times
            return result
        }
        guard let candidate = read.revision else { return (nil, finished(self.refusal(read.diagnostics))) }
        if candidate.id == self.running.id {
            return (nil, finished(ReloadOutcome(result: .unchanged, revision: candidate.id)))
        }
        var watch = Watch(self.environment)
        let tests = await self.tests(of: candidate)
        if candidate.configuration.defaults.testsOnReload == .required { times.add(.tests, watch.lap()) }
        guard tests.allSatisfy(\.passed) else { return (nil, finished(self.refusal(read.diagnostics, tests))) }
        let running = self.running
        let plan = await offThePool(named: "reload") { ReloadPlan(from: running, to: candidate) }
        times.add(.compare, read.times.rest + watch.lap())
        return (
            candidate,
            finished(
                ReloadOutcome(
                    result: .planned, revision: candidate.id, diagnostics: read.diagnostics, tests: tests, plan: plan))
        )
    }

    private func readAndCompile() async -> RevisionCompiler.Outcome {
        let folder = self.projectFolder
        let compiler = self.compiler
        let memory = self.memory
        let running = self.running
        return await offThePool(named: "reload") { compiler.compile(folder: folder, after: memory, running: running) }
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
            isFallback: isNew || outcome.result == .unchanged ? false : self.state.isFallback, times: outcome.times)
        Self.report(self.state, to: self.signals)
        self.signals.histogram(.configDuration, outcome.result.rawValue).observe(outcome.times.total / .seconds(1))
        self.log(outcome, trigger)
        return outcome
    }

    private func log(_ outcome: ReloadOutcome, _ trigger: ReloadTrigger) {
        switch outcome.result {
        case .accepted:
            self.signals.log(
                .info, .config, "configuration reloaded", ("revision", outcome.revision.text),
                ("trigger", trigger.rawValue), ("changes", "\(outcome.plan.changes.count)"),
                ("milliseconds", "\(outcome.times.total.milliseconds)"))
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
