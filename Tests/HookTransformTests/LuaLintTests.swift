// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

/// What the linter says about Lua, with columns.
@Suite struct LuaLintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        /// `line:column+length severity code`
        let expected: [String]
        var hint: String?

        init(_ code: String, _ expected: String..., hint: String? = nil) {
            self.code = code
            self.expected = expected
            self.hint = hint
        }

        var testDescription: String { self.code }
    }

    static func findings(_ code: String) -> [Diagnostic] {
        ScriptLint(
            files: ProjectFiles([.init(path: "scripts/a.lua", bytes: Array(code.utf8))]), scripts: [], schemas: [:]
        ).findings()
    }

    static func places(_ diagnostics: [Diagnostic]) -> [String] {
        diagnostics.map { diagnostic in
            let mark = diagnostic.mark
            return
                "\(mark?.line ?? 0):\(mark?.column ?? 0)+\(mark?.length ?? 0) \(diagnostic.severity.rawValue) \(diagnostic.code)"
        }
    }

    static let cases: [Case] = [
        Case(
            "function f(e) return sting.format('%d', 1) end", "1:22+5 error script/undefined-name",
            hint: "did you mean \"string\"?"),
        Case(
            "function f(e) return string.fromat('%d', 1) end", "1:29+6 error script/undefined-name",
            hint: "did you mean \"format\"?"),
        Case("function f(e) return string.x end", "1:29+1 warning script/undefined-name"),
        Case("function f(e) if debugging then return 1 end return 2 end", "1:18+9 warning script/undefined-name"),
        Case("function f(e) if go then go() end return 2 end", "1:18+2 warning script/undefined-name"),
        Case("function f(e) return evnt.data end", "1:22+4 error script/undefined-name"),
        Case("function f(e) return json.encode(jsn) end", "1:34+3 warning script/undefined-name"),
        Case("function f() return event.data end", "1:21+5 error script/undefined-name"),
        Case("function f(e) return data.total end", "1:22+4 error script/undefined-name"),
        Case("-- é\nlocal ü1 = 1"), Case("local é"),
        Case("function f(e) return '漢' .. upcase(e) end", "1:29+6 error script/undefined-name"),
        Case("function f(e) return shape(e) end\nfunction shape(e) return e end"),
        Case("local M = {}\nfunction M.f(e) return M.g(e) end\nfunction M.g(e) return e end\nreturn M"),
        Case(
            "function f(e) return os.time() end", "1:22+7 error script/removed", hint: "now() gives Unix milliseconds"),
        Case("function f(e) return io.open('x') end", "1:22+7 error script/removed"),
        Case("function f(e) return load('x') end", "1:22+4 error script/removed"),
        Case("function f(e) return string.dump(f) end", "1:22+11 error script/removed"),
        Case("function f(e) for k, v in next, e do return k, v end end", "1:27+4 warning script/removed"),
        Case("function f(e) sum = 1 return 1 end", "1:15+3 error script/global-write"),
        Case("function f(e) function g() end return g end", "1:24+1 error script/global-write"),
        Case("local function g() sum = 1 end\ng()\nfunction f(e) return sum end", "1:20+3 warning script/global-write"),
        Case("sum = 1\nfunction f(e) return sum end"),
        Case("function string.trim(s) return s end", "1:10+11 error script/global-write"),
        Case("function f(e) string.trim = 1 end", "1:15+11 error script/global-write"),
        Case("function f(e) return hmac('x') end", "1:22+4 error script/arguments"),
        Case("function f(e) return hmac(table.unpack(e)) end"), Case("function f(...) return hmac(...) end"),
        Case("function f(e) return now(1) end", "1:22+3 warning script/arguments"),
        Case("function f(e) return time.add(1) end", "1:22+8 error script/arguments"),
        Case("local function hmac(a) return a end\nfunction f(e) return hmac(e) end"),
        Case("function f(e) local x = 1 return 2 end", "1:21+1 warning script/unused-local"),
        Case("function f(e) local x = 1 x = 2 return 2 end", "1:21+1 warning script/unused-local"),
        Case("function f(e) local _, b = 1, 2 return b end"),
        Case("function f(e) for i, v in ipairs(e.data) do return v end end"),
        Case("local function unused() return 1 end", "1:16+6 warning script/unused-local"),
        Case("local x <const>, y <close> = 1, nil\nfunction f(e) return x end"),
        Case("function f(e) _ENV.x = 1 return y end"), Case("local _ENV = {}\nx = y"),
        Case("function f(e) repeat local done = true until done return 1 end"),
        Case("function f(e) goto out ::out:: return 7 // 2 ~ 3 & 1 | 4 << 1 >> 1 end"),
        Case("function f(e) return (e.data[1] or {}).x, #e.data, not e, -1, ~1, 2^-3 end"),
        Case("function f(e) return [[a]], [==[b]]]==], \"\\x41\\u{48}\\z\n  c\", 'd\\\ne', 0x1p-3, 1e+5, .5, 3. end"),
    ]

    @Test(arguments: cases) func `a chunk is judged`(_ example: Case) {
        let found = Self.findings(example.code)
        #expect(Self.places(found) == example.expected, "\(found.map(\.message))")
        if let hint = example.hint { #expect(found.first?.hint == hint) }
        for diagnostic in found { #expect(CodeRegistry.entry(for: diagnostic.code) != nil) }
    }

    @Test func `a wrong example shows its code, and the right one nothing`() throws {
        let codes = ["undefined-name", "removed", "global-write", "arguments", "unused-local"]
        for code in codes {
            let entry = try #require(CodeRegistry.entry(for: "script/\(code)"))
            #expect(Self.findings(entry.wrong).map(\.code) == [entry.code])
            #expect(Self.findings(entry.right).isEmpty, "\(entry.code)")
        }
    }

    @Test func `a linter's error stands in the place of the failed load that it explains`() {
        let files = ProjectFiles([
            .init(path: "scripts/a.lua", bytes: Array("local x = sting.rep('a', 2)\nfunction f(e) return x end".utf8))
        ])
        let spec = ScriptSpec(
            role: .transform, body: .function(file: "a.lua", name: "f"),
            mark: Mark(file: "routes/x.yaml", line: 1, column: 1)
        )
        let found = ScriptSet.compile(files: files, scripts: [spec]).diagnostics
        #expect(found.map(\.code) == ["script/undefined-name"])
    }

    // MARK: Code in route files

    static let inline: [Case] = [
        Case("when: data.x == 1 and sting.len('a') > 2\n", "1:23+5 error script/undefined-name"),
        Case("when: \"data.x == 1 and sting.len('a') > 2\"\n", "1:24+5 error script/undefined-name"),
        Case("when: 'é(data.x)'\n"), Case("when: headers.x == query.y and ctx.route ~= event.type\n"),
        Case("lua: |\n  local t = 'é' .. upcase(1)\n  return t\n", "2:20+6 error script/undefined-name"),
        Case("lua: |\n\n    -- é\n    return {\n      a = os.time(),\n    }\n", "5:11+7 error script/removed"),
        Case("lua: return evnt.data\n", "1:13+4 error script/undefined-name"),
        Case("lua: \"return\\tevnt.data\"\n", "1:6+19 error script/undefined-name"),
    ]

    @Test(arguments: inline) func `code in a route file is marked there`(_ example: Case) throws {
        let isExpression = example.code.hasPrefix("when")
        let first = example.code.prefix { $0 != "\n" }
        let isBlock = first.hasSuffix("|")
        let (text, mark) = try #require(Self.scalar(example.code, isBlock: isBlock))
        let spec = ScriptSpec(
            role: isExpression ? .filter : .transform, body: isExpression ? .expression(text) : .inline(text),
            mark: mark)
        let files = ProjectFiles([.init(path: "routes/x.yaml", bytes: Array(example.code.utf8))])
        let found = ScriptLint(files: files, scripts: [spec], schemas: [:]).findings()
        #expect(Self.places(found) == example.expected, "\(found.map(\.message))")
    }

    /// The code as the reader of route files takes it, with its mark.
    static func scalar(_ yaml: String, isBlock: Bool) -> (String, Mark)? {
        guard let space = yaml.firstIndex(of: " ") else { return nil }
        if isBlock {
            let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            let indent = lines.first { !$0.isEmpty }?.prefix { $0 == " " }.count ?? 0
            let text = lines.map { String($0.dropFirst(indent)) }.joined(separator: "\n")
            return (text, Mark(file: "routes/x.yaml", line: 2, column: 1))
        }
        let raw = yaml[yaml.index(after: space)...].dropLast()
        let column = yaml.distance(from: yaml.startIndex, to: space) + 2
        let mark = Mark(file: "routes/x.yaml", line: 1, column: column, length: raw.unicodeScalars.count)
        guard let quote = raw.first, quote == "\"" || quote == "'" else { return (String(raw), mark) }
        return (String(raw.dropFirst().dropLast()).replacing("\\t", with: "\t"), mark)
    }

    // MARK: Paths

    static let schema = JSONSchema([
        "type": "object", "additionalProperties": false,
        "properties": [
            "total_cents": ["type": "integer"],
            "lines": ["type": "array", "items": ["type": "object", "properties": ["qty": ["type": "integer"]]]],
        ],
    ])

    static let paths: [Case] = [
        Case("function f(event) return event.data.totl_cents end", "1:37+10 warning schema/unknown-path"),
        Case(
            "function f(e) local d = e.data return d.totl_cents + d.total_cents end",
            "1:41+10 warning schema/unknown-path"),
        Case(
            "function f(e) for _, l in ipairs(e.data.lines) do return l.qyt end end",
            "1:60+3 warning schema/unknown-path"),
        Case("function f(e) return e.data.lines[1].qyt end", "1:38+3 warning schema/unknown-path"),
        Case("function f(e) return e.data['totl_cents'] end", "1:29+12 warning schema/unknown-path"),
        Case("function f(e) e.data.extra = 1 return e.data end"),
        Case("function f(e) e = other() return e.data.totl_cents end"),
        Case("function f(e) return e.headers.totl_cents, e.data.lines[1].note end"),
        Case("local function g(d) return d.totl_cents end\nfunction f(e) return g(e.data) end"),
    ]

    @Test(arguments: paths) func `a path that the schema lacks`(_ example: Case) {
        let files = ProjectFiles([.init(path: "scripts/a.lua", bytes: Array(example.code.utf8))])
        let spec = ScriptSpec(
            role: .transform, body: .function(file: "a.lua", name: "f"), mark: Mark(file: "r", line: 1, column: 1))
        let found = ScriptLint(
            files: files, scripts: [spec], schemas: [ScriptID(0): [("order.created@2", Self.schema)]]
        ).findings().filter { $0.code.hasPrefix("schema/") }
        #expect(Self.places(found) == example.expected, "\(found.map(\.message))")
    }
}
