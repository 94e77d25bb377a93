// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct JSONParserTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let text: [UInt8]
        let reason: JSONFailure.Reason
        let offset: Int
        var testDescription: String { "`\(String(decoding: self.text.prefix(30), as: UTF8.self))`" }

        init(_ text: String, _ reason: JSONFailure.Reason, at offset: Int) {
            self.init(Array(text.utf8), reason, at: offset)
        }

        init(_ text: [UInt8], _ reason: JSONFailure.Reason, at offset: Int) {
            self.text = text
            self.reason = reason
            self.offset = offset
        }
    }

    static let refused: [Refused] = [
        Refused("", .unexpectedEnd, at: 0), Refused("  ", .unexpectedEnd, at: 2), Refused("[", .unexpectedEnd, at: 1),
        Refused("[1", .unexpectedEnd, at: 2), Refused("[1,", .unexpectedEnd, at: 3),
        Refused("{\"a\"", .unexpectedEnd, at: 4),
        Refused("\"abc", .unexpectedEnd, at: 4), Refused("\"\\", .unexpectedEnd, at: 2),
        Refused("tru", .unexpectedEnd, at: 3),
        Refused("-", .unexpectedEnd, at: 1), Refused("1e", .unexpectedEnd, at: 2), Refused("1.", .unexpectedEnd, at: 2),
        Refused("[1,]", .unexpectedByte, at: 3), Refused("{\"a\":1,}", .unexpectedByte, at: 7),
        Refused("[,1]", .unexpectedByte, at: 1), Refused("[1 2]", .unexpectedByte, at: 3),
        Refused("[1}", .unexpectedByte, at: 2),
        Refused("{\"a\":1]", .unexpectedByte, at: 6), Refused("{a:1}", .unexpectedByte, at: 1),
        Refused("{\"a\" 1}", .unexpectedByte, at: 5), Refused("[]]", .textAfterEnd, at: 2),
        Refused("1 1", .textAfterEnd, at: 2),
        Refused("trux", .unexpectedByte, at: 3), Refused("nul1", .unexpectedByte, at: 3),
        Refused("[True]", .unexpectedByte, at: 1),
        Refused("01", .textAfterEnd, at: 1), Refused("-a", .badNumber, at: 1), Refused("1.a", .badNumber, at: 2),
        Refused("1e+a", .badNumber, at: 3), Refused("+1", .unexpectedByte, at: 0),
        Refused(".5", .unexpectedByte, at: 0),
        Refused("NaN", .unexpectedByte, at: 0), Refused("\u{FEFF}1", .unexpectedByte, at: 0),
        Refused("\u{A0}1", .unexpectedByte, at: 0), Refused("\"\\x\"", .badEscape, at: 1),
        Refused("\"\\u12G4\"", .badEscape, at: 1), Refused("\"\\u12", .unexpectedEnd, at: 5),
        Refused("\"\\ud800\"", .badUnicode, at: 1), Refused("\"\\udc00\"", .badUnicode, at: 1),
        Refused("\"\\ud800\\ud800\"", .badUnicode, at: 1), Refused("\"\\ud800\\n\"", .badUnicode, at: 1),
        Refused("\"\\ud800\\u\"", .unexpectedEnd, at: 10), Refused("\"a\nb\"", .controlCharacter, at: 2),
        Refused("\"é\u{1}\"", .controlCharacter, at: 3), Refused("\"\0\"", .controlCharacter, at: 1),
        Refused([0x22, 0x80, 0x22], .badUnicode, at: 1), Refused([0x22, 0xC1, 0x81, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xE0, 0x9F, 0x80, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xED, 0xA0, 0x80, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xF0, 0x8F, 0x80, 0x80, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], .badUnicode, at: 1),
        Refused([0x22, 0xE2, 0x82], .badUnicode, at: 1), Refused([0x22, 0xF0, 0x9F, 0x98, 0x22], .badUnicode, at: 1),
        Refused("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, at: 13),
        Refused("{\"a\":1,\"\\u0061\":2}", .duplicateKey, at: 7),
        Refused("{\"\":1,\"\":2}", .duplicateKey, at: 6),
        Refused("[{\"😀\":1,\"\\ud83d\\ude00\":2}]", .duplicateKey, at: 11),
    ]

    @Test(arguments: refused)
    func `a text that is no JSON is refused where it goes wrong`(example: Refused) {
        let failure = #expect(throws: JSONFailure.self) { try JSONDocument(parsing: example.text) }
        #expect(failure == JSONFailure(example.reason, at: example.offset))
    }

    @Test(arguments: 0..<40)
    func `every length of a string meets its end`(length: Int) throws {
        // Around the width of a vector: the stop may be in it, behind it, or at the end of the text.
        let plain = String(repeating: "x", count: length)
        #expect(try JSONValue(parsing: Array("\"\(plain)\"".utf8)) == .string(plain))
        for odd in ["é", "😀", "\\n", "\\u20ac"] {
            let value = try JSONValue(parsing: Array("[\"\(plain)\(odd)\(plain)\"]".utf8))
            #expect(value.arrayValue?.first?.stringValue?.utf8.count ?? 0 > 2 * length)
        }
        for bad: UInt8 in [0, 0x1F, 0x80, 0xFF] {
            let text = [0x22] + Array(plain.utf8) + [bad] + Array(plain.utf8) + [0x22]
            let failure = #expect(throws: JSONFailure.self) { try JSONDocument(parsing: text) }
            #expect(failure?.offset == length + 1)
        }
        let spaces = String(repeating: " \n\t\r", count: length)
        #expect(
            try JSONValue(parsing: Array("\(spaces)[\(spaces)1\(spaces),\(spaces)2\(spaces)]\(spaces)".utf8)) == [1, 2])
    }

    @Test func `escapes mean their characters`() throws {
        let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\u0000""#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value.stringValue == "\"\\/\u{8}\u{C}\n\r\tAé€😀\0")
        #expect(try JSONValue(parsing: value.encoded()) == value)
    }

    @Test func `depth is counted from the outermost container`() throws {
        for depth in [1, 63, 64] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(try JSONDocument(parsing: Array(text.utf8)).nodes.count == depth)
        }
        let deep = Array((String(repeating: "{\"a\":[", count: 33) + "1" + String(repeating: "]}", count: 33)).utf8)
        let failure = #expect(throws: JSONFailure.self) { try JSONDocument(parsing: deep) }
        #expect(failure?.reason == .tooDeep)
        #expect(try JSONDocument(parsing: deep, limits: JSONLimits(depthMax: 66)).nodes.count == 100)
        #expect(throws: JSONFailure.self) {
            try JSONDocument(parsing: Array("[]".utf8), limits: JSONLimits(depthMax: 0))
        }
        #expect(try JSONDocument(parsing: Array("1".utf8), limits: JSONLimits(depthMax: 0)).nodes.count == 1)
    }

    @Test func `a million brackets are refused, and read where they are allowed`() throws {
        let half = 500_000
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: half)
        #expect(throws: JSONFailure.self) { try JSONDocument(parsing: bomb) }
        let failure = #expect(throws: JSONFailure.self) {
            try JSONDocument(parsing: bomb, limits: JSONLimits(depthMax: half))
        }
        #expect(failure == JSONFailure(.unexpectedEnd, at: half))
        let whole = bomb + [UInt8](repeating: UInt8(ascii: "]"), count: half)
        #expect(try JSONDocument(parsing: whole, limits: JSONLimits(depthMax: half)).nodes.count == half)
    }

    @Test func `members are found by the bytes of their keys`() throws {
        let document = try JSONDocument(parsing: Array(#"{"a":{"é":1,"b.c":2},"\u0062":{"":3},"list":[4,[5]]}"#.utf8))
        #expect(document.find(["a", "é"]).map { Array(document.text(of: $0)) } == [0x31])
        // The same character by eye, other bytes.
        #expect(document.find(["a", "e\u{301}"]) == nil)
        #expect(document.find(["a", "b.c"]).map { Array(document.text(of: $0)) } == [0x32])
        #expect(document.find(["a", "b", "c"]) == nil)
        #expect(document.find(["b", ""]).map { Array(document.text(of: $0)) } == [0x33])
        #expect(document.find(["list", "0"]) == nil)
        #expect(document.find([]) == 0)
        #expect(document.find(["list"]).map { document.children(of: $0).count } == 2)
    }
}
