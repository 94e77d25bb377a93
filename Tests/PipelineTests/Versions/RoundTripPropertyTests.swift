// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookTestKit
import HookTransform
import Testing

@testable import HookPipeline

/// Whatever a schema allows survives the way to another version and back, where the shipped example says so.
@Suite struct RoundTripPropertyTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func revision() throws -> Revision {
        let files = try Project.read(self.root.path)
        let compiler = RevisionCompiler(environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())
        let outcome = compiler.compile(files)
        return try #require(outcome.revision, "\(outcome.diagnostics)")
    }

    @Test(arguments: [(from: 2, via: 1), (from: 1, via: 2)])
    func `instances of the shipped schemas survive the way there and back`(_ trip: (from: Int, via: Int)) throws {
        let revision = try Self.revision()
        let type = try #require(revision.configuration.catalogue.type("order.shipped"))
        let schema = try #require(type.version(trip.from)?.schema?.value)
        let worker = revision.makeWorker(environment: .live, signals: Signals(), mode: .test)
        var instances = SchemaInstances(of: schema, seed: UInt64(trip.from))
        for number in 0..<300 {
            let body = instances.next().encoded()
            let event = Event(
                id: EventID(time: WallTime(milliseconds: 0), random: UInt64(number)), source: "test", type: type.name,
                version: trip.from, time: WallTime(milliseconds: 0), body: body, data: try JSONDocument(parsing: body))
            let there = try #require(revision.conversions(of: event, with: worker)).view(trip.via)
            #expect(there.body != body)
            let back = try #require(revision.conversions(of: there, with: worker)).view(trip.from)
            let differences = JSONComparison.differences(
                from: try JSONValue(parsing: body), to: try JSONValue(parsing: back.body))
            #expect(differences.isEmpty, "\(String(decoding: body, as: UTF8.self)) came back otherwise")
        }
    }

    @Test func `the generator repeats itself, and gives what the schema asks for`() throws {
        let schema: JSONValue = [
            "type": "object", "required": ["id", "kind", "n"],
            "properties": [
                "id": ["type": "string", "pattern": "^(A|B)-[0-9]{3,4}$"], "kind": ["enum": ["x", "y"]],
                "n": ["type": "integer", "minimum": 3, "maximum": 5],
                "list": ["type": "array", "minItems": 1, "maxItems": 2, "items": ["const": true]],
                "maybe": ["anyOf": [["type": "null"], ["type": "string", "minLength": 2, "maxLength": 3]]],
            ],
        ]
        var one = SchemaInstances(of: schema, seed: 7)
        var two = SchemaInstances(of: schema, seed: 7)
        var seen: Set<String> = []
        for _ in 0..<200 {
            let value = one.next()
            #expect(value == two.next())
            seen.insert(value.text)
            #expect(value["id"]?.stringValue?.wholeMatch(of: /(A|B)-[0-9]{3,4}/) != nil, "\(value.text)")
            #expect((3...5).contains(value["n"]?.intValue ?? 0))
            #expect(["x", "y"].contains(value["kind"]?.stringValue))
            if let list = value["list"]?.arrayValue { #expect((1...2).contains(list.count)) }
            if let text = value["maybe"]?.stringValue { #expect((2...3).contains(text.count)) }
        }
        #expect(seen.count > 100)
    }
}
