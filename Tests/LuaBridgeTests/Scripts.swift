// SPDX-License-Identifier: Apache-2.0
// Runs one chunk in a fresh state: shorthand of the tests.
import HookCore

@testable import LuaBridge

enum Script {
    /// The results of a chunk as text: strings and numbers as `tostring` shows them, joined by a bar.
    static func run(_ source: String, limits: LuaLimits = LuaLimits(), frozen: Bool = true) throws -> String {
        try self.outcome(source, limits: limits, frozen: frozen).value
    }

    static func outcome(
        _ source: String, limits: LuaLimits = LuaLimits(), frozen: Bool = true
    ) throws -> (value: String, steps: Int) {
        let state = try LuaState(limits: limits)
        let text =
            "local function show(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end "
            + "return table.concat(t, '|') end return show((function(...) " + source + "\nend)())"
        let function = try state.load(chunk: "t.lua", source: Array(text.utf8))
        if frozen { try state.freeze() }
        return try state.call(function) { results throws(LuaFailure) in
            String(decoding: results.bytes(1) ?? [], as: UTF8.self)
        }
    }

    /// Runs `source` with `data` as the lazy table over `json`; the result as JSON text, or nil where unchanged.
    static func transform(
        _ json: String, _ source: String, limit: Int = 1 << 20, duplicates: Bool = false
    ) throws -> String {
        let state = try LuaState()
        state.decoder = { bytes throws(HostFailure) in
            do throws(JSONFailure) {
                let document = try JSONDocument(parsing: bytes)
                return LuaDecoded(document.bytes, nodes: document.nodes)
            } catch {
                throw HostFailure(error.reason.rawValue)
            }
        }
        let document = try JSONDocument(
            parsing: Array(json.utf8), limits: JSONLimits(duplicateKeys: duplicates ? .last : .refuse))
        let function = try state.load(chunk: "t.lua", source: Array(("local data = ... " + source).utf8))
        try state.freeze()
        return try state.call(
            function,
            arguments: {
                $0.pushJSON(document.bytes, nodes: document.nodes, mayRepeatKeys: duplicates)
            },
            results: { results throws(LuaFailure) in
                switch try results.json(at: 1, limit: limit) {
                case .unchanged: "unchanged"
                case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
                }
            }
        ).value
    }

    static func failure(_ body: () throws -> Void) -> LuaFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? LuaFailure
        }
    }
}
