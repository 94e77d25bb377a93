// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookRoute
import HookTestKit
import Testing

@Suite struct TableTests {
    @Test(arguments: [
        (#"{"data.common":"x","data.rare":"r0"}"#, "data.rare (equal)"),
        (#"{"data.a":{"prefix":"abc"},"data.common":"x"}"#, "data.a (prefix of 3 bytes)"),
        (#"{"data.a":{"glob":"*abcd"}}"#, "data.a (suffix of 4 bytes)"),
        (#"{"data.a":{"contains":"abcdef"}}"#, "data.a (contained text)"),
        (#"{"data.a":{"contains":"ab"}}"#, "data.a (is a text)"), (#"{"data.n":{"gt":3}}"#, "data.n (range)"),
        (#"{"data.a":{"iequals":"abc"}}"#, "data.a (equal, any case)"),
        (#"{"data.a":{"cidr":"10.0.0.0/8"}}"#, "data.a (address block of 104 bits)"),
        (#"{"data.a":{"not":"x"}}"#, "data.a (exists)"), (#"{"data.l":{"any":{"k":"v"}}}"#, "data.l.k (equal)"),
        (#"{"not":{"not":{"data.a":"x"}}}"#, "data.a (equal)"),
    ])
    func `a route hangs on the key that finds least`(_ match: String, _ key: String) throws {
        let common = try (0..<50).map {
            Fixtures.route("c\($0)", try Notation.condition(["data.common": "x", "data.rare": .string("r\($0)")]))
        }
        let route = Fixtures.route("r", try Notation.condition(JSONValue(parsing: Array(match.utf8))))
        let statistics = RouteTable(routes: common + [route]).statistics
        #expect(statistics.routes.last?.keys == [key])
        #expect(statistics.remainder.isEmpty)
    }

    @Test(arguments: [
        #"{}"#, #"{"data.a":{"exists":false}}"#, #"{"not":{"data.a":1}}"#,
        #"{"any_of":[{"data.a":1},{"not":{"data.b":1}}]}"#,
    ])
    func `a route without a key is in the remainder`(_ match: String) throws {
        let route = Fixtures.route("r", try Notation.condition(JSONValue(parsing: Array(match.utf8))))
        #expect(RouteTable(routes: [route]).statistics.remainder == ["r"])
    }

    @Test func `equal tests are one`() throws {
        let routes = try (0..<10).map {
            Fixtures.route("r\($0)", try Notation.condition(["data.a": "x", "data.b": .int($0)]))
        }
        let statistics = RouteTable(routes: routes).statistics
        #expect(statistics.predicates == 11 && statistics.paths == 2)
    }
}

/// Bodies that cost others the square or the cube of their size.
@Suite(.serialized) struct HostileArrayTests {
    /// The best of several runs.
    /// Linear is 4 for 4 times the values, square 16, cube 64.
    static let ratioMax = 10.0
    /// A debug build on a busy machine; the square takes seconds.
    static let timeMax = Duration.milliseconds(400)
    /// A busy machine takes time from single measurements, never from the best of many.
    static let roundsMax = 50

    /// Measures both bodies in turn until the larger one costs no more than a linear search would.
    ///
    /// - Returns: whether it ever did, whether the larger body matches, and the best times for a message.
    static func growth(
        _ match: JSONValue, _ small: String, _ large: String
    ) throws -> (isLinear: Bool, matches: Bool, times: String) {
        let events = try [small, large].map { try Notation.event(["raw": .string($0)]) }
        let table = RouteTable(routes: [Fixtures.route("r", try Notation.condition(match))])
        let matches = !table.names(events[1]).isEmpty
        var best = [Duration.seconds(3600), .seconds(3600)]
        var isLinear = false
        for _ in 0..<Self.roundsMax where !isLinear {
            for (place, event) in events.enumerated() {
                best[place] = min(best[place], ProcessorTime.measure { _ = table.names(event) })
            }
            isLinear = best[1] < Self.timeMax && best[1] / best[0] < Self.ratioMax
        }
        return (isLinear, matches, "\(best[0]), \(best[1])")
    }

    static func halves(_ count: Int) -> String {
        "{\"l\":[" + (0..<count).map { $0 % 2 == 0 ? "{\"a\":1}" : "{\"b\":1}" }.joined(separator: ",") + "]}"
    }

    static func arrays(_ count: Int) -> String {
        let array = "[" + (0..<count).map { "\"v\($0)\"" }.joined(separator: ",") + "]"
        return "{\"a\":\(array),\"b\":\(array),\"c\":\(array)}"
    }

    @Test func `8,000 objects with a or b, two plain paths`() throws {
        let match: JSONValue = ["data.l.a": 1, "data.l.b": 1]
        let found = try Self.growth(match, Self.halves(2000), Self.halves(8000))
        #expect(found.isLinear && found.matches, "\(found.times)")
    }

    @Test func `8,000 objects with a or b, both in one element`() throws {
        let match: JSONValue = ["data.l": ["any": ["a": 1, "b": 1]]]
        let found = try Self.growth(match, Self.halves(2000), Self.halves(8000))
        #expect(found.isLinear && !found.matches, "\(found.times)")
    }

    @Test func `one value thousands of times, asked for by thousands of routes`() throws {
        let routes = (0..<2000).map { number in
            Fixtures.route("r\(number)", .field(FieldPath(.data, ["l"]), .equals(.string("x")), nil))
        }
        let table = RouteTable(routes: routes)
        let event = try Notation.event(["data": ["l": .array([JSONValue](repeating: "x", count: 8000))]])
        #expect(table.names(event).count == 2000)
        let time = try #require((0..<5).map { _ in ProcessorTime.measure { _ = table.names(event) } }.min())
        #expect(time < Self.timeMax, "\(time)")
    }

    @Test func `three arrays of 480 values`() throws {
        let match: JSONValue = ["data.a": "v479", "data.b": "v479", "data.c": "nothing"]
        let found = try Self.growth(match, Self.arrays(480), Self.arrays(1920))
        #expect(found.isLinear && !found.matches, "\(found.times)")
    }
}
