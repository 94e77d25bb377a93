// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

/// Stage 4 on the parts of a split event, and deliveries that are due later.
@Suite struct ViewTransformTests {
    static let source = """
        function part(e, ctx) return {id = e.id, n = e.data.n, u = uuid()} end
        function odd(e) if e.data.n % 2 == 0 then error('even') end return e.data end
        function never(e) return drop('never') end
        """

    static func prepared(
        _ bodies: [String], onError: RouteSpec.OnError = .hold, function: String?, due: DueSpec? = nil,
        isSplit: Bool = true, held: [HeldEntry] = []
    ) throws -> Prepared {
        let names = ["part", "odd", "never"]
        let fixture = try ScriptFixture(
            ["t.lua": Self.source],
            names.map {
                ScriptSpec(role: .transform, body: .function(file: "t.lua", name: $0), mark: ScriptFixture.mark)
            })
        let place = names.firstIndex { $0 == function }
        // 2026-01-01T12:00:00Z
        let time = WallTime(milliseconds: 1_767_268_800_000)
        let event = Event(id: EventID(time: time, random: 1), source: "s", type: "t", time: time, body: [], data: nil)
        let hits = try bodies.enumerated().map { number, body in
            let bytes = Array(body.utf8)
            let view = event.reshaped(
                version: nil, body: bytes, data: try JSONDocument(parsing: bytes), part: isSplit ? number + 1 : nil)
            return Routed.Hit(
                route: "r", event: view, onError: onError, caseName: nil,
                targets: [Routed.Target(destination: "a", transform: place.map { ScriptID($0) }, due: due)])
        }
        let routed = Routed(
            verified: Verified(event: event, dedupe: nil), hits: hits, fates: [], held: held)
        return Transform().apply(routed, using: fixture.worker(), templates: [:], revision: RevisionID("rev"))
    }

    @Test func `a script sees the part, its id, and chance of its own`() throws {
        let prepared = try Self.prepared([#"{"n":1}"#, #"{"n":2}"#], function: "part")
        let bodies = try prepared.deliveries.map { try JSONValue(parsing: $0.body ?? []) }
        #expect(bodies.map { $0["n"]?.intValue } == [1, 2])
        #expect(bodies.map { $0["id"]?.stringValue } == ["\(prepared.event.id).1", "\(prepared.event.id).2"])
        #expect(bodies[0]["u"] != bodies[1]["u"])
        #expect(prepared.fates == [Fate(route: "r", kind: .matched)])
        #expect(prepared.deliveries.map(\.part) == [1, 2])
    }

    @Test func `a part without a transform is sent as its own text`() throws {
        let prepared = try Self.prepared([#"{"n": 1.0}"#, "[ 2 ]"], function: nil)
        #expect(
            prepared.deliveries.map { String(decoding: $0.body ?? [], as: UTF8.self) } == [#"{"n": 1.0}"#, "[ 2 ]"])
    }

    @Test func `one part may be held beside others, with one fate for all`() throws {
        let prepared = try Self.prepared([#"{"n":1}"#, #"{"n":2}"#, #"{"n":3}"#], function: "odd")
        #expect(prepared.deliveries.map(\.part) == [1, 3])
        #expect(prepared.held.map(\.part) == [2] && prepared.held.map(\.destination) == ["a"])
        #expect(prepared.fates == [Fate(route: "r", kind: .matched)])
        let even = try Self.prepared([#"{"n":2}"#, #"{"n":4}"#], function: "odd")
        #expect(even.fates == [Fate(route: "r", kind: .held, reason: "script/runtime")])
    }

    @Test func `a part that stage 3 has held counts before parts that were dropped`() throws {
        let entry = HeldEntry(
            route: "r", destination: nil, failure: ScriptFailure(code: "x/y", script: "s", message: "m"), part: 9)
        let prepared = try Self.prepared([#"{"n":2}"#], function: "never", held: [entry])
        #expect(prepared.fates == [Fate(route: "r", kind: .held, reason: "x/y")])
    }

    // MARK: Due times

    struct Due: Sendable, CustomTestStringConvertible {
        let text: String
        /// Milliseconds after the event; nil: refused.
        let at: Int64?
        var code = "delivery/due-invalid"
        var testDescription: String { self.text }
    }

    static let dues: [Due] = [
        Due(text: #""2026-01-01T12:00:00Z""#, at: 0), Due(text: #""2026-01-01T13:00:00.500+01:00""#, at: 500),
        Due(text: "1767268800", at: 0), Due(text: "1767268860.5", at: 60_500), Due(text: #""1767268860""#, at: 60_000),
        Due(text: #""2025-01-01T00:00:00Z""#, at: -31_579_200_000), Due(text: "0", at: -1_767_268_800_000),
        Due(text: #""2026-04-01T12:00:00Z""#, at: 90 * 86_400_000),
        Due(text: #""2026-04-01T12:00:01Z""#, at: nil, code: "delivery/due-too-far"),
        Due(text: "1767268800000", at: nil, code: "delivery/due-invalid"),
        Due(text: #""tomorrow""#, at: nil), Due(text: "null", at: nil), Due(text: "true", at: nil),
        Due(text: "-1", at: nil), Due(text: "[1]", at: nil), Due(text: #"{}"#, at: nil), Due(text: #""NaN""#, at: nil),
    ]

    private static func at(_ text: String, onError: RouteSpec.OnError = .hold) throws -> Prepared {
        try Self.prepared(
            ["{\"due\":\(text)}"], onError: onError, function: nil, due: .at(FieldPath(.data, ["due"])), isSplit: false)
    }

    @Test(arguments: dues) func `a time is read from the event`(_ due: Due) throws {
        let prepared = try Self.at(due.text)
        if let at = due.at {
            #expect(prepared.deliveries.map(\.due) == [prepared.event.time + .milliseconds(at)])
        } else {
            #expect(prepared.deliveries.isEmpty && prepared.held.map(\.failure.code) == [due.code])
        }
    }

    @Test func `what is no time follows on_error, and a wait counts from acceptance`() throws {
        #expect(
            try Self.at("null", onError: .drop).fates == [
                Fate(route: "r", kind: .dropped, reason: "delivery/due-invalid")
            ])
        let passed = try Self.at("null", onError: .pass)
        #expect(passed.deliveries.map(\.due) == [nil] && passed.held.isEmpty)
        let later = try Self.prepared(["1"], function: nil, due: .after(.seconds(600)))
        #expect(later.deliveries.map(\.due) == [later.event.time + .seconds(600)])
    }
}
