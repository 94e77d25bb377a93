// SPDX-License-Identifier: Apache-2.0
// Tables whose fields come into being when a script touches them.

internal import CLuaTrampoline

/// A kind of lazy table: one table of each kind may be under way in a call.
package struct LuaLazyKind: Sendable, Equatable {
    /// 0 to 7.
    let number: UInt8

    package init(_ number: UInt8) { self.number = number }
}

/// Answers for the fields of lazy tables. Each method pushes exactly one value, or nothing and returns false.
package protocol LuaFieldSource: AnyObject {
    /// The declared field number `place` (from 0).
    func push(field place: Int, of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool
    /// A field of a kind that declares none.
    func push(key: [UInt8], of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool
    /// All fields of a kind that declares none, as one table.
    func pushAll(of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool
}

extension LuaState {
    /// Declares a kind of lazy table.
    ///
    /// - Parameter name: stands in messages.
    /// - Parameter fields: at most 31 names, without commas; empty where any key may be there.
    /// - Parameter isWritable: scripts may change the table itself; needs `fields`.
    package func declare(
        _ kind: LuaLazyKind, name: String, fields: [String] = [], isWritable: Bool = false
    ) throws(LuaFailure) {
        precondition(!isWritable || !fields.isEmpty, "a writable lazy table needs its fields")
        let status = unsafe hs_define_lazy(
            self.pointer, Int32(kind.number), name, fields.joined(separator: ","), isWritable ? 1 : 0)
        if status != HS_OK { throw self.failure(status) }
    }
}
