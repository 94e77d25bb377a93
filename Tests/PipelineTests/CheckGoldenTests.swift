// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookConfig
import HookCore
import HookPipeline
import Testing

/// What `check` says of whole projects with scripts: one folder a code. `HOOKSWITCH_GOLDEN=write` rewrites.
@Suite struct CheckGoldenTests {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let folder = root.appendingPathComponent("Tests/GoldenTests/cases/diagnostics")
    /// Everything that checking says of scripts, and of secrets; the rest is said while scripts run.
    static let codes = [
        "script/syntax", "script/missing-file", "script/missing-function", "script/parameters", "script/require",
        "script/load", "script/unused", "script/undefined-name", "script/removed", "script/global-write",
        "script/arguments", "script/unused-local", "secret/unresolved",
    ]

    /// Every code of scripts that stands in the sources of the checker and the linter.
    @Test func `every code that checking emits has a case here`() throws {
        var emitted: Set<String> = []
        for part in ["Scripts", "Lint"] {
            let sources = Self.root.appendingPathComponent("Sources/Stages/HookTransform/\(part)")
            for url in try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil) {
                let text = try String(contentsOf: url, encoding: .utf8)
                for match in text.matches(of: /"(script\/[a-z-]+)"/) { emitted.insert(String(match.1)) }
            }
        }
        #expect(emitted.subtracting(Self.codes).sorted() == [])
        #expect(Set(Self.codes).subtracting(emitted).sorted() == ["secret/unresolved"])
    }

    @Test(arguments: codes) func `a golden case shows the code`(_ code: String) throws {
        let folder = Self.folder.appendingPathComponent(code.replacingOccurrences(of: "/", with: "-"))
        let files = try Self.files(in: folder)
        try #require(!files.files.isEmpty, "no golden case for \(code)")
        let outcome = RevisionCompiler(environment: .live, projectFolder: folder.path).compile(files)
        let secrets = SecretStore(outcome.configuration.secrets, environment: .live, projectRoot: folder.path)
        let missing = SecretCheck.finding(outcome.configuration, secrets, .warning)
        let diagnostics = outcome.diagnostics + [missing].compactMap { $0 }
        #expect(diagnostics.contains { $0.code == code })
        let text = DiagnosticRenderer(files: files).render(diagnostics)
        let expected = folder.appendingPathComponent("expected.txt")
        if ProcessInfo.processInfo.environment["HOOKSWITCH_GOLDEN"] == "write" {
            try text.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: expected, encoding: .utf8) == text)
    }

    static func files(in folder: URL) throws -> ProjectFiles {
        var files: [ProjectFiles.File] = []
        for part in ["routes", "scripts"] {
            let start = folder.appendingPathComponent(part).resolvingSymlinksInPath()
            for case let url as URL in FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
                ?? .init()
            {
                guard !url.hasDirectoryPath else { continue }
                let path = part + url.path.dropFirst(start.path.count)
                files.append(.init(path: path, bytes: Array(try Data(contentsOf: url))))
            }
        }
        return ProjectFiles(files)
    }
}
