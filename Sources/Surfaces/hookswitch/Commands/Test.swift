// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the tests that stand beside the routes.",
        discussion: """
            No network, no store, a virtual clock; secrets are replaced by test keys. Ends with 1 where a test fails.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, ndjson, junit }

    @OptionGroup var projectOptions: ProjectOptions

    @Argument(help: "Only tests of these files, or whose name contains this text.")
    var only: [String] = []

    @Option(name: [.short, .long], help: "How results look: text, json, ndjson or junit.")
    var output: Format = .text

    @Flag(name: .long, help: "The same as --output json.")
    var json = false

    @Flag(name: .long, help: "List the routes that no test reaches.")
    var coverage = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    func run() async throws {
        let output = try OutputOptions.parse(["--color", self.color.rawValue])
        let compiled = try ProjectLoading.compile(self.projectOptions.project, output, secrets: TestSecrets())
        guard let revision = compiled.revision else { throw ExitCode.refused }
        let chosen = revision.configuration.tests.filter(self.isAskedFor)
        if chosen.isEmpty {
            throw Console.fail(
                "there are no tests\(self.only.isEmpty ? "" : " of that name")",
                hint: "write some under tests: in routes/",
                .findings)
        }
        let results = await offThePool(named: "tests") { chosen.map { RouteTestRunner(revision: revision).run($0) } }
        self.print(results, revision.configuration)
        if results.contains(where: { !$0.passed }) { throw ExitCode.findings }
    }

    private func isAskedFor(_ test: RouteTestSpec) -> Bool {
        self.only.isEmpty
            || self.only.contains { text in
                let plain = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
                return test.mark.file == plain || test.mark.file.hasPrefix(plain + "/") || test.name.contains(text)
            }
    }

    private func print(_ results: [RouteTestResult], _ configuration: Configuration) {
        switch self.json ? .json : self.output {
        case .json:
            Console.out([
                "schema": "hookswitch/test@1", "tests": .array(results.map(Self.json)),
                "passed": .int(results.filter(\.passed).count), "failed": .int(results.filter { !$0.passed }.count),
                "uncovered": .array(self.uncovered(results, configuration).map { .string($0) }),
            ])
        case .ndjson: for result in results { Console.out(Self.json(result)) }
        case .junit: Console.out(JUnitReport.text(results))
        case .text: self.printText(results, configuration)
        }
    }

    private func printText(_ results: [RouteTestResult], _ configuration: Configuration) {
        let style = Style(self.color, descriptor: 1)
        for result in results {
            Console.out("\(result.passed ? style.green("ok  ") : style.red("FAIL")) \(result.name)")
            for failure in result.failures {
                Console.out("     \(failure.mark.file):\(failure.mark.line): \(failure.what)")
                Console.out("       expected \(Printable.lines(failure.expected))")
                Console.out("       found    \(Printable.lines(failure.found))")
            }
        }
        if self.coverage {
            let missing = self.uncovered(results, configuration)
            Console.out(
                missing.isEmpty ? "every route is tested" : "no test reaches: \(missing.joined(separator: ", "))")
        }
        Console.out("\(results.filter(\.passed).count) passed, \(results.filter { !$0.passed }.count) failed")
    }

    private func uncovered(_ results: [RouteTestResult], _ configuration: Configuration) -> [String] {
        let hit = Set(results.flatMap(\.routesHit))
        return configuration.routes.map(\.name).filter { !hit.contains($0) }.map(\.text)
    }

    private static func json(_ result: RouteTestResult) -> JSONValue {
        [
            "name": .string(result.name), "file": .string(result.mark.file), "line": .int(result.mark.line),
            "passed": .bool(result.passed), "steps": .int(result.steps),
            "failures": .array(
                result.failures.map {
                    [
                        "what": .string($0.what), "expected": .string($0.expected), "found": .string($0.found),
                        "file": .string($0.mark.file), "line": .int($0.mark.line),
                    ]
                }),
        ]
    }
}

/// JUnit XML as CI systems read it (https://github.com/testmoapp/junitxml).
enum JUnitReport {
    static func text(_ results: [RouteTestResult]) -> String {
        let failed = results.filter { !$0.passed }.count
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuites tests=\"\(results.count)\" failures=\"\(failed)\">",
            "<testsuite name=\"hookswitch\" tests=\"\(results.count)\" failures=\"\(failed)\">",
        ]
        for result in results {
            lines.append("<testcase name=\"\(self.escaped(result.name))\" file=\"\(self.escaped(result.mark.file))\">")
            for failure in result.failures {
                let words = "\(failure.what): expected \(failure.expected), found \(failure.found)"
                lines.append("<failure message=\"\(self.escaped(words))\"/>")
            }
            lines.append("</testcase>")
        }
        return (lines + ["</testsuite>", "</testsuites>"]).joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { output, scalar in
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case _ where scalar.value < 0x20: output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
