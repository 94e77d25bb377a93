// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// What the files name besides that which becomes a ``Configuration``: kept for the checks of a whole project.
package struct Declared: Sendable {
    /// A named thing with its place.
    struct Name: Sendable {
        let name: String
        let mark: Mark
    }

    struct Policy: Sendable {
        let spec: PolicySpec
        let mark: Mark
        let extends: String?
    }

    var policies: [Policy] = []
    var lookups: [Name] = []
    package var catalogue = SchemaBook()
    /// Sources by preset whose window the source wrote itself.
    var ownWindows: Set<SourceName> = []
    /// Where `shutdown_grace` is set.
    var shutdownGrace: Mark?
    /// A file could not be read: what is missing may stand there.
    var isComplete = true

    init() {}

    /// Names below `lookups:`; nil where a file could not be read that may declare more.
    package var lookupNames: Set<String>? { self.isComplete ? Set(self.lookups.map(\.name)) : nil }
}
