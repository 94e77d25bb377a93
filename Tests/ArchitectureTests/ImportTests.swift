// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct ImportTests {
    @Test func `every module imports only what the table allows`() {
        #expect(Repository.product.flatMap { ImportRule.findings(in: $0) }.isEmpty)
    }

    @Test func `the table lets no stage import another`() {
        for stage in ImportRule.stages {
            let others = Set(ImportRule.stages).subtracting([stage])
            let allowed = ImportRule.table.first { $0.module == stage }?.allowed
            #expect(allowed?.isDisjoint(with: others) == true, "\(stage)")
        }
    }

    @Test func `the table names the modules there are`() {
        let folders = ["Bridges", "Core", "Stages", "Surfaces", "TestKit"].flatMap {
            Repository.folders(in: "Sources/\($0)")
        }
        let written = folders.filter { name in Repository.product.contains { $0.module == name } }
        #expect(Set(ImportRule.table.map(\.module)) == Set(written))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let text: String
        let expected: Int
        var testDescription: String { "\(self.text) in \(self.path)" }
    }

    static let cases: [Case] = [
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "import HookCore", expected: 0),
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "package import HookVerify", expected: 1),
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "@testable import HookVerify", expected: 1),
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "import struct Foundation.Date", expected: 1),
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "// import HookVerify", expected: 0),
        Case(path: "Sources/Stages/HookRoute/Route.swift", text: "import Synchronization", expected: 0),
        Case(path: "Sources/Core/HookCore/System/File.swift", text: "import Glibc", expected: 0),
        Case(path: "Sources/Core/HookCore/Time/Clock.swift", text: "import Glibc", expected: 1),
        Case(path: "Sources/Surfaces/hookswitch/Main.swift", text: "import LuaBridge", expected: 1),
        Case(path: "Sources/Core/HookNew/New.swift", text: "import HookCore", expected: 1),
    ]

    @Test(arguments: cases)
    func finds(_ example: Case) {
        let file = SourceFile(path: example.path, text: example.text)
        #expect(ImportRule.findings(in: file).count == example.expected)
    }
}
