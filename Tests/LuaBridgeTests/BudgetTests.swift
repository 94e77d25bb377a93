// SPDX-License-Identifier: Apache-2.0
import HookTestKit
import Testing

@testable import LuaBridge

struct `Budgets` {
    /// Everything that runs for ever (or nearly) below a plain count hook.
    static let hangs: [(name: String, source: String)] = [
        ("loop", "while true do end"),
        ("pcall loop", "while true do pcall(function() while true do end end) end"),
        ("pcall tower", "local function f() pcall(f) f() end f()"),
        (
            "pcall in pcall",
            "pcall(function() while true do pcall(function() while true do end end) end end) while true do end"
        ),
        ("rep of nothing", "for i = 1, 1e9 do local x = ('').rep('', 10^18 // 1 | 0) end"),
        ("rep of much", "return ('x'):rep(1 << 40)"),
        ("pattern", "return ('x'):rep(2000):find('.-.-.-y')"),
        ("pattern stars", "return ('a'):rep(30):find(('a*'):rep(20) .. 'b')"),
        ("gsub a*b", "return (('a'):rep(200000):gsub('a*b', ''))"),
        ("gsub of empty", "local s = ('x'):rep(1000000) return #(s:gsub('', ('y'):rep(1024)))"),
        ("gmatch", "for a in ('a'):rep(100000):gmatch('a-b') do end"),
        ("find plain, often", "local s = ('a'):rep(1 << 20) for i = 1, 1e9 do s:find('b', 1, true) end"),
        ("move", "table.move({}, 1, math.maxinteger - 1, 2)"),
        ("insert with huge length", "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)"),
        ("remove with huge length", "table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)"),
        (
            "concat with huge length",
            "return table.concat(setmetatable({}, {__len = function() return 1 << 60 end, __index = function() return '' end}))"
        ),
        ("unpack loop", "while true do pcall(table.unpack, {}, 1, 90000) end"),
        (
            "sort with bad order",
            "local t = {} for i = 1, 100000 do t[i] = i end table.sort(t, function() return true end)"
        ),
        (
            "sort of many",
            "local t = {} for i = 1, 60000 do t[i] = tostring(i * 7919 % 60000) end for i = 1, 100 do table.sort(t) end"
        ),
        ("concat growth", "local s = 'x' while true do s = s .. s end"),
        ("tables", "local t = {} while true do t[#t + 1] = {} end"),
        ("recursion", "local function f() return 1 + f() end return f()"),
        ("tail calls", "local function f() return f() end return f()"),
        (
            "metamethod recursion",
            "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k + 1] end return t[1]"
        ),
        (
            "tostring loop",
            "local t = setmetatable({}, {__tostring = function(s) while true do end end}) return tostring(t)"
        ),
        (
            "pairs often",
            "local t = {} for i = 1, 1000 do t['k' .. i] = i end while true do for k in pairs(t) do break end end"
        ),
        (
            "compare long strings",
            "local a = ('x'):rep(4 << 20) local b = a .. 'y' a = a .. 'z' while a ~= b do local c = a < b end"
        ),
        ("format", "while true do local s = ('%99.99f'):format(1e308) end"),
        (
            "close variables",
            "local t = setmetatable({}, {}) getmetatable(t).__close = function() while true do end end do local x <close> = t end"
        ),
        ("json.encode", "local t = {} for i = 1, 1000 do t[i] = i end while true do json.encode(t) end"),
        ("copy", "local t = {} for i = 1, 1000 do t[i] = {i} end while true do t = copy(t) end"),
        ("utf8", "local s = ('\\x80'):rep(1 << 20) while true do pcall(utf8.offset, s, -1) end"),
        ("tonumber", "local s = ('1'):rep(1 << 20) while true do tonumber(s, 10) end"),
    ]

    @Test(arguments: Self.hangs.indices)
    func `a script that does not end is ended`(_ n: Int) throws {
        let hang = Self.hangs[n]
        var failure: LuaFailure?
        let took = ProcessorTime.measure { failure = Script.failure { _ = try Script.run(hang.source) } }
        #expect(failure != nil, "\(hang.name) ended by itself")
        #expect(took < .seconds(1), "\(hang.name) took \(took)")
        if ["recursion", "metamethod recursion", "rep of much"].contains(hang.name) == false, let kind = failure?.kind {
            #expect([.steps, .memory, .wall].contains(kind), "\(hang.name): \(failure.debugDescription)")
        }
    }

    @Test func `a plain find is linear`() throws {
        #expect(
            try Script.run("local s = ('a'):rep(2000000) return s:find(('a'):rep(1000000) .. 'b', 1, true)") == "nil")
        #expect(try Script.run("return ('').rep('', 10^18 // 1 | 0)") == "")
    }

    @Test func `a spent state is poisoned and says so`() throws {
        let state = try LuaState()
        let function = try state.load(chunk: "w.lua", source: Array("while true do end".utf8))
        #expect(Script.failure { _ = try state.call(function, results: { _ in }) }?.kind == .steps)
        #expect(state.isPoisoned)
        #expect(state.stepsUsed == 2_000_000)
        #expect(Script.failure { _ = try state.call(function, results: { _ in }) }?.kind == .steps)
    }

    @Test func `the wall clock is a second net`() throws {
        let limits = LuaLimits(steps: 1 << 50, wall: .milliseconds(30))
        #expect(Script.failure { _ = try Script.run("while true do pcall(error) end", limits: limits) }?.kind == .wall)
        #expect(
            Script.failure { _ = try Script.run("return ('x'):rep(5000):find('.-.-.-.-y')", limits: limits) }?.kind
                == .wall)
    }

    @Test func `memory has a cap and no pcall hides it`() throws {
        let limits = LuaLimits(memoryBytes: 1 << 20)
        let source = "local ok = pcall(function() return ('x'):rep(3 << 20) end) return ok"
        #expect(Script.failure { _ = try Script.run(source, limits: limits) }?.kind == .memory)
        #expect(try Script.run(source) == "true")
    }

    @Test(arguments: [
        "return 1", "local n = 0 for i = 1, 12345 do n = n + i end return n", "return ('abc'):rep(100):gsub('b', 'x')",
        "local t = {} for i = 1, 500 do t[i] = math.random(1000) end table.sort(t) return #t",
        "local s = 0 for k, v in pairs({a = 1, b = 2, c = 3}) do s = s + v end return s", "return pcall(error, 'x')",
        "local t = {} for i = 1, 3000 do t[i] = ('k'):rep(i) end return #t",
    ])
    func `steps are exact and repeat`(_ source: String) throws {
        let state = try LuaState()
        let function = try state.load(chunk: "d.lua", source: Array(source.utf8))
        try state.freeze()
        var steps: Set<Int> = []
        for _ in 0..<3 {
            state.seedRandom(1)
            steps.insert(try state.call(function, results: { _ in }).steps)
        }
        let fresh = try LuaState()
        let again = try fresh.load(chunk: "d.lua", source: Array(source.utf8))
        try fresh.freeze()
        fresh.seedRandom(1)
        steps.insert(try fresh.call(again, results: { _ in }).steps)
        #expect(steps.count == 1, "\(steps)")
    }

    @Test func `one instruction more is one step more`() throws {
        let short = try Script.outcome("local a = 1 return a").steps
        let long = try Script.outcome("local a = 1 local b = 2 return a").steps
        #expect(long == short + 1)
        let loop = try Script.outcome("for i = 1, 100 do end").steps
        let longer = try Script.outcome("for i = 1, 1100 do end").steps
        #expect(longer == loop + 1000)
    }

    @Test func `random numbers follow the seed`() throws {
        let source = "return math.random(6), math.random(), math.random(-5, 5)"
        #expect(try Script.run(source) == Script.run(source))
    }
}
