// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch bench schema`.
@Suite struct BenchSchemaTests {
    private static let schema = """
        {"type":"object","required":["id"],"properties":{"id":{"type":"integer","minimum":1},"to":{"$ref":"#/$defs/to"}},
        "$defs":{"to":{"type":"object","additionalProperties":false,"properties":{"city":{"type":"string"}}}}}
        """
    private static let events = """
        {"id":1,"to":{"city":"Porto"}}
        {"id":0}

        {"id":2,"to":{"town":"Porto"}}
        {"id":3,
        {"id":4}

        """

    private func bench(_ project: Project, _ rest: String...) throws -> Finished {
        try hookswitch(
            [
                "bench", "schema", "--schema", "\(project.folder)/s.json", "--events", "\(project.folder)/e.jsonl",
            ] + rest)
    }

    @Test func `valid events are counted, and what is no JSON is named`() throws {
        let project = try Project.shop("http://127.0.0.1:9", ["s.json": Self.schema, "e.jsonl": Self.events])
        let done = try self.bench(project, "--seconds", "0", "-o", "json")
        #expect(done.code == 0)
        let result = try done.json
        #expect(result.text("schema") == "hookswitch/bench-schema@1")
        #expect(result.at("events")?.intValue == 4 && result.at("refused")?.intValue == 1)
        #expect(result.at("valid")?.intValue == 2 && result.at("passes")?.intValue == 1)
        #expect(result.at("bytes")?.intValue == 76)
        guard case .object(let members) = result else { throw TestFailure("no object") }
        #expect(
            members.map(\.key) == [
                "schema", "events", "refused", "valid", "bytes", "passes", "ns_event", "cpu_ns_event", "ns_per_kb",
                "parse_ns_per_kb",
            ])
        #expect(done.err.contains("e.jsonl:5:9: event refused: the text ends in the middle of a value"))
        let text = try self.bench(project, "--seconds", "0")
        #expect(text.out.contains("valid           2\n"))
    }

    @Test func `no event takes no time`() throws {
        let project = try Project.shop("http://127.0.0.1:9", ["s.json": Self.schema, "e.jsonl": ""])
        let result = try self.bench(project, "-o", "json").json
        #expect(result.at("events")?.intValue == 0 && result.text("ns_per_kb") == nil)
        #expect(result.at("ns_per_kb")?.text == "0.0")
    }

    @Test(arguments: [
        (#"{"type":"#, "s.json is no JSON: the text ends in the middle of a value, at byte 8"),
        (#"{"properties":{"a":{"type":"integr"}}}"#, "s.json#/properties/a"),
        (#"{"$ref":"other.json"}"#, "s.json#"),
    ])
    func `a schema that is none is an error with its place`(_ schema: String, _ message: String) throws {
        let project = try Project.shop("http://127.0.0.1:9", ["s.json": schema, "e.jsonl": Self.events])
        let done = try self.bench(project)
        #expect(done.code == 65)
        #expect(done.err.contains(message), "\(done.err)")
        #expect(done.out.isEmpty)
    }
}
