// SPDX-License-Identifier: Apache-2.0
import Testing
@testable import LuaBridge

struct `Sandbox` {
    @Test func `a function adds`() throws {
        let state = try LuaState()
        let chunk = try state.load(chunk: "a.lua", source: Array("local a, b = ... return a + b".utf8))
        let result = try state.call(chunk, arguments: { $0.push(Int64(1)); $0.push(Int64(2)) }, results: { results in results.integer(1) })
        #expect(result.value == 3)
        #expect(result.steps > 0)
    }
}
