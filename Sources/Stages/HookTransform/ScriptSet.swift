// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// The checked Lua of one configuration: sources in the order in which they load, and the scripts that routes use.
///
/// Immutable. Workers build their own Lua state from it; nothing of a state is shared.
package final class ScriptSet: Sendable {
    /// One script as a worker finds it.
    struct Entry: Sendable {
        enum Code: Sendable {
            case function(path: String, name: String)
            case inline(InlineCode)
        }

        let label: String
        let role: ScriptSpec.Role
        let code: Code
    }

    /// Required files first.
    let files: [ScriptFile]
    /// By ``ScriptID/index``.
    let entries: [Entry]
    /// Assertions of tests; only a ``CheckWorker`` loads them.
    let checks: [Entry]
    package let limits: ScriptLimits
    /// What `lookup` finds.
    package let lookups: [LookupTable]

    /// The same scripts over other tables.
    package func with(_ lookups: [LookupTable]) -> ScriptSet {
        if lookups.isEmpty && self.lookups.isEmpty { return self }
        return ScriptSet(
            files: self.files, entries: self.entries, checks: self.checks, limits: self.limits, lookups: lookups)
    }

    init(
        files: [ScriptFile], entries: [Entry], checks: [Entry] = [], limits: ScriptLimits, lookups: [LookupTable] = []
    ) {
        self.lookups = lookups
        self.files = files
        self.entries = entries
        self.checks = checks
        self.limits = limits
    }

    /// The label of a script, e.g. `chat.lua#release_message`.
    package func label(of script: ScriptID) -> String {
        self.entries.indices.contains(script.index) ? self.entries[script.index].label : "script \(script.index)"
    }

    /// Whether code is read for what will fail when it runs.
    package enum Lint: Sendable { case on, off }

    /// Checks every script file and every use of a script: loads each file within a budget, and proves that each named
    /// function exists and takes what it will be given.
    ///
    /// - Parameter files: the whole project; script files are `scripts/**/*.lua`.
    /// - Parameter scripts: ``Configuration/scripts``; a ``ScriptID`` is an index into it.
    /// - Parameter checks: ``Configuration/checks``.
    /// - Parameter lookups: names of tables; nil: not known, so that no name is said to be wrong.
    /// - Parameter schemas: the schemas of every event that a script may get, with their names; none where one has none.
    /// - Returns: the set where no diagnostic is an error; all diagnostics, in order of files and lines.
    /// - Isolation: runs Lua on the calling thread, for at most ``ScriptLimits/loadWall`` a file.
    package static func compile(
        files: ProjectFiles, scripts: [ScriptSpec], checks: [ScriptSpec] = [], limits: ScriptLimits = ScriptLimits(),
        schemas: [ScriptID: [(name: String, schema: JSONSchema)]] = [:], lookups: Set<String>? = nil, lint: Lint = .on
    ) -> (set: ScriptSet?, diagnostics: [Diagnostic]) {
        var check = ScriptCheck(files: files, scripts: scripts, checks: checks, limits: limits)
        check.run()
        if lint == .on {
            check.add(
                ScriptLint(files: files, scripts: scripts, checks: checks, schemas: schemas, lookups: lookups)
                    .findings())
        }
        let diagnostics = check.sorted
        guard !diagnostics.hasErrors else { return (nil, diagnostics) }
        let set = ScriptSet(
            files: check.loadOrder, entries: check.entries, checks: check.checkEntries, limits: limits)
        return (set, diagnostics)
    }

    /// Whether checking these would come to this set, as it did for `others`: the same Lua files, and the same uses at the
    /// same places.
    package func isAlsoOf(
        files: ProjectFiles, uses: [[ScriptSpec]], insteadOf others: (files: ProjectFiles, uses: [[ScriptSpec]])
    ) -> Bool {
        func isScript(_ file: ProjectFiles.File) -> Bool { file.path.utf8.starts(with: RequireGraph.folder.utf8) }
        return files.files.filter(isScript) == others.files.files.filter(isScript)
            && uses.elementsEqual(others.uses) { list, other in
                list.elementsEqual(other) { $0 == $1 && $0.mark == $1.mark }
            }
    }

    /// What stands for the meaning of each script, by ``ScriptID/index``: its role and text, and for a function the files
    /// that it can reach. Equal prints of two sets mean equal scripts.
    package func prints(of scripts: [ScriptSpec]) -> [[UInt8]] {
        var files: [String: [UInt8]] = [:]
        // Required files come first.
        for file in self.files {
            var text = file.source
            for (name, path) in file.requires.sorted(by: { $0.key < $1.key }) {
                text.append(contentsOf: name.utf8)
                text.append(contentsOf: files[path] ?? [])
            }
            files[file.path] = Digest.sha256(text)
        }
        let all = Digest.sha256(self.files.flatMap { files[$0.path] ?? [] })
        // Which table a script reads is known when it runs; a change of any counts for those that read one.
        let tables = Array(self.lookups.map { "\($0.name) \($0.digest)" }.sorted().joined(separator: ";").utf8)
        let reading = self.readsTables(scripts)
        return zip(scripts, reading).map { script, isReading in
            let tables = isReading ? tables : []
            switch script.body {
            case .function(let file, let name):
                return Array("\(script.role) \(file)#\(name) ".utf8) + (files[RequireGraph.folder + file] ?? [])
                    + tables
            case .expression(let text), .inline(let text):
                // Code in place may require any file.
                return Array("\(script.role) \(text)\u{0}".utf8) + (text.contains("require") ? all : []) + tables
            }
        }
    }

    /// Whether the code of each script, or any file where it may require one, names `lookup`.
    func readsTables(_ scripts: [ScriptSpec]) -> [Bool] {
        if self.lookups.isEmpty { return scripts.map { _ in false } }
        let word = "lookup"
        let isInFiles = self.files.contains { String(decoding: $0.source, as: UTF8.self).contains(word) }
        return scripts.map { script in
            switch script.body {
            case .function: isInFiles
            case .expression(let text), .inline(let text):
                text.contains(word) || (text.contains("require") && isInFiles)
            }
        }
    }
}
