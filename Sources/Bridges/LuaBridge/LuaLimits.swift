// SPDX-License-Identifier: Apache-2.0

/// Budgets of one call into Lua.
package struct LuaLimits: Sendable {
    /// VM instructions plus what library and host functions charge.
    package var steps: Int
    /// Bytes above what the loaded scripts need.
    package var memoryBytes: Int
    /// A second net; which call it meets depends on the machine, so results never depend on it.
    package var wall: Duration
    /// Steps for running a chunk at load.
    package var loadSteps: Int

    package init(
        steps: Int = 2_000_000, memoryBytes: Int = 16 << 20, wall: Duration = .milliseconds(250),
        loadSteps: Int = 10_000_000
    ) {
        self.steps = steps
        self.memoryBytes = memoryBytes
        self.wall = wall
        self.loadSteps = loadSteps
    }

    /// The same limits with the steps for running a chunk at load.
    package var forLoading: LuaLimits {
        var limits = self
        limits.steps = self.loadSteps
        return limits
    }
}

/// Why a script ended without a result.
package struct LuaFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case syntax, runtime, steps, memory, wall, result
    }

    /// A line of a chunk.
    package struct Place: Sendable, Equatable {
        package let chunk: String
        /// 1-based.
        package let line: Int

        package init(chunk: String, line: Int) {
            self.chunk = chunk
            self.line = line
        }
    }

    /// One level of the traceback; only levels that run script code.
    package struct Frame: Sendable, Equatable {
        package let chunk: String
        package let line: Int
        package let function: String
    }

    package let kind: Kind
    /// What Lua or the library said, without the place.
    package let message: String
    package let place: Place?
    /// Innermost level first.
    package let traceback: [Frame]

    package init(_ kind: Kind, _ message: String, place: Place? = nil, traceback: [Frame] = []) {
        self.kind = kind
        self.message = message
        self.place = place
        self.traceback = traceback
    }
}

/// An error that a host function raises in the script that called it; the script may catch it with `pcall`.
package struct HostFailure: Error, Sendable, Equatable {
    package let message: String

    package init(_ message: String) { self.message = message }
}

/// A compiled function in the registry of one state.
package struct LuaFunction: Sendable {
    let reference: LuaReference
}
