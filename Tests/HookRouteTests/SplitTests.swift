// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookRoute

@Suite struct SplitTests {
    static func split(_ keys: [String] = ["items"], parent: String? = nil) -> SplitSpec {
        SplitSpec(keys: keys, parent: parent, mark: Fixtures.mark())
    }

    static func event(_ data: String) throws -> Event {
        let body = Array(data.utf8)
        return Event(
            id: try Fixtures.eventID(), source: "s", type: "t", time: Fixtures.time, body: body,
            data: try JSONDocument(parsing: body))
    }

    static func route(_ split: SplitSpec, onError: RouteSpec.OnError = .hold) -> RouteSpec {
        var route = RouteSpec(
            name: "r", mark: Fixtures.mark(),
            targets: .list([
                RouteDecisionTests.target("all"), RouteDecisionTests.target("big", match: RouteDecisionTests.big(10)),
            ]))
        route.split = split
        route.onError = onError
        return route
    }

    static func routed(
        _ data: String, _ route: RouteSpec, _ answers: [Int: ScriptedConditions.Answer] = [:]
    ) throws -> Routed {
        var scripts = ScriptedConditions(answers: answers)
        return RouteTable(routes: [route])
            .match(Verified(event: try Self.event(data), dedupe: nil), scripts: &scripts)
    }

    static func text(_ event: Event) -> String { String(decoding: event.body, as: UTF8.self) }

    @Test func `each part keeps its text, has a number, and chooses its targets`() throws {
        let routed = try Self.routed(
            #"{"n":99,"items":[ {"n": 1.0 }, {"n":10,"a":"\u00e4"} , 7]}"#, Self.route(Self.split()))
        #expect(routed.hits.map { Self.text($0.event) } == [#"{"n": 1.0 }"#, #"{"n":10,"a":"\u00e4"}"#, "7"])
        #expect(routed.hits.map(\.event.part) == [1, 2, 3])
        #expect(routed.hits.map { $0.targets.map(\.destination.text) } == [["all"], ["all", "big"], ["all"]])
        let id = try Fixtures.eventID()
        #expect(routed.hits.map(\.event.fullID) == ["\(id).1", "\(id).2", "\(id).3"])
        #expect(routed.hits.allSatisfy { $0.event.isReshaped } && routed.fates.isEmpty && routed.held.isEmpty)
    }

    @Test func `match asks the whole event, and what follows asks the part`() throws {
        var route = Self.route(Self.split())
        route.match = RouteDecisionTests.big(50)
        #expect(try Self.routed(#"{"n":49,"items":[{"n":60}]}"#, route).hits.isEmpty)
        #expect(try Self.routed(#"{"n":50,"items":[{"n":1}]}"#, route).hits.map { $0.targets.count } == [1])
    }

    static let parents: [(data: String, split: SplitSpec, parts: [String])] = [
        (
            #"{"id":"A","items":[{"n": 1},{}]}"#, split(parent: "parent"),
            [#"{"n": 1,"parent":{"id":"A"}}"#, #"{"parent":{"id":"A"}}"#]
        ),
        (
            #"{"o":{"items":[{"n":1}],"x":2.50},"y":1e2}"#, split(["o", "items"], parent: "order"),
            [#"{"n":1,"order":{"o":{"x":2.50},"y":1e2}}"#]
        ),
        (#"{"id":1,"items":["a"]}"#, split(parent: "parent"), [#"{"value":"a","parent":{"id":1}}"#]),
        (#"[{"n":1},[2]]"#, split([]), [#"{"n":1}"#, "[2]"]),
    ]

    @Test(arguments: parents.indices) func `a part may see what is around the list`(_ place: Int) throws {
        let one = Self.parents[place]
        let routed = try Self.routed(one.data, Self.route(one.split))
        #expect(routed.hits.map { Self.text($0.event) } == one.parts)
        for hit in routed.hits { #expect(hit.event.data?.bytes == hit.event.body) }
    }

    static let refused: [(name: String, data: String, split: SplitSpec, code: String)] = [
        ("nothing there", #"{"a":1}"#, split(), "split/not-a-list"),
        ("an object", #"{"items":{}}"#, split(), "split/not-a-list"),
        ("null", #"{"items":null}"#, split(), "split/not-a-list"),
        ("a name of its own", #"{"items":[{"n":1},{"parent":2}]}"#, split(parent: "parent"), "split/parent-clash"),
        (
            "too many", "{\"items\":[" + Array(repeating: "1", count: 10_001).joined(separator: ",") + "]}", split(),
            "split/too-many"
        ),
        (
            "too much",
            "{\"x\":\"" + String(repeating: "x", count: 100_000) + "\",\"items\":["
                + Array(repeating: "1", count: 1000).joined(separator: ",") + "]}", split(parent: "parent"),
            "split/too-many"
        ),
    ]

    @Test(arguments: refused.indices, RouteSpec.OnError.allCases)
    func `what cannot be split follows on_error`(_ place: Int, _ onError: RouteSpec.OnError) throws {
        let one = Self.refused[place]
        let routed = try Self.routed(one.data, Self.route(one.split, onError: onError))
        switch onError {
        case .hold:
            #expect(routed.fates == [Fate(route: "r", kind: .held, reason: one.code)], "\(one.name)")
            #expect(routed.held.map(\.failure.code) == [one.code] && routed.held.first?.part == nil)
            #expect(routed.hits.isEmpty)
        case .drop:
            #expect(routed.fates == [Fate(route: "r", kind: .dropped, reason: one.code)], "\(one.name)")
            #expect(routed.held.isEmpty && routed.hits.isEmpty)
        case .pass:
            #expect(routed.hits.map { Self.text($0.event) } == [one.data] && routed.hits.first?.event.part == nil)
        }
    }

    @Test func `an event without data is no list`() throws {
        var scripts = ScriptedConditions()
        let event = Event(
            id: try Fixtures.eventID(), source: "s", type: "t", time: Fixtures.time, body: [0xFF], data: nil)
        let routed = RouteTable(routes: [Self.route(Self.split())])
            .match(Verified(event: event, dedupe: nil), scripts: &scripts)
        #expect(routed.fates == [Fate(route: "r", kind: .held, reason: "split/not-a-list")])
    }

    @Test func `an empty list is filtered`() throws {
        let routed = try Self.routed(#"{"items":[]}"#, Self.route(Self.split()))
        #expect(routed.fates == [Fate(route: "r", kind: .filtered, reason: "the list data.items is empty")])
        #expect(routed.hits.isEmpty && routed.held.isEmpty)
    }

    @Test func `a held part is held by its number, and the route has one fate`() throws {
        var route = Self.route(Self.split())
        route.scripts = [ScriptID(1)]
        let routed = try Self.routed(#"{"items":[1,2]}"#, route, [1: .breaks("script/runtime")])
        #expect(routed.held.map(\.part) == [1, 2])
        #expect(routed.fates == [Fate(route: "r", kind: .held, reason: "script/runtime")])
        let filtered = try Self.routed(#"{"items":[1,2]}"#, route, [1: .fails("not today")])
        #expect(filtered.fates == [Fate(route: "r", kind: .filtered, reason: "not today")])
    }

    @Test func `so few parts that every delivery can have a number`() throws {
        var route = Self.route(Self.split())
        route.targets = .list((0..<100).map { RouteDecisionTests.target("d\($0)") })
        let list = "{\"items\":[" + Array(repeating: "1", count: 656).joined(separator: ",") + "]}"
        #expect(try Self.routed(list, route).held.map(\.failure.code) == ["split/too-many"])
    }

    @Test func `an explanation has each part with its targets`() throws {
        let table = RouteTable(routes: [Self.route(Self.split())])
        let explained = try #require(table.explain(try Self.event(#"{"items":[{"n":1},{"n":10}]}"#)).first)
        #expect(explained.isMatched && explained.parts.map(\.part) == [1, 2])
        #expect(explained.parts.map { $0.targets.map(\.isSent) } == [[true, false], [true, true]])
        let none = try #require(table.explain(try Self.event(#"{"items":[]}"#)).first)
        #expect(!none.isMatched && none.because?.op == "split" && none.parts.isEmpty)
        #expect(none.because?.got == "the list data.items is empty")
        let other = try #require(table.explain(try Self.event(#"{"items":1}"#)).first)
        #expect(other.because?.got == "data.items is a number, not a list")
    }

    @Test func `fates of parts are joined by their weight`() {
        let kinds: [Fate.Kind] = [.filtered, .dropped, .held, .matched]
        for (place, low) in kinds.enumerated() {
            for high in kinds[place...] {
                let (one, other) = (Fate(route: "r", kind: low), Fate(route: "r", kind: high))
                #expect(one.joined(with: other).kind == high && other.joined(with: one).kind == high)
            }
        }
    }
}
