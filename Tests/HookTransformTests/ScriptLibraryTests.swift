// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge
import Testing

@testable import HookTransform

/// The declared library is what a Lua state really holds.
@Suite struct ScriptLibraryTests {
    /// Every global, and every field of a global table, by name.
    private static let listing = """
        local names = {}
        for name, value in pairs(_G) do
          names[#names + 1] = name
          if type(value) == "table" and name ~= "_G" and not is_null(value) then
            for field in pairs(value) do names[#names + 1] = name .. "." .. field end
          end
        end
        for name in pairs(names) do end
        return table.concat(names, " ")
        """

    private static func names() throws -> Set<String> {
        let context = CallContext(secrets: FixedSecrets(values: [:]))
        let loaded = try LoadedScripts(context: context, limits: ScriptLimits())
        try loaded.freeze()
        let chunk = try loaded.state.load(chunk: "listing", source: Array(Self.listing.utf8))
        let (text, _) = try loaded.state.call(chunk) { results throws(LuaFailure) in results.string(1) ?? "" }
        return Set(text.split(separator: " ").map(String.init))
    }

    @Test func `what is declared is there, and nothing else`() throws {
        let found = try Self.names().subtracting(ScriptLibrary.compatibility)
        let declared = Set(ScriptLibrary.entries.map(\.name) + ScriptLibrary.lua)
        // Tables stand in the state under their own names too.
        let tables = Set(declared.compactMap { $0.contains(".") ? String($0.prefix { $0 != "." }) : nil })
        #expect(found.subtracting(declared).subtracting(tables).sorted() == [])
        #expect(declared.subtracting(found).sorted() == [])
        #expect(tables.subtracting(found).sorted() == [])
        #expect(Set(ScriptLibrary.missing).intersection(found).sorted() == [])
    }

    @Test func `fields of event and ctx are the ones that calls have`() throws {
        let source = """
            function f(event, ctx)
              local names = array {}
              for name in pairs(event) do names[#names + 1] = "event." .. name end
              for name in pairs(ctx) do names[#names + 1] = "ctx." .. name end
              return names
            end
            """
        let event = Event.made("{}", version: 1, subject: "s")
        guard case .body(let body, _, _) = try ScriptFixture(source).transform(event) else {
            Issue.record("no body")
            return
        }
        let found = try JSONValue(parsing: body).arrayValue?.compactMap(\.stringValue) ?? []
        let notes =
            CallArguments.eventNotes.map { "event." + $0.name } + CallArguments.contextNotes.map { "ctx." + $0.name }
        // A window closes in aggregations only.
        #expect(found.sorted() == notes.filter { $0 != "ctx.window" }.sorted())
    }

    @Test func `signatures are read as they are written`() {
        let entry = LibraryEntry("get(value: any, path: string, default?: any): any", "")
        #expect(entry.name == "get")
        #expect(entry.parameters?.map(\.name) == ["value", "path", "default"])
        #expect(entry.parameters?.map(\.isOptional) == [false, false, true])
        #expect(entry.returns == ["any"])
        #expect(entry.call == "get(value, path [, default])")
        #expect(LibraryEntry("null: hookswitch.null", "").parameters == nil)
        #expect(LibraryEntry("now(): integer", "").call == "now()")
    }

    @Test func `definitions name every function once`() {
        let text = LuaEditorFiles.definitions
        #expect(text.hasPrefix("---@meta\n"))
        for entry in ScriptLibrary.entries where entry.parameters != nil {
            #expect(text.split(separator: "\n").count { $0.hasPrefix("function \(entry.name)(") } == 1, "\(entry.name)")
        }
        for name in ["read_globals", "not_globals", "base64 = {fields = {\"decode\""] {
            #expect(LuaEditorFiles.luacheck.contains(name))
        }
    }
}
