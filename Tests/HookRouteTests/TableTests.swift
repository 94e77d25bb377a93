// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct TableTests {
    @Test(arguments: [
        (#"{"data.common":"x","data.rare":"r0"}"#, "data.rare (equal)"),
        (#"{"data.a":{"prefix":"abc"},"data.common":"x"}"#, "data.a (prefix of 3 bytes)"),
        (#"{"data.a":{"glob":"*abcd"}}"#, "data.a (suffix of 4 bytes)"), (#"{"data.a":{"contains":"abcdef"}}"#, "data.a (contained text)"),
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

    @Test(arguments: [#"{}"#, #"{"data.a":{"exists":false}}"#, #"{"not":{"data.a":1}}"#, #"{"any_of":[{"data.a":1},{"not":{"data.b":1}}]}"#])
    func `a route without a key is in the remainder`(_ match: String) throws {
        let route = Fixtures.route("r", try Notation.condition(JSONValue(parsing: Array(match.utf8))))
        #expect(RouteTable(routes: [route]).statistics.remainder == ["r"])
    }

    @Test func `equal tests are one`() throws {
        let routes = try (0..<10).map { Fixtures.route("r\($0)", try Notation.condition(["data.a": "x", "data.b": .int($0)])) }
        let statistics = RouteTable(routes: routes).statistics
        #expect(statistics.predicates == 11 && statistics.paths == 2)
    }
}

/// Bodies that cost others the square or the cube of their size. The bounds leave room for debug builds.
@Suite struct HostileArrayTests {
    static func time(_ match: JSONValue, _ body: String) throws -> (Duration, Bool) {
        let event = try Notation.event(["raw": .string(body)])
        let table = RouteTable(routes: [Fixtures.route("r", try Notation.condition(match))])
        let hits = table.names(event)
        return (ContinuousClock().measure { _ = table.names(event) }, !hits.isEmpty)
    }

    static let halves = "{\"l\":[" + (0..<8000).map { $0 % 2 == 0 ? "{\"a\":1}" : "{\"b\":1}" }.joined(separator: ",") + "]}"

    @Test func `8,000 objects with a or b`() throws {
        let (plain, matches) = try Self.time(["data.l.a": 1, "data.l.b": 1], Self.halves)
        #expect(matches && plain < .milliseconds(50), "\(plain)")
        let (grouped, inOne) = try Self.time(["data.l": ["any": ["a": 1, "b": 1]]], Self.halves)
        #expect(!inOne && grouped < .milliseconds(50), "\(grouped)")
        print("8,000 objects: plain \(plain), any \(grouped)")
    }

    @Test func `three arrays of 480 values`() throws {
        let array = "[" + (0..<480).map { "\"v\($0)\"" }.joined(separator: ",") + "]"
        let (time, matches) = try Self.time(
            ["data.a": "v479", "data.b": "v479", "data.c": "nothing"], "{\"a\":\(array),\"b\":\(array),\"c\":\(array)}")
        #expect(!matches && time < .milliseconds(50), "\(time)")
        print("three arrays: \(time)")
    }
}
