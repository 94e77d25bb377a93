// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct SizeTests {
    @Test func `long files and functions have a reason`() {
        let endings = [".swift", ".c", ".h", ".lua", ".py"]
        let files = Repository.files.filter { file in endings.contains(where: file.path.hasSuffix) }
        #expect(files.flatMap(SizeRule.findings).isEmpty)
    }

    @Test func `the list of long files holds no file that is short or gone`() {
        for path in SizeRule.longFiles.keys {
            #expect(Repository.files.contains { $0.path == path && $0.lines.count > SizeRule.fileLinesMax }, "\(path)")
        }
    }

    @Test func `the row of the six stages fits on two screens`() throws {
        let text = try #require(Repository.text("Sources/Stages/HookPipeline/Pipeline.swift"))
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < SizeRule.pipelineLinesMax)
    }

    @Test func `a file of 501 lines is found`() {
        let long = SourceFile(
            path: "Sources/Core/HookCore/Long.swift", text: String(repeating: "let a = 1\n", count: 501))
        #expect(SizeRule.findings(in: long).count == 1)
        let fair = SourceFile(
            path: "Sources/Core/HookCore/Fair.swift", text: String(repeating: "let a = 1\n", count: 500))
        #expect(SizeRule.findings(in: fair).isEmpty)
    }

    @Test func `a function of 61 lines is found`() {
        let body = String(repeating: "    step()\n", count: 59)
        let text = "func run(_ body: () -> Void = {}) {\n\(body)}\n"
        #expect(FunctionLengths.of(SwiftText(text)).map(\.lines) == [61])
        #expect(SizeRule.findings(in: SourceFile(path: "Sources/Core/HookCore/Run.swift", text: text)).count == 1)
    }

    @Test(
        arguments: [
            ("func a() { b() }", [1]),
            ("protocol P {\n    func a()\n    func b() throws -> Int\n}", []),
            ("init(\n    a: Int,\n    b: Int\n) throws\nwhere A: B {\n    self.a = a\n}", [7]),
            ("init?(a: Int) {\n    self.init(b: a)\n}", [3]),
            ("func a() {\n    let text = \"}\"\n    // }\n}", [4]),
            ("func a() {\n    func b() {\n    }\n}", [4, 2]),
        ] as [(String, [Int])])
    func counts(_ text: String, _ expected: [Int]) {
        #expect(FunctionLengths.of(SwiftText(text)).map(\.lines) == expected)
    }
}
