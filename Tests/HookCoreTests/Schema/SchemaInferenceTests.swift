// SPDX-License-Identifier: Apache-2.0
import HookTestKit
import Testing

@testable import HookCore

@Suite struct SchemaInferenceTests {
    private static func infer(_ samples: [String]) throws -> JSONValue {
        var inference = SchemaInference()
        for text in samples { inference.add(try JSONDocument(parsing: Array(text.utf8))) }
        return inference.schema()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let samples: [String]
        /// Without `$schema`.
        let schema: String
    }

    @Test(arguments: [
        Case(
            testDescription: "required is what all have", samples: [#"{"a": 1, "b": 2}"#, #"{"b": 3.5}"#],
            schema:
                #"{"type":"object","required":["b"],"properties":{"a":{"type":"integer"},"b":{"type":"number"}}}"#),
        Case(
            testDescription: "types are joined", samples: [#"[1, "x", null]"#, "[true, 2.0]"],
            schema: #"{"type":"array","items":{"type":["string","integer","boolean","null"]}}"#),
        Case(
            testDescription: "formats are recognised where all agree",
            samples: [
                #"{"at": "2026-01-01T12:00:00Z", "day": "2026-01-01", "id": "123e4567-e89b-12d3-a456-426614174000", "to": "a@b.example", "url": "https://a.example/x", "n": "x"}"#
            ],
            schema:
                #"{"type":"object","required":["at","day","id","to","url","n"],"properties":{"at":{"type":"string","format":"date-time"},"day":{"type":"string","format":"date"},"id":{"type":"string","format":"uuid"},"to":{"type":"string","format":"email"},"url":{"type":"string","format":"uri"},"n":{"type":"string"}}}"#
        ),
        Case(
            testDescription: "few words, each seen often, are an enum",
            samples: Array(repeating: #""open""#, count: 5) + Array(repeating: #""paid""#, count: 5),
            schema: #"{"type":"string","enum":["open","paid"]}"#),
        Case(
            testDescription: "few samples are no enum", samples: [#""open""#, #""paid""#], schema: #"{"type":"string"}"#
        ),
        Case(
            testDescription: "an empty list says nothing of its elements", samples: ["[]"], schema: #"{"type":"array"}"#
        ),
    ]) func `a schema is inferred`(_ example: Case) throws {
        guard case .object(let members) = try Self.infer(example.samples) else { throw Missing() }
        #expect(JSONValue.object(members.filter { $0.key != "$schema" }).text == example.schema)
    }

    private struct Missing: Error {}

    @Test func `an object with very many keys is a map`() throws {
        let many = (0..<300).map { #""k\#($0)": \#($0)"# }.joined(separator: ",")
        #expect(try Self.infer(["{\(many)}"])["additionalProperties"] == ["type": "integer"])
    }

    @Test func `every sample passes what is inferred from all`() throws {
        var random = SeededRandom(seed: 23)
        for _ in 0..<300 {
            let samples = (0..<Int.random(in: 1...12, using: &random)).map { _ in Self.value(depth: 4, &random) }
            var inference = SchemaInference()
            let documents = try samples.map { try JSONDocument(parsing: $0.encoded()) }
            for document in documents { inference.add(document) }
            let program = try SchemaProgram.compile(inference.schema(), named: "inferred")
            for document in documents { #expect(program.violations(document) == []) }
        }
    }

    private static func value(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 9 : 6), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .int(Int.random(in: -5...5, using: &random))
        case 3:
            .number(
                ["1.5", "2.0", "1e3", "0.1e-5", "123456789012345678901234567890"].randomElement(using: &random) ?? "0")
        case 4: .string(["open", "paid", "lost"].randomElement(using: &random) ?? "")
        case 5:
            .string(
                ["2026-01-01T12:00:00Z", "2026-01-01", "a@b.example", "é\n\u{1F432}", ""].randomElement(using: &random)
                    ?? "")
        case 6: .string("text \(Int.random(in: 0...100, using: &random))")
        case 7: .array((0..<Int.random(in: 0...4, using: &random)).map { _ in self.value(depth: depth - 1, &random) })
        default:
            .object(
                ["a", "b", "c", "d/e~f"].filter { _ in Bool.random(using: &random) }.map { key in
                    JSONValue.Member(key, self.value(depth: depth - 1, &random))
                })
        }
    }
}
