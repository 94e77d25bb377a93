// SPDX-License-Identifier: Apache-2.0

internal import CLuaTrampoline

/// A running host function: its arguments (values 1…count) and its results.
///
/// - Isolation: valid only until the body returns.
package struct LuaCall: LuaReading {
    package let window: LuaWindow
    /// What the function returns to the script.
    package var results = LuaArguments()

    /// Charges work in steps; throws when the budget is spent (the script ends then, whatever it does).
    package func charge(_ steps: Int) throws(HostFailure) {
        if unsafe hs_host_charge(self.window.state.pointer, Int64(steps)) == 0 {
            throw HostFailure("the step budget is spent")
        }
    }

    /// Calls argument `n`, a function, under the same budget; the results are only valid in `body`.
    package func invoke<R>(
        _ n: Int, arguments: (inout LuaArguments) -> Void, results body: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        guard self.kind(n) == .function else { throw LuaFailure(.runtime, "argument \(n) is no function") }
        return try self.window.state.invoke(at: self.window.index(n), arguments: arguments, results: body)
    }

    /// Calls a function of the registry (a chunk that `require` loaded) under the same budget.
    package func invoke<R>(
        _ function: LuaFunction, arguments: (inout LuaArguments) -> Void,
        results body: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        try self.window.state.invoke(function, arguments: arguments, results: body)
    }

    /// Argument `n` as string bytes, or an error in the words of Lua's library.
    package func requiredBytes(_ n: Int) throws(HostFailure) -> [UInt8] {
        if let bytes = self.bytes(n) { return bytes }
        throw HostFailure("bad argument #\(n) (string expected, got \(self.typeName(n)))")
    }

    /// Argument `n` as a string of valid UTF-8, or an error in the words of Lua's library.
    package func requiredString(_ n: Int) throws(HostFailure) -> String {
        if let text = self.string(n) { return text }
        throw HostFailure("bad argument #\(n) (UTF-8 string expected, got \(self.typeName(n)))")
    }

    /// Argument `n` as an integer, or an error in the words of Lua's library.
    package func requiredInteger(_ n: Int) throws(HostFailure) -> Int64 {
        if let value = self.integer(n) { return value }
        throw HostFailure("bad argument #\(n) (integer expected, got \(self.typeName(n)))")
    }
}

extension HostFailure {
    /// The same message as an error of the script that called.
    package init(_ failure: LuaFailure) { self.init(failure.message) }
}

/// A value kept in the registry of one state; freed with the last copy.
package final class LuaReference: Sendable {
    let slot: Int32
    private let life: LuaLife

    init(slot: Int32, life: LuaLife) {
        self.slot = slot
        self.life = life
    }

    deinit { self.life.release(self.slot) }
}
