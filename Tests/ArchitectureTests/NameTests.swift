// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct NameTests {
    @Test func `no type and no file has a name that says nothing`() {
        let files = Repository.files.filter { $0.path.hasPrefix("Sources/") || $0.path.hasPrefix("Tests/") }
        #expect(files.flatMap(NameRule.findings).isEmpty)
    }

    @Test(arguments: [
        ("RouteManager", true), ("DataReader", true), ("URLUtils", true), ("EventHandler", true), ("BaseRoute", true),
        ("Database", false), ("Base64", false), ("Metadata", false), ("SignalsLogHandler", false), ("Route", false),
    ])
    func bans(_ name: String, _ isBanned: Bool) {
        #expect(NameRule.isBanned(name) == isBanned)
        let declared = SourceFile(path: "Sources/Stages/HookRoute/Route.swift", text: "package final class \(name) {}")
        #expect(NameRule.findings(in: declared).isEmpty != isBanned)
        let named = SourceFile(path: "Sources/Stages/HookRoute/\(name).swift", text: "")
        #expect(NameRule.findings(in: named).isEmpty != isBanned)
    }

    @Test func `a banned word names no file`() {
        #expect(NameRule.findings(in: SourceFile(path: "Sources/Core/HookCore/Helpers.swift", text: "")).count == 1)
    }
}
