// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct ConditionTests {
    enum Outcome: Sendable, Equatable {
        case holds
        case fails(String?)
        case error(String)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        let outcome: Outcome
        var testDescription: String { self.code }

        init(_ code: String, _ outcome: Outcome) {
            self.code = code
            self.outcome = outcome
        }
    }

    static func outcome(_ spec: ScriptSpec, _ files: [String: String] = [:]) throws -> Outcome {
        let fixture = try ScriptFixture(files, [spec])
        let event = Event.made(#"{"total":5,"limit":2,"name":"x","none":null}"#, query: "a=1")
        do throws(ScriptFailure) {
            switch try fixture.worker().verdict(of: ScriptID(0), for: event, route: "r") {
            case .holds: return .holds
            case .fails(let reason): return .fails(reason)
            }
        } catch {
            return .error(error.code)
        }
    }

    static let filters: [Case] = [
        Case("return true", .holds),
        Case("return false", .fails(nil)),
        Case("return false, 'too small'", .fails("too small")),
        Case("return event.data.total > 1", .holds),
        Case("return drop('no')", .fails("no")),
        Case("return nil", .error("script/result-type")),
        Case("", .error("script/result-type")),
        Case("return 1", .error("script/result-type")),
        Case("return 'true'", .error("script/result-type")),
        Case("return null", .error("script/result-type")),
        Case("return false, {}", .error("script/result-type")),
        Case("return fail('x')", .error("script/failed")),
        Case("return event.data.a.b", .error("script/runtime")),
    ]

    @Test(arguments: filters)
    func `a filter says true or false`(_ example: Case) throws {
        let spec = ScriptSpec(role: .filter, body: .function(file: "t.lua", name: "f"), mark: ScriptFixture.mark)
        #expect(try Self.outcome(spec, ["t.lua": "function f(event, ctx) \(example.code) end"]) == example.outcome)
    }

    static let expressions: [Case] = [
        Case("data.total > 2 * data.limit", .holds),
        Case("data.total > 5 * data.limit", .fails(nil)),
        Case("data.missing", .fails(nil)),
        Case("data.missing ~= nil", .fails(nil)),
        Case("headers['x-a'] == '1' and query.a == '1'", .holds),
        Case("event.type == 't' and ctx.route == 'r'", .holds),
        Case("data.total", .error("script/result-type")),
        Case("data.none", .error("script/result-type")),
        Case("data.total.x.y", .error("script/runtime")),
        Case("data.total > 1 -- a comment", .holds),
        Case("(function() return data.total == 5 end)()", .holds),
        Case("(function() x = 1 return true end)()", .error("script/runtime")),
        Case("data.total ==\n  5", .holds),
    ]

    @Test(arguments: expressions)
    func `an expression holds when it is true`(_ example: Case) throws {
        let spec = ScriptSpec(role: .filter, body: .expression(example.code), mark: ScriptFixture.mark)
        #expect(try Self.outcome(spec) == example.outcome)
    }

    @Test func `an inline body is a function body`() throws {
        let spec = ScriptSpec(
            role: .transform, body: .inline("local n = event.data.n\nreturn {n = n, r = ctx.route}\n"),
            mark: ScriptFixture.mark)
        let fixture = try ScriptFixture([:], [spec])
        #expect(try fixture.transform(.made(#"{"n":1}"#)).text == #"{"n":1,"r":"r"}"#)
    }

    @Test func `errors of inline code name the line of the route file`() throws {
        let body = ScriptSpec(
            role: .transform, body: .inline("local a = 1\n\nreturn event.data.x.y\n"), mark: ScriptFixture.mark)
        let failure = #expect(throws: ScriptFailure.self) { try ScriptFixture([:], [body]).transform(.made("{}")) }
        #expect(failure?.place == "routes/x.yaml:5")
        #expect(failure?.script == "routes/x.yaml:3")
        let expression = ScriptSpec(role: .filter, body: .expression("data.x.y == 1"), mark: ScriptFixture.mark)
        let other = #expect(throws: ScriptFailure.self) {
            try ScriptFixture([:], [expression]).worker().verdict(of: ScriptID(0), for: .made("{}"), route: "r")
        }
        #expect(other?.place == "routes/x.yaml:3")
    }
}
