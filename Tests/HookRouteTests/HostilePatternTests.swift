// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTestKit
import Testing

/// Thousands of rules on one array with thousands of elements: comparing every rule with every element would take
/// seconds.
@Suite(.serialized) struct HostilePatternTests {
    private static func time(_ patterns: [JSONValue], _ event: JSONValue) throws -> (time: Duration, found: [UInt32]) {
        let table = PatternTable(try patterns.map { try EventBridgePattern(parsing: $0.encoded()) })
        let document = try JSONDocument(parsing: event.encoded())
        let matcher = table.matcher()
        var found: [UInt32] = []
        matcher.forEachMatch(document) { found.append($0) }
        let best = (0..<3).map { _ in ProcessorTime.measure { matcher.forEachMatch(document) { _ in } } }.min()
        return (try #require(best), found)
    }

    /// A debug build on a busy machine.
    static let timeMax = Duration.milliseconds(400)

    @Test func `each element finds another rule, and no element has both fields`() throws {
        let patterns = (0..<4000).map { place -> JSONValue in ["l": ["a": [.int(place)], "b": [.int(place + 1)]]] }
        let elements = (0..<4000).map { place -> JSONValue in ["a": .int(place), "b": .int(place)] }
        let (time, found) = try Self.time(patterns, ["l": .array(elements)])
        #expect(found.isEmpty && time < Self.timeMax, "\(time)")
    }

    @Test func `each element finds another rule, and every second one holds`() throws {
        let patterns = (0..<4000).map { place -> JSONValue in
            ["l": ["a": [.string("v\(place)")], "b": [.int(place + place % 2)]]]
        }
        let elements = (0..<4000).map { place -> JSONValue in ["a": .string("v\(place)"), "b": .int(place)] }
        let (time, found) = try Self.time(patterns, ["l": .array(elements)])
        #expect(found == (0..<2000).map { UInt32($0 * 2) } && time < Self.timeMax, "\(time)")
    }

    @Test func `one value of thousands is asked for by thousands of rules`() throws {
        let patterns = (0..<4000).map { place -> JSONValue in
            ["a": [.string("v\(place)"), "other"], "b": [.string("w\(place)")]]
        }
        let values = { (letter: String) in JSONValue.array((0..<4000).map { .string("\(letter)\($0)") }) }
        let (time, found) = try Self.time(patterns, ["a": values("v"), "b": values("w")])
        #expect(found.count == 4000 && time < Self.timeMax, "\(time)")
    }

    @Test func `routes ask a long list as often`() throws {
        let routes = (0..<4000).map { place in
            Fixtures.route(
                "r\(place)",
                .and([
                    .field(FieldPath(.data, ["a"]), .equals(.string("v\(place)")), nil),
                    .field(FieldPath(.data, ["b"]), .equals(.number(JSONNumber(place))), nil),
                ]))
        }
        let table = RouteTable(routes: routes)
        let event = try Notation.event([
            "data": [
                "a": .array((0..<4000).map { .string("v\($0)") }), "b": .array((0..<4000).map { .int($0) }),
            ]
        ])
        #expect(table.names(event).count == 4000)
        let time = try #require((0..<3).map { _ in ProcessorTime.measure { _ = table.names(event) } }.min())
        #expect(time < Self.timeMax, "\(time)")
    }
}
