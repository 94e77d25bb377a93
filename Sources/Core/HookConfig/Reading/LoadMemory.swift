// SPDX-License-Identifier: Apache-2.0
// What one load leaves for the next. A route file whose bytes are the same, and with which nothing was wrong, is not
// read again: its names are declared as before, and what its entries came to is taken over. The rules are such that the
// outcome is always that of a load without memory; where they do not apply, everything is read anew.

internal import HookCore
internal import YAMLBridge

/// Names and values of the files that the last load found nothing wrong with.
///
/// - Bounds: one load; a value shares its storage with the configuration that it came from.
package struct LoadMemory: Sendable {
    /// A file that need not be read again.
    struct File: Sendable {
        let bytes: [UInt8]
        /// In the order of the file.
        let names: [NameKind: [(name: String, mark: Mark)]]
    }

    /// A route and the scripts that reading it has asked for, in that order.
    struct Route: Sendable {
        let spec: RouteSpec
        let scripts: [(use: ScriptSpec, id: ScriptID)]
    }

    /// A table and what it was made of.
    struct Lookup: Sendable {
        let path: String
        let key: String?
        let bytes: [UInt8]
        let table: LookupTable
    }

    var files: [String: File] = [:]
    var lookups: [String: Lookup] = [:]
    var routes: [String: Route] = [:]
    var destinations: [String: DestinationSpec] = [:]
    var secrets: [String: SecretSpec] = [:]
    /// What readers of an entry look at beside it.
    var surroundings = Surroundings()

    /// What every entry may depend on: where it is not the same, nothing is taken over.
    struct Surroundings: Sendable {
        /// `hookswitch.yaml`.
        var settings: [UInt8]?
        /// Files that declare event types or policies, whose content is looked at by name.
        var shared: [String: [UInt8]] = [:]
        /// Names that other entries may hold. A reader that found a name goes on finding it as long as it is declared.
        var names: [NameKind: Set<String>] = [:]
        /// A file that could not be read may declare anything.
        var isComplete = true

        /// Whether what was read without a finding in `earlier` surroundings is read alike in these.
        func keepsWhatHeld(in earlier: Self) -> Bool {
            guard earlier.isComplete, self.settings == earlier.settings, self.shared == earlier.shared else {
                return false
            }
            return earlier.names.allSatisfy { kind, names in names.isSubset(of: self.names[kind] ?? []) }
        }
    }

    /// Kinds whose entries are taken over. The others are read from their files each time: they are few, or look at
    /// other files (tests).
    static let kinds: Set<NameKind> = [.routes, .destinations, .secrets]
    /// Kinds that no other entry names.
    static let ends: Set<NameKind> = [.routes, .tests, .probes]
}

extension RouteSpec {
    /// The same route with other indices of its scripts.
    func renumbered(_ change: [ScriptID: ScriptID]) -> RouteSpec {
        func new(_ id: ScriptID) -> ScriptID { change[id] ?? id }
        func target(_ old: TargetSpec) -> TargetSpec {
            var result = old
            result.scripts = old.scripts.map(new)
            result.transform = old.transform.map(new)
            return result
        }
        var result = self
        result.scripts = self.scripts.map(new)
        result.transform = self.transform.map(new)
        if let script = self.aggregate?.script { result.aggregate?.function = .script(new(script)) }
        switch self.targets {
        case .list(let list): result.targets = .list(list.map(target))
        case .cases(let cases):
            result.targets = .cases(
                cases.map { old in
                    var part = old
                    part.scripts = old.scripts.map(new)
                    part.transform = old.transform.map(new)
                    part.targets = old.targets.map(target)
                    return part
                })
        }
        return result
    }
}
