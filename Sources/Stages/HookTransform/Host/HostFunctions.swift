// SPDX-License-Identifier: Apache-2.0
// What the product offers to scripts besides Lua's own library. Each function charges for its work, and none reaches
// anything that is not part of the event, the configuration or the call.
import HookCore
import LuaBridge

/// Registers the host functions, by subject.
///
/// Adding one? Also its line in the reference of the Lua API, and a case in HostFunctionTests.
enum HostFunctions {
    static func register(in state: LuaState, context: CallContext) throws(LuaFailure) {
        try self.registerCodings(in: state)
        try self.registerXML(in: state, context: context)
        try self.registerDigests(in: state, context: context)
        try self.registerTime(in: state, context: context)
        try self.registerChance(in: state, context: context)
        try self.registerControl(in: state, context: context)
        try self.registerSignals(in: state, context: context)
        try self.registerLookup(in: state, context: context)
        state.decoder = { bytes throws(HostFailure) in
            do throws(JSONFailure) {
                return LuaDecoded(bytes, nodes: try JSONDocument(parsing: bytes).nodes)
            } catch {
                throw HostFailure("\(error.reason.rawValue), at byte \(error.offset + 1)")
            }
        }
    }

    /// Steps for reading so many bytes: about what Lua's own functions of the same work are charged.
    static func steps(forBytes count: Int) -> Int { count / 32 + 1 }

    /// The call under way; an error where files are being loaded.
    static func current(_ context: CallContext, for name: String) throws(HostFailure) -> CallContext.Current {
        guard let current = context.current else {
            throw HostFailure("\(name) can be used only during a call, not while the file is loaded")
        }
        return current
    }
}
