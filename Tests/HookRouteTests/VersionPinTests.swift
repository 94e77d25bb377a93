// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookRoute

/// Routes that name `type@version` see events of other versions converted.
@Suite struct VersionPinTests {
    /// 1 ⇄ 2 → 3, and 4 that leads nowhere.
    static let versions: VersionTable = {
        var type = EventTypeSpec(name: "order.created", mark: Fixtures.mark())
        type.versions = (1...4).map { EventVersionSpec(number: $0, mark: Fixtures.mark()) }
        type.converters = [(1, 2), (2, 1), (2, 3)].enumerated().map { place, pair in
            ConverterSpec(from: pair.0, to: pair.1, script: ScriptID(place), mark: Fixtures.mark())
        }
        var other = EventTypeSpec(name: "order.paid", mark: Fixtures.mark())
        other.versions = [EventVersionSpec(number: 1, mark: Fixtures.mark())]
        return VersionTable(CatalogueSpec([type, other]), headerName: nil)
    }()

    private static func route(_ name: String, _ events: [String], _ change: (inout RouteSpec) -> Void = { _ in })
        -> RouteSpec
    {
        var route = Fixtures.route(name)
        route.events = events.map { text in
            let parts = text.split(separator: "@")
            return EventPattern(type: String(parts[0]), version: parts.count > 1 ? Int(parts[1]) : nil)
        }
        change(&route)
        return route
    }

    private static func event(_ version: Int?, type: String = "order.created", source: String = "shop") throws -> Event
    {
        let body = Array(#"{"v":"\#(version.map(String.init) ?? "none")"}"#.utf8)
        return Event(
            id: try Fixtures.eventID(), source: SourceName(source), type: type, version: version, time: Fixtures.time,
            body: body, data: try JSONDocument(parsing: body))
    }

    /// What each route that fires sees, and which versions were asked for.
    private static func seen(_ routes: [RouteSpec], _ event: Event) -> (hits: [String], asked: [Int]) {
        var scripts = ScriptedConditions()
        var asked: [Int] = []
        let table = RouteTable(routes: routes, versions: self.versions)
        let routed = table.match(Verified(event: event, dedupe: nil), scripts: &scripts) { version in
            asked.append(version)
            let body = Array(#"{"v":"\#(version)"}"#.utf8)
            guard let data = try? JSONDocument(parsing: body) else { return event }
            return event.reshaped(version: version, body: body, data: data)
        }
        return (
            routed.hits.map { hit in
                "\(hit.route) \(hit.event.version.map(String.init) ?? "none") \(String(decoding: hit.event.body, as: UTF8.self))"
            }, asked
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [String]
        let version: Int?
        /// The version that the route sees; nil: it does not take the event.
        let sees: Int?
        var testDescription: String { self.name }
    }

    @Test(arguments: [
        Case(name: "its own version", events: ["order.created@2"], version: 2, sees: 2),
        Case(name: "an older one", events: ["order.created@2"], version: 1, sees: 2),
        Case(name: "over two steps", events: ["order.created@3"], version: 1, sees: 3),
        Case(name: "no chain", events: ["order.created@1"], version: 3, sees: nil),
        Case(name: "an unknown version", events: ["order.created@2"], version: 9, sees: nil),
        Case(name: "no version", events: ["order.created@2"], version: nil, sees: nil),
        Case(name: "no pin", events: ["order.created"], version: 1, sees: 1),
        Case(name: "no pin beside a pin", events: ["order.created", "order.created@2"], version: 1, sees: 1),
        Case(name: "pinned as it came", events: ["order.created@1", "order.created@2"], version: 1, sees: 1),
        Case(name: "the nearest pin", events: ["order.created@3", "order.created@2"], version: 1, sees: 2),
        Case(name: "a star", events: ["order.*@2"], version: 1, sees: 2),
        Case(name: "a star beside", events: ["order.created@2", "order.*"], version: 1, sees: 1),
        Case(name: "another type", events: ["order.paid@1"], version: 1, sees: nil),
    ])
    func `a route sees the version that it names`(_ one: Case) throws {
        let (hits, asked) = Self.seen([Self.route("r", one.events)], try Self.event(one.version))
        #expect(hits.map { $0.split(separator: " ")[1] }.map { Int($0) } == (one.sees.map { [$0] } ?? []))
        #expect(asked == (one.sees.map { $0 == one.version ? [] : [$0] } ?? []))
    }

    @Test func `conditions are held against the version that the route sees`() throws {
        func match(_ value: String) -> Condition {
            .field(FieldPath(.data, ["v"]), .equals(.string(value)), nil)
        }
        let routes = [
            Self.route("new", ["order.created@2"]) { $0.match = match("2") },
            Self.route("old", ["order.created@2"]) { $0.match = match("1") },
            Self.route("any", ["order.created"]) { $0.match = match("1") },
        ]
        let (hits, asked) = Self.seen(routes, try Self.event(1))
        #expect(hits == [#"any 1 {"v":"1"}"#, #"new 2 {"v":"2"}"#])
        #expect(asked == [2], "one conversion for both routes")
    }

    @Test func `nothing is converted for routes that are off or take other sources`() throws {
        let routes = [
            Self.route("off", ["order.created@2"]) { $0.isEnabled = false },
            Self.route("elsewhere", ["order.created@3"]) { $0.sources = ["depot"] },
        ]
        let (hits, asked) = Self.seen(routes, try Self.event(1))
        #expect(hits.isEmpty && asked.isEmpty)
        #expect(Self.seen(routes, try Self.event(1, source: "depot")).asked == [3])
    }

    struct Failing: Sendable, CustomTestStringConvertible {
        let name: String
        let onError: RouteSpec.OnError
        var header: String?
        let fates: [String]
        let held: Int
        var testDescription: String { self.name }
    }

    @Test(arguments: [
        Failing(name: "hold", onError: .hold, fates: ["r held script/runtime"], held: 1),
        Failing(name: "drop", onError: .drop, fates: ["r dropped script/runtime"], held: 0),
        Failing(name: "pass holds too", onError: .pass, fates: ["r held script/runtime"], held: 1),
        Failing(
            name: "a route that does not want the event whatever its data", onError: .hold, header: "x", fates: [],
            held: 0),
    ])
    func `a converter that fails holds the event for the routes that may want it`(_ one: Failing) throws {
        let route = Self.route("r", ["order.created@2"]) { route in
            route.onError = one.onError
            let data = Condition.field(FieldPath(.data, ["v"]), .equals(.string("2")), nil)
            let header = one.header.map { Condition.field(FieldPath(.headers, [$0]), .exists(true), nil) }
            route.match = .and([data] + (header.map { [$0] } ?? []))
        }
        var scripts = ScriptedConditions()
        let table = RouteTable(routes: [route, Self.route("plain", ["order.created"])], versions: Self.versions)
        let event = try Self.event(1)
        let routed = table.match(Verified(event: event, dedupe: nil), scripts: &scripts) { _ throws(ScriptFailure) in
            throw ScriptFailure(code: "script/runtime", script: "orders.lua#up", message: "broken")
        }
        #expect(routed.hits.map(\.route.text) == ["plain"])
        #expect(routed.fates.map { "\($0.route) \($0.kind.rawValue) \($0.reason ?? "")" } == one.fates)
        #expect(routed.held.count == one.held)
        #expect(routed.held.allSatisfy { $0.destination == nil })
    }

    @Test func `an explanation holds each route against what it sees`() throws {
        let match = Condition.field(FieldPath(.data, ["v"]), .equals(.string("2")), nil)
        let table = RouteTable(
            routes: [
                Self.route("pinned", ["order.created@2"]) { $0.match = match },
                Self.route("plain", ["order.created"]) { $0.match = match },
            ], versions: Self.versions)
        var scripts = ScriptedConditions()
        let event = try Self.event(1)
        let body = Array(#"{"v":"2"}"#.utf8)
        let view = event.reshaped(version: 2, body: body, data: try JSONDocument(parsing: body))
        let explained = table.explain(event, scripts: &scripts) { _ in view }
        #expect(explained.map(\.route.text) == ["pinned", "plain"])
        #expect(explained.map(\.isMatched) == [true, false])
        #expect(explained.map(\.seenVersion) == [2, nil])
        #expect(table.conversions(of: "order.created", for: "pinned").map { "\($0.from)>\($0.to)" } == ["1>2"])
    }
}
