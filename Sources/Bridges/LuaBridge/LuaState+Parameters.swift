// SPDX-License-Identifier: Apache-2.0

internal import CLuaTrampoline

/// What a function says about its parameters.
package struct LuaParameters: Sendable, Equatable {
    package let count: Int
    /// It takes `...` too.
    package let isVariadic: Bool
}

extension LuaState {
    /// The parameters of a function; nil where it is not written in Lua.
    package func parameters(of function: LuaFunction) -> LuaParameters? {
        var isVariadic: Int32 = 0
        let count = unsafe hs_parameters(self.pointer, function.reference.slot, &isVariadic)
        return count < 0 ? nil : LuaParameters(count: Int(count), isVariadic: isVariadic != 0)
    }
}
