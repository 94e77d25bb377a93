// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

/// Lines of the prompt.
@Suite struct ScriptConsoleTests {
    private static func console(_ files: [String: String] = [:], script: String? = nil) throws -> ScriptConsole {
        try ScriptConsole(
            ScriptFixture.project(files), script: script.map { "scripts/" + $0 }, revision: ScriptFixture.sha,
            secrets: FixedSecrets(values: [:]))
    }

    private static let body = #"{"a": 1.10, "list": [], "big": 18446744073709551616, "n": null}"#

    static let lines: [(line: String, outcome: ScriptConsole.Outcome)] = [
        ("1 + 2", .values(["3"])), ("event.data", .values([Self.body])), ("event.data.a", .values(["1.1"])),
        ("event.data.list", .values(["[]"])), ("event.data.big", .values(["18446744073709551616"])),
        ("event.data.n", .values(["null"])), ("nil", .values(["nil"])), ("1, 'two'", .values(["1", "\"two\""])),
        ("{b = 1, a = {}}", .values([#"{"a":{},"b":1}"#])), ("print", .values(["function"])),
        ("local x = 1", .values([])), ("return 4", .values(["4"])), ("-- nothing", .values([])),
        ("event.type", .values(["\"t\""])), ("ctx.test", .values(["true"])), ("if true then", .incomplete),
        ("x = (", .incomplete), ("io", .values(["nil"])),
    ]

    @Test(arguments: Self.lines.indices) func `a line is worth what it says`(_ place: Int) throws {
        let one = Self.lines[place]
        let answer = try Self.console().evaluate(one.line, event: Event.made(Self.body))
        #expect(answer.outcome == one.outcome, "\(one.line)")
    }

    @Test func `names stay for the next line, and errors end nothing`() throws {
        let console = try Self.console()
        let event = Event.made("{}")
        #expect(console.evaluate("x = 40", event: event).outcome == .values([]))
        guard case .failure(let message, _) = console.evaluate("x.y.z", event: event).outcome else {
            Issue.record("no failure")
            return
        }
        #expect(message.contains("index"))
        #expect(console.evaluate("function add(n)\n  return x + n\nend", event: event).outcome == .values([]))
        #expect(console.evaluate("add(2)", event: event).outcome == .values(["42"]))
        guard case .failure = console.evaluate("x = = 1", event: event).outcome else {
            Issue.record("no failure")
            return
        }
        #expect(console.evaluate("log.info('hi', {a = 1})", event: event).lines == ["hi  a=1"])
    }

    @Test func `a script's functions have their names`() throws {
        let files = [
            "chat.lua": "local m = require 'lib.m'\nfunction text(event) return {text = m.up(event.data.a)} end",
            "lib/m.lua": "local m = {}\nfunction m.up(s) return s:upper() end\nreturn m",
        ]
        let console = try Self.console(files, script: "chat.lua")
        let answer = console.evaluate("text(event)", event: Event.made(#"{"a": "x"}"#))
        #expect(answer.outcome == .values([#"{"text":"X"}"#]))
        #expect(answer.steps > 5)
        let module = try Self.console(files, script: "lib/m.lua")
        #expect(module.evaluate("up('a')", event: Event.made("{}")).outcome == .values(["\"A\""]))
    }

    @Test func `a line that runs away ends, and the next one starts anew`() throws {
        let console = try Self.console()
        let event = Event.made("{}")
        _ = console.evaluate("x = 1", event: event)
        let answer = console.evaluate("while true do end", event: event)
        guard case .failure = answer.outcome else {
            Issue.record("no failure")
            return
        }
        #expect(answer.isRenewed)
        #expect(console.evaluate("x", event: event).outcome == .values(["nil"]))
    }

    @Test func `a project whose scripts are wrong has no console`() {
        #expect(throws: ScriptConsole.Failure.self) { try Self.console(["a.lua": "function ("]) }
    }
}
