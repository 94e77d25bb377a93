// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct JSONWriterTests {
    private func written(_ write: (inout [UInt8]) -> Void) -> String {
        var output: [UInt8] = []
        write(&output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What was written; nil where the writer refused, having written nothing.
    private func accepted(_ write: (inout [UInt8]) -> Bool) -> String? {
        var output: [UInt8] = []
        let isAccepted = write(&output)
        return isAccepted || !output.isEmpty ? String(decoding: output, as: UTF8.self) : nil
    }

    @Test(
        arguments: zip(
            [1, -0.0, 0.1, 1e16, 1e-5, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 123456789.125, 1e22, 0x1p60],
            [
                "1.0", "-0.0", "0.1", "1e+16", "1e-05", "5e-324", "1.7976931348623157e+308", "123456789.125", "1e+22",
                "1152921504606846976.0",
            ]))
    func `doubles are written short and exact`(value: Double, text: String) {
        #expect(self.accepted { JSONWriter.append(value, to: &$0) } == text)
    }

    @Test func `every finite double is valid JSON and is read back`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let value = Double(bitPattern: random.next())
            var output: [UInt8] = []
            #expect(JSONWriter.append(value, to: &output) == value.isFinite)
            guard value.isFinite else { continue }
            let document = try JSONDocument(parsing: output)
            #expect(JSONNumber(text: document.text(of: 0)) == JSONNumber(value))
            #expect(Double(String(decoding: output, as: UTF8.self)) == value)
        }
    }

    @Test func `what JSON cannot say is not written`() {
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(self.accepted { JSONWriter.append(value, to: &$0) } == nil)
        }
        let broken: [[UInt8]] = [
            [0x80], [0x61, 0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80], [0xE2, 0x82],
        ]
        for bytes in broken {
            #expect(self.accepted { JSONWriter.appendString(checking: bytes, to: &$0) } == nil)
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 9, 10, 1_234_567_890, .max])
    func `integers are written in full`(value: Int64) {
        #expect(self.written { JSONWriter.append(value, to: &$0) } == "\(value)")
        #expect(
            self.written { JSONWriter.append(UInt64(bitPattern: value), to: &$0) } == "\(UInt64(bitPattern: value))")
    }

    @Test func `strings are escaped where they must be`() {
        let text =
            "plain \"quoted\" \\ \u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F} é😀 and a long plain tail to pass sixteen bytes"
        let literal =
            #""plain \"quoted\" \\ \b\f\n\r\t\u0000\u001f"# + "\u{7F}"
            + #" é😀 and a long plain tail to pass sixteen bytes""#
        #expect(self.written { JSONWriter.append(text, to: &$0) } == literal)
        #expect(self.accepted { JSONWriter.appendString(checking: Array(text.utf8), to: &$0) } == literal)
        // A sequence without contiguous storage takes the other way to the same end.
        #expect(self.written { JSONEscapes.appendQuoted(AnySequence(Array(text.utf8)), to: &$0) } == literal)
        #expect(self.written { JSONWriter.append("", to: &$0) } == "\"\"")
    }

    @Test func `replaced parts change and all else stays byte for byte`() throws {
        let text = #" { "id" : 1.10, "list":[1e2, {"a":-0}], "name":"\u0041" } "#
        let document = try JSONDocument(parsing: Array(text.utf8))
        let id = try #require(document.find(["id"]))
        let list = try #require(document.find(["list"]))
        let name = try #require(document.find(["name"]))
        let inner = document.children(of: list)[1]
        func edited(_ edits: [(Int, String)], of node: Int = 0) -> String {
            let all = edits.map { JSONWriter.Edit(node: $0.0, text: Array($0.1.utf8)) }
            return self.written { JSONWriter.appendText(of: node, in: document, replacing: all, to: &$0) }
        }
        #expect(edited([]) == #"{ "id" : 1.10, "list":[1e2, {"a":-0}], "name":"\u0041" }"#)
        #expect(edited([(name, "null"), (id, "2")]) == #"{ "id" : 2, "list":[1e2, {"a":-0}], "name":null }"#)
        #expect(edited([(id, "2"), (id, "3")]) == #"{ "id" : 3, "list":[1e2, {"a":-0}], "name":"\u0041" }"#)
        #expect(edited([(inner, "0"), (inner + 2, "9")], of: list) == "[1e2, 0]")
        #expect(edited([(inner + 2, "9"), (id, "5")], of: list) == #"[1e2, {"a":9}]"#)
        #expect(edited([(0, "7"), (id, "5")]) == "7")
        #expect(edited([(9999, "7"), (-1, "5")], of: list) == #"[1e2, {"a":-0}]"#)
        #expect(self.written { JSONWriter.appendText(of: name, in: document, to: &$0) } == #""\u0041""#)
    }
}
