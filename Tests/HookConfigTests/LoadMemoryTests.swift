// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

/// What is taken over from one load to the next; that the outcome is the same is shown in PipelineTests.
@Suite struct LoadMemoryTests {
    private static let world = """
        version: 1
        sources: {shop: {path: /in, verify: none}}
        destinations: {one: {url: "http://127.0.0.1:9/"}, two: {url: "http://127.0.0.1:9/"}}

        """

    private static func files(_ changed: [String: String?] = [:]) -> ProjectFiles {
        var files = ["routes/world.yaml": Self.world]
        for number in 0..<5 {
            files["routes/r\(number).yaml"] =
                "version: 1\nroutes:\n  r\(number): {to: one, source: shop, filter: f.lua#f\(number % 2)}\n"
        }
        for (path, text) in changed { files[path] = text }
        return ProjectFiles(files.map { .init(path: $0.key, bytes: Array($0.value.utf8)) })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let changed: [String: String?]
        /// Whether other files are still taken over.
        let isWarm: Bool
        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case(name: "nothing changed", changed: [:], isWarm: true),
        Case(
            name: "a route changed", changed: ["routes/r1.yaml": "version: 1\nroutes:\n  r1: {to: two}\n"], isWarm: true
        ),
        Case(
            name: "a route is new", changed: ["routes/r9.yaml": "version: 1\nroutes: {r9: {to: two}}\n"], isWarm: true),
        Case(name: "a file of routes is gone", changed: ["routes/r1.yaml": nil], isWarm: true),
        Case(
            name: "a destination is new",
            changed: ["routes/d.yaml": "version: 1\ndestinations: {three: {url: \"http://127.0.0.1:9/\"}}\n"],
            isWarm: true),
        Case(
            name: "a route is wrong", changed: ["routes/r1.yaml": "version: 1\nroutes:\n  r1: {to: nowhere}\n"],
            isWarm: true),
        Case(name: "a destination is gone", changed: ["routes/world.yaml": "version: 1\n"], isWarm: false),
        Case(
            name: "a policy is new", changed: ["routes/p.yaml": "version: 1\npolicies: {quick: {timeout: 5s}}\n"],
            isWarm: false),
        Case(name: "the settings changed", changed: ["hookswitch.yaml": "retention: {dedupe: 2h}\n"], isWarm: false),
    ]

    @Test(arguments: cases)
    func `only what others depend on makes everything be read anew`(example: Case) {
        let first = ConfigLoader.load(Self.files())
        #expect(first.codes == [])
        let changed = Self.files(example.changed)
        let warm = ProjectReader.load(changed, after: first.memory)
        #expect((warm != nil) == example.isWarm)
        let second = warm ?? ConfigLoader.load(changed)
        let cold = ConfigLoader.load(changed)
        #expect(second.diagnostics == cold.diagnostics)
        #expect(second.configuration.routes.map(\.scripts) == cold.configuration.routes.map(\.scripts))
        #expect(second.configuration.scripts.map(\.mark) == cold.configuration.scripts.map(\.mark))
        // Nothing of files that are gone stays.
        #expect(Set(second.memory.files.keys).isSubset(of: changed.files.map(\.path)))
        #expect(Set(second.memory.routes.keys) == Set(second.configuration.routes.map(\.name.text)))
    }

    @Test func `a file with a finding is read again`() {
        let wrong = "version: 1\nroutes:\n  r1: {to: nowhere}\n"
        let memory = ConfigLoader.load(Self.files(["routes/r1.yaml": wrong])).memory
        #expect(memory.files["routes/r1.yaml"] == nil)
        #expect(memory.files["routes/r2.yaml"] != nil)
    }
}
