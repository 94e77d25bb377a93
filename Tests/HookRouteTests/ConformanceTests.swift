// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct ConformanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let match: JSONValue
        let event: JSONValue
        let answer: Bool
        var testDescription: String { self.name }
    }

    static func cases() throws -> [Case] {
        try Fixtures.lines(of: "conformance.jsonl").map { line in
            let value = try JSONValue(parsing: Array(line.utf8))
            return Case(
                name: try #require(value["name"]?.stringValue), match: try #require(value["match"]),
                event: try #require(value["event"]), answer: value["is"] == true)
        }
    }

    @Test func `the file holds at least 150 cases`() throws {
        #expect(try Self.cases().count >= 150)
    }

    @Test func `the definition says what each line says`() throws {
        for example in try Self.cases() {
            let holds = Oracle.holds(try Notation.condition(example.match), try Notation.event(example.event))
            #expect(holds == example.answer, "\(example.name)")
        }
    }

    @Test func `a table of one route says what each line says`() throws {
        for example in try Self.cases() {
            let table = RouteTable(routes: [Fixtures.route("one", try Notation.condition(example.match))])
            #expect(!table.names(try Notation.event(example.event)).isEmpty == example.answer, "\(example.name)")
        }
    }

    @Test func `a table of all lines says what the definition says of every event`() throws {
        let cases = try Self.cases()
        let routes = try cases.enumerated().map { place, example in
            Fixtures.route("r\(place)", try Notation.condition(example.match))
        }
        let table = RouteTable(routes: routes)
        for example in cases {
            let event = try Notation.event(example.event)
            #expect(
                table.names(event) == routes.filter { Oracle.matches($0, event) }.map(\.name.text), "\(example.name)")
        }
    }

    @Test func `an explanation says what each line says`() throws {
        for example in try Self.cases() {
            let table = RouteTable(routes: [Fixtures.route("one", try Notation.condition(example.match))])
            let explanation = try #require(table.explain(try Notation.event(example.event)).first)
            #expect(explanation.isMatched == example.answer, "\(example.name)")
            #expect((explanation.because == nil) == example.answer, "\(example.name)")
        }
    }
}
