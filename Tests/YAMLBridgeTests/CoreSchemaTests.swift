// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import YAMLBridge

@Suite struct CoreSchemaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let value: YAMLScalar
        var testDescription: String { self.text.isEmpty ? "nothing" : self.text }
    }

    /// YAML 1.2.2, section 10.3.2, and what lies just outside of each expression.
    static let cases: [Case] = [
        (["", "~", "null", "Null", "NULL"], YAMLScalar.null),
        (["true", "True", "TRUE"], .bool(true)), (["false", "False", "FALSE"], .bool(false)),
        (["0", "-0"].dropLast() + ["00", "+0"], .number("0")), (["-0"], .number("-0")),
        (["007", "+7", "7", "0o7", "0x7"], .number("7")),
        (["-12"], .number("-12")), (["0x1F", "0x1f"], .number("31")), (["0o17"], .number("15")),
        (["0xFFFFFFFFFFFFFFFF"], .number("18446744073709551615")),
        (["0x10000000000000000"], .unusableNumber("0x10000000000000000")),
        (["1.5", "+1.5", "01.5"], .number("1.5")), ([".5", "0.5"], .number("0.5")), (["1."], .number("1.0")),
        (["-.5"], .number("-0.5")),
        (["1e3", "1E3"], .number("1e3")), (["1.e+3"], .number("1.0e+3")),
        (["12345678901234567890123"], .number("12345678901234567890123")),
        ([".inf"], .unusableNumber(".inf")), (["-.INF"], .unusableNumber("-.INF")), ([".nan"], .unusableNumber(".nan")),
    ].flatMap { texts, value in texts.map { Case(text: $0, value: value) } }

    static let strings = [
        "yes", "no", "NO", "on", "off", "y", "n", "tRUE", "nULL", "12:30", "1_000", "0b11", "0o8", "0xg", "+", "-", ".",
        "..", "1e", "e3",
        "1.2.3", "-.", "+.e3", "2026-06-30", ".Nan", "1 2", "0x", "--1", "１", "nul", "=", "<<",
    ]

    @Test(arguments: cases) func `a plain scalar has its meaning`(_ example: Case) {
        #expect(CoreSchema.resolve(example.text) == example.value)
    }

    @Test(arguments: strings) func `everything else is text`(_ text: String) {
        #expect(CoreSchema.resolve(text) == .string(text))
    }

    @Test(arguments: [
        "yes", "NO", "on", "Off", "010", "-08", "12:30", "1:02:03", "1_000", "00",
    ]) func `another reading is named`(_ text: String) { #expect(CoreSchema.otherReading(of: text) != nil) }

    @Test(arguments: [
        "0", "10", "true", "2026-06-30", "12:60", "a:b", "no way", "0x10", "1.5", "null", "", "sha256=00", "12:345",
    ]) func `no other reading is made up`(_ text: String) { #expect(CoreSchema.otherReading(of: text) == nil) }

    @Test(arguments: ["\"true\"", "'12'", "|\n  true", ">\n  12", "!!str 12"])
    func `only a plain scalar is anything but text`(_ text: String) throws {
        let node = try #require(try YAMLReader.read(Array("a: \(text)\n".utf8), file: "f"))
        guard case .mapping(let entries) = node.content, case .string = entries[0].value.scalar else {
            Issue.record("\(node)")
            return
        }
    }
}
