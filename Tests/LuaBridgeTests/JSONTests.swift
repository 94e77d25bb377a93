// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import LuaBridge

struct `Lossless JSON` {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: String, source: String, expected: String
        var testDescription: String { "\(self.json) \(self.source)" }
        init(_ json: String, _ source: String, _ expected: String) {
            (self.json, self.source, self.expected) = (json, source, expected)
        }
    }

    @Test(arguments: [
        Case("{\"a\": 1 }", "return data", "unchanged"),
        Case("{\"a\": 1 }", "local x = data.a return data", "unchanged"),
        Case("{\"a\": {\"b\" : [1, 2.50]}}", "for k, v in pairs(data.a.b) do local y = v end return data", "unchanged"),
        Case(
            "{\"a\": 1.0, \"b\":1e2, \"c\":-0, \"d\": 1.10}", "data.x = 1 return data",
            "{\"a\":1.0,\"b\":1e2,\"c\":-0,\"d\":1.10,\"x\":1}"),
        Case(
            "{\"a\": 1.0, \"b\":1e2, \"c\":-0, \"d\": 1.10}", "return {a=data.a, b=data.b, c=data.c, d=data.d}",
            "{\"a\":1.0,\"b\":100.0,\"c\":-0.0,\"d\":1.1}"),
        Case(
            "{\"z\":1,\"a\":2,\"m\":3}", "data.z = 9 data.b = 4 data.a = nil return data", "{\"z\":9,\"m\":3,\"b\":4}"),
        Case("{\"z\":1,\"a\":2}", "local x = data.a data.a = nil assert(data.a == nil) return data", "{\"z\":1}"),
        Case(
            "{\"a\":null,\"b\":[],\"c\":{}}", "data.x = true return data", "{\"a\":null,\"b\":[],\"c\":{},\"x\":true}"),
        Case(
            "{\"a\":null,\"b\":[],\"c\":{}}", "return {a=data.a, b=data.b, c=data.c}", "{\"a\":null,\"b\":[],\"c\":{}}"),
        Case(
            "{\"a\":null}",
            "return {is_null(data.a), data.a == null, opt(data.a) == nil, get(data, 'a', 5), get(data, 'b.c[2]', 6)}",
            "[true,true,true,5,6]"),
        Case("{\"a\":1}", "data.a = null return data", "{\"a\":null}"),
        Case("{\"a\":[1, 2,3]}", "data.a[2] = 7 return data", "{\"a\":[1,7,3]}"),
        Case("[3,1,2]", "table.sort(data) return data", "[1,2,3]"),
        Case("[3,1,2]", "table.insert(data, 4) table.insert(data, 1, 0) return data", "[0,3,1,2,4]"),
        Case(
            "[3,1,2]", "return {table.remove(data), #data, table.concat(data, '-'), select('#', table.unpack(data))}",
            "[2,2,\"3-1\",2]"),
        Case(
            "[3,1,2]", "local n = 0 for i, v in ipairs(data) do n = n * 10 + v end return {n, #data, type(data)}",
            "[312,3,\"table\"]"),
        Case(
            "{\"b\":1,\"a\":2,\"c\":{}}", "local s = '' for k in pairs(data) do s = s .. k end return {s}", "[\"bac\"]"),
        Case(
            "{}", "return {9223372036854775807, 18446744073709551615 // 1}",
            "[9223372036854775807,1.8446744073709552e+19]"),
        Case(
            "{\"a\":9223372036854775807,\"b\":18446744073709551615,\"c\":0.1234567890123456789}",
            "return {math.type(data.a), data.b > data.a, tonumber(data.b), data.b, data.c}",
            "[\"integer\",true,1.8446744073709552e+19,18446744073709551615,0.1234567890123456789]"),
        Case("{}", "return {b=1, a={c=1, b=2}}", "{\"a\":{\"b\":2,\"c\":1},\"b\":1}"),
        Case(
            "{}", "return {array(), {}, object(), array{1}, object{{'z',1},{'a',2}}}",
            "[[],{},{},[1],{\"z\":1,\"a\":2}]"),
        Case("{\"a\":\"\\u00e9\\n\"}", "return {data.a, data.a == 'é\\n'}", "[\"é\\n\",true]"),
        Case("{\"a\":{\"x\" : 1.50}}", "return {moved = data.a}", "{\"moved\":{\"x\" : 1.50}}"),
        Case("{\"a\":{\"x\":1},\"b\":{\"y\":2}}", "return merge(data.a, data.b, {x = 3})", "{\"x\":3,\"y\":2}"),
        Case(
            "{\"c\":1,\"a\":2,\"b\":3}", "return {pick(data, 'b', 'c'), omit(data, {'b'}), copy(data)}",
            "[{\"b\":3,\"c\":1},{\"c\":1,\"a\":2},{\"c\":1,\"a\":2,\"b\":3}]"),
        Case(
            "{\"a\":{\"b\":[1]}}", "set(data, 'a.b[2]', 5) set(data, 'n.m[1].k', 6) return data",
            "{\"a\":{\"b\":[1,5]},\"n\":{\"m\":[{\"k\":6}]}}"),
        Case(
            "{\"a\":[1,{\"b\":null}]}",
            "return {equal(data, copy(data)), equal(data, {a={1}}), equal(null, data.a[2].b)}", "[true,false,true]"),
        Case(
            "{}", "return {json.encode({a=1}), json.decode('{\"x\":[1,2.50]}').x[2], json.decode('[1, 2]')}",
            "[\"{\\\"a\\\":1}\",2.5,[1, 2]]"),
        Case("[1,2]", "return data[1] + data[2]", "3"),
        Case("\"s\"", "return data", "\"s\""),
        Case("{\"a\":1}", "for k, v in pairs(data) do data[k] = v + 1 end return data", "{\"a\":2}"),
        Case("{\"a\":{\"b\":1}}", "local a = data.a data.a = nil data.c = a return data", "{\"c\":{\"b\":1}}"),
        Case("{\"a\":1e400}", "return {data.a, data.a > 1e308}", "[1e400,true]"),
    ])
    func `a value survives`(_ c: Case) throws {
        #expect(try Script.transform(c.json, c.source) == c.expected)
    }

    @Test(arguments: [
        Case("{}", "return {lines = {{qty=1}, {qty=1}, {qty=0/0}}}", "result.lines[3].qty: NaN is not a JSON number"),
        Case("{}", "return {x = 1/0}", "result.x: infinity is not a JSON number"),
        Case("{}", "return {x = {1, nil, 3, a = 1}}", "result.x: an array has holes or keys that are no positions"),
        Case("{}", "return {x = '\\xff'}", "result.x: this string is not valid UTF-8: send bytes as base64"),
        Case(
            "{}", "local t = {} t.t = t return t",
            "result: the value is nested deeper than 64 levels, or contains itself"),
        Case("{}", "return {f = print}", "result.f: a function cannot be JSON"),
        Case("{}", "return nil", "result: there is no value (nil); JSON null is `null`"),
        Case("{}", "return {('x'):rep(2000)}", "result[1]: the JSON is larger than 1000 bytes"),
    ])
    func `what cannot be JSON names its path`(_ c: Case) throws {
        let failure = Script.failure { _ = try Script.transform(c.json, c.source, limit: 1000) }
        #expect(failure?.kind == .result)
        #expect(failure?.message == c.expected)
    }

    @Test(arguments: [
        Case("{\"y\":null}", "return data.y.x", "cannot read field 'x' of JSON null at data.y"),
        Case("{\"a\":[1,{\"y\":null}]}", "data.a[2].y.x = 1", "cannot write field 'x' of JSON null at data.a[2].y"),
        Case("{\"y\":null}", "return data.y + 1", "cannot calculate with JSON null at data.y"),
        Case("{\"y\":null}", "return 'a' .. data.y", "cannot concatenate JSON null at data.y"),
        Case("{\"y\":null}", "return data.y()", "cannot call JSON null at data.y"),
        Case("{}", "return null.x", "cannot read field 'x' of JSON null"),
        Case(
            "{\"a\":18446744073709551615}", "return data.a + 1",
            "arithmetic on the exact number 18446744073709551615 would lose digits: use tonumber(x) first"),
        Case("{}", "return json.decode('{')", "json.decode: the text ends in the middle of a value"),
    ])
    func `a misuse says what and where`(_ c: Case) throws {
        let failure = Script.failure { _ = try Script.transform(c.json, c.source) }
        #expect(failure?.kind == .runtime)
        #expect(failure?.message == c.expected)
        #expect(failure?.place == LuaFailure.Place(chunk: "t.lua", line: 1))
    }

    @Test func `a repeated key counts last`() throws {
        let json = "{\"a\":1,\"a\":2}"
        #expect(try Script.transform(json, "return data.a", duplicates: true) == "2")
        #expect(try Script.transform(json, "data.b = 1 return data", duplicates: true) == "{\"a\":2,\"b\":1}")
    }

    @Test func `an object of many members stays within the budget`() throws {
        let json = "{" + (1...10_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let source = "local n = 0 for k, v in pairs(data) do n = n + v end data.n = n return data"
        #expect(try Script.transform(json, source, duplicates: true).hasSuffix(",\"n\":50005000}"))
        #expect(try Script.transform(json, "data.k5 = 6 return data", duplicates: true).count == json.count)
    }

    @Test func `the tape has the layout of the C side`() {
        #expect(MemoryLayout<JSONNode>.stride == 20)
        #expect(MemoryLayout<JSONNode>.offset(of: \.next) == 8)
        #expect(MemoryLayout<JSONNode>.offset(of: \.kind) == 16)
        #expect(MemoryLayout<JSONNode>.offset(of: \.isEscaped) == 17)
    }

    @Test func `a value kept beyond its event is refused`() throws {
        let state = try LuaState()
        let function = try state.load(
            chunk: "t.lua",
            source: Array("local old; return function(d) local o = old; old = d; return o and o.a end".utf8))
        let inner = try state.call(function) { results throws(LuaFailure) in try results.function(1) }.value
        let document = try JSONDocument(parsing: Array("{\"a\":1}".utf8))
        let body = try #require(inner)
        _ = try state.call(body, arguments: { $0.pushJSON(document.bytes, nodes: document.nodes) }, results: { _ in })
        let failure = Script.failure {
            _ = try state.call(
                body, arguments: { $0.pushJSON(document.bytes, nodes: document.nodes) }, results: { _ in })
        }
        #expect(failure?.message == "this JSON value belongs to an event that is over: copy() what is kept")
    }

    @Test func `a host function may answer with a document`() throws {
        let state = try LuaState()
        try state.register("parse") { call throws(HostFailure) in
            let bytes = try call.requiredBytes(1)
            do throws(JSONFailure) {
                let document = try JSONDocument(parsing: bytes)
                call.results.push("first")
                call.results.pushJSON(document.bytes, nodes: document.nodes, named: "parsed")
                return 2
            } catch {
                throw HostFailure("no JSON")
            }
        }
        let source =
            "local a, b = parse('{\"x\":{\"y\":null}}') local c, d = parse('[1, 2]') "
            + "local ok, m = pcall(function() return b.x.y.z end) return {b, d, m}"
        let function = try state.load(chunk: "t.lua", source: Array(source.utf8))
        let result = try state.call(function) { results throws(LuaFailure) in try results.json(at: 1) }.value
        let expected = "[{\"x\":{\"y\":null}},[1, 2],\"t.lua:1: cannot read field 'z' of JSON null at parsed.x.y\"]"
        #expect(result == .bytes(Array(expected.utf8)))
    }
}
