// SPDX-License-Identifier: Apache-2.0
// What editors and linters of Lua need to know: definitions for LuaLS (lua-language-server), its settings, and those of
// luacheck. All of it is made from ``ScriptLibrary`` and the fields that calls really have.
package import HookCore

package enum LuaEditorFiles {
    /// `hookswitch.d.lua`: the functions of the product, `event` and `ctx`.
    package static var definitions: String {
        var text = """
            ---@meta
            -- The functions that scripts of Hookswitch may call. Made by "hookswitch config schema --lua"; do not edit.

            ---@class hookswitch.null
            ---@class hookswitch.num
            ---@class hookswitch.many

            ---A header or query table: the first value of each name.
            ---@class hookswitch.fields
            ---@field [string] string

            ---@class hookswitch.meta
            ---@field path string Path of the request.
            ---@field method string Method of the request.
            ---@field sender_id string? The sender's own id of the event.

            ---What a script is called with.
            ---@class hookswitch.event
            \(Self.fields(CallArguments.eventNotes))

            ---What is known of the call.
            ---@class hookswitch.ctx
            \(Self.fields(CallArguments.contextNotes))

            ---The window that closes.
            ---@class hookswitch.window
            ---@field key any The key: a scalar, or a list of them.
            ---@field opened_at string When the first event came in, RFC 3339.
            ---@field closed_at string RFC 3339.
            ---@field reason string idle, after, count, bytes, limit, reconfigured, requested or replayed.
            ---@field count integer Events in it.

            ---What is known of the call of a converter.
            ---@class hookswitch.conversion
            \(Self.fields(CallArguments.conversionNotes))

            ---What routes, cases, targets and subscriptions name below filter:.
            ---@alias hookswitch.filter fun(event: hookswitch.event, ctx: hookswitch.ctx): boolean, string?
            ---What routes, cases and targets name below transform:.
            ---@alias hookswitch.transform fun(event: hookswitch.event, ctx: hookswitch.ctx): any, hookswitch.request?
            ---What event types name below convert:.
            ---@alias hookswitch.converter fun(data: any, ctx: hookswitch.conversion): any
            ---What aggregations name below script:.
            ---@alias hookswitch.aggregation fun(events: hookswitch.event[], ctx: hookswitch.ctx): any

            ---The second result of a transform; each field is optional.
            ---@class hookswitch.request
            ---@field method string?
            ---@field path string? With its query.
            ---@field query table<string, string>?
            ---@field headers table<string, string>?
            ---@field content_type string?

            """
        var tables: Set<String> = []
        for entry in ScriptLibrary.entries {
            if let dot = entry.name.firstIndex(of: "."), tables.insert(String(entry.name[..<dot])).inserted {
                text += "\n---@class hookswitch.\(entry.name[..<dot])\n\(entry.name[..<dot]) = {}\n"
            }
            text += "\n" + Self.definition(of: entry)
        }
        return text
    }

    private static func fields(_ notes: [(name: String, type: String, summary: String)]) -> String {
        notes.map { "---@field \($0.name) \($0.type) \($0.summary)" }.joined(separator: "\n")
    }

    private static func definition(of entry: LibraryEntry) -> String {
        guard let parameters = entry.parameters else {
            return "---\(entry.summary)\n---@type \(entry.returns.first ?? "any")\n\(entry.name) = nil\n"
        }
        var lines = ["---\(entry.summary)"]
        lines += parameters.map { "---@param \($0.name)\($0.isOptional ? "?" : "") \($0.type)" }
        lines += entry.returns.map { "---@return \($0)" }
        lines.append("function \(entry.name)(\(parameters.map(\.name).joined(separator: ", "))) end")
        return lines.joined(separator: "\n") + "\n"
    }

    /// `.luarc.json`: where the definitions stand, and what the sandbox takes away.
    package static var languageServer: JSONValue {
        let absent = ["io", "os", "debug", "package", "coroutine", "ffi", "jit", "bit", "bit32"]
        return [
            "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
            "runtime.version": "Lua 5.4",
            "runtime.path": ["scripts/?.lua", "scripts/?/init.lua"],
            "runtime.builtin": .object(absent.map { .init($0, "disable") }),
            "workspace.library": [".hookswitch/lua"],
            "workspace.checkThirdParty": false,
            // Exports of a script file are its global functions.
            "diagnostics.disable": ["lowercase-global"],
        ]
    }

    /// `.luacheckrc`.
    package static var luacheck: String {
        let globals = Dictionary(grouping: ScriptLibrary.entries.map(\.name)) { $0.split(separator: ".")[0] }
        let names = globals.keys.sorted().map { name -> String in
            let fields = (globals[name] ?? []).filter { $0.contains(".") }.map { $0.drop { $0 != "." }.dropFirst() }
            guard !fields.isEmpty else { return "  \"\(name)\"," }
            return "  \(name) = {fields = {\(fields.sorted().map { "\"\($0)\"" }.joined(separator: ", "))}},"
        }
        let missing = ScriptLibrary.missing.map { "\"\($0)\"" }
        return """
            -- For luacheck: the sandbox of Hookswitch. Made by "hookswitch init"; yours to change.
            std = "lua54"
            max_line_length = 120

            -- What scripts may call besides Lua's own library.
            read_globals = {
            \(names.joined(separator: "\n"))
            }

            -- What the sandbox takes away.
            not_globals = {
            \(Self.wrapped(missing))
            }

            -- A script file exports its global functions; each is called with (event, ctx), a converter with (data, ctx).
            allow_defined_top = true
            ignore = {"131", "212/ctx", "212/data", "212/event"}

            """
    }

    private static func wrapped(_ items: [String]) -> String {
        var lines = [" "]
        for item in items {
            if lines[lines.count - 1].count + item.count + 2 > 100 { lines.append(" ") }
            lines[lines.count - 1] += " \(item),"
        }
        return lines.joined(separator: "\n")
    }
}
