// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension HostFunctions {
    /// `lookup(table, key)`: the row as a table of its own, or nil.
    static func registerLookup(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try state.register("lookup", cost: 20) { [unowned context] call throws(HostFailure) in
            let name = try call.requiredString(1)
            _ = try self.current(context, for: "lookup")
            guard let table = context.lookups[name] else {
                throw HostFailure("lookup: no look-up table '\(name)' is configured")
            }
            guard let key = try self.key(call), let row = table.row(key) else {
                call.results.pushNil()
                return 1
            }
            try call.charge(self.steps(forBytes: key.count + row.count))
            do throws(JSONFailure) {
                let document = try JSONDocument(parsing: Array(row))
                call.results.pushJSON(document.bytes, nodes: document.nodes, named: "lookup")
            } catch {
                throw HostFailure("lookup: the row cannot be read: \(error.reason.rawValue)")
            }
            return 1
        }
    }

    /// Nil for nil and null: what an event does not have is in no table.
    private static func key(_ call: LuaCall) throws(HostFailure) -> [UInt8]? {
        switch call.kind(2) {
        case .none, .nil, .null: return nil
        case .integer: return call.integer(2).map { Array("\($0)".utf8) }
        case .string: return try call.requiredBytes(2)
        default: throw HostFailure("bad argument #2 (string or integer expected, got \(call.typeName(2)))")
        }
    }
}
