// SPDX-License-Identifier: Apache-2.0

internal import CLuaTrampoline

/// How often the lines of one chunk ran.
package struct LuaLinesRun: Sendable, Equatable {
    package let chunk: String
    /// Runs by line; lines that did not run are left out.
    package let counts: [Int: Int]
}

extension LuaState {
    /// Counts the lines that run in the calls from now on, for coverage; every instruction is slower then. Steps and
    /// results stay the same.
    package func traceLines() { unsafe hs_trace_lines(self.pointer) }

    /// What ran since ``traceLines()``, chunk by chunk.
    package var linesRun: [LuaLinesRun] {
        (0..<(unsafe hs_traced_chunks(self.pointer))).compactMap { place in
            var counts: UnsafePointer<UInt32>?
            var lines = 0
            guard let name = unsafe hs_traced_chunk(self.pointer, place, &counts, &lines) else { return nil }
            let chunk = unsafe String(cString: name)
            var run: [Int: Int] = [:]
            let all = unsafe Array(UnsafeBufferPointer(start: counts, count: lines))
            for (line, count) in all.enumerated() where count > 0 { run[line] = Int(count) }
            return LuaLinesRun(chunk: chunk, counts: run)
        }
    }

    /// Lines with code of a function and of every function in it, whether it was ever made or not.
    package func linesWithCode(of function: LuaFunction) -> [Int] {
        var count = 0
        guard let lines = unsafe hs_lines_with_code(self.pointer, function.reference.slot, &count) else { return [] }
        return unsafe UnsafeBufferPointer(start: lines, count: count).enumerated().compactMap { $1 == 1 ? $0 : nil }
    }
}
