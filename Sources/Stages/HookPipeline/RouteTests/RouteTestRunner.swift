// SPDX-License-Identifier: Apache-2.0
// Runs the tests that users write beside their routes: the real stages 2 to 4, and stage 6 in virtual time against
// scripted answers. No network, no store, no clock.
import HookConfig
package import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify
import Synchronization

package struct RouteTestRunner: Sendable {
    private let revision: Revision
    private let clock: @Sendable () -> Duration

    /// - Parameter clock: how long tests take; none of what they see.
    package init(revision: Revision, clock: @escaping @Sendable () -> Duration = { .zero }) {
        self.revision = revision
        self.clock = clock
    }

    /// All tests of the revision, in the order of their files.
    package func runAll() -> [RouteTestResult] { self.run(self.revision.configuration.tests) }

    /// Some tests; results in the same order.
    ///
    /// - Parameter threads: how many run at the same time, this one included.
    /// - Isolation: blocks until all have run.
    package func run(_ tests: [RouteTestSpec], threads: Int = 1) -> [RouteTestResult] {
        self.play(tests, threads, recorder: nil).results
    }

    /// The same, and what the tests reach. Slower, since every condition is looked at and every line of Lua counted.
    package func measure(
        _ tests: [RouteTestSpec], threads: Int = 1
    ) -> (results: [RouteTestResult], coverage: RouteCoverage) {
        let empty = CoverageRecorder(revision: self.revision)
        let played = self.play(tests, threads, recorder: empty)
        return (played.results, played.coverage ?? empty.coverage)
    }

    private func play(
        _ tests: [RouteTestSpec], _ threads: Int, recorder: CoverageRecorder?
    ) -> (results: [RouteTestResult], coverage: RouteCoverage?) {
        let shared = RouteTestTables(revision: self.revision)
        let next = Atomic<Int>(0)
        let results = Mutex<[(place: Int, result: RouteTestResult)]>([])
        let coverage = Mutex<RouteCoverage?>(nil)
        let work: @Sendable () -> Void = {
            var lane = RouteTestLane(revision: self.revision, tables: shared, recorder: recorder, clock: self.clock)
            while true {
                let place = next.add(1, ordering: .relaxed).oldValue
                guard tests.indices.contains(place) else { break }
                let result = lane.run(tests[place])
                results.withLock { $0.append((place, result)) }
            }
            guard let seen = lane.coverage else { return }
            coverage.withLock { all in
                if all == nil { all = seen } else { all?.merge(seen) }
            }
        }
        let others = (1..<max(1, min(threads, tests.count))).map { WorkerThread(name: "tests-\($0)", work) }
        work()
        for other in others { other.join() }
        return (results.withLock { $0.sorted { $0.place < $1.place }.map(\.result) }, coverage.withLock { $0 })
    }
}

/// What all tests of a revision share: nothing of it changes.
final class RouteTestTables: Sendable {
    let verify: Verify
    private let revision: Revision
    /// By the routes that `only` names, sorted: most tests name none, and many name the same.
    private let tables: Mutex<[[RouteName]: RouteTable]>

    init(revision: Revision) {
        self.revision = revision
        self.verify = Verify(
            sources: revision.configuration.sources, secrets: TestSecrets(),
            jsonDepthMax: revision.configuration.server.ingest.jsonDepthMax,
            bodyBytesMax: revision.configuration.server.ingest.bodyBytesMax,
            catalogue: revision.configuration.catalogue)
        self.tables = Mutex([[]: revision.routes])
    }

    private struct AskedKey: Hashable {
        let type: String
        let only: Set<RouteName>
    }

    private let askedTables = Mutex<[AskedKey: RouteTable]>([:])

    /// The routes that may take events of a type. Explaining compiles every condition that it looks at, so with many
    /// routes those that name other types are left out.
    func asked(by event: Event, only names: [RouteName]) -> RouteTable {
        let key = AskedKey(type: event.type, only: Set(names))
        if let known = self.askedTables.withLock({ $0[key] }) { return known }
        let table = self.revision.table(
            of: self.revision.configuration.routes.filter { route in
                (names.isEmpty || key.only.contains(route.name))
                    && (route.events.isEmpty || route.events.contains { Self.mayBe($0, event.type) })
            })
        self.askedTables.withLock { $0[key] = table }
        return table
    }

    /// A pattern with a star is asked itself.
    private static func mayBe(_ pattern: EventPattern, _ type: String) -> Bool {
        pattern.type.utf8.contains(UInt8(ascii: "*")) || pattern.type.utf8.elementsEqual(type.utf8)
    }

    func routes(only names: [RouteName]) -> RouteTable {
        let key = names.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        if let known = self.tables.withLock({ $0[key] }) { return known }
        let chosen = Set(names)
        let table = self.revision.table(of: self.revision.configuration.routes.filter { chosen.contains($0.name) })
        self.tables.withLock { $0[key] = table }
        return table
    }
}

/// One thread's share of a run: its Lua states live as long as it does.
struct RouteTestLane {
    private let revision: Revision
    private let tables: RouteTestTables
    private let clock: @Sendable () -> Duration
    private let places: TestPlaces
    private let checks: CheckWorker
    /// Kept over tests. A script that remembers something between events would pass alone and fail in production, so
    /// each test runs twice here and once in a fresh state, and all three must agree.
    private let worker: ScriptWorker
    /// Nil where nobody asks what the tests reach.
    private var recorder: CoverageRecorder?
    /// Asks conditions for the coverage.
    private let asking: ScriptWorker

    init(
        revision: Revision, tables: RouteTestTables, recorder: CoverageRecorder?,
        clock: @escaping @Sendable () -> Duration
    ) {
        self.recorder = recorder
        self.asking = Self.makeWorker(revision)
        self.revision = revision
        self.tables = tables
        self.clock = clock
        self.places = TestPlaces(files: revision.files)
        self.checks = CheckWorker(revision.scripts)
        self.worker = Self.makeWorker(revision, tracesLines: recorder != nil)
    }

    private static func makeWorker(_ revision: Revision, tracesLines: Bool = false) -> ScriptWorker {
        ScriptWorker(
            revision.scripts, revision: revision.id, mode: .test, secrets: TestSecrets(for: revision.configuration),
            signals: Signals(), environment: .virtual(at: WallTime(milliseconds: 0)),
            tracesLines: tracesLines)
    }

    /// What the tests of this lane reached; nil where nobody asks.
    var coverage: RouteCoverage? { self.recorder?.coverage }

    mutating func run(_ test: RouteTestSpec) -> RouteTestResult {
        let began = self.clock()
        if let trip = test.roundTrip { return self.run(trip, of: test, since: began) }
        let routes = self.tables.routes(only: test.only)
        func newWorld() -> RouteTestWorld {
            RouteTestWorld(revision: self.revision, verify: self.tables.verify, routes: routes, test: test)
        }
        let world = newWorld()
        let first = self.recorder == nil ? world.play(with: self.worker) : self.record(world)
        var failures = RouteTestJudge(
            test: test, files: self.revision.files, places: self.places, checks: self.checks
        ).judge(first)
        if failures.isEmpty {
            failures += self.repeated(
                newWorld(), first, of: test, with: self.worker, "a second run in the same Lua state")
        }
        if failures.isEmpty {
            let fresh = Self.makeWorker(self.revision)
            failures += self.repeated(newWorld(), first, of: test, with: fresh, "a run in a fresh Lua state")
        }
        return RouteTestResult(
            name: test.name, mark: test.mark, failures: failures, steps: first.stepsMax,
            logs: first.logLines,
            routesHit: first.deliveries.map(\.ticket.route), duration: self.clock() - began)
    }

    /// The first run, counted. Conditions are asked in a state of their own, so that lines count once.
    private mutating func record(_ world: RouteTestWorld) -> RouteTestRun {
        let before = self.worker.lineCounts
        var scripts = self.asking
        let lookups = ScriptedLookups(world.test.lookups)
        let run = world.play(with: self.worker) { event in
            let routes = self.tables.asked(by: event, only: world.test.only)
            self.recorder?.observe(self.revision.explain(event, in: routes, scripts: &scripts, answers: lookups))
        }
        self.recorder?.observe(run.calls)
        self.recorder?.add(self.worker.lineCounts.since(before))
        return run
    }

    /// A round trip, three times as every test.
    private mutating func run(
        _ trip: RouteTestSpec.RoundTrip, of test: RouteTestSpec, since began: Duration
    ) -> RouteTestResult {
        let before = self.worker.lineCounts
        let run = RoundTripRun(trip, test, revision: self.revision, places: self.places)
        let first = run.play(with: self.worker)
        self.recorder?.observe(first.calls)
        self.recorder?.add(self.worker.lineCounts.since(before))
        var failures = first.failures
        if failures.isEmpty {
            let fresh = Self.makeWorker(self.revision)
            for (worker, which) in [(self.worker, "a second run in the same Lua state"), (fresh, "a fresh Lua state")] {
                failures += run.difference(of: first, to: run.play(with: worker), which)
                if !failures.isEmpty { break }
            }
        }
        return RouteTestResult(
            name: test.name, mark: test.mark, failures: failures, steps: first.calls.map { $0.steps }.max() ?? 0,
            logs: first.logLines, routesHit: [], duration: self.clock() - began)
    }

    private func repeated(
        _ world: RouteTestWorld, _ first: RouteTestRun, of test: RouteTestSpec, with worker: ScriptWorker,
        _ which: String
    ) -> [RouteTestResult.Failure] {
        guard let difference = first.difference(to: world.play(with: worker)) else { return [] }
        var failure = RouteTestResult.Failure(
            what: "determinism: \(difference.what)", expected: "the same on every run: \(difference.first)",
            found: "\(which) gave \(difference.second)", mark: test.mark)
        failure.lines = LineDiff.unified(from: Array(difference.first.utf8), to: Array(difference.second.utf8))
        return [failure]
    }
}
