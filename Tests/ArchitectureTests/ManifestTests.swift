// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct ManifestTests {
    static let manifest = Manifest(Repository.text("Package.swift") ?? "")

    /// Modules whose tests stand elsewhere, with the target that runs them.
    static let testedBy = [
        "HookPipeline": "PipelineTests", "HookAdmin": "PipelineTests", "hookswitch": "CommandTests",
        "HookTelemetry": "CommandTests", "HookTestKit": "HookStoreTests",
    ]

    @Test func `every target has its folder, and every folder its target`() {
        let layers = Repository.folders(in: "Sources")
        let folders = layers.flatMap { layer in
            Repository.folders(in: "Sources/\(layer)").map { "Sources/\(layer)/\($0)" }
        }
        #expect(Set(Self.manifest.modules.values) == Set(folders))
    }

    @Test func `every test target has its folder, and every folder its target`() {
        // The golden cases are input of HookConfigTests, no target.
        let folders = Set(Repository.folders(in: "Tests")).subtracting(["GoldenTests"])
        #expect(Set(Self.manifest.tests.keys) == folders)
    }

    @Test func `every module has a test target`() {
        for module in ImportRule.table.map(\.module) {
            let target = Self.testedBy[module] ?? "\(module)Tests"
            #expect(Self.manifest.tests[target] != nil, "\(module) is tested by no target")
        }
    }

    @Test func `every module says in the manifest what it is`() {
        #expect(Self.manifest.uncommented.isEmpty)
    }

    @Test func `a manifest is read`() {
        let sample = Manifest(
            """
            .systemLibrary(name: "CNew", path: "Sources/Bridges/CNew"),
            // 3: match.
            module("Stages", "HookRoute", ["HookCore"]),
            module(
                "Stages", "HookNew",
                ["HookCore"]),
            tests("HookRouteTests", ["HookRoute", "HookCore"], exclude: ["a.jsonl"]),
            // tests("HookGoneTests", []),
            """)
        #expect(
            sample.modules == [
                "CNew": "Sources/Bridges/CNew", "HookRoute": "Sources/Stages/HookRoute",
                "HookNew": "Sources/Stages/HookNew",
            ])
        #expect(sample.tests == ["HookRouteTests": ["HookRoute", "HookCore"]])
        #expect(sample.uncommented == ["module("])
    }
}
