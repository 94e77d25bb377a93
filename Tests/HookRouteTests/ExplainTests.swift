// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct ExplainTests {
    static func table(_ match: JSONValue) throws -> RouteTable {
        var route = Fixtures.route("r", try Notation.condition(match))
        route.events = [EventPattern(type: "order.*")]
        route.sources = ["shop"]
        return RouteTable(routes: [route])
    }

    @Test func `every condition shows path, operator, wanted and found`() throws {
        let table = try Self.table([
            "data.action": "published", "data.n": ["gte": 3, "lt": 9], "data.tags": ["not_in": ["x"]],
            "data.gone": ["exists": true],
        ])
        let event = try Notation.event(["data": ["action": "edited", "n": 5, "tags": ["a", "b"]]])
        let explained = try #require(table.explain(event).first)
        #expect(
            explained.conditions.map(\.path) == [
                "event", "source", "data.action", "data.n", "data.n", "data.tags", "data.gone",
            ])
        #expect(explained.conditions.map(\.op) == ["eq", "eq", "eq", "gte", "lt", "not_in", "exists"])
        #expect(explained.conditions.map(\.isMet) == [true, true, false, true, true, true, false])
        #expect(explained.conditions.map(\.want) == ["order.*", "shop", "published", 3, 9, ["x"], true])
        #expect(explained.conditions.map(\.got) == ["order.created", "shop", "edited", 5, 5, ["a", "b"], nil])
        #expect(explained.because == explained.conditions[2])
        #expect(!explained.isMatched && explained.shareMet == 5.0 / 7)
    }

    @Test func `groups show their parts`() throws {
        let table = try Self.table(["any_of": [["data.a": 1], ["data.b": 2]], "not": ["data.c": 3]])
        let explained = try #require(table.explain(try Notation.event(["data": ["b": 2, "c": 3]])).first)
        let (group, negation) = (explained.conditions[2], explained.conditions[3])
        #expect(group.op == "any_of" && group.isMet && group.parts.map(\.isMet) == [false, true])
        #expect(negation.op == "not" && !negation.isMet && negation.parts.map(\.isMet) == [true])
    }

    @Test func `long values, objects and long lists are cut`() throws {
        let table = try Self.table(["data.s": "x", "data.o": "x", "data.l": 99])
        let numbers = JSONValue.array((0..<50).map { .int($0) })
        let event = try Notation.event([
            "data": ["s": .string(String(repeating: "s", count: 999)), "o": ["k": 1], "l": numbers]
        ])
        let got = try #require(table.explain(event).first).conditions.suffix(3).map(\.got)
        #expect(got[0]?.stringValue?.utf8.count == 259)
        #expect(got[1] == "an object of 1 members")
        #expect(got[2] == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func `targets and cases say why`() throws {
        let (routed, cases) = (RouteDecisionTests.self, RouteDecisionTests.cases())
        let table = RouteTable(routes: [routed.route(cases)])
        let explained = try #require(table.explain(try Notation.event(["data": ["n": 2]])).first)
        #expect(explained.cases.map(\.isChosen) == [false, false, true])
        #expect(explained.cases[0].because?.want == 100)
        #expect(explained.cases[2].targets.map(\.isSent) == [false])
        #expect(explained.cases[2].targets.first?.because?.op == "gte")
        #expect(!explained.isMatched && explained.because == nil && explained.caseName == nil)
        let sent = try #require(table.explain(try Notation.event(["data": ["n": 200]])).first)
        #expect(sent.isMatched && sent.caseName == "big" && sent.cases.map(\.isChosen) == [true, false, false])
    }

    @Test func `scripts are run where asked for, and say why`() throws {
        let table = RouteTable(routes: [RouteDecisionTests.route(.list([RouteDecisionTests.target("a")]), script: 4)])
        let event = try Notation.event(["data": ["n": 5]])
        #expect(try #require(table.explain(event).first).isMatched)
        var scripts = ScriptedConditions(answers: [4: .fails("no stock")])
        let explained = try #require(table.explain(event, scripts: &scripts).first)
        #expect(!explained.isMatched && explained.because?.op == "script")
        #expect(explained.because?.got == "no stock" && explained.because?.script == ScriptID(4))
    }

    @Test func `the nearest routes come first`() throws {
        let routes = try [
            Fixtures.route("far", Notation.condition(["data.a": 1, "data.b": 1])),
            Fixtures.route("near", Notation.condition(["data.a": 2, "data.b": 1])),
            Fixtures.route("hit", Notation.condition(["data.a": 2])),
        ]
        let explained = RouteTable(routes: routes).explain(try Notation.event(["data": ["a": 2]]))
        #expect(RouteExplanation.nearestFirst(explained).map(\.route.text) == ["hit", "near", "far"])
    }
}
