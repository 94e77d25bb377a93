// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HookPipeline

@Suite struct LineDiffTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let old: String
        let new: String
        let lines: [String]
        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case(name: "equal", old: "a\nb\n", new: "a\nb\n", lines: []),
        Case(name: "a newline at the end is no line", old: "a", new: "a\n", lines: []),
        Case(name: "one line for another", old: "a", new: "b", lines: ["@@ -1,1 +1,1 @@", "-a", "+b"]),
        Case(name: "from nothing", old: "", new: "a", lines: ["@@ -1,0 +1,1 @@", "+a"]),
        Case(
            name: "context, and no more than three lines of it", old: "1\n2\n3\n4\n5\n6\n7\n8\n9",
            new: "1\n2\n3\n4\nx\n6\n7\n8\n9",
            lines: ["@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+x", " 6", " 7", " 8"]),
        Case(
            name: "two hunks", old: "a\n1\n2\n3\n4\n5\n6\n7\n8\nb", new: "A\n1\n2\n3\n4\n5\n6\n7\n8\nB",
            lines: [
                "@@ -1,4 +1,4 @@", "-a", "+A", " 1", " 2", " 3", "@@ -7,4 +7,4 @@", " 6", " 7", " 8", "-b", "+B",
            ]),
        Case(name: "a line in between", old: "a\nc", new: "a\nb\nc", lines: ["@@ -1,2 +1,3 @@", " a", "+b", " c"]),
    ]

    @Test(arguments: cases)
    func `lines are as diff -u has them`(_ example: Case) {
        #expect(LineDiff.unified(from: Array(example.old.utf8), to: Array(example.new.utf8)) == example.lines)
    }

    @Test func `the shortest edit is found, and applying it gives the new text`() {
        var seed: UInt64 = 7
        func next(_ bound: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % bound
        }
        for _ in 0..<200 {
            let old = (0..<next(12)).map { _ in "\(next(4))" }
            let new = (0..<next(12)).map { _ in "\(next(4))" }
            let lines = LineDiff.unified(
                from: Array(old.joined(separator: "\n").utf8), to: Array(new.joined(separator: "\n").utf8))
            #expect(Self.applied(lines, to: old) == new)
        }
    }

    /// What `patch` does.
    private static func applied(_ lines: [String], to old: [String]) -> [String] {
        var rest = old[...]
        var output: [String] = []
        for line in lines {
            if line.hasPrefix("@@") {
                let first = Int(line.dropFirst(4).prefix { $0.isNumber }) ?? 0
                let before = first - 1 - (old.count - rest.count)
                output += rest.prefix(max(0, before))
                rest = rest.dropFirst(max(0, before))
            } else if line.hasPrefix("+") {
                output.append(String(line.dropFirst()))
            } else {
                if line.hasPrefix(" ") { output.append(String(line.dropFirst())) }
                rest = rest.dropFirst()
            }
        }
        return output + rest
    }
}
