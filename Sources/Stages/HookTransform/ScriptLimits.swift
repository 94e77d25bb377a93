// SPDX-License-Identifier: Apache-2.0
import LuaBridge

/// Budgets of one script call.
package struct ScriptLimits: Sendable {
    /// Lua instructions, and what host functions charge for their work. Deterministic.
    package var steps = 2_000_000
    /// Bytes above what the loaded files hold.
    package var memoryBytes = 16 << 20
    /// The second net, by the clock.
    package var wall: Duration = .milliseconds(250)
    /// Steps for loading one file.
    package var loadSteps = 10_000_000
    /// Time for loading one file.
    package var loadWall: Duration = .seconds(5)
    /// Bytes of a body that a script makes; a body as large as the event's is always allowed.
    package var bodyBytesMax = 1 << 20

    package init() {}

    var call: LuaLimits {
        LuaLimits(steps: self.steps, memoryBytes: self.memoryBytes, wall: self.wall, loadSteps: self.loadSteps)
    }

    var load: LuaLimits {
        LuaLimits(steps: self.loadSteps, memoryBytes: self.memoryBytes, wall: self.loadWall, loadSteps: self.loadSteps)
    }
}
