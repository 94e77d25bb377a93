// SPDX-License-Identifier: Apache-2.0
import HookTestKit
import Testing

@testable import HookCore

/// What the public suite does not say: draft-07, words, exact numbers, and schemas and events that mean harm.
@Suite struct SchemaProgramTests {
    static func program(_ schema: String) throws -> SchemaProgram {
        try SchemaProgram.compile(try JSONValue(parsing: Array(schema.utf8)), named: "s.json")
    }

    static func document(_ text: String) throws -> JSONDocument { try JSONDocument(parsing: Array(text.utf8)) }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let schema: String
        let valid: [String]
        let invalid: [String]

        init(_ name: String, _ schema: String, valid: [String], invalid: [String]) {
            (self.testDescription, self.schema, self.valid, self.invalid) = (name, schema, valid, invalid)
        }
    }

    private static let seven = #""$schema": "http://json-schema.org/draft-07/schema#""#

    static let drafts: [Case] = [
        Case(
            "a reference hides what stands beside it",
            "{\(seven), \"definitions\": {\"n\": {\"type\": \"number\"}}, \"properties\": {\"a\": {\"$ref\": \"#/definitions/n\", \"minimum\": 5}}}",
            valid: [#"{"a": 1}"#], invalid: [#"{"a": "x"}"#]),
        Case(
            "items is a list, and additionalItems the rest",
            "{\(seven), \"items\": [{\"type\": \"string\"}, {\"type\": \"number\"}], \"additionalItems\": false}",
            valid: [#"["a", 1]"#, "[]"], invalid: [#"["a", 1, 2]"#, #"[1]"#]),
        Case(
            "an id with a fragment alone is an anchor",
            "{\(seven), \"definitions\": {\"n\": {\"$id\": \"#num\", \"type\": \"number\"}}, \"items\": {\"$ref\": \"#num\"}}",
            valid: ["[1]"], invalid: [#"["a"]"#]),
        Case(
            "dependencies name keys or a schema",
            "{\(seven), \"dependencies\": {\"a\": [\"b\"], \"c\": {\"required\": [\"d\"]}}}",
            valid: [#"{"a": 1, "b": 1}"#, #"{"c": 1, "d": 1}"#], invalid: [#"{"a": 1}"#, #"{"c": 1}"#]),
        Case(
            "keywords of 2020-12 say nothing",
            "{\(seven), \"prefixItems\": [{\"type\": \"string\"}], \"dependentRequired\": {\"a\": [\"b\"]}, \"unevaluatedProperties\": false, \"contains\": {\"const\": 1}, \"minContains\": 0}",
            valid: [#"{"a": 1}"#, "[1]"], invalid: ["[2]"]),
        Case(
            "if, then and else",
            "{\(seven), \"if\": {\"minimum\": 10}, \"then\": {\"multipleOf\": 10}, \"else\": {\"maximum\": 5}}",
            valid: ["20", "3"], invalid: ["11", "7"]),
    ]

    static let exact: [Case] = [
        Case(
            "decimals that no double can hold", #"{"multipleOf": 0.01, "maximum": 0.30000000000000000001}"#,
            valid: ["0.3", "0.07", "-1.15", "3e-1"], invalid: ["0.301", "0.015", "0.31"]),
        Case(
            "integers beyond 64 bits", #"{"minimum": 18446744073709551616, "type": "integer"}"#,
            valid: ["18446744073709551616", "1e30", "18446744073709551616.0"],
            invalid: ["18446744073709551615", "1e30000000000000000001.5".prefix(0) + "18446744073709551616.5"]),
        Case(
            "equal numbers in other words", #"{"enum": [1, 100, -0.5]}"#, valid: ["1.0", "1e2", "10e1", "-5e-1"],
            invalid: ["1.0000000000000000001", "0.5", "\"1\""]),
        Case(
            "elements that are equal by value", #"{"uniqueItems": true}"#,
            valid: [#"[1, "1", true, null, [1], {"a": 1}]"#, #"[{"a": 1, "b": 2}, {"a": 2, "b": 1}]"#],
            invalid: ["[1, 1.0]", #"[{"a": 1, "b": 2}, {"b": 2, "a": 1.0}]"#, #"["a", "\u0061"]"#]),
        Case(
            "lengths count characters, and escapes one", #"{"minLength": 2, "maxLength": 2}"#,
            valid: [#""äö""#, #""\u00e4\n""#, #""🐲🐲""#], invalid: [#""ä""#, #""abc""#, #""🐲""#]),
        Case(
            "keys with escapes",
            #"{"properties": {"a": {"type": "number"}}, "required": ["a"], "additionalProperties": false}"#,
            valid: [#"{"\u0061": 1}"#], invalid: [#"{"\u0061": "x"}"#, #"{"\u0062": 1}"#]),
        Case(
            "many words of an enum", #"{"enum": ["a", "b", "c", "d", "e", null]}"#,
            valid: [#""a""#, "null", #""\u0065""#],
            invalid: [#""f""#, "1"]),
    ]

    @Test(arguments: Self.drafts + Self.exact) func `a schema decides`(_ example: Case) throws {
        let program = try Self.program(example.schema)
        for text in example.valid {
            #expect(program.violations(try Self.document(text)) == [], "\(text)")
            #expect(program.isValid(try Self.document(text)), "\(text)")
        }
        for text in example.invalid { #expect(!program.isValid(try Self.document(text)), "\(text)") }
    }

    @Test func `violations name the value, the rule and what is wrong`() throws {
        let program = try Self.program(
            ##"""
            {"$defs": {"line": {"required": ["sku"], "properties": {"n~/x": {"minimum": 1}, "sku": {"pattern": "^A"}}}},
             "properties": {"lines": {"items": {"$ref": "#/$defs/line"}}, "state": {"enum": ["open", "paid"]}},
             "additionalProperties": false}
            """##)
        let found = program.violations(
            try Self.document(#"{"lines": [{"sku": "A"}, {"n~/x": 0, "sku": "B"}, {}], "state": "lost", "more": 1}"#))
        #expect(
            found.map { "\($0.pointer) \($0.keyword) \($0.rule)" } == [
                "/lines/1/n~0~1x minimum s.json#/$defs/line/properties/n~0~1x/minimum",
                "/lines/1/sku pattern s.json#/$defs/line/properties/sku/pattern",
                "/lines/2 required s.json#/$defs/line/required", "/state enum s.json#/properties/state/enum",
                "/more additionalProperties s.json#/additionalProperties",
            ])
        #expect(
            found.map(\.detail) == [
                "must be at least 1", "does not match ^A", "lacks \"sku\"", "must be one of \"open\", \"paid\"",
                "is a member that the schema does not have",
            ])
    }

    @Test func `twenty violations are enough`() throws {
        let program = try Self.program(#"{"items": {"type": "string"}}"#)
        let many = "[\((0..<500).map { "\($0)" }.joined(separator: ","))]"
        #expect(program.violations(try Self.document(many)).count == 20)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let schema: String
        let pointer: String
        let says: String
        var testDescription: String { self.schema }

        init(_ schema: String, _ pointer: String, _ says: String) {
            (self.schema, self.pointer, self.says) = (schema, pointer, says)
        }
    }

    @Test(arguments: [
        Refused(#"{"properties": {"a": {"type": "txt"}}}"#, "/properties/a/type", "no type"),
        Refused(#"{"type": ["string", 5]}"#, "/type", "type wants"),
        Refused(##"{"$ref": "#/$defs/x"}"##, "/$ref", "nothing at /$defs/x"),
        Refused(#"{"$ref": "other.json"}"#, "/$ref", "no schema other.json"),
        Refused(#"{"$ref": "https://example.com/s.json"}"#, "/$ref", "no schema https://example.com/s.json"),
        Refused(##"{"$ref": "#"}"##, "", "never end"),
        Refused(
            ##"{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}"##,
            "/$defs/b/not", "never end"),
        Refused(##"{"dependentSchemas": {"a": {"$ref": "#"}}}"##, "/dependentSchemas/a", "never end"),
        Refused(#"{"pattern": "(a"}"#, "/pattern", "not closed"),
        Refused(#"{"patternProperties": {"(?=a)": true}}"#, "/patternProperties/(?=a)", "looking ahead"),
        Refused(#"{"minimum": "5"}"#, "/minimum", "wants a number"),
        Refused(#"{"minLength": -1}"#, "/minLength", "0 or above"),
        Refused(#"{"multipleOf": 0}"#, "/multipleOf", "above 0"),
        Refused(#"{"required": "a"}"#, "/required", "list of keys"),
        Refused(#"{"allOf": []}"#, "/allOf", "at least one"),
        Refused(#"{"items": [true]}"#, "/items", "one schema"),
        Refused(#"{"properties": {"a": 5}}"#, "/properties/a", "a schema is an object"),
        Refused(#"{"$schema": "https://json-schema.org/draft/2019-09/schema"}"#, "", "not supported"),
        Refused(#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#, "/$defs/b", "twice"),
    ]) func `what is no schema is refused at its place`(_ example: Refused) throws {
        let error = #expect(throws: SchemaFailures.self) { try Self.program(example.schema) }
        let first = try #require(error?.list.first)
        #expect(first.document == "s.json" && first.pointer == example.pointer)
        #expect(first.message.contains(example.says), "\(first.message)")
    }

    @Test func `a schema that doubles at each level ends, and the event does not pass`() throws {
        // 2 to the power of 40 ways through it.
        var parts = [#""d40": {"type": "number"}"#]
        for level in 0..<40 {
            parts.append(
                ##""d\##(level)": {"allOf": [{"$ref": "#/$defs/d\##(level + 1)"}, {"$ref": "#/$defs/d\##(level + 1)"}]}"##
            )
        }
        let program = try Self.program(##"{"$defs": {\##(parts.joined(separator: ","))}, "$ref": "#/$defs/d0"}"##)
        #expect(!program.isValid(try Self.document("1")))
        #expect(program.violations(try Self.document("1")).first?.keyword == "budget")
    }

    @Test func `a long chain of references is followed only so far`() throws {
        let parts = (0..<5_000).map { ##""c\##($0)": {"$ref": "#/$defs/c\##($0 + 1)"}"## } + [#""c5000": true"#]
        let program = try Self.program(##"{"$defs": {\##(parts.joined(separator: ","))}, "$ref": "#/$defs/c0"}"##)
        #expect(!program.isValid(try Self.document("1")))
    }

    @Test func `recursion follows the depth of the event`() throws {
        let program = try Self.program(##"{"properties": {"next": {"$ref": "#"}}, "type": "object"}"##)
        let deep = String(repeating: #"{"next": "#, count: 63) + "{}" + String(repeating: "}", count: 63)
        #expect(program.isValid(try Self.document(deep)))
        let wrong = String(repeating: #"{"next": "#, count: 63) + "1" + String(repeating: "}", count: 63)
        #expect(!program.isValid(try Self.document(wrong)))
    }

    @Test func `files refer to each other by path and by id`() throws {
        let files = [
            "routes/schemas/order.json":
                ##"{"properties": {"total": {"$ref": "lib/money.json#/$defs/cents"}, "to": {"$ref": "https://acme.example/address"}}}"##,
            "routes/schemas/lib/money.json": ##"{"$defs": {"cents": {"$ref": "../base.json#count"}}}"##,
            "routes/schemas/base.json": #"{"$defs": {"c": {"$anchor": "count", "type": "integer"}}}"#,
            "routes/schemas/address.json": #"{"$id": "https://acme.example/address", "required": ["city"]}"#,
        ].mapValues { Array($0.utf8) }
        let path = "routes/schemas/order.json"
        let schemas = SchemaFiles(files)
        let program = try schemas.program(of: path, try JSONValue(parsing: try #require(files[path])))
        #expect(program.isValid(try Self.document(#"{"total": 5, "to": {"city": "X"}}"#)))
        let found = program.violations(try Self.document(#"{"total": "5", "to": {}}"#))
        #expect(
            found.map(\.rule) == ["routes/schemas/base.json#/$defs/c/type", "routes/schemas/address.json#/required"])
    }

    /// A multiple is one by whole numbers too.
    @Test func `multiples of decimals agree with whole numbers`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let divisor = Int.random(in: 1...999, using: &random)
            let value = Int.random(in: 0...99_999, using: &random)
            let program = try Self.program("{\"multipleOf\": \(divisor)e-3}")
            #expect(
                program.isValid(try Self.document("\(value)e-3")) == (value % divisor == 0), "\(value) by \(divisor)")
        }
    }
}
