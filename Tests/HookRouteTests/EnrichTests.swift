// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization
import Testing

@testable import HookRoute

@Suite struct EnrichTests {
    static let table = LookupTable(
        name: "countries",
        rows: [("DE", #"{"region": "eu"}"#), ("7", "[1.0]")].map { (Array($0.0.utf8), Array($0.1.utf8)) })

    static func step(
        _ key: [String] = ["country"], into: [String] = ["geo"], fallback: String? = nil,
        onError: EnrichSpec.OnError = .skip
    ) -> EnrichSpec {
        EnrichSpec(
            source: .table(self.table, key: FieldPath(.data, key)), into: into,
            fallback: fallback.map { Array($0.utf8) }, onError: onError, mark: Fixtures.mark())
    }

    static func http(
        _ path: [Template.Part] = [.literal("/c/"), .field(FieldPath(.data, ["id"]))], into: [String] = ["customer"],
        fallback: String? = nil, onError: EnrichSpec.OnError = .hold
    ) -> EnrichSpec {
        let spec = HTTPLookupSpec(url: URLTemplate(origin: "https://crm.example", path: Template(parts: path)))
        return EnrichSpec(
            source: .http(spec), into: into, fallback: fallback.map { Array($0.utf8) }, onError: onError,
            mark: Fixtures.mark())
    }

    static func route(_ steps: [EnrichSpec], split: SplitSpec? = nil) -> RouteSpec {
        var route = RouteSpec(
            name: "r", mark: Fixtures.mark(),
            targets: .list([
                RouteDecisionTests.target("all"),
                RouteDecisionTests.target(
                    "eu", match: .field(FieldPath(.data, ["geo", "region"]), .equals(.string("eu")), nil)),
            ]))
        route.enrich = steps
        route.split = split
        return route
    }

    /// Answers by URL; what is asked is kept.
    final class Answers: LookupAnswers {
        let known: [String: LookupAnswer]
        let asked = Mutex<[String]>([])

        init(_ known: [String: LookupAnswer]) { self.known = known }

        func answer(to request: LookupRequest) -> LookupAnswer? {
            self.asked.withLock { $0.append(request.url) }
            return self.known[request.url]
        }
    }

    static func routed(_ data: String, _ route: RouteSpec, _ answers: Answers? = nil) throws -> Routed {
        var scripts = ScriptedConditions()
        return RouteTable(routes: [route])
            .match(Verified(event: try SplitTests.event(data), dedupe: nil), scripts: &scripts, answers: answers)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let data: String
        let step: EnrichSpec
        /// The view; nil: held with the code.
        var view: String?
        var code: String?
        var testDescription: String { self.data }
    }

    static let cases: [Case] = [
        Case(data: #"{"country":"DE"}"#, step: step(), view: #"{"country":"DE","geo":{"region": "eu"}}"#),
        Case(data: #"{"country":7}"#, step: step(into: ["a", "b"]), view: #"{"country":7,"a":{"b":[1.0]}}"#),
        Case(data: #"{"country":"DE","geo":1}"#, step: step(), view: #"{"country":"DE","geo":{"region": "eu"}}"#),
        Case(data: #"{"country":"XX"}"#, step: step(), view: #"{"country":"XX"}"#),
        Case(data: #"{"x":1}"#, step: step(), view: #"{"x":1}"#),
        Case(data: #"{"country":null}"#, step: step(fallback: "{}"), view: #"{"country":null,"geo":{}}"#),
        Case(
            data: #"{"country":"XX"}"#, step: step(fallback: #""?""#, onError: .hold),
            view: #"{"country":"XX","geo":"?"}"#),
        Case(data: #"{"country":"XX"}"#, step: step(onError: .hold), code: "enrich/not-found"),
        Case(data: #"{"country":"DE","geo":1}"#, step: step(into: ["geo", "x"], onError: .hold), code: "enrich/into"),
        Case(data: #"{"country":"DE","geo":1}"#, step: step(into: ["geo", "x"]), view: #"{"country":"DE","geo":1}"#),
    ]

    @Test(arguments: cases) func `a row of a table goes into the data`(_ one: Case) throws {
        let routed = try Self.routed(one.data, Self.route([one.step]))
        if let view = one.view {
            #expect(routed.hits.map { SplitTests.text($0.event) } == [view] && routed.held.isEmpty)
        } else {
            #expect(routed.hits.isEmpty && routed.held.map(\.failure.code) == [one.code])
            #expect(routed.held.first?.kind == .failed)
        }
    }

    @Test func `targets see what was looked up, and match does not`() throws {
        let route = Self.route([Self.step()])
        #expect(
            try Self.routed(#"{"country":"DE"}"#, route).hits.first?.targets.map(\.destination.text) == ["all", "eu"])
        var early = route
        early.match = .field(FieldPath(.data, ["geo"]), .exists(true), nil)
        #expect(try Self.routed(#"{"country":"DE"}"#, early).hits.isEmpty)
    }

    @Test func `each part is enriched, and one that cannot be is held by itself`() throws {
        let route = Self.route([Self.step(onError: .hold)], split: SplitTests.split())
        let routed = try Self.routed(#"{"items":[{"country":"DE"},{"country":"XX"}]}"#, route)
        #expect(routed.hits.map(\.event.part) == [1] && routed.held.map(\.part) == [2])
    }

    // MARK: Peers

    @Test func `what is not known makes the route wait, and nothing of it goes on`() throws {
        for answers in [nil, Answers([:])] {
            let routed = try Self.routed(#"{"id":"a b"}"#, Self.route([Self.http()]), answers)
            #expect(routed.hits.isEmpty && routed.held.map(\.kind) == [.awaitingLookup])
            #expect(routed.fates == [Fate(route: "r", kind: .held, reason: "enrich/waiting")])
            #expect(routed.held.first?.failure.message.contains("https://crm.example/c/a%20b") == true)
        }
    }

    @Test func `all parts are asked before the route waits`() throws {
        let answers = Answers(["https://crm.example/c/1": .found(Array("{}".utf8))])
        let route = Self.route([Self.http()], split: SplitTests.split())
        let routed = try Self.routed(#"{"items":[{"id":1},{"id":2},{"id":3}]}"#, route, answers)
        #expect(answers.asked.withLock { $0 } == (1...3).map { "https://crm.example/c/\($0)" })
        #expect(routed.held.count == 1 && routed.held.first?.part == nil && routed.hits.isEmpty)
    }

    static let answers: [(answer: LookupAnswer, step: EnrichSpec, view: String?, code: String?)] = [
        (.found(Array(#"{"n": 1.0}"#.utf8)), http(), #"{"id":1,"customer":{"n": 1.0}}"#, nil),
        (.missing, http(), nil, "enrich/not-found"), (.missing, http(onError: .retry), nil, "enrich/not-found"),
        (.missing, http(onError: .skip), #"{"id":1}"#, nil),
        (.missing, http(fallback: "null"), #"{"id":1,"customer":null}"#, nil),
        (
            .failed(LookupFailure(code: "enrich/unavailable", message: "", isTransient: true)), http(), nil,
            "enrich/unavailable"
        ),
        (
            .failed(LookupFailure(code: "enrich/unavailable", message: "", isTransient: true)), http(onError: .skip),
            #"{"id":1}"#, nil
        ),
    ]

    @Test(arguments: answers.indices) func `an answer goes in, or on_error says what follows`(_ place: Int) throws {
        let one = Self.answers[place]
        let routed = try Self.routed(
            #"{"id":1}"#, Self.route([one.step]), Answers(["https://crm.example/c/1": one.answer]))
        #expect(routed.hits.map { SplitTests.text($0.event) } == (one.view.map { [$0] } ?? []))
        #expect(routed.held.map(\.failure.code) == (one.code.map { [$0] } ?? []))
    }

    @Test(arguments: [
        #"{"x":1}"#, #"{"id":null}"#, #"{"id":{}}"#, #"{"id":".."}"#, #"{"id":""}"#, "{\"id\":\"a\\nb\"}",
    ])
    func `an address that cannot be made is no request`(_ data: String) throws {
        let answers = Answers([:])
        let routed = try Self.routed(data, Self.route([Self.http()]), answers)
        #expect(routed.held.map(\.failure.code) == ["enrich/no-key"] && answers.asked.withLock { $0 }.isEmpty)
    }

    @Test func `values never leave their place in the address`() throws {
        let path: [Template.Part] = [.literal("/c/"), .field(FieldPath(.data, ["id"])), .literal("/x?y=1")]
        guard case .http(var spec) = Self.http(path).source else { return }
        spec.query = [("q", Template(parts: [.field(FieldPath(.data, ["q"]))]))]
        let event = try SplitTests.event(#"{"id":"../a?b#c/d","q":"1&r=2"}"#)
        let request = try spec.request(for: event, route: "r", onError: .hold)
        #expect(request.url == "https://crm.example/c/..%2Fa%3Fb%23c%2Fd/x?y=1&q=1%26r%3D2")
    }

    @Test func `a step may rest on the one before it`() throws {
        let second = Self.http([.literal("/r/"), .field(FieldPath(.data, ["geo", "region"]))])
        let answers = Answers(["https://crm.example/r/eu": .found(Array("1".utf8))])
        let routed = try Self.routed(#"{"country":"DE"}"#, Self.route([Self.step(), second]), answers)
        #expect(
            routed.hits.map { SplitTests.text($0.event) } == [#"{"country":"DE","geo":{"region": "eu"},"customer":1}"#])
    }
}
