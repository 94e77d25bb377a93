// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookTransform

@Suite(.serialized) struct WorkerLifeTests {
    /// Resident memory of the process, in bytes.
    static func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(Int(text.split(separator: " ")[1])) * 4096
    }

    @Test(.timeLimit(.minutes(1)))
    func `workers that come and go leave no memory behind`() throws {
        let fixture = try ScriptFixture(
            [
                "t.lua": "local m = require 'm'\nfunction f(e) return {m.g(e.data.n), uuid()} end",
                "m.lua": "return {g = function(x) return x end}",
            ],
            [ScriptSpec(role: .transform, body: .function(file: "t.lua", name: "f"), mark: ScriptFixture.mark)])
        let event = Event.made(#"{"n":1}"#)
        for _ in 0..<200 { _ = try fixture.transform(event) }
        let before = try Self.resident()
        for _ in 0..<1000 { _ = try fixture.transform(event) }
        // Other suites run beside this one; a leak of one state a turn would be above 100 MB.
        #expect(try Self.resident() - before < 60 << 20)
    }

    @Test(.timeLimit(.minutes(1)))
    func `poisoned states are replaced without end`() throws {
        var limits = ScriptLimits()
        limits.steps = 10_000
        let fixture = try ScriptFixture("function f(e) while true do end end", limits: limits)
        let worker = fixture.worker()
        for _ in 0..<300 {
            let failure = #expect(throws: ScriptFailure.self) { try fixture.transform(.made("{}"), worker) }
            #expect(failure?.code == "script/budget-steps")
        }
        #expect(worker.statesMade == 300)
    }
}
