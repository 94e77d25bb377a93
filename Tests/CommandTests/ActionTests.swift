// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// The GitHub Action and the hooks for pre-commit: their commands run here as they would run there.
@Suite struct ActionTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(Self.root)/\(name)", encoding: .utf8)
    }

    /// The shell of each step, by its name.
    private static func steps() throws -> [String: String] {
        var steps: [String: String] = [:]
        var name = ""
        var lines: [String]?
        for line in try Self.text("action.yml").components(separatedBy: "\n") {
            if let found = lines {
                if line.isEmpty || line.hasPrefix("        ") {
                    lines = found + [String(line.dropFirst(8))]
                    continue
                }
                steps[name] = found.joined(separator: "\n")
                lines = nil
            }
            if line.hasPrefix("    - name: ") { name = String(line.dropFirst("    - name: ".count)) }
            if line == "      run: |" { lines = [] }
        }
        if let lines { steps[name] = lines.joined(separator: "\n") }
        return steps
    }

    private struct Outcome {
        let code: Int32
        let out: String
        let summary: String
        let output: String
    }

    private static func run(_ step: String, in repository: Repository, _ more: [(String, String)] = []) throws
        -> Outcome
    {
        let script = try #require(try Self.steps()[step], "action.yml has no step \(step)")
        let project = repository.project
        for name in ["summary", "output"] { try project.write(".ci/\(name)", "") }
        // As the runner starts `shell: bash`.
        var command = ChildCommand([
            "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "cd \"$FOLDER\"\n" + script,
        ])
        command.variables =
            [
                ("FOLDER", project.folder), ("HOOKSWITCH", Binary.path), ("PROJECT", "."), ("DENY_WARNINGS", "false"),
                ("JUNIT", ".ci/junit.xml"), ("BASE", ""), ("EVENTS", ""), ("RUNNER_TEMP", project.path(".ci")),
                ("GITHUB_STEP_SUMMARY", project.path(".ci/summary")), ("GITHUB_OUTPUT", project.path(".ci/output")),
            ].filter { variable in !more.contains { $0.0 == variable.0 } } + more
        let done = try command.run()
        return Outcome(
            code: done.code, out: String(decoding: done.out, as: UTF8.self) + done.errorText,
            summary: try project.read(".ci/summary"), output: try project.read(".ci/output"))
    }

    private static let tests = """
        version: 1
        tests:
          an order:
            event: {type: order.created, source: shop, data: {id: A-1, type: order.created, total: 12}}
            expect: {deliveries: [{to: plain}, {to: shaped}]}

        """

    private func repository() throws -> Repository {
        let repository = try Repository(
            try Project.shop("http://127.0.0.1:9", ["routes/routes.test.yaml": Self.tests, ".gitignore": ".ci/\n"]))
        try repository.commit()
        return repository
    }

    @Test func `check annotates, and names files from the top of the repository`() throws {
        let repository = try self.repository()
        #expect(try Self.run("Check", in: repository).code == 0)
        try repository.project.replace("routes/routes.yaml", "to: shaped", "to: shapd")
        let refused = try Self.run("Check", in: repository)
        #expect(refused.code == 1 && refused.out.contains("::error file=routes/routes.yaml"), "\(refused)")
        let project = repository.project.folder
        let nested = try Self.run(
            "Check", in: repository, [("FOLDER", "/tmp"), ("PROJECT", String(project.dropFirst("/tmp/".count)))])
        #expect(nested.code == 1 && nested.out.contains("::error file=\(project.dropFirst(5))/routes/"), "\(nested)")
    }

    @Test func `test leaves its results, and fails where one fails`() throws {
        let repository = try self.repository()
        let good = try Self.run("Test", in: repository)
        #expect(good.code == 0, "\(good)")
        #expect(try repository.project.read(".ci/junit.xml").contains("<testsuites"))
        try repository.project.replace("routes/routes.yaml", "gte: 10", "gte: 20")
        let bad = try Self.run("Test", in: repository)
        #expect(bad.code == 1 && bad.out.contains("FAIL"), "\(bad)")
    }

    @Test func `diff writes its comment, and says whether something changed`() throws {
        let repository = try self.repository()
        let without = try Self.run("Diff", in: repository)
        #expect(without.code == 0 && without.output.isEmpty)
        let base = try repository.git("rev-parse", "HEAD")
        let same = try Self.run("Diff", in: repository, [("BASE", base)])
        #expect(same.code == 0 && same.output.contains("changed=false"), "\(same)")
        try repository.project.replace("routes/routes.yaml", "gte: 10", "gte: 20")
        let changed = try Self.run("Diff", in: repository, [("BASE", base)])
        #expect(changed.code == 0 && changed.output.contains("changed=true"), "\(changed)")
        #expect(changed.summary.hasPrefix("### Hookswitch") && changed.summary.contains("| created | shaped |"))
        try repository.project.write("routes/broken.yaml", "no yaml: [")
        #expect(try Self.run("Diff", in: repository, [("BASE", base)]).code == 78)
    }

    @Test func `the hooks of pre-commit run commands that there are`() throws {
        let entries = try Self.text(".pre-commit-hooks.yaml").components(separatedBy: "\n").filter {
            $0.hasPrefix("  entry: hookswitch ")
        }.map { $0.dropFirst("  entry: hookswitch ".count).split(separator: " ").map(String.init) }
        #expect(entries.count == 3)
        let repository = try self.repository()
        for entry in entries {
            let done = try hookswitch(entry, folder: repository.project.folder)
            #expect(done.code == 0, "\(entry): \(done)")
        }
    }

    @Test func `both files pass yamllint, where it is installed`() throws {
        let rules = "{extends: default, rules: {line-length: {max: 130}, document-start: disable}}"
        let command = ChildCommand(
            ["yamllint", "-d", rules, "\(Self.root)/action.yml", "\(Self.root)/.pre-commit-hooks.yaml"])
        // Where it is not installed there is nothing to compare with.
        guard let done = try? command.run() else { return }
        #expect(done.code == 0, "\(String(decoding: done.out, as: UTF8.self))")
    }
}
