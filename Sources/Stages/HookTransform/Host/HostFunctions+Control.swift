// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension HostFunctions {
    /// The type of the handle by which a worker recognises `many(list)`.
    static let manyHandle = "many"
    /// Longest reason that is kept, in bytes.
    static let reasonBytesMax = 500

    /// `drop(reason)`, `fail(reason)`, `many(list)`, `lookup(table, key)`.
    static func registerControl(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("drop") { [unowned context] call throws(HostFailure) in
            _ = try self.current(context, for: "drop")
            let exit = CallContext.Exit.drop(reason: try self.reason(call, "dropped by the script"))
            context.exit = exit
            throw HostFailure(exit.message)
        }
        try state.register("fail") { [unowned context] call throws(HostFailure) in
            _ = try self.current(context, for: "fail")
            let exit = CallContext.Exit.fail(reason: try self.reason(call, "failed by the script"))
            context.exit = exit
            throw HostFailure(exit.message)
        }
        // Two values: the mark and the list, so that the list is written as JSON where all results are.
        try state.register("many") { call throws(HostFailure) in
            guard call.kind(1) == .table else {
                throw HostFailure("bad argument #1 to many (list expected, got \(call.typeName(1)))")
            }
            call.results.push(handle: 1, of: self.manyHandle)
            call.results.push(argument: 1)
            return 2
        }
    }

    private static func reason(_ call: LuaCall, _ fallback: String) throws(HostFailure) -> String {
        guard call.count > 0, call.kind(1) != .nil else { return fallback }
        return String(decoding: try call.requiredBytes(1).prefix(self.reasonBytesMax), as: UTF8.self)
    }
}

extension CallContext.Exit {
    /// The text of the error that ends the call. `pcall` may catch it like any other; then the call goes on.
    var message: String {
        switch self {
        case .drop(let reason): "drop: \(reason)"
        case .fail(let reason): "fail: \(reason)"
        }
    }
}
