// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookFormats
import Testing

@testable import HookTransform

/// Routes of one target, read from YAML, whose bodies are made ready without a script.
enum OutputFixture {
    static func target(_ route: String) throws -> TargetSpec {
        let yaml = """
            version: 1
            sources: {shop: {path: /in, verify: none}}
            destinations: {d: {url: "http://127.0.0.1:9/"}}
            routes:
              r: {\(route), to: d}

            """
        let loaded = ConfigLoader.load(ProjectFiles([.init(path: "routes/a.yaml", bytes: Array(yaml.utf8))]))
        try #require(loaded.diagnostics.isEmpty, "\(loaded.diagnostics.map(\.message))")
        guard case .list(let targets)? = loaded.configuration.routes.first?.targets else {
            throw FormatFailure("test", "no target")
        }
        return try #require(targets.first)
    }

    static func finish(_ route: String, _ event: Event, _ body: RenderedBody = RenderedBody(body: nil)) throws
        -> RenderedBody
    {
        let target = Routed.Target(destination: "d", transform: nil, output: try self.target(route).output)
        let hit = Routed.Hit(route: "r", event: event, onError: .hold, caseName: nil, targets: [target])
        return try OutputWriter(target: target, hit: hit).finish(body, number: nil)
    }

    static func text(_ route: String, _ body: String) throws -> String {
        do {
            let made = try self.finish(route, .made(body))
            return made.body.map { String(decoding: $0, as: UTF8.self) } ?? "="
        } catch let failure as ScriptFailure {
            return failure.code
        }
    }
}

@Suite struct ReshapeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let steps: String
        let body: String
        let expected: String

        init(_ steps: String, _ body: String, _ expected: String) {
            self.steps = steps
            self.body = body
            self.expected = expected
        }

        var testDescription: String { "\(self.steps) of \(self.body)" }
    }

    static let cases: [Case] = [
        // pick
        Case("pick: data.a", #"{"b":1,"a":2}"#, #"{"a":2}"#),
        Case("pick: [data.b, data.a]", #"{"a" : 1.10,"b":"\u0041"}"#, #"{"a":1.10,"b":"\u0041"}"#),
        Case("pick: data.a.b", #"{"a":{"b":1,"c":2},"d":3}"#, #"{"a":{"b":1}}"#),
        Case("pick: data.a.b", #"{"a":{"c":2}}"#, #"{"a":{}}"#),
        Case("pick: data.a.b", #"{"a":5}"#, "{}"),
        Case("pick: data.l.x", #"{"l":[{"x":1,"y":2},7,{"y":3},[{"x":4,"y":5}]]}"#, #"{"l":[{"x":1},{},[{"x":4}]]}"#),
        Case("pick: data.a", #"{"a":{"b": [ 1 ]}}"#, #"{"a":{"b": [ 1 ]}}"#),
        Case("pick: data.a", #"[{"a":1,"b":2}]"#, #"[{"a":1}]"#),
        Case("pick: data.a", "7", "7"),
        Case(#"pick: data."a.b""#, #"{"a.b":1,"a":{"b":2}}"#, #"{"a.b":1}"#),
        // omit
        Case("omit: data.a", #"{"a":1,"b": 2}"#, #"{"b":2}"#),
        Case("omit: [data.a.b, data.c]", #"{"a":{"b":1,"c":2},"c":3}"#, #"{"a":{"c":2}}"#),
        Case("omit: data.l.x", #"{"l":[{"x":1,"y":2},{"x":3}],"m":1}"#, #"{"l":[{"y":2},{}],"m":1}"#),
        Case("omit: data.x", #"{"a":1}"#, #"{"a":1}"#),
        Case("omit: data.A", #"{"\u0041":1,"b":2}"#, #"{"b":2}"#),
        // rename
        Case("rename: {data.a: z}", #"{"a":1,"b":2}"#, #"{"z":1,"b":2}"#),
        Case("rename: {data.a: b, data.b: a}", #"{"a":1,"b":2}"#, #"{"b":1,"a":2}"#),
        Case("rename: {data.a: b}", #"{"b":2,"a":1}"#, #"{"b":1}"#),
        Case("rename: {data.a: b}", #"{"b":2}"#, #"{"b":2}"#),
        Case("rename: {data.l.x: data.l.y}", #"{"l":[{"x":1},{"x":{"x":2}}]}"#, #"{"l":[{"y":1},{"y":{"x":2}}]}"#),
        Case("rename: {data.a: b, data.a.c: d}", #"{"a":{"c":1}}"#, #"{"b":{"d":1}}"#),
        Case(#"rename: {data.a: "\"x.\\\"y\""}"#, #"{"a":1}"#, #"{"x.\"y":1}"#),
        // set
        Case("set: {data.k: order}", #"{"a":1}"#, #"{"a":1,"k":"order"}"#),
        Case("set: {data.a: 2}", #"{"a":1,"b":3}"#, #"{"a":2,"b":3}"#),
        Case("set: {data.a: \"{data.b}\"}", #"{"b":{"c":[1.0]}}"#, #"{"b":{"c":[1.0]},"a":{"c":[1.0]}}"#),
        Case("set: {data.a: \"{data.x}\"}", #"{"a":1}"#, #"{"a":1}"#),
        Case("set: {data.t: \"no {data.n}: {type}\"}", #"{"n":7}"#, #"{"n":7,"t":"no 7: t"}"#),
        Case("set: {data.t: \"no {data.x}\"}", #"{"n":7}"#, "output/missing-value"),
        Case("set: {data.a.b.c: 1}", #"{"a":{"x":1}}"#, #"{"a":{"x":1,"b":{"c":1}}}"#),
        Case("set: {data.a.b: 1}", #"{"a":null}"#, #"{"a":{"b":1}}"#),
        Case("set: {data.a.b: 1}", #"{"a":"text"}"#, "output/not-object"),
        Case("set: {data.l.n: 1}", #"{"l":[{"x":1},{"n":0}]}"#, #"{"l":[{"x":1,"n":1},{"n":1}]}"#),
        Case("set: {data.l.n: 1}", #"{"l":[1]}"#, "output/not-object"),
        Case("set: {data.l.n: 1}", #"{"l":[]}"#, #"{"l":[]}"#),
        Case(
            "set: {data.o: {k: [1, true, null, \"{data.a}\", \"{data.x}\"], m: \"{data.x}\"}}", #"{"a":"b"}"#,
            #"{"a":"b","o":{"k":[1,true,null,"b",null]}}"#),
        Case("set: {data.a: [1, {b: c}]}", "{}", #"{"a":[1,{"b":"c"}]}"#),
        Case("set: {data.a: \"{{x}}\"}", "{}", #"{"a":"{x}"}"#),
        Case("set: {data.a: 1}", "7", "output/not-object"),
        // together: pick, omit, rename, set
        Case(
            "set: {data.kind: card}, rename: {data.card.no: number}, omit: data.card.cvc, pick: [data.id, data.card]",
            #"{"x":0,"card":{"no":"42","cvc":"123","y":1},"id":18446744073709551616}"#,
            #"{"card":{"number":"42","y":1},"id":18446744073709551616,"kind":"card"}"#),
        Case("omit: data.a, set: {data.a: 1}", #"{"a":0,"b":2}"#, #"{"b":2,"a":1}"#),
        Case("rename: {data.a: b}, set: {data.b.c: \"{data.a.x}\"}", #"{"a":{"x":1}}"#, #"{"b":{"x":1,"c":1}}"#),
    ]

    @Test(arguments: cases)
    func `steps change bodies`(_ example: Case) throws {
        #expect(try OutputFixture.text(example.steps, example.body) == example.expected)
    }

    @Test func `steps of route, case and target run in this order`() throws {
        let yaml = """
            version: 1
            sources: {shop: {path: /in, verify: none}}
            destinations: {d: {url: "http://127.0.0.1:9/"}, e: {url: "http://127.0.0.1:9/"}}
            routes:
              r:
                omit: data.secret
                format: json
                switch:
                  - case: a
                    match: {data.a: 1}
                    rename: {data.a: b}
                    to: [{destination: d, set: {data.b: "{data.a}!"}, format: text}, e]

            """
        let loaded = ConfigLoader.load(ProjectFiles([.init(path: "routes/a.yaml", bytes: Array(yaml.utf8))]))
        #expect(loaded.diagnostics.isEmpty)
        guard case .cases(let cases)? = loaded.configuration.routes.first?.targets else {
            Issue.record("no cases")
            return
        }
        let outputs = cases[0].targets.map(\.output)
        #expect(
            outputs.map { $0.steps.map { $0.steps.map(\.kind) } } == [
                [[.omit], [.rename], [.set]], [[.omit], [.rename]],
            ])
        #expect(outputs.map(\.format) == [.text, .json])
    }

    @Test func `an event without data is held`() throws {
        let event = Event.made("x", contentType: "image/png")
        #expect(throws: ScriptFailure.self) { try OutputFixture.finish("pick: data.a", event) }
    }

    @Test func `a value that is copied into many elements has a bound`() throws {
        let list = "[" + Array(repeating: "{}", count: 3000).joined(separator: ",") + "]"
        let body = #"{"l":\#(list),"text":"\#(String(repeating: "x", count: 1000))"}"#
        #expect(try OutputFixture.text("set: {data.l.t: \"{data.text}\"}", body) == "output/too-large")
    }
}
