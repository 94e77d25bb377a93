// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

/// `event` and `ctx` come into being as they are touched; a script must not be able to tell.
@Suite struct LazyEventTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let body: String
        let result: String

        init(_ name: String, _ body: String, _ result: String) {
            self.name = name
            self.body = body
            self.result = result
        }

        var testDescription: String { self.name }
    }

    static let keys = "local function keys(t) local k = array() for n in pairs(t) do k[#k + 1] = n end return k end "

    static let cases = [
        Case(
            "types", "return {type(event), type(ctx), type(event.headers), type(event.query), type(event.meta)}",
            #"["table","table","table","table","table"]"#),
        Case(
            "all fields in order", "return keys(event)",
            #"["data","headers","id","meta","query","raw","source","time","type"]"#),
        Case(
            "all fields after some were touched", "local _ = event.type, event.raw return keys(event)",
            #"["data","headers","id","meta","query","raw","source","time","type"]"#),
        Case("fields of ctx", "return keys(ctx)", #"["destination","now","revision","route","test"]"#),
        Case("headers in order", "return keys(event.headers)", #"["x-a","x-b"]"#),
        Case(
            "values of headers", "local t = {} for _, v in pairs(event.headers) do t[#t + 1] = v end return t",
            #"["1","2"]"#),
        Case(
            "query", "local t = {} for k, v in pairs(event.query) do t[#t + 1] = k .. v end return t", #"["qa b","z1"]"#
        ),
        Case("meta", "return event.meta", #"{"method":"POST","path":"/","sender_id":"sender-1"}"#),
        Case("headers as a result", "return event.headers", #"{"x-a":"1","x-b":"2"}"#),
        Case(
            "a copy may be changed", "local h = copy(event.headers) h['x-b'] = nil h.n = 1 return h",
            #"{"x-a":"1","n":1}"#),
        Case(
            "an absent field is nil",
            "return {event.version == nil, event.subject == nil, event.other == nil, ctx.x == nil}",
            "[true,true,true,true]"),
        Case(
            "a deleted field stays deleted", "event.raw = nil event.id = nil return {event.raw == nil, #keys(event)}",
            "[true,7]"),
        Case(
            "a field can be set", "event.type = 'z' event.more = 1 return {event.type, event.more, #keys(event)}",
            #"["z",1,10]"#),
        Case("a set field is not asked for", "event.data = 5 return event.data", "5"),
        Case(
            "the same table each time", "return {event.headers == event.headers, event.data == event.data}",
            "[true,true]"),
        Case(
            "get by path", "return {get(event, 'headers.x-a'), get(event, 'data.a'), get(event, 'no.x', 7)}",
            #"["1",1,7]"#),
        Case(
            "read-only tables refuse",
            "local n = 0 for _, t in ipairs({event.headers, event.query, event.meta, ctx}) do "
                + "if not pcall(function() t.route = 1 end) then n = n + 1 end end return {n, ctx.route}", #"[4,"r"]"#),
        Case(
            "also after they were walked",
            "keys(event.headers) return {pcall(function() event.headers['x-a'] = 1 end), event.headers['x-a']}",
            #"[false,"1"]"#),
        Case("headers are not case-folded", "return event.headers['X-A'] == nil", "true"),
        Case(
            "nested in a result", "return {e = event.meta, d = event.data}",
            #"{"d":{"a":1},"e":{"method":"POST","path":"/","sender_id":"sender-1"}}"#),
        Case("untouched data is unchanged in a table", "return {event.data}", #"[{"a":1}]"#),
    ]

    @Test(arguments: Self.cases)
    func `scripts see plain tables`(_ example: Case) throws {
        let fixture = try ScriptFixture(Self.keys + "function f(event, ctx) " + example.body + " end")
        let event = Event.made(#"{"a":1}"#, query: "q=a+b&z=1&q=c", headers: [("X-B", "2"), ("X-A", "1")])
        let worker = fixture.worker()
        #expect(try fixture.transform(event, worker).text == example.result)
        #expect(try fixture.transform(event, worker).text == example.result)
    }

    @Test func `an event that was kept from an earlier call is refused`() throws {
        let fixture = try ScriptFixture(
            """
            local kept = {}
            function f(event, ctx)
              local old = kept.event
              kept.event, kept.ctx, kept.headers = event, ctx, event.headers
              if not old then return event.id end
              return old.raw
            end
            """)
        let worker = fixture.worker()
        #expect(try fixture.transform(.made("{}"), worker).text != nil)
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}"), worker) }
        #expect(failure?.message.contains("belongs to an event that is over") == true)
    }

    @Test func `steps do not depend on the order of keys in memory`() throws {
        // Each Lua state seeds its hashes anew.
        let fixture = try ScriptFixture(
            "function f(e) local n = 0 for k in pairs({q = 1, w = 2, e = 3, r = 4, t = 5, z = 6, u = 7}) do n = n + 1 end "
                + "return {aa = n, bb = e.id, cc = 3, dd = 4, ee = 5, ff = 6, gg = 7} end")
        var steps: Set<Int> = []
        for _ in 0..<20 {
            let worker = fixture.worker(mode: .test)
            _ = try fixture.transform(.made("{}"), worker)
            steps.insert(try #require(worker.lastCall?.steps))
        }
        #expect(steps.count == 1)
    }

    @Test(arguments: ["{}", "[]", "1", "null", #"{"a":1}"#])
    func `documents of any number of nodes are seen`(_ body: String) throws {
        let fixture = try ScriptFixture("function f(event) return {event.data} end")
        #expect(try fixture.transform(.made(body)).text == "[" + body + "]")
    }

    @Test func `touching a field costs steps, and its bytes count`() throws {
        let fixture = try ScriptFixture("function f(event) if event.data.deep then return #event.raw end return 0 end")
        let worker = fixture.worker(mode: .test)
        _ = try fixture.transform(.made(#"{"deep":false}"#), worker)
        let without = try #require(worker.lastCall?.steps)
        _ = try fixture.transform(.made(#"{"deep":true,"text":"\#(String(repeating: "x", count: 32_000))"}"#), worker)
        let with = try #require(worker.lastCall?.steps)
        #expect(with > without + 1000)
    }
}
