// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct TransformTests {
    static let source = """
        function ok(e, ctx) return {to = ctx.destination} end
        function same(e) return e.data end
        function drops(e) return drop('not ours') end
        function breaks(e) error('broken') end
        function both(e) return many {1, 2} end
        function crowd(e) local t = {} for i = 1, 40000 do t[i] = i end return many(t) end
        function picky(e, ctx) if ctx.destination == 'a' then error('a is broken') end return 1 end
        """
    static let names = ["ok", "same", "drops", "breaks", "both", "picky", "crowd"]

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var onError: RouteSpec.OnError = .hold
        /// Destination and function; nil: no transform.
        let targets: [(String, String?)]
        let fate: Fate.Kind
        var reason: String?
        /// `destination body`, `=` for the event's own.
        let deliveries: [String]
        /// `destination code`
        var held: [String] = []
        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case(name: "no transform", targets: [("a", nil)], fate: .matched, deliveries: ["a ="]),
        Case(name: "a transform", targets: [("a", "ok")], fate: .matched, deliveries: [#"a {"to":"a"}"#]),
        Case(name: "an untouched body", targets: [("a", "same")], fate: .matched, deliveries: ["a ="]),
        Case(
            name: "a fan-out", targets: [("a", "ok"), ("b", nil), ("c", "both")], fate: .matched,
            deliveries: [#"a {"to":"a"}"#, "b =", "c 1", "c 2"]),
        Case(name: "a drop", targets: [("a", "drops")], fate: .dropped, reason: "not ours", deliveries: []),
        Case(
            name: "a drop of one of two", targets: [("a", "drops"), ("b", "ok")], fate: .matched,
            deliveries: [#"b {"to":"b"}"#]),
        Case(
            name: "a failure is held", targets: [("a", "breaks")], fate: .held, reason: "script/runtime",
            deliveries: [],
            held: ["a script/runtime"]),
        Case(
            name: "a failure under drop", onError: .drop, targets: [("a", "breaks")], fate: .dropped,
            reason: "script/runtime",
            deliveries: []),
        Case(
            name: "a failure under pass", onError: .pass, targets: [("a", "breaks")], fate: .matched,
            deliveries: ["a ="]),
        Case(
            name: "one target of two is held", targets: [("a", "picky"), ("b", "picky")], fate: .matched,
            deliveries: ["b 1"],
            held: ["a script/runtime"]),
        Case(
            name: "held counts more than dropped", targets: [("a", "drops"), ("b", "breaks")], fate: .held,
            reason: "script/runtime", deliveries: [], held: ["b script/runtime"]),
        Case(
            name: "a missing template field is held", targets: [("t", "ok"), ("a", "ok")], fate: .matched,
            deliveries: [#"a {"to":"a"}"#], held: ["t delivery/template-missing"]),
        Case(
            name: "a missing template field cannot be passed on", onError: .pass, targets: [("t", "ok")], fate: .held,
            reason: "delivery/template-missing", deliveries: [], held: ["t delivery/template-missing"]),
        Case(
            name: "a missing template field under drop", onError: .drop, targets: [("t", nil)], fate: .dropped,
            reason: "delivery/template-missing", deliveries: []),
    ]

    static func fixture() throws -> ScriptFixture {
        let specs = Self.names.map {
            ScriptSpec(role: .transform, body: .function(file: "t.lua", name: $0), mark: ScriptFixture.mark)
        }
        return try ScriptFixture(["t.lua": Self.source], specs)
    }

    typealias Hit = (Event) -> Routed.Hit

    static func hit(_ targets: [(String, String?)], _ onError: RouteSpec.OnError, route: RouteName = "r") -> Hit {
        let chosen = targets.map { destination, function in
            Routed.Target(
                destination: DestinationName(destination),
                transform: function.flatMap { Self.names.firstIndex(of: $0) }.map { ScriptID($0) })
        }
        return { Routed.Hit(route: route, event: $0, onError: onError, caseName: nil, targets: chosen) }
    }

    static func apply(_ hits: [Hit], to event: Event, fates: [Fate] = []) throws -> (Prepared, ScriptFixture) {
        let fixture = try Self.fixture()
        let routed = Routed(
            verified: Verified(event: event, dedupe: nil), hits: hits.map { $0(event) }, fates: fates, held: [])
        let templates: [DestinationName: [FieldPath]] = ["t": [FieldPath(.data, ["region"])]]
        let prepared = Transform().apply(
            routed, using: fixture.worker(), templates: templates, revision: ScriptFixture.sha)
        return (prepared, fixture)
    }

    static func shown(_ delivery: PreparedDelivery) -> String {
        "\(delivery.destination) \(delivery.body.map { String(decoding: $0, as: UTF8.self) } ?? "=")"
    }

    @Test(arguments: cases)
    func `targets become deliveries and fates`(_ example: Case) throws {
        let (prepared, _) = try Self.apply([Self.hit(example.targets, example.onError)], to: .made(#"{"n":1}"#))
        #expect(prepared.deliveries.map(Self.shown) == example.deliveries)
        #expect(prepared.fates == [Fate(route: "r", kind: example.fate, reason: example.reason)])
        #expect(prepared.held.map { "\($0.destination?.text ?? "-") \($0.failure.code)" } == example.held)
        #expect(prepared.revision == ScriptFixture.sha)
    }

    @Test func `an event has no more deliveries than can be numbered`() throws {
        let (prepared, _) = try Self.apply(
            [Self.hit([("a", "crowd"), ("b", "crowd"), ("c", "ok")], .hold)], to: .made("{}"))
        #expect(prepared.deliveries.count == 40_001)
        #expect(prepared.held.map { "\($0.destination?.text ?? "-") \($0.failure.code)" } == ["b script/too-many"])
        #expect(prepared.fates.map(\.kind) == [.matched])
    }

    @Test func `each route has one fate and earlier fates stay`() throws {
        let earlier = Fate(route: "z", kind: .filtered, reason: "x")
        let hits = [Self.hit([("a", "ok")], .hold), Self.hit([("a", "drops")], .hold, route: "q")]
        let (prepared, _) = try Self.apply(hits, to: .made("{}"), fates: [earlier])
        #expect(prepared.fates.map { "\($0.route) \($0.kind.rawValue)" } == ["z filtered", "r matched", "q dropped"])
    }

    @Test func `an event without hits stays unmatched`() throws {
        let (prepared, _) = try Self.apply([], to: .made("{}"))
        #expect(prepared.isUnmatched)
        #expect(prepared.deliveries.isEmpty)
    }

    @Test func `template fields are taken from the event that came in`() throws {
        let (prepared, _) = try Self.apply([Self.hit([("t", "ok")], .hold)], to: .made(#"{"region":"eu west"}"#))
        let request = try #require(prepared.deliveries.first?.request)
        #expect(request.fields.map { "\($0.path)=\($0.value)" } == ["data.region=eu west"])
    }

    @Test(
        arguments: zip(
            [
                #"{"region":1.50}"#, #"{"region":true}"#, #"{"region":"a"}"#, #"{"region":null}"#, #"{"region":{}}"#,
                #"{"region":"a\r\nb"}"#, "<x/>",
            ],
            ["1.50", "true", "a", nil, nil, nil, nil]))
    func `scalars fill templates, everything else is missing`(_ body: String, _ value: String?) throws {
        let (prepared, _) = try Self.apply([Self.hit([("t", nil)], .hold)], to: .made(body))
        #expect(prepared.deliveries.first?.request?.fields.first?.value == value)
        #expect(prepared.held.count == (value == nil ? 1 : 0))
    }

    @Test func `an untouched body keeps its media type and a new one is JSON`() throws {
        let event = Event.made(#"{"n":1}"#, contentType: "application/vnd.shop+json")
        let (prepared, _) = try Self.apply([Self.hit([("a", "same"), ("b", "ok")], .hold)], to: event)
        #expect(prepared.deliveries.map(\.contentType) == ["application/vnd.shop+json", "application/json"])
    }

    @Test func `a failure is counted and logged with its place`() throws {
        let (_, fixture) = try Self.apply([Self.hit([("a", "breaks")], .hold)], to: .made("{}"))
        let errors = fixture.signals.counters.first { $0.0.metric == .scriptErrors }
        #expect(errors?.0.labels == ["r", "script/runtime"])
        #expect(errors?.1 == 1)
        #expect(fixture.log.text.contains("scripts/t.lua:4"))
    }

    @Test func `calls are measured per route`() throws {
        let (_, fixture) = try Self.apply([Self.hit([("a", "ok"), ("b", "ok")], .hold)], to: .made("{}"))
        #expect(fixture.signals.histograms.first { $0.0.metric == .scriptDuration }?.2.total == 2)
        #expect((fixture.signals.counters.first { $0.0.metric == .scriptSteps }?.1 ?? 0) > 0)
    }
}
