// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookConfig

/// One folder a code: a small project that provokes it, and what people see. `HOOKSWITCH_GOLDEN=write` rewrites.
@Suite struct DiagnosticGoldenTests {
    static let folder = packageRoot.appendingPathComponent("Tests/GoldenTests/cases/diagnostics")
    static let areas: Set = [
        "yaml", "config", "match", "route", "source", "destination", "policy", "secret", "template", "test",
        "schema", "catalogue", "step", "subscriber", "version", "lookup",
    ]
    /// Said by the running process, by name: no project folder can provoke them in the loader.
    static let ofTheProcess: Set = ["config/unreadable", "route/unmatched", "secret/unresolved"]
    static let codes = CodeRegistry.all.map(\.code).filter {
        Self.areas.contains(String($0.split(separator: "/")[0])) && !Self.ofTheProcess.contains($0)
    }

    /// Every code that stands in the sources of the loader.
    static func emittedCodes() throws -> Set<String> {
        let pattern = /"(([a-z]+)\/[a-z-]+)"/
        var codes: Set<String> = []
        for file in project(at: packageRoot.appendingPathComponent("Sources/Core/HookConfig")).files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            for match in text.matches(of: pattern) where Self.areas.contains(String(match.2)) {
                codes.insert(String(match.1))
            }
        }
        return codes
    }

    @Test func `every code that is emitted is explained`() throws {
        let emitted = try Self.emittedCodes()
        #expect(emitted.count > 40)
        #expect(emitted.subtracting(Self.codes).sorted() == [])
        #expect(Set(Self.codes).subtracting(emitted).sorted() == [])
    }

    static func linted(_ files: ProjectFiles) -> [Diagnostic] {
        let loaded = ConfigLoader.load(files)
        return DiagnosticList.arranged(loaded.findings + ProjectLint.findings(files, loaded))
    }

    @Test(arguments: Self.codes) func `a golden case shows the code`(_ code: String) throws {
        let name = code.replacingOccurrences(of: "/", with: "-")
        let folder = Self.folder.appendingPathComponent(name)
        let files = project(at: folder, below: ["routes"])
        try #require(!files.files.isEmpty, "no golden case \(name)")
        let diagnostics = Self.linted(files)
        #expect(diagnostics.contains { $0.code == code })
        let places = ["routes/main.yaml"] + (code.hasPrefix("lookup/") ? files.files.map(\.path) : [])
        #expect(diagnostics.allSatisfy { $0.mark.map { places.contains($0.file) } ?? false })
        let text = DiagnosticRenderer(files: files).render(diagnostics)
        let expected = folder.appendingPathComponent("expected.txt")
        if ProcessInfo.processInfo.environment["HOOKSWITCH_GOLDEN"] == "write" {
            try text.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: expected, encoding: .utf8) == text)
    }

    @Test(
        arguments: CodeRegistry.all.filter {
            Self.codes.contains($0.code) && !$0.right.isEmpty && $0.code != "config/version"
        }.map(\.code))
    func `the right example of a code does not provoke it`(_ code: String) throws {
        let entry = try #require(CodeRegistry.entry(for: code))
        let base = project(
            at: Self.folder.appendingPathComponent(code.replacingOccurrences(of: "/", with: "-")), below: ["routes"])
        let main = ProjectFiles.File(path: "routes/main.yaml", bytes: Array("version: 1\n\n\(entry.right)\n".utf8))
        let files = ProjectFiles(base.files.filter { $0.path != main.path } + [main])
        #expect(ConfigLoader.load(files).codes == [])
        #expect(!Self.linted(files).contains { $0.code == code })
    }
}
