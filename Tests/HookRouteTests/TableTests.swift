// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookRoute
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
    static func time(_ match: JSONValue, _ body: String) throws -> (time: Duration, matches: Bool) {
        let event = try Notation.event(["raw": .string(body)])
        let table = RouteTable(routes: [Fixtures.route("r", try Notation.condition(match))])
        let hits = table.names(event)
        let best = (0..<7).map { _ in ProcessorTime.measure { _ = table.names(event) } }.min()
        return (try #require(best), !hits.isEmpty)
    }

    /// Linear is 4 for 4 times the values, square 16, cube 64.
    static let ratioMax = 10.0
    /// What nobody would notice, in a debug build on a busy machine.
    static let timeMax = Duration.milliseconds(150)

    static func halves(_ count: Int) -> String {
        "{\"l\":[" + (0..<count).map { $0 % 2 == 0 ? "{\"a\":1}" : "{\"b\":1}" }.joined(separator: ",") + "]}"
    }

    static func arrays(_ count: Int) -> String {
        let array = "[" + (0..<count).map { "\"v\($0)\"" }.joined(separator: ",") + "]"
        return "{\"a\":\(array),\"b\":\(array),\"c\":\(array)}"
    }

    @Test func `8,000 objects with a or b, two plain paths`() throws {
        let match: JSONValue = ["data.l.a": 1, "data.l.b": 1]
        let (small, large) = (try Self.time(match, Self.halves(2000)), try Self.time(match, Self.halves(8000)))
        #expect(
            large.matches && large.time < Self.timeMax && large.time / small.time < Self.ratioMax, "\(small), \(large)")
    }

    @Test func `8,000 objects with a or b, both in one element`() throws {
        let match: JSONValue = ["data.l": ["any": ["a": 1, "b": 1]]]
        let (small, large) = (try Self.time(match, Self.halves(2000)), try Self.time(match, Self.halves(8000)))
        #expect(
            !large.matches && large.time < Self.timeMax && large.time / small.time < Self.ratioMax, "\(small), \(large)"
        )
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
        let (small, large) = (try Self.time(match, Self.arrays(480)), try Self.time(match, Self.arrays(1920)))
        #expect(
            !small.matches && small.time < Self.timeMax && large.time / small.time < Self.ratioMax, "\(small), \(large)"
        )
    }
}

/// Time that this thread spent working: the machine may have other work.
enum ProcessorTime {
    static func measure(_ body: () -> Void) -> Duration {
        let start = self.now()
        body()
        return self.now() - start
    }

    private static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
