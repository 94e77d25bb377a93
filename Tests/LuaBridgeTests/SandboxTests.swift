// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LuaBridge

struct `Sandbox` {
    @Test(arguments: [
        "io", "os", "debug", "package", "load", "loadfile", "loadstring", "dofile", "collectgarbage", "coroutine",
        "xpcall", "rawget", "rawset", "rawlen", "rawequal", "next", "require", "warn", "string.dump", "math.randomseed",
    ])
    func `a removed name is nil`(_ name: String) throws {
        #expect(try Script.run("return \(name)") == "nil")
    }

    @Test(arguments: [
        ("x = 1", "global 'x' is read-only after load: use 'local'"),
        ("print = nil", "global 'print' is read-only after load: use 'local'"),
        ("_G.y = 1", "global 'y' is read-only after load: use 'local'"),
        ("string.rep = 1", "'string.rep' is read-only"),
        ("table.new = 1", "'table.new' is read-only"),
        ("math.pi = 3", "'math.pi' is read-only"),
        ("json.decode = nil", "'json.decode' is read-only"),
        ("setmetatable(string, {})", "cannot change a protected metatable"),
        ("setmetatable({}, {__gc = print})", "a metatable must not have '__gc' here"),
        ("setmetatable({}, {__close = print})", "a metatable must not have '__close' here"),
        ("setmetatable({}, {__mode = 'k'})", "a metatable must not have '__mode' here"),
        ("setmetatable({}, {__metatable = 1})", "a metatable must not have '__metatable' here"),
        ("('x').y.z = 1", "attempt to index a nil value (field 'y')"),
        ("return ('%p'):format({})", "invalid conversion '%p' to 'format': addresses differ between runs"),
    ])
    func `a forbidden act is refused by name`(_ source: String, _ message: String) throws {
        let failure = Script.failure { _ = try Script.run(source) }
        #expect(failure?.kind == .runtime)
        #expect(failure?.message == message)
    }

    @Test(arguments: [
        ("return getmetatable('')", "false"),
        ("return tostring({}), tostring(print), tostring(function() end)", "table|function|function"),
        (
            "return 0.1 + 0.2, 1e15, 2^53, 1e100, -0.0, 3.14",
            "0.30000000000000004|1e+15|9007199254740992.0|1e+100|-0.0|3.14"
        ),
        ("return ('%s %d %5.2f %q %x'):format(0.1, 3, 2.5, 'a\\n', 255)", "0.1 3  2.50 \"a\\\n\" ff"),
        ("return ('%s'):format({})", "table"),
        ("return undefined_name", "nil"),
        (
            "local k = '' for a in pairs{10, 20, b = 1, a = 2, [2.5] = 3, [-1] = 4} do k = k .. tostring(a) .. ' ' end return k",
            "-1 1 2 2.5 a b "
        ),
        ("return pcall(pairs, {[{}] = 1})", "false|keys of type table have no defined order: use an array and ipairs"),
        ("return #string, string.rep('ab', 3, '-'), ('x'):rep(0), ('abc'):upper():reverse()", "0|ab-ab-ab||CBA"),
        (
            "local t = {} for k in pairs(table) do t[#t + 1] = k end return table.concat(t, ' ')",
            "concat insert move pack remove sort unpack"
        ),
        ("local t = {5, 2, 9, 1} table.sort(t, function(a, b) return a > b end) return table.unpack(t)", "9|5|2|1"),
        ("return pcall(table.sort, {1, 'a', 2})", "false|attempt to compare string with number"),
        ("local t = table.move({1, 2, 3}, 1, 3, 2) return table.unpack(t)", "1|1|2|3"),
        ("return utf8.char(228, 8364), utf8.len('ä€'), utf8.codepoint('€'), utf8.offset('ä€', 2)", "ä€|2|8364|3"),
        (
            "local s = '' for p, c in utf8.codes('aä€') do s = s .. p .. ':' .. c .. ' ' end return s",
            "1:97 2:228 4:8364 "
        ),
        ("return string.unpack('<i4', string.pack('<i4', 77))", "77|5"),
        ("return pcall(error, {})", "false|table"),
        ("return select(2, pcall(error, 'x', 0))", "x"),
        ("return math.type(7 // 2), 7 // 2, 7 / 2, math.maxinteger + 1 == math.mininteger", "integer|3|3.5|true"),
        ("return tonumber('0x10'), tonumber('z', 36), tonumber('x')", "16|35|nil"),
        ("return ('a' < 'B'), ('a' < 'ä'), ('Z' < 'a')", "false|true|true"),
        ("return table.concat({1, 2.5, 'x'}, ',')", "1,2.5,x"),
        ("return select('#', table.unpack({}, 1, 3))", "3"),
        ("return #'äb', ('abc'):byte(-1), string.char(72, 105)", "3|99|Hi"),
    ])
    func `the library answers`(_ source: String, _ expected: String) throws {
        #expect(try Script.run(source) == expected)
    }

    @Test func `bytecode is refused`() throws {
        let state = try LuaState()
        let failure = Script.failure { _ = try state.load(chunk: "b.lua", source: [0x1B] + Array("Lua".utf8)) }
        #expect(failure?.kind == .syntax)
    }

    @Test func `a syntax error has its line`() throws {
        let state = try LuaState()
        let failure = Script.failure {
            _ = try state.load(chunk: "scripts/a.lua", source: Array("local x\nx = = 1".utf8))
        }
        #expect(
            failure == LuaFailure(.syntax, "unexpected symbol near '='", place: .init(chunk: "scripts/a.lua", line: 2)))
    }

    @Test func `a failure has place and traceback`() throws {
        let state = try LuaState()
        let source =
            "local function inner(x)\n return x.y.z\nend\nlocal function outer(x)\n local r = inner(x)\n return r\nend\nlocal v = outer({})\nreturn v"
        let function = try state.load(
            chunk: "scripts/very/long/path/that/is/longer/than/sixty/characters/in/all/order.lua",
            source: Array(source.utf8))
        let failure = Script.failure { _ = try state.call(function, results: { _ in }) }
        let chunk = "scripts/very/long/path/that/is/longer/than/sixty/characters/in/all/order.lua"
        #expect(failure?.message == "attempt to index a nil value (field 'y')")
        #expect(failure?.place == .init(chunk: chunk, line: 2))
        #expect(failure?.traceback.map(\.line) == [2, 5, 8])
        #expect(failure?.traceback.map(\.function) == ["inner", "outer", "main chunk"])
    }

    @Test func `environments keep their globals apart and freeze`() throws {
        let state = try LuaState()
        let first = try state.makeEnvironment(), second = try state.makeEnvironment()
        for (environment, text) in [
            (
                first,
                "limit = 1 prices = {a = {b = 2}} function f() return limit, prices.a.b end function g() prices.a.b = 3 end"
            ), (second, "limit = 2 function f() return limit end function g() limit = 3 end"),
        ] {
            let chunk = try state.load(chunk: "e.lua", source: Array(text.utf8), environment: environment)
            _ = try state.call(chunk, results: { _ in })
        }
        try state.freeze()
        for (environment, expected) in [(first, Int64(1)), (second, 2)] {
            let f = try #require(try state.function(named: "f", in: environment))
            #expect(try state.call(f, results: { $0.integer(1) }).value == expected)
        }
        let messages = try [first, second].map { environment in
            let g = try #require(try state.function(named: "g", in: environment))
            return Script.failure { _ = try state.call(g, results: { _ in }) }?.message
        }
        #expect(messages == ["'prices.a.b' is read-only", "global 'limit' is read-only after load: use 'local'"])
        #expect(try state.function(named: "f") == nil)
    }

    struct Reach: Sendable, CustomTestStringConvertible {
        let act: String
        let probe: String
        let expected: String
        var testDescription: String { self.act }
    }

    static let reaches: [Reach] = [
        Reach(act: "string.rep = function() return 'own' end", probe: "string.rep('a', 2)", expected: "aa"),
        Reach(act: "_G.string.upper = nil", probe: "('a'):upper()", expected: "A"),
        Reach(act: "json.encode = function() return 'own' end", probe: "json.encode({1})", expected: "[1]"),
        Reach(act: "json.encode, _G.json = nil, {}", probe: "json.encode({1})", expected: "[1]"),
        Reach(act: "_G.tostring = function() return 'own' end", probe: "tostring(1)", expected: "1"),
        Reach(act: "tostring = function() return 'own' end", probe: "tostring(1)", expected: "1"),
        Reach(act: "_G.leak = 'seen'", probe: "tostring(leak)", expected: "nil"),
        Reach(act: "_G._G.leak = 'seen'", probe: "tostring(_G.leak)", expected: "nil"),
        Reach(act: "setmetatable(string, {})", probe: "string.rep('a', 2)", expected: "aa"),
    ]

    @Test(arguments: reaches)
    func `what a file does while it loads reaches no other file`(_ reach: Reach) throws {
        let state = try LuaState()
        try state.seal()
        let first = try state.makeEnvironment(), second = try state.makeEnvironment()
        let act = try state.load(
            chunk: "a.lua", source: Array("pcall(function() \(reach.act) end)".utf8), environment: first)
        _ = try state.call(act, results: { _ in })
        let probe = try state.load(
            chunk: "b.lua", source: Array("function f() return \(reach.probe) end".utf8), environment: second)
        _ = try state.call(probe, results: { _ in })
        try state.freeze()
        let f = try #require(try state.function(named: "f", in: second))
        #expect(try state.call(f, results: { $0.string(1) }).value == reach.expected)
    }

    @Test func `a file's _G is its own globals`() throws {
        let state = try LuaState()
        try state.seal()
        let environment = try state.makeEnvironment()
        let source = "_G.limit = 7 function f() return limit == _G.limit and _G == _ENV and limit end"
        let chunk = try state.load(chunk: "a.lua", source: Array(source.utf8), environment: environment)
        _ = try state.call(chunk, results: { _ in })
        try state.freeze()
        let f = try #require(try state.function(named: "f", in: environment))
        #expect(try state.call(f, results: { $0.integer(1) }).value == 7)
    }

    @Test func `host functions read, answer, raise and call back`() throws {
        let state = try LuaState()
        try state.register("demo.add") { call throws(HostFailure) in
            call.results.push(try call.requiredInteger(1) + call.requiredInteger(2))
            return 1
        }
        try state.register("demo.fail") { _ throws(HostFailure) in throw HostFailure("no") }
        try state.register("demo.twice") { call throws(HostFailure) in
            do throws(LuaFailure) {
                let sum = try call.invoke(1, arguments: { $0.push(Int64(20)) }, results: { $0.integer(1) ?? 0 })
                call.results.push(sum * 2)
                call.results.push(handle: 7, of: "thing")
                return 2
            } catch {
                throw HostFailure(error)
            }
        }
        try state.register("demo.what") { call throws(HostFailure) in
            let handle = call.handle(1, of: "thing") ?? -1
            call.results.pushTable(readOnly: "event.headers") { table in
                table.set("handle", handle)
                table.set("list") { $0.pushTable { list in list.append { $0.push("a") } } }
            }
            return 1
        }
        let source = """
            local ok, message = pcall(demo.fail)
            local v, h = demo.twice(function(x) return x + 1 end)
            local w = demo.what(h)
            local ok2, message2 = pcall(function() w.x = 1 end)
            local ok3, message3 = pcall(demo.add, 1)
            return demo.add(1, 2), ok, message, v, w.handle, w.list[1], message2, message3
            """
        let function = try state.load(chunk: "h.lua", source: Array(source.utf8))
        try state.freeze()
        let values = try state.call(function) { results throws(LuaFailure) in
            (
                results.integer(1), results.boolean(2), results.string(3), results.integer(4), results.integer(5),
                results.string(6), results.string(7), results.string(8)
            )
        }.value
        #expect(values.0 == 3)
        #expect(values.1 == false)
        #expect(values.2 == "no")
        #expect(values.3 == 42)
        #expect(values.4 == 7)
        #expect(values.5 == "a")
        #expect(values.6 == "h.lua:4: 'event.headers.x' is read-only")
        #expect(values.7 == "bad argument #2 (integer expected, got no value)")
    }

    @Test func `results are walked in order`() throws {
        let state = try LuaState()
        let function = try state.load(
            chunk: "r.lua", source: Array("return {headers = {b = '2', a = '1'}, list = {5, 6}}, nil".utf8))
        var seen: [String] = []
        _ = try state.call(function) { results throws(LuaFailure) in
            #expect(results.count == 2)
            #expect(results.kind(2) == .nil)
            #expect(results.kind(3) == .none)
            try results.field("headers", of: 1) { field throws(LuaFailure) in
                try field.forEach(in: 1) { pair throws(LuaFailure) in
                    seen.append((pair.string(1) ?? "") + (pair.string(2) ?? ""))
                }
            }
            try results.field("list", of: 1) { list throws(LuaFailure) in
                #expect(try list.length(1) == 2)
                #expect(try list.element(2, of: 1) { $0.integer(1) } == 6)
            }
        }
        #expect(seen == ["a1", "b2"])
    }

    @Test func `print goes to the host`() throws {
        let state = try LuaState()
        var lines: [String] = []
        state.onPrint = { lines.append($0) }
        let function = try state.load(chunk: "p.lua", source: Array("print('a', 1, nil, {})".utf8))
        _ = try state.call(function, results: { _ in })
        #expect(lines == ["a\t1\tnil\ttable"])
    }
}
