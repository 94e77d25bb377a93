// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LuaBridge

/// Which lines hold code, and which of them ran.
@Suite struct LineTests {
    private static let source = """
        local unused = 1

        local function never(a)
          if a then
            return function(b)
              return b + 1
            end
          end
        end

        function choose(n)
          -- a comment
          if n > 1 then
            return "many"
          end
          return ("one"):
            upper()
        end

        function empty()
        end

        """

    private func loaded(tracing: Bool) throws -> (state: LuaState, chunk: LuaFunction, choose: LuaFunction) {
        let state = try LuaState()
        if tracing { state.traceLines() }
        let chunk = try state.load(chunk: "scripts/t.lua", source: Array(Self.source.utf8))
        _ = try state.call(chunk, results: { _ in })
        return (state, chunk, try #require(try state.function(named: "choose")))
    }

    @Test func `code stands on these lines, in functions that never came to be as well`() throws {
        let (state, chunk, _) = try self.loaded(tracing: false)
        // A function is made where it ends, and a statement stores it where it begins.
        #expect(state.linesWithCode(of: chunk) == [1, 4, 6, 7, 9, 11, 13, 14, 16, 17, 18, 20, 21])
    }

    @Test func `lines that ran are counted, others are not`() throws {
        let (state, _, choose) = try self.loaded(tracing: true)
        for n: Int64 in [1, 1, 2] { _ = try state.call(choose, arguments: { $0.push(n) }, results: { _ in }) }
        let run = try #require(state.linesRun.first { $0.chunk == "scripts/t.lua" })
        #expect(run.counts[13] == 3 && run.counts[14] == 1)
        #expect(run.counts[16] == 2 || run.counts[17] == 2)
        #expect(run.counts[4] == nil && run.counts[6] == nil)
    }

    @Test func `tracing changes neither results nor steps`() throws {
        let source = "local s = 0 for i = 1, 1000 do\n s = s + i % 7\n end return s"
        func outcome(tracing: Bool) throws -> (Int64?, Int) {
            let state = try LuaState()
            if tracing { state.traceLines() }
            let function = try state.load(chunk: "t.lua", source: Array(source.utf8))
            try state.freeze()
            return try state.call(function) { results throws(LuaFailure) in results.integer(1) }
        }
        let (plain, steps) = try outcome(tracing: false)
        let (traced, tracedSteps) = try outcome(tracing: true)
        #expect(plain == traced && steps == tracedSteps && plain != nil)
    }

    @Test func `a file with long gaps and many instructions is read right`() throws {
        // Differences above 127 and runs of more than 128 instructions are stored in another way.
        let gap = String(repeating: "\n", count: 400)
        let long = "local t = {" + (1...300).map { "\($0)" }.joined(separator: ", ") + "}"
        let state = try LuaState()
        let chunk = try state.load(chunk: "t.lua", source: Array("local a = 1\(gap)\(long)\nlocal b = 2\n".utf8))
        #expect(state.linesWithCode(of: chunk) == [1, 401, 402])
    }
}
