// SPDX-License-Identifier: Apache-2.0
// Runs the tests that users write beside their routes: the real stages 2 to 4, and stage 6 in virtual time against
// scripted answers. No network, no store, no clock.
package import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify

package struct RouteTestRunner: Sendable {
    private let revision: Revision

    package init(revision: Revision) { self.revision = revision }

    /// All tests of the revision, in the order of their files.
    package func runAll() -> [RouteTestResult] { self.revision.configuration.tests.map(self.run) }

    /// One test, three times: twice with the same Lua state and once with a fresh one. A script that remembers
    /// something between events would pass alone and fail in production, so all three must agree.
    package func run(_ test: RouteTestSpec) -> RouteTestResult {
        let verify = Verify(
            sources: self.revision.configuration.sources, secrets: TestSecrets(),
            jsonDepthMax: self.revision.configuration.server.ingest.jsonDepthMax)
        let routes = RouteTable(
            routes: self.revision.configuration.routes.filter { test.only.isEmpty || test.only.contains($0.name) })
        let world = RouteTestWorld(revision: self.revision, verify: verify, routes: routes, test: test)
        let worker = world.makeWorker()
        let first = world.play(with: worker)
        var failures = RouteTestJudge(test: test, files: self.revision.files).judge(first)
        for other in [world.play(with: worker), world.play(with: world.makeWorker())]
        where failures.isEmpty && other.fingerprint != first.fingerprint {
            failures.append(
                RouteTestResult.Failure(
                    what: "determinism", expected: "the same deliveries on every run",
                    found: "a script that gives another result the second time", mark: test.mark))
        }
        return RouteTestResult(
            name: test.name, mark: test.mark, failures: failures, steps: first.stepsMax,
            routesHit: first.deliveries.map(\.ticket.route))
    }
}
