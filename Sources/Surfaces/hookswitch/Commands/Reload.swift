// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a running router read its files again.",
        discussion: """
            Ends with 0 when the new configuration runs or nothing changed, 78 when it is refused.

              hookswitch reload --plan
              hookswitch reload --plan --events recorded:1000
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var outputOptions: OutputOptions

    @Flag(name: .long, help: "Say what would change, and change nothing.")
    var plan = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --plan: run the last events through both configurations, as recorded:1000; at most 10,000.",
            valueName: "events"))
    var events: String?

    @Flag(name: .long, help: "Wait for the result; always so in this version.")
    var wait = false

    func validate() throws {
        if self.events != nil && !self.plan { throw ValidationError("--events goes with --plan.") }
    }

    func run() async throws {
        let answer = try await self.server.client().call(
            "POST", "/api/v1/config/reload", [("plan", self.plan ? "true" : nil), ("events", self.events)])
        guard let result = answer.value["result"]?.stringValue else { throw ServerClient.problem(answer) }
        if self.outputOptions.format == .text {
            self.printText(answer.value, result)
        } else {
            Console.out(answer.value)
        }
        if result == "refused" { throw ExitCode.refused }
    }

    /// One failure of a test as `hookswitch test` says it, without the excerpt: the file may be on another machine.
    private static func text(of failure: JSONValue) -> String {
        let words = ["what", "expected", "found"].map { Printable.lines(failure[$0]?.stringValue ?? "") }
        let place = "\(failure["file"]?.stringValue ?? ""):\(failure["line"]?.intValue ?? 0):"
        var lines = ["  \(place)\(failure["column"]?.intValue ?? 1): \(words[0])"]
        let differences = failure["diff"]?.arrayValue ?? []
        if differences.isEmpty { lines += ["    expected \(words[1])", "    found    \(words[2])"] }
        for difference in differences {
            let path = difference["path"]?.stringValue ?? ""
            if let old = difference["old"] { lines.append("    - \(path): \(old.text)") }
            if let value = difference["value"] { lines.append("    + \(path): \(value.text)") }
        }
        return lines.joined(separator: "\n")
    }

    private func printText(_ value: JSONValue, _ result: String) {
        let style = self.outputOptions.style
        for diagnostic in value["diagnostics"]?.arrayValue ?? [] {
            let place = diagnostic["file"]?.stringValue.map {
                "\($0):\(diagnostic["line"]?.intValue ?? 0):\(diagnostic["column"]?.intValue ?? 0): "
            }
            Console.note(
                "\(place ?? "")\(diagnostic["severity"]?.stringValue ?? "")[\(diagnostic["code"]?.stringValue ?? "")] "
                    + (diagnostic["message"]?.stringValue ?? ""))
        }
        for test in value["test_failures"]?.arrayValue ?? [] {
            Console.note("test failed: \(Printable.text(test["name"]?.stringValue ?? ""))")
            for failure in test["failures"]?.arrayValue ?? [] { Console.note(Self.text(of: failure)) }
        }
        for change in value["changes"]?.arrayValue ?? [] {
            Console.out(PlanText.line(of: change, queues: value["queues"]?.arrayValue ?? []))
        }
        if let diff = value["diff"] { Console.out(PlanText.text(of: diff, style).joined(separator: "\n")) }
        let revision = value["revision"]?.stringValue ?? ""
        switch result {
        case "accepted": Console.out(style.green("reloaded") + ": revision \(revision)")
        case "unchanged": Console.out("unchanged: revision \(revision)")
        case "planned": Console.out("planned: revision \(revision) would run")
        default: Console.note(self.outputOptions.messageStyle.red("refused") + ": revision \(revision) goes on")
        }
    }
}

extension String {
    /// Filled with spaces on the right.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - self.count)) }
}
