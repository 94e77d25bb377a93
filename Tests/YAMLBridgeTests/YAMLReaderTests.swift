// SPDX-License-Identifier: Apache-2.0
import HookTestKit
import Testing

@testable import YAMLBridge

@Suite struct YAMLReaderTests {
    static func read(_ text: String) throws(YAMLFailure) -> YAMLNode? {
        try YAMLReader.read(Array(text.utf8), file: "f.yaml")
    }

    /// Every scalar with its place.
    static func places(_ node: YAMLNode) -> [String] {
        switch node.content {
        case .scalar(let text, _): ["\(text) \(node.mark.line):\(node.mark.column)+\(node.mark.length)"]
        case .sequence(let items): items.flatMap(self.places)
        case .mapping(let entries): entries.flatMap { self.places($0.key) + self.places($0.value) }
        }
    }

    @Test func `marks count scalars, from one`() throws {
        let node = try #require(try Self.read("a: 'x y'\nüb€r: [é, \"\u{1F600}\"]\nc: |\n  code\n"))
        #expect(
            Self.places(node) == [
                "a 1:1+1", "x y 1:4+5", "üb€r 2:1+4", "é 2:8+1", "\u{1F600} 2:11+3", "c 3:1+1", "code\n 3:4+1",
            ])
    }

    @Test func `a byte order mark moves nothing`() throws {
        let node = try #require(try Self.read("\u{FEFF}a: b\n"))
        #expect(Self.places(node) == ["a 1:1+1", "b 1:4+1"])
    }

    @Test func `duplicate keys stay in the tree`() throws {
        let node = try #require(try Self.read("{a: 1, a: 2}"))
        guard case .mapping(let entries) = node.content else { throw Unexpected() }
        #expect(entries.count == 2)
    }

    @Test func `an alias is the node again at its own place`() throws {
        let node = try #require(try Self.read("a: &x [1, 2]\nb: *x\n"))
        guard case .mapping(let entries) = node.content, case .sequence(let items) = entries[1].value.content else {
            throw Unexpected()
        }
        #expect(items.count == 2)
        #expect(entries[1].value.mark == YAMLMark(file: "f.yaml", line: 2, column: 4, length: 2))
    }

    @Test func `a bracketed list or map is marked to its end, a block by its first key`() throws {
        let node = try #require(try Self.read("ab: [1, {é: 2}]\ncd: {e: [\n 1]}\n"))
        guard case .mapping(let entries) = node.content, case .sequence(let items) = entries[0].value.content else {
            throw Unexpected()
        }
        let spans = [node, entries[0].value, items[1], entries[1].value].map {
            "\($0.mark.line):\($0.mark.column)+\($0.mark.length)"
        }
        #expect(spans == ["1:1+2", "1:5+11", "1:9+6", "2:5+1"])
    }

    @Test func `a file of comments is no document`() throws { #expect(try Self.read("# nothing\n") == nil) }

    struct Unexpected: Error {}

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let kind: YAMLFailure.Kind
        let line: Int
        let column: Int
        var testDescription: String { self.name }

        init(_ name: String, _ text: String, _ kind: YAMLFailure.Kind, _ line: Int, _ column: Int) {
            self.init(name, bytes: Array(text.utf8), kind, line, column)
        }

        init(_ name: String, bytes: [UInt8], _ kind: YAMLFailure.Kind, _ line: Int, _ column: Int) {
            self.name = name
            self.bytes = bytes
            self.kind = kind
            self.line = line
            self.column = column
        }
    }

    static let laughs =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + (1...9).map { "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 10).joined(separator: ", "))]\n" }
        .joined()

    static let refusals: [Refusal] = [
        Refusal("an open bracket", "a: [1\nb: 2\n", .syntax, 2, 2),
        Refusal("a tab as indentation", "a:\n\tb: 1\n", .syntax, 2, 1),
        Refusal("a second document", "a: 1\n---\nb: 2\n", .documents, 2, 1),
        Refusal("a tag", "a: !ruby/object x\n", .tag, 1, 4),
        Refusal("a tag on a list", "a: !!set [1]\n", .tag, 1, 4),
        Refusal("an unknown alias", "a: *nowhere\n", .alias, 1, 4),
        Refusal("an alias inside itself", "a: &x [1, *x]\n", .alias, 1, 11),
        Refusal("aliases that explode", Self.laughs, .alias, 4, 45),
        Refusal("bytes that are not UTF-8", bytes: Array("a: 1\nb: ".utf8) + [0xC3, 0x28], .syntax, 2, 4),
        Refusal("a control character", "a: \u{1}\n", .syntax, 1, 4),
        Refusal("UTF-16", bytes: [0xFF, 0xFE, 0x61, 0x00], .syntax, 1, 1),
        Refusal("20,000 open brackets", String(repeating: "[", count: 20_000), .tooDeep, 1, 66),
        Refusal("20,000 open braces", String(repeating: "{", count: 20_000), .tooDeep, 1, 66),
        Refusal("20,000 dashes", String(repeating: "- ", count: 20_000), .tooDeep, 1, 131),
        Refusal("20,000 question marks", String(repeating: "? ", count: 20_000), .tooDeep, 1, 131),
        Refusal(
            "depth through aliases",
            "a: &a \(String(repeating: "[", count: 40))\(String(repeating: "]", count: 40))\nb: \(String(repeating: "[", count: 40))*a\(String(repeating: "]", count: 40))\n",
            .tooDeep, 2, 44),
        Refusal("a file that is too large", String(repeating: "#", count: 1024 * 1024 + 1), .tooLarge, 1, 1),
    ]

    @Test(arguments: refusals) func `is refused at its place, quickly`(_ refusal: Refusal) {
        var failure: YAMLFailure?
        let took = ProcessorTime.measure {
            failure = #expect(throws: YAMLFailure.self) { _ = try YAMLReader.read(refusal.bytes, file: "f.yaml") }
        }
        #expect(took < .seconds(1))
        #expect(failure?.kind == refusal.kind)
        #expect(failure?.mark.line == refusal.line)
        #expect(failure?.mark.column == refusal.column)
        #expect(failure?.message.isEmpty == false)
    }

    @Test func `a stream that is dropped half way is freed`() {
        for _ in 0..<2000 { #expect(throws: YAMLFailure.self) { _ = try Self.read("a: &x [1, {b: *x}]\n") } }
    }
}
