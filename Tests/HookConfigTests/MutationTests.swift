// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookConfig

/// Damage of every kind to real files: nothing crashes, nothing hangs, every finding has a place.
@Suite struct MutationTests {
    static let pieces: [String] = [
        "[", "]", "{", "}", ":", ": ", "- ", "? ", "&a ", "*a", "!!str ", "!x ", "|\n", ">\n", "\"", "'", "#", "\t",
        "\n", "\n\n", "---\n", "...\n",
        "%YAML 1.1\n", "\u{0}", "\u{FEFF}", "é", "\u{1F600}", "null", "~", "NO", "12:30", "007", "0x", "1e999", "-1",
        "99999999999999999999999", ".nan",
        "{data.x}", "{", "data.", "\\", "x: y\n", "  ", "[[[[[[[[", "{{{{{{{{", "to: ", "event: ", "match: {}", "10s",
        "9223372036854775807d", "version: 1\n",
    ]

    static func mutate(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...result.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: if place < result.count { result[place] = UInt8.random(in: 0...255, using: &random) }
            case 1: result.insert(contentsOf: Self.pieces.randomElement(using: &random)?.utf8 ?? "".utf8, at: place)
            case 2: result.removeSubrange(place..<min(result.count, place + Int.random(in: 1...40, using: &random)))
            case 3: result.removeSubrange(place...)
            case 4:
                let end = min(result.count, place + Int.random(in: 1...200, using: &random))
                result.insert(contentsOf: result[place..<end], at: Int.random(in: 0...result.count, using: &random))
            default:
                var lines = result.split(separator: 0x0A, omittingEmptySubsequences: false)
                if lines.count > 1 {
                    lines.swapAt(
                        Int.random(in: 0..<lines.count, using: &random), Int.random(in: 0..<lines.count, using: &random)
                    )
                }
                result = Array(lines.joined(separator: [0x0A]))
            }
        }
        return result
    }

    static func check(_ project: ProjectFiles) -> ([Diagnostic], String) {
        let loaded = ConfigLoader.load(project)
        let diagnostics = DiagnosticList.arranged(loaded.findings + ProjectLint.findings(project, loaded))
        return (diagnostics, DiagnosticRenderer(files: project).render(diagnostics))
    }

    @Test(arguments: [1, 2, 3, 4]) func `a damaged project is refused or read, never a crash`(_ seed: UInt64) throws {
        let shipped = project(at: packageRoot, below: ["routes"]).files
        let whole = LanguageExampleTests.files.files
        var random = SeededRandom(state: seed)
        let clock = ContinuousClock()
        var slowest = Duration.zero
        for _ in 0..<500 {
            var files = Bool.random(using: &random) ? shipped : whole
            let routes = files.indices.filter { ConfigLoader.isRouteFile(files[$0].path) }
            let at = try #require(routes.randomElement(using: &random))
            files[at] = .init(path: files[at].path, bytes: Self.mutate(files[at].bytes, using: &random))
            let project = ProjectFiles(files)
            var start = clock.now
            var (diagnostics, text) = Self.check(project)
            var took = clock.now - start
            if took > .seconds(1) {
                // Others may have had the processor; what hangs, hangs twice.
                start = clock.now
                (diagnostics, text) = Self.check(project)
                took = min(took, clock.now - start)
            }
            slowest = max(slowest, took)
            for diagnostic in diagnostics {
                let mark = try #require(diagnostic.mark, "seed \(seed): \(diagnostic.message)")
                #expect(mark.line >= 1 && mark.column >= 1)
                let bytes = try #require(project[mark.file], "seed \(seed): \(mark.file)")
                if let fix = diagnostic.fix {
                    #expect(fix.mark.range(in: bytes) != nil, "seed \(seed): \(diagnostic.message)")
                }
                #expect(CodeRegistry.entry(for: diagnostic.code) != nil)
            }
            #expect(diagnostics.isEmpty == text.isEmpty)
        }
        #expect(slowest < .seconds(1), "seed \(seed)")
    }

    @Test func `a thousand files load in one go`() {
        let base = ProjectFiles.File(
            path: "routes/base.yaml",
            bytes: Array(
                "version: 1\nsources: {shop: {path: /in, verify: none, event: {type: {data: type}}}}\ndestinations: {chat: {url: 'https://chat.example'}}\n"
                    .utf8))
        let files = ProjectFiles(
            [base]
                + (0..<1000).map { number in
                    let text = """
                        version: 1
                        routes:
                          route-\(number):
                            event: order.created
                            source: shop
                            match:
                              data.customer.id: C-\(number)
                              data.total_cents: {gte: \(number), lt: 100000}
                              data.shipping.country: [DE, FR, IT]
                            transform: orders.lua#to_\(number)
                            to: {destination: chat, when: data.x == \(number)}

                        """
                    return .init(path: "routes/r\(number).yaml", bytes: Array(text.utf8))
                })
        let clock = ContinuousClock()
        let start = clock.now
        let loaded = ConfigLoader.load(files)
        let took = clock.now - start
        #expect(loaded.codes == [])
        #expect(loaded.configuration.routes.count == 1000)
        #expect(took < .seconds(10))
        let lintStart = clock.now
        #expect(ProjectLint.findings(files, loaded).map(\.code) == [])
        let lintTook = clock.now - lintStart
        #expect(lintTook < .seconds(10))
        print("1,000 route files: \(took), linting \(lintTook)")
    }
}
