// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct ScriptWorkerTests {
    // MARK: Results of transforms

    struct Result: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let expected: TransformResult
        var testDescription: String { self.name }

        init(_ name: String, _ body: String, _ expected: TransformResult) {
            self.name = name
            self.body = body
            self.expected = expected
        }
    }

    static func json(_ text: String, _ request: RequestOverrides? = nil) -> TransformResult {
        .body(Array(text.utf8), contentType: "application/json", request)
    }

    static func request(_ fill: (inout RequestOverrides) -> Void) -> RequestOverrides {
        var overrides = RequestOverrides()
        fill(&overrides)
        return overrides
    }

    static func item(_ text: String, _ type: String = "application/json", _ request: RequestOverrides? = nil)
        -> RenderedBody
    {
        RenderedBody(body: Array(text.utf8), contentType: type, request: request)
    }

    static let results: [Result] = [
        Result("the event's data as it came", "return event.data", .unchanged(contentType: nil, nil)),
        Result(
            "the event's data with a request", #"return event.data, {method = "PUT"}"#,
            .unchanged(contentType: nil, Self.request { $0.method = "PUT" })),
        Result(
            "the event's data under another media type", #"return event.data, {content_type = "application/x"}"#,
            .unchanged(contentType: "application/x", nil)),
        Result("a table", "return {b = 1, a = event.data.n}", Self.json(#"{"a":1.5,"b":1}"#)),
        Result("an empty table is an object", "return {}", Self.json("{}")),
        Result("an empty list", "return array {}", Self.json("[]")),
        Result("a list", "return {1, 2, 'x'}", Self.json(#"[1,2,"x"]"#)),
        Result("a part of the data keeps its text", "return event.data.o", Self.json(#"{"z":1e2,"a":[null]}"#)),
        Result(
            "a changed part", "event.data.n = 2; return event.data",
            Self.json(#"{"n":2,"o":{"z":1e2,"a":[null]},"s":"ü"}"#)),
        Result("a string is JSON", "return 'a\\n'", Self.json(#""a\n""#)),
        Result("a number", "return 7", Self.json("7")),
        Result("false is a body", "return false", Self.json("false")),
        Result("JSON null is a body", "return null", Self.json("null")),
        Result(
            "a string with a media type is the body itself", #"return "a;b\n", {content_type = "text/csv"}"#,
            .body(Array("a;b\n".utf8), contentType: "text/csv", nil)),
        Result(
            "bytes with a media type need not be text",
            #"return "\xff\0", {content_type = "application/octet-stream"}"#,
            .body([0xFF, 0], contentType: "application/octet-stream", nil)),
        Result(
            "a table with a media type is JSON of that name", #"return {}, {content_type = "application/vnd.x+json"}"#,
            .body(Array("{}".utf8), contentType: "application/vnd.x+json", nil)),
        Result(
            "all of a request",
            #"return 1, {headers = {["X-B"] = "2", ["X-A"] = event.data.n}, path = "/p?q=1", query = {a = true}, method = "PATCH", key = 3}"#,
            Self.json(
                "1",
                Self.request {
                    $0.headers = [("X-A", "1.5"), ("X-B", "2")]
                    $0.path = "/p?q=1"
                    $0.query = [("a", "true")]
                    $0.method = "PATCH"
                })),
        Result("nil as the request is none", "return 1, nil", Self.json("1")),
        Result("drop with a reason", "return drop('not ours')", .drop(reason: "not ours")),
        Result("drop as a statement", "drop('not ours') return 1", .drop(reason: "not ours")),
        Result("drop inside a function", "local function g() drop('deep') end g() return 1", .drop(reason: "deep")),
        Result("drop without a reason", "return drop()", .drop(reason: "dropped by the script")),
        Result("a drop that is caught is none", "pcall(drop, 'x') return 1", Self.json("1")),
        Result("many bodies", "return many {1, {a = 2}}", .many([Self.item("1"), Self.item(#"{"a":2}"#)])),
        Result(
            "many with requests",
            #"return many {{body = 1, request = {path = "/a"}}, {body = "x", request = {content_type = "text/plain"}}}"#,
            .many([Self.item("1", "application/json", Self.request { $0.path = "/a" }), Self.item("x", "text/plain")])),
        Result("many with a body alone", "return many {{body = {a = 1}}}", .many([Self.item(#"{"a":1}"#)])),
        Result(
            "an element with more than body and request is a body", "return many {{body = 1, other = 2}}",
            .many([Self.item(#"{"body":1,"other":2}"#)])),
        Result("many of a list in the data", "return many(event.data.o.a)", .many([Self.item("null")])),
        Result("many of nothing", "return many {}", .drop(reason: "many() got an empty list")),
    ]

    @Test(arguments: results)
    func `results become bodies`(_ example: Result) throws {
        let fixture = try ScriptFixture("function f(event, ctx) \(example.body) end")
        let event = Event.made(#"{"n":1.50,"o":{"z":1e2,"a":[null]},"s":"ü"}"#)
        #expect(try fixture.transform(event) == example.expected)
    }

    // MARK: Failures

    struct Failure: Sendable, CustomTestStringConvertible {
        let body: String
        let code: String
        let words: String
        let place: String?
        var testDescription: String { self.body }

        init(_ body: String, _ code: String, _ words: String = "", at place: String? = nil) {
            self.body = body
            self.code = "script/\(code)"
            self.words = words
            self.place = place
        }
    }

    static let failures: [Failure] = [
        Failure("", "no-result", "nothing"),
        Failure("return", "no-result", "nothing"),
        Failure("return nil", "no-result", "nil"),
        Failure("return event.data.absent", "no-result", "nil"),
        Failure("return f", "result-type", "function"),
        Failure("return 1, 'x'", "result-type", "request"),
        Failure("return ('a'):gsub('a', 'b')", "result-type", "request"),
        Failure("return 1, {1}", "result-path", "request"),
        Failure("return 1, {headers = {Host = 'x'}}", "result-path", "request.headers.Host"),
        Failure("return 1, {headers = {a = 'x\\r\\ny: z'}}", "result-path", "request.headers.a"),
        Failure("return {a = {f}}", "result-path", "result.a[1]"),
        Failure("return {a = 0/0}", "result-path", "result.a"),
        Failure("return {a = '\\xff'}", "result-path", "result.a"),
        Failure("return {1, nil, 3, x = 1}", "result-path", "result"),
        Failure("return many {a = 1}", "result-type", "list"),
        Failure("return many(1)", "runtime", "many"),
        Failure("local m = many {1} return m", "result-type", "return many(list)"),
        Failure("return many {{body = 1, request = {method = 'X'}}}", "result-path", "many[1].request.method"),
        Failure("\n\nreturn event.data.a.b.c", "runtime", "nil", at: "scripts/t.lua:3"),
        Failure("\nerror('no luck')", "runtime", "no luck", at: "scripts/t.lua:2"),
        Failure("error({})", "runtime", "table"),
        Failure("return fail('stock is closed')", "failed", "stock is closed", at: "scripts/t.lua:1"),
        Failure("while true do end", "budget-steps", at: "scripts/t.lua:1"),
        Failure("pcall(function() while true do end end) return 1", "budget-steps"),
        Failure("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(100000) .. i end", "budget-memory"),
        Failure("return lookup('x', 1)", "runtime", "configured"),
        Failure("x = 1 return 1", "runtime", "x"),
        Failure("string.y = 1 return 1", "runtime", "string"),
        Failure("ctx.route = 'z' return 1", "runtime", "ctx"),
        Failure("event.headers['x-a'] = 'z' return 1", "runtime", "event.headers"),
        Failure("return hmac('nope', 'x')", "runtime", "nope"),
        Failure("return os.time()", "runtime", "os"),
        Failure("return io.open('x')", "runtime", "io"),
    ]

    @Test(arguments: failures)
    func `failures are told apart`(_ example: Failure) throws {
        let fixture = try ScriptFixture("function f(event, ctx) \(example.body) end")
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made(#"{"a":{}}"#)) }
        #expect(failure?.code == example.code)
        #expect(failure?.script == "t.lua#f")
        #expect(failure?.message.contains(example.words) == true, "\(failure?.message ?? "")")
        if let place = example.place { #expect(failure?.place == place) }
        #expect(CodeRegistry.entry(for: example.code) != nil)
    }

    @Test func `a traceback names files, lines and functions`() throws {
        let fixture = try ScriptFixture("local function g(x)\n  error('deep')\nend\nfunction f(event)\n  g(1)\nend")
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}")) }
        #expect(failure?.place == "scripts/t.lua:2")
        #expect(failure?.traceback.first?.hasPrefix("scripts/t.lua:2") == true)
        #expect(failure?.traceback.contains { $0.hasPrefix("scripts/t.lua:5") } == true)
    }

    @Test func `a long message is cut`() throws {
        let fixture = try ScriptFixture("function f(event) error(('ä'):rep(100000)) end")
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}")) }
        #expect((failure?.message.utf8.count ?? .max) <= 2010)
    }

    @Test func `a script that is not in the set is a failure`() throws {
        let fixture = try ScriptFixture("function f(event) return 1 end")
        let failure = #expect(throws: ScriptFailure.self) {
            try fixture.worker().transform(ScriptID(7), event: .made("{}"), route: "r", destination: "d")
        }
        #expect(failure?.code == "script/load")
    }

    @Test func `a wall-clock limit ends what steps do not`() throws {
        var limits = ScriptLimits()
        limits.steps = 1 << 50
        limits.wall = .milliseconds(20)
        let fixture = try ScriptFixture("function f(event) while true do end end", limits: limits)
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}")) }
        #expect(failure?.code == "script/budget-wall")
    }

    @Test func `a spent budget costs the state and not the worker`() throws {
        let fixture = try ScriptFixture("function f(event) if event.data.loop then while true do end end return 1 end")
        let worker = fixture.worker()
        #expect(try fixture.transform(.made("{}"), worker).text == "1")
        #expect(throws: ScriptFailure.self) { try fixture.transform(.made(#"{"loop":true}"#), worker) }
        #expect(worker.statesMade == 1)
        #expect(try fixture.transform(.made("{}"), worker).text == "1")
        #expect(try fixture.transform(.made("{}"), worker).text == "1")
        #expect(worker.statesMade == 2)
    }

    @Test func `an ordinary error keeps the state`() throws {
        let fixture = try ScriptFixture("function f(event) return event.data.a.b end")
        let worker = fixture.worker()
        #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}"), worker) }
        #expect(try fixture.transform(.made(#"{"a":{"b":2}}"#), worker).text == "2")
        #expect(worker.statesMade == 1)
    }

    // MARK: What a script sees

    @Test func `the event and its context are what arrived`() throws {
        let fixture = try ScriptFixture(
            """
            function f(event, ctx)
              return {event.id, event.type, event.version, event.time, event.source, event.subject, event.headers["x-a"],
                event.query.q, event.raw, event.meta.path, event.meta.method, event.meta.sender_id, ctx.route,
                ctx.destination, ctx.revision, ctx.now, ctx.test, now()}
            end
            """)
        let event = Event.made("{}", type: "order.created", version: 2, subject: "sub", query: "q=a+b&q=c")
        let text = try #require(try fixture.transform(event).text)
        #expect(
            text
                == #"["\#(event.id)","order.created",2,"2026-01-01T00:00:00.123Z","s","sub","1","a b","{}","/","POST","sender-1","r","d","abcdef012345",1767225600123,false,1767225600123]"#
        )
    }

    @Test func `a body that is no JSON has raw and no data`() throws {
        let fixture = try ScriptFixture("function f(event) return {event.data == nil, event.raw} end")
        #expect(try fixture.transform(.made("<a/>", contentType: "text/xml")).text == #"[true,"<a/>"]"#)
    }

    @Test func `the first of repeated headers counts and none can be changed`() throws {
        let fixture = try ScriptFixture("function f(event) return event.headers['x-a'] end")
        #expect(try fixture.transform(.made("{}", headers: [("X-A", "1"), ("x-a", "2")])).text == #""1""#)
    }

    @Test func `a test is told so and leaves no trace`() throws {
        let fixture = try ScriptFixture(
            "function f(event, ctx) log.info('hi', {a = 1}); count('n'); return ctx.test end")
        let worker = fixture.worker(mode: .test)
        #expect(try fixture.transform(.made("{}"), worker).text == "true")
        #expect(fixture.log.all.isEmpty)
        #expect(fixture.signals.counters.isEmpty)
        #expect(worker.lastCall?.lines == [.init(level: .info, message: "hi", fields: ["a=1"])])
    }

    @Test func `a test keeps every call until it is taken`() throws {
        let fixture = try ScriptFixture("function f(event) return drop('x') end")
        let worker = fixture.worker(mode: .test)
        for _ in 0..<2 { _ = try fixture.transform(.made("{}"), worker) }
        let calls = worker.takeCalls()
        #expect(
            calls.map { "\($0.script) \($0.route) \($0.destination?.text ?? "-")" } == ["t.lua#f r d", "t.lua#f r d"])
        #expect(calls.allSatisfy { $0.steps > 0 })
        #expect(worker.takeCalls().isEmpty)
        let live = fixture.worker()
        _ = try fixture.transform(.made("{}"), live)
        #expect(live.takeCalls().isEmpty)
    }

    @Test func `the last of repeated keys counts where they are allowed`() throws {
        let fixture = try ScriptFixture(
            "function f(event) local k = {} for key in pairs(event.data) do k[#k + 1] = key end return {event.data.a, k} end"
        )
        let body = Array(#"{"a":1,"b":{"c":1,"c":2},"a":2}"#.utf8)
        let event = Event(
            id: EventID(high: 1, low: 0), source: "s", type: "t", time: WallTime(milliseconds: 0), body: body,
            data: try JSONDocument(parsing: body, limits: JSONLimits(duplicateKeys: .last)))
        #expect(try fixture.transform(event).text == #"[2,["b","a"]]"#)
    }

    @Test func `steps are the same for the same call`() throws {
        let fixture = try ScriptFixture(
            "function f(event) local n = 0 for i = 1, 1000 do n = n + i end return {n, rand(), uuid(), uuid('a'), math.random()} end"
        )
        let worker = fixture.worker()
        let event = Event.made("{}")
        let first = try fixture.transform(event, worker)
        let steps = worker.lastCall?.steps
        let second = try fixture.transform(event, worker)
        #expect(worker.lastCall?.steps == steps)
        let fresh = fixture.worker()
        #expect(try fixture.transform(event, fresh) == first)
        #expect(fresh.lastCall?.steps == steps)
        #expect(first == second)
        #expect((steps ?? 0) > 2000)
        #expect(try fixture.transform(.made("{}", id: 2), worker) != first)
    }
}
