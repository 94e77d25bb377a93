// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct RequireGraphTests {
    static func graph(_ files: [String: String]) -> RequireGraph {
        RequireGraph(ProjectFiles(files.map { .init(path: "scripts/\($0.key)", bytes: Array($0.value.utf8)) }))
    }

    @Test func `required files come before those that require them`() {
        let graph = Self.graph([
            "a.lua": #"local b = require "lib.b""#, "lib/b.lua": #"return {c = require("lib/c")}"#,
            "lib/c.lua": "return {}",
        ])
        #expect(graph.order == ["scripts/lib/c.lua", "scripts/lib/b.lua", "scripts/a.lua"])
        #expect(graph.diagnostics.isEmpty)
        #expect(graph.nodes["scripts/a.lua"]?.uses.map(\.file) == ["scripts/lib/b.lua"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let source: String
        let column: Int
        let words: String
        var testDescription: String { self.source }
    }

    static let refusals: [Refusal] = [
        Refusal(source: #"require "lib.mony""#, column: 9, words: "scripts/lib/mony.lua"),
        Refusal(source: #"require("../shared")"#, column: 9, words: "below scripts/"),
        Refusal(source: #"require "/etc/passwd""#, column: 9, words: "below scripts/"),
        Refusal(source: #"require """#, column: 9, words: "below scripts/"),
        Refusal(source: #"require "lib..money""#, column: 9, words: "below scripts/"),
        Refusal(source: "require(name)", column: 9, words: "literal"),
        Refusal(source: #"require("lib." .. name)"#, column: 1, words: "literal"),
        Refusal(source: "local load = require", column: 14, words: "literal"),
        Refusal(source: #"require "lib\.money""#, column: 9, words: "literal"),
        Refusal(source: #"pcall(require, "lib.money")"#, column: 7, words: "literal"),
    ]

    @Test(arguments: refusals)
    func refuses(_ example: Refusal) throws {
        let graph = Self.graph(["a.lua": example.source, "lib/money.lua": "return {}"])
        let diagnostic = try #require(graph.diagnostics.first)
        #expect(graph.diagnostics.count == 1)
        #expect(diagnostic.code == "script/require")
        #expect(diagnostic.mark?.file == "scripts/a.lua")
        #expect(diagnostic.mark?.line == 1)
        #expect(diagnostic.mark?.column == example.column)
        #expect(diagnostic.message.contains(example.words))
        #expect(!graph.order.contains("scripts/a.lua"))
    }

    @Test func `a near name is proposed`() {
        let graph = Self.graph(["a.lua": #"require "lib.mony""#, "lib/money.lua": "return {}"])
        #expect(graph.diagnostics.first?.hint == "did you mean \"lib.money\"?")
    }

    static let ignored = [
        "-- require(name)", "--[[ require(name) ]] return {}", "--[==[\nrequire(name) ]] ]==] return {}",
        #"local s = "require(name)""#, "local s = [[require(name)]]", "t.require(name)", "t:require(name)",
        #"local s = 'it\'s require(name)'"#,
    ]

    @Test(arguments: ignored)
    func `comments, strings and fields require nothing`(_ source: String) {
        #expect(Self.graph(["a.lua": source]).diagnostics.isEmpty)
    }

    @Test func `a concatenation before require is no field`() {
        let graph = Self.graph(["a.lua": #"local t = "x" .. require "b""#, "b.lua": "return {}"])
        #expect(graph.order == ["scripts/b.lua", "scripts/a.lua"])
    }

    @Test func `a circle is shown whole and breaks everything in it`() throws {
        let graph = Self.graph([
            "a.lua": "\nlocal b = require 'b'", "b.lua": "local c = require 'c'", "c.lua": "  local a = require [[a]]",
            "d.lua": "return {}", "e.lua": "require 'c'",
        ])
        let diagnostic = try #require(graph.diagnostics.first)
        #expect(graph.diagnostics.count == 1)
        #expect(diagnostic.message.contains("a → b → c → a"))
        #expect(diagnostic.mark?.file == "scripts/c.lua")
        #expect(graph.order == ["scripts/d.lua"])
    }

    @Test func `a file may not require itself`() {
        #expect(Self.graph(["a.lua": "require 'a'"]).diagnostics.map(\.code) == ["script/require"])
    }

    @Test func `only Lua files below scripts count`() {
        let graph = RequireGraph(
            ProjectFiles([
                .init(path: "routes/a.lua", bytes: []), .init(path: "scripts/readme.md", bytes: []),
                .init(path: "scripts/x/y.lua", bytes: []),
            ]))
        #expect(graph.order == ["scripts/x/y.lua"])
    }

    @Test func `unfinished strings and comments end the scan`() {
        for source in ["local s = \"abc", "--[[ never closed", "local s = [==[ open ]]", "'\\"] {
            #expect(Self.graph(["a.lua": source]).order == ["scripts/a.lua"])
        }
    }

    @Test func `any bytes can be scanned`() {
        var random = CallChance(event: EventID(high: 7, low: 0), route: "r")
        let pieces = [
            "--", "[[", "]]", "[==[", "]==]", "\"", "'", "\\", "\n", "require", "(", ")", ".", "\u{0}", "ü", "1e+", "x",
            " ",
        ]
        for _ in 0..<500 {
            let source = (0..<12).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            let bytes = Array(source.utf8)
            var end = 0
            for token in LuaScanner.tokens(of: bytes) {
                #expect(token.start >= end && token.end > token.start && token.end <= bytes.count)
                end = token.end
            }
            _ = Self.graph(["a.lua": source])
        }
    }
}
