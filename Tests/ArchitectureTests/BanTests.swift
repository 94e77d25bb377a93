// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct BanTests {
    @Test func `no file holds what only others may hold`() {
        #expect(Repository.product.flatMap { BanRule.findings(in: $0) }.isEmpty)
    }

    @Test(arguments: ArgumentRule.table)
    func `what the compiler does not check is argued`(_ rule: ArgumentRule) {
        #expect(Repository.product.flatMap { rule.findings(in: $0) }.isEmpty)
    }

    @Test func `every allowed place exists`() {
        for place in BanRule.table.flatMap(\.allowed) {
            #expect(Repository.product.contains { $0.path.hasPrefix(place) }, "\(place)")
        }
    }

    @Test(arguments: [
        ("let now = Date()", 1), ("let id = UUID()", 1), ("try await Task.sleep(for: .seconds(1))", 1),
        ("let home = getenv(\"HOME\")", 1), ("print(\"here\")", 1), ("debugPrint(value)", 1), ("self.print(value)", 0),
        ("func print(_ value: Int) {}", 0), ("let one = Int.random(in: 0..<4)", 1),
        ("let one = Int.random(in: 0..<4, using: &generator)", 0), ("let one = environment.random()", 0),
        ("let one = names.randomElement()", 1), ("Task { await run() }", 1),
        ("Task(priority: .low) { await run() }", 1),
        ("Task.detached { await run() }", 1), ("group.addTask { await run() }", 0), ("let value = try! parse()", 1),
        ("let view = value as! String", 1), ("let first = list.first!", 1), ("let first = list[0]!.name", 1),
        ("var name: String!", 1), ("if a != b, !isOpen {}", 0), ("let text = \"stop!\"", 0),
        ("// stop! TODO(#12): here", 0),
        ("// TODO: later", 1), ("@preconcurrency import Old", 1), ("let clock = ContinuousClock()", 1),
        ("let text = \"\\(list.first!)\"", 1), ("let text = #\"\\(list.first!)\"#", 0),
        ("let text = #\"\\#(list.first!)\"#", 1),
    ])
    func finds(_ text: String, _ expected: Int) {
        let file = SourceFile(path: "Sources/Stages/HookRoute/Route.swift", text: text)
        #expect(BanRule.findings(in: file).count == expected)
    }

    @Test(arguments: [
        ("final class Box: @unchecked Sendable {}", 1),
        ("// SAFETY: only the writer's thread touches it.\nfinal class Box: @unchecked Sendable {}", 0),
        ("// It is safe.\nnonisolated(unsafe) var shared = 0", 1),
        ("let value = try? parse()", 1),
        ("// What does not parse is a name.\nlet value = try? parse()", 0),
        ("let value = try? parse()  // what does not parse is a name", 0),
    ])
    func findsUnargued(_ text: String, _ expected: Int) {
        let file = SourceFile(path: "Sources/Stages/HookRoute/Route.swift", text: text)
        #expect(ArgumentRule.table.flatMap { $0.findings(in: file) }.count == expected)
    }
}
