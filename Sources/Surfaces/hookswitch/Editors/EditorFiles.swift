// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookTransform

/// Files that make editors and linters understand a project.
enum EditorFiles {
    /// First line of route files, for the YAML language server.
    static func modeline(depth: Int) -> String {
        "# yaml-language-server: $schema=\(String(repeating: "../", count: depth)).hookswitch/route.schema.json\n"
    }

    /// Made anew each time.
    static func generated(_ project: ProjectFiles) -> [ProjectFiles.File] {
        [
            .init(path: ".hookswitch/route.schema.json", bytes: RouteSchema.json().encoded(.indented) + [0x0A]),
            .init(path: ".hookswitch/settings.schema.json", bytes: RouteSchema.settings().encoded(.indented) + [0x0A]),
        ] + self.lua(project)
    }

    static func lua(_ project: ProjectFiles) -> [ProjectFiles.File] {
        let catalogue = LuaCatalogue.definitions(CatalogueSchemas.read(project))
        return [
            .init(path: ".hookswitch/lua/hookswitch.d.lua", bytes: Array(LuaEditorFiles.definitions.utf8)),
            .init(path: ".hookswitch/lua/catalogue.d.lua", bytes: Array(catalogue.utf8)),
        ]
    }

    /// The user's from then on.
    static var settings: [ProjectFiles.File] {
        [
            .init(path: ".luarc.json", bytes: LuaEditorFiles.languageServer.encoded(.indented) + [0x0A]),
            .init(path: ".luacheckrc", bytes: Array(LuaEditorFiles.luacheck.utf8)),
            .init(path: ".yamllint", bytes: Array(self.yamllint.utf8)),
            .init(path: ".hookswitch/.gitignore", bytes: Array("store.db*\n".utf8)),
        ]
    }

    private static let yamllint = """
        # The form that "hookswitch fmt" gives: lines up to 120, no "---" at the start.
        extends: default

        rules:
          document-start: disable
          line-length: {max: 120}

        """
}
