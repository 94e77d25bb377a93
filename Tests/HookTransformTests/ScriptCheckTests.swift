// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct ScriptCheckTests {
    static let yaml = "version: 1\nroutes:\n  r: {when: data.x ==, lua: |\n    local x =\n    return 1\n"

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var files: [String: String] = [:]
        var scripts: [ScriptSpec] = []
        /// `file:line:column severity code`
        let expected: [String]
        var words = ""
        var hint: String?
        var testDescription: String { self.name }
    }

    static func use(_ file: String, _ name: String, _ role: ScriptSpec.Role = .transform, line: Int = 3) -> ScriptSpec {
        ScriptSpec(
            role: role, body: .function(file: file, name: name),
            mark: Mark(file: "routes/x.yaml", line: line, column: 7))
    }

    static func expression(_ text: String) -> ScriptSpec {
        ScriptSpec(role: .filter, body: .expression(text), mark: Mark(file: "routes/x.yaml", line: 3, column: 13))
    }

    static let cases: [Case] = [
        Case(
            name: "a good file", files: ["a.lua": "function f(event, ctx) return 1 end"], scripts: [use("a.lua", "f")],
            expected: []),
        Case(
            name: "ctx may be left out", files: ["a.lua": "function f(event) return 1 end"],
            scripts: [use("a.lua", "f")], expected: []),
        Case(
            name: "varargs are fine", files: ["a.lua": "function f(...) return 1 end"], scripts: [use("a.lua", "f")],
            expected: []),
        Case(
            name: "a returned table exports", files: ["a.lua": "return {f = function(e) return e end}"],
            scripts: [use("a.lua", "f")], expected: []),
        Case(
            name: "a syntax error has its line and token", files: ["a.lua": "local x = 1\n  local y = = 2\n"],
            scripts: [use("a.lua", "f")],
            expected: ["scripts/a.lua:2:3 error script/syntax"], words: "unexpected symbol"),
        Case(
            name: "unused files are checked too", files: ["a.lua": "local x ="],
            expected: ["scripts/a.lua:1:1 warning script/unused", "scripts/a.lua:1:1 error script/syntax"]),
        Case(
            name: "a missing file", files: ["chat.lua": "function f(e) end"],
            scripts: [use("chats.lua", "f"), use("chat.lua", "f")],
            expected: ["routes/x.yaml:3:7 error script/missing-file"], words: "scripts/chats.lua",
            hint: "did you mean \"chat.lua\"?"),
        Case(
            name: "a missing function", files: ["a.lua": "function release_message(e) end"],
            scripts: [use("a.lua", "relase_message")],
            expected: ["routes/x.yaml:3:7 error script/missing-function"], hint: "did you mean \"release_message\"?"),
        Case(
            name: "a local function", files: ["a.lua": "local function f(e) end"], scripts: [use("a.lua", "f")],
            expected: ["routes/x.yaml:3:7 error script/missing-function"], hint: "it is local; remove \"local\""),
        Case(
            name: "a value that is no function", files: ["a.lua": "f = 1"], scripts: [use("a.lua", "f")],
            expected: ["routes/x.yaml:3:7 error script/missing-function"]),
        Case(
            name: "a host function is nobody's export", files: ["a.lua": "g = 1"], scripts: [use("a.lua", "sha256")],
            expected: ["routes/x.yaml:3:7 error script/missing-function"]),
        Case(
            name: "too many parameters", files: ["a.lua": "function f(a, b, c) end"], scripts: [use("a.lua", "f")],
            expected: ["routes/x.yaml:3:7 error script/parameters"], words: "3 parameters"),
        Case(
            name: "no parameters", files: ["a.lua": "function f() end"], scripts: [use("a.lua", "f")],
            expected: ["routes/x.yaml:3:7 warning script/parameters"], words: "no parameters"),
        Case(
            name: "an error while loading", files: ["a.lua": "\nerror('no')"], scripts: [use("a.lua", "f")],
            expected: ["scripts/a.lua:2:1 error script/load"], words: "no"),
        Case(
            name: "now() belongs into calls", files: ["a.lua": "local t = now()"], scripts: [use("a.lua", "f")],
            expected: ["scripts/a.lua:1:1 error script/load"], words: "during a call"),
        Case(
            name: "a file may return nothing but a table", files: ["a.lua": "return 1"], scripts: [use("a.lua", "f")],
            expected: ["scripts/a.lua:1:1 error script/load"], words: "returns a number"),
        Case(
            name: "a required file must return a table",
            files: ["a.lua": "require 'b'\nfunction f(e) end", "b.lua": "x = 1"],
            scripts: [use("a.lua", "f")], expected: ["scripts/a.lua:1:9 error script/require"],
            words: "does not return a table"),
        Case(
            name: "consequences of a broken module are left out",
            files: ["a.lua": "require 'b'\nfunction f(e) end", "b.lua": "local ="],
            scripts: [use("a.lua", "f")], expected: ["scripts/b.lua:1:7 error script/syntax"]),
        Case(
            name: "a file nobody uses",
            files: ["a.lua": "function f(e) end", "lib/b.lua": "return {}", "c.lua": "require 'lib.b'"],
            scripts: [use("a.lua", "f")], expected: ["scripts/c.lua:1:1 warning script/unused"]),
        Case(
            name: "all problems at once",
            files: ["a.lua": "local =", "b.lua": "error('x')", "c.lua": "function f() end"],
            scripts: [
                use("a.lua", "f"), use("b.lua", "f", line: 4), use("c.lua", "f", line: 5), use("d.lua", "f", line: 6),
            ],
            expected: [
                "routes/x.yaml:5:7 warning script/parameters", "routes/x.yaml:6:7 error script/missing-file",
                "scripts/a.lua:1:7 error script/syntax", "scripts/b.lua:1:1 error script/load",
            ]),
        Case(name: "an expression", scripts: [expression("data.x == 1")], expected: []),
        Case(
            name: "an unfinished expression", scripts: [expression("data.x ==")],
            expected: ["routes/x.yaml:3:13 error script/syntax"]),
        Case(
            name: "an empty expression", scripts: [expression(" ")],
            expected: ["routes/x.yaml:3:13 error script/syntax"], words: "empty"),
        Case(
            name: "two expressions", scripts: [expression("1, 2")], expected: ["routes/x.yaml:3:13 error script/syntax"]
        ),
        Case(
            name: "statements", scripts: [expression("local x = 1; return x")],
            expected: ["routes/x.yaml:3:13 error script/syntax"], hint: "when takes one expression"),
        Case(
            name: "an assignment", scripts: [expression("data.x = 1")],
            expected: ["routes/x.yaml:3:13 error script/syntax"],
            hint: "when takes one expression"),
        Case(
            name: "no way out of the frame", scripts: [expression("1) x = (2")],
            expected: ["routes/x.yaml:3:13 error script/syntax"],
            hint: "when takes one expression"),
        Case(
            name: "no way out of the frame with an end", scripts: [expression("true) end; while true do (1")],
            expected: ["routes/x.yaml:3:13 error script/syntax"], hint: "when takes one expression"),
        Case(
            name: "an open long comment", scripts: [expression("true --[[")],
            expected: ["routes/x.yaml:3:13 error script/syntax"]),
        Case(
            name: "inline code has the line of the route file",
            scripts: [
                ScriptSpec(
                    role: .transform, body: .inline("local x =\nreturn 1\n"),
                    mark: Mark(file: "routes/x.yaml", line: 4, column: 5))
            ],
            expected: ["routes/x.yaml:5:5 error script/syntax"], words: "return"),
        Case(
            name: "a file that loops does not stop the others",
            files: ["a.lua": "while true do end", "b.lua": "local =", "c.lua": "function f(e) end"],
            scripts: [use("a.lua", "f"), use("c.lua", "f"), use("c.lua", "g")],
            expected: [
                "routes/x.yaml:3:7 error script/missing-function", "scripts/a.lua:1:1 error script/load",
                "scripts/b.lua:1:1 warning script/unused", "scripts/b.lua:1:7 error script/syntax",
            ]),
    ]

    @Test(arguments: cases)
    func checks(_ example: Case) throws {
        var limits = ScriptLimits()
        limits.loadSteps = 200_000
        let (set, diagnostics) = ScriptSet.compile(
            files: ScriptFixture.project(example.files, routes: Self.yaml), scripts: example.scripts, limits: limits)
        let shown = diagnostics.map { diagnostic in
            let mark = diagnostic.mark.map { "\($0.file):\($0.line):\($0.column)" } ?? "?"
            return "\(mark) \(diagnostic.severity.rawValue) \(diagnostic.code)"
        }
        #expect(shown.sorted() == example.expected.sorted(), "\(diagnostics.map(\.message))")
        #expect((set == nil) == diagnostics.hasErrors)
        #expect(
            example.words.isEmpty || diagnostics.contains { $0.message.contains(example.words) },
            "\(diagnostics.map(\.message))")
        if let hint = example.hint {
            #expect(diagnostics.contains { $0.hint?.contains(hint) == true }, "\(diagnostics)")
        }
        for diagnostic in diagnostics { #expect(CodeRegistry.entry(for: diagnostic.code) != nil) }
    }

    // MARK: Modules and frozen tables

    @Test func `modules are shared by name and both spellings`() throws {
        let fixture = try ScriptFixture(
            [
                "t.lua":
                    "local a = require 'lib.m'\nlocal b = require('lib/m')\nfunction f(e) return {a == b, a.n, require 'lib.m' == a} end",
                "lib/m.lua": "local m = {n = 7} return m",
            ], [Self.use("t.lua", "f")])
        #expect(try fixture.transform(.made("{}")).text == "[true,7,true]")
    }

    @Test func `files do not see each other's globals`() throws {
        let fixture = try ScriptFixture(
            [
                "t.lua": "function f(e) return {secret == nil, shared} end shared = 1",
                "u.lua": "secret = 1 shared = 2 function f(e) end",
            ],
            [Self.use("t.lua", "f"), Self.use("u.lua", "f")])
        #expect(try fixture.transform(.made("{}")).text == "[true,1]")
    }

    static let frozen = [
        "m.n = 8", "m.t.x = 2", "m.new = 1", "table.insert(m.list, 4)", "n = 1", "_ENV.n = 1", "g.x = 2",
        "string.upper = nil",
        "json.encode = nil", "m.f = nil", "rawset(m, 'n', 1)", "setmetatable(m, {})", "setmetatable(_ENV, nil)",
        "getmetatable('').__index = nil",
    ]

    @Test(arguments: frozen)
    func `nothing that outlives a call can be written`(_ statement: String) throws {
        let fixture = try ScriptFixture(
            [
                "t.lua": "local m = require 'm'\ng = {x = 1}\nfunction f(e) \(statement) return 1 end",
                "m.lua": "local m = {n = 7, t = {x = 1}, list = {1, 2, 3}} function m.f() end return m",
            ], [Self.use("t.lua", "f")])
        let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}")) }
        #expect(failure?.code == "script/runtime")
    }

    @Test func `frozen tables can still be read and walked`() throws {
        let fixture = try ScriptFixture(
            [
                "t.lua":
                    "local m = require 'm'\nfunction f(e) local n = 0 for _, v in ipairs(m.list) do n = n + v end local k = {} for key in pairs(m) do k[#k + 1] = key end return {n, #m.list, k, m.list} end",
                "m.lua": "return {b = 1, list = {1, 2, 3}}",
            ], [Self.use("t.lua", "f")])
        #expect(try fixture.transform(.made("{}")).text == #"[6,3,["b","list"],[1,2,3]]"#)
    }
}
