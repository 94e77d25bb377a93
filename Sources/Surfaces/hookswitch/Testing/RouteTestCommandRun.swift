// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

/// One run of the tests of a project as the command was asked for it.
struct RouteTestCommandRun: Sendable {
    let command: Test

    struct Outcome {
        let results: [RouteTestResult]
        let isGood: Bool
    }

    /// Reads the project, runs its tests, says what came of it.
    ///
    /// - Errors: the exit code, after everything was said.
    func run() async throws -> Outcome {
        let output = try OutputOptions.parse(["--color", self.command.color.rawValue])
        let compiled = try ProjectLoading.compile(self.command.projectOptions.project, output, secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        let chosen = revision.configuration.tests.filter(self.command.isAskedFor)
        if chosen.isEmpty {
            let isChoice = !self.command.only.isEmpty || !self.command.filter.isEmpty
            throw Console.fail(
                "there are no tests\(isChoice ? " of that name" : "")",
                hint: "write some under tests: in routes/", .findings)
        }
        let runner = RouteTestRunner(revision: revision, clock: Environment.live.now)
        let threads = self.command.threads
        let began = Environment.live.now()
        let measures = self.command.measures
        var (results, coverage) = await offThePool(named: "tests") {
            measures
                ? runner.measure(chosen, threads: threads) : (runner.run(chosen, threads: threads), RouteCoverage?.none)
        }
        let duration = Environment.live.now() - began
        if self.command.update {
            results = try GoldenUpdate(projectFolder: self.command.projectOptions.project).apply(to: results)
        }
        self.print(results, revision, coverage, in: duration)
        if let path = self.command.junit { try Console.writeFile(Array(JUnitReport.text(results).utf8), to: path) }
        let isReached = try self.report(coverage)
        return Outcome(results: results, isGood: results.allSatisfy(\.passed) && isReached)
    }

    /// Writes the coverage where it is wanted.
    ///
    /// - Returns: whether it is as much as was asked for.
    private func report(_ coverage: RouteCoverage?) throws -> Bool {
        guard let coverage else { return true }
        let project = self.command.projectOptions.project
        let format = self.command.coverageFormat ?? .text
        let report = CoverageReport(coverage: coverage, projectFolder: project)
        if let path = self.command.coverageOut {
            let style = Style(.never, descriptor: STDOUT_FILENO)
            try Console.writeFile(Array(report.text(as: format, style).utf8), to: path)
        } else if self.command.format == .text || self.command.coverageFormat != nil {
            Console.out(
                bytes: Array(report.text(as: format, Style(self.command.color, descriptor: STDOUT_FILENO)).utf8))
        }
        guard let least = self.command.minCoverage else { return true }
        let percent = coverage.shares().all.percent
        if percent >= least { return true }
        Console.note("error: the coverage is \(percent) %, less than \(least) %")
        return false
    }

    private func print(
        _ results: [RouteTestResult], _ revision: Revision, _ coverage: RouteCoverage?, in duration: Duration
    ) {
        switch self.command.format {
        case .json:
            let hit = Set(results.flatMap(\.routesHit))
            let uncovered = revision.configuration.routes.map(\.name).filter { !hit.contains($0) }
            var members: [JSONValue.Member] = [
                .init("schema", "hookswitch/test@1"), .init("revision", .string(revision.id.text)),
                .init("tests", .array(results.map(\.json))), .init("passed", .int(results.count { $0.passed })),
                .init("failed", .int(results.count { !$0.passed })),
                .init("uncovered", .array(uncovered.map { .string($0.text) })),
            ]
            if let coverage { members.append(.init("coverage", coverage.json)) }
            Console.out(.object(members))
        case .ndjson: for result in results { Console.out(result.json) }
        case .junit: Console.out(bytes: Array(JUnitReport.text(results).utf8))
        case .text:
            let text = RouteTestText(files: revision.files, style: Style(self.command.color, descriptor: STDOUT_FILENO))
            let say: (String) -> Void = self.command.coverageTakesStdout ? { Console.note($0) } : { Console.out($0) }
            for result in results { for line in text.lines(of: result) { say(line) } }
            say(text.summary(results, in: duration))
        }
    }
}
