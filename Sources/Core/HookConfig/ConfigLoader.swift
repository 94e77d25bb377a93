// SPDX-License-Identifier: Apache-2.0
// Files to configuration, in three steps: every file becomes a tree; names are collected from all trees; values are
// read with all names known. Nothing stops at the first fault, and a fault never hides behind its own consequences.

package import HookCore
internal import YAMLBridge

/// What the files of a project say, and what is wrong with them.
package struct Loaded: Sendable {
    /// Complete only where ``diagnostics`` holds no error.
    package let configuration: Configuration
    /// Sorted by file, line and column; at most 20 for a file.
    package let diagnostics: [Diagnostic]
    /// All of them, in the order in which they were found.
    package let findings: [Diagnostic]
    package let declared: Declared
    /// For the next load of the same project.
    package let memory: LoadMemory
}

/// Reads a project.
package enum ConfigLoader {
    /// Reads `routes/**/*.yaml`, `routes/**/*.yml` and `hookswitch.yaml`.
    ///
    /// - Parameter memory: what an earlier load of this project has left; it makes no difference but in time.
    /// - Bounds: 1 MiB and 64 levels a file; scripts are collected, not compiled.
    /// - Complexity: linear in the size of the files, with a memory in that of the changed ones plus the number of names;
    ///   blocks, touches neither disk nor network.
    package static func load(_ files: ProjectFiles, after memory: LoadMemory? = nil) -> Loaded {
        if let memory, let loaded = ProjectReader.load(files, after: memory) { return loaded }
        return ProjectReader.load(files)
    }

    /// Whether a path of the project is a route file. YAML in a folder called `data` is data.
    package static func isRouteFile(_ path: String) -> Bool {
        path.utf8.starts(with: "routes/".utf8) && (path.hasSuffix(".yaml") || path.hasSuffix(".yml"))
            && !path.contains("/data/")
    }
}

/// The state of one load.
struct ProjectReader {
    /// A declared thing: its place in a tree, or in the memory.
    private enum Place {
        case entry(YAMLNode.Entry)
        case kept

        var entry: YAMLNode.Entry? { if case .entry(let entry) = self { entry } else { nil } }
    }

    let checker: Checker
    private let files: ProjectFiles
    private let memory: LoadMemory?
    private var next = LoadMemory()
    private var named: [NameKind: [(name: String, place: Place)]] = [:]
    private var defaults: [YAMLNode] = []
    private(set) var declared = Declared()

    private init(files: ProjectFiles, memory: LoadMemory?) {
        self.files = files
        self.memory = memory
        self.checker = Checker(
            files: Dictionary(files.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first }))
    }

    static func load(_ files: ProjectFiles) -> Loaded {
        var reader = ProjectReader(files: files, memory: nil)
        reader.collect()
        return reader.loaded()
    }

    /// Nil where something has changed that any entry may depend on.
    static func load(_ files: ProjectFiles, after memory: LoadMemory) -> Loaded? {
        var reader = ProjectReader(files: files, memory: memory)
        reader.collect()
        guard reader.next.surroundings.keepsWhatHeld(in: memory.surroundings) else { return nil }
        return reader.loaded()
    }

    private mutating func loaded() -> Loaded {
        let configuration = self.read()
        let diagnostics = self.checker.diagnostics
        // A finding without a place may be anybody's.
        if diagnostics.contains(where: { $0.mark == nil }) { self.next.surroundings.isComplete = false }
        for file in Set(diagnostics.compactMap { $0.mark?.file }) { self.next.files[file] = nil }
        return Loaded(
            configuration: configuration, diagnostics: DiagnosticList.arranged(diagnostics), findings: diagnostics,
            declared: self.declared, memory: self.next)
    }

    private mutating func read() -> Configuration {
        let checker = self.checker
        let settings = checker.files["hookswitch.yaml"].flatMap { self.tree("hookswitch.yaml", $0) }
        checker.catalogue = Catalogue(self.entries(.events).map { ($0.name, $0.entry.value) })
        checker.policyNodes = Dictionary(
            self.entries(.policies).map { ($0.name, $0.entry.value) }, uniquingKeysWith: { first, _ in first })

        var configuration = Configuration()
        if let settings { _ = ServerSpec.section.read(settings, into: &configuration.server, checker) }
        checker.dedupeWithin = configuration.server.retention.dedupe
        self.readDefaults(into: &configuration.defaults)
        configuration.catalogue = CatalogueSpec(self.each(.events) { CatalogueShape.read($0, $1, checker) })
        configuration.secrets = self.each(.secrets, in: \.secrets) { SecretDraft.read($0, $1, checker) }
        self.declared.policies = self.each(.policies) { name, entry in
            Declared.Policy(
                spec: checker.policies.policy(name), mark: entry.key.at, extends: entry.value.value(of: "extends")?.raw)
        }
        configuration.destinations = self.each(.destinations, in: \.destinations) {
            DestinationDraft.read($0, $1, checker)
        }
        configuration.sources = self.each(.sources) { SourceDraft.read($0, $1, checker) }
        self.readSubscribers(into: &configuration)
        let lookups = self.lookups()
        configuration.lookups = lookups
        configuration.routes = self.routes(with: lookups)
        SubscriberExpansion(configuration.subscribers).expand(&configuration.routes)
        configuration.applyDestinationFormats()
        configuration.tests = self.each(.tests) { TestDraft.read($0, $1, checker) }
        self.readDeclared(settings, configuration.catalogue)
        self.checkPaths(configuration.sources)
        configuration.scripts = checker.scripts
        configuration.checks = checker.checks
        return configuration
    }

    // MARK: Names

    private mutating func collect() {
        for file in self.files.files where ConfigLoader.isRouteFile(file.path) {
            if let kept = self.memory?.files[file.path], kept.bytes == file.bytes {
                self.declare(kept, file.path)
            } else {
                self.collect(file)
            }
        }
        self.next.surroundings.settings = self.checker.files["hookswitch.yaml"]
        self.next.surroundings.isComplete = self.checker.names.isComplete
        for kind in NameKind.allCases where !LoadMemory.ends.contains(kind) {
            self.next.surroundings.names[kind] = Set((self.named[kind] ?? []).map(\.name))
        }
    }

    private mutating func declare(_ kept: LoadMemory.File, _ path: String) {
        self.next.files[path] = kept
        for kind in NameKind.allCases {
            for (name, mark) in kept.names[kind] ?? [] { self.declare(name, kind, at: mark, .kept) }
        }
    }

    /// The tree of a file; a finding and nil where it is no YAML.
    private func tree(_ path: String, _ bytes: [UInt8]) -> YAMLNode? {
        do throws(YAMLFailure) {
            return try YAMLReader.read(bytes, file: path)
        } catch {
            self.checker.names.isComplete = false
            self.checker.report(error.code, at: error.mark.mark, error.message, hint: error.hint)
            return nil
        }
    }

    private mutating func collect(_ file: ProjectFiles.File) {
        guard let root = self.tree(file.path, file.bytes) else { return }
        var content = RouteFile()
        _ = RouteFile.section.read(root, into: &content, self.checker)
        if root.entries == nil { self.checker.names.isComplete = false }
        if let node = content.defaults { self.defaults.append(node) }
        for kind in NameKind.allCases {
            for entry in content.named[kind] ?? [] { self.declare(entry, kind) }
        }
        let kinds = NameKind.allCases.filter { !(content.named[$0] ?? []).isEmpty }
        if kinds.contains(.events) || kinds.contains(.policies) {
            self.next.surroundings.shared[file.path] = file.bytes
        }
        guard content.defaults == nil, LoadMemory.kinds.isSuperset(of: kinds) else { return }
        let names = content.named.mapValues { entries in
            entries.compactMap { entry in entry.key.raw.map { (name: $0, mark: entry.key.at) } }
        }
        self.next.files[file.path] = LoadMemory.File(bytes: file.bytes, names: names)
    }

    private mutating func declare(_ entry: YAMLNode.Entry, _ kind: NameKind) {
        guard let name = entry.key.raw else { return }
        if kind != .tests && kind != .events {
            self.checker.warnIfAmbiguous(entry.key)
            if !NameRule.isName(name) {
                self.checker.report("config/name", at: entry.key.at, "\"\(name)\" is no name", hint: NameRule.hint)
            }
        }
        self.declare(name, kind, at: entry.key.at, .entry(entry))
    }

    private mutating func declare(_ name: String, _ kind: NameKind, at mark: Mark, _ place: Place) {
        if let first = self.checker.names.declare(name, kind, at: mark) {
            self.checker.report(
                "config/duplicate-name", at: mark, "a second \(kind.singular) is called \"\(name)\"",
                hint: "rename one of the two", notes: [Diagnostic.Note("the first is here", at: first)])
        } else {
            self.named[kind, default: []].append((name, place))
        }
    }

    // MARK: Values

    /// Entries of a kind that is never taken over.
    private func entries(_ kind: NameKind) -> [(name: String, entry: YAMLNode.Entry)] {
        (self.named[kind] ?? []).compactMap { name, place in place.entry.map { (name, $0) } }
    }

    private func each<Item>(_ kind: NameKind, _ read: (String, YAMLNode.Entry) -> Item?) -> [Item] {
        self.entries(kind).compactMap { name, entry in
            self.checker.within("\(kind.singular) \(name)") { read(name, entry) }
        }
    }

    /// Values of a kind, remembered for the next load.
    private mutating func each<Item>(
        _ kind: NameKind, in shelf: WritableKeyPath<LoadMemory, [String: Item]>,
        _ read: (String, YAMLNode.Entry) -> Item?
    ) -> [Item] {
        let checker = self.checker
        var items: [Item] = []
        for (name, place) in self.named[kind] ?? [] {
            let item: Item? =
                switch place {
                case .kept: self.memory?[keyPath: shelf][name]
                case .entry(let entry): checker.within("\(kind.singular) \(name)") { read(name, entry) }
                }
            guard let item else { continue }
            self.next[keyPath: shelf][name] = item
            items.append(item)
        }
        return items
    }

    private mutating func lookups() -> [LookupTable] {
        let checker = self.checker
        var tables: [LookupTable] = []
        for (name, entry) in self.entries(.lookups) {
            let kept = self.memory?.lookups[name]
            let read = checker.within("look-up \(name)") { LookupDraft.read(name, entry, checker, kept: kept) }
            guard let read else { continue }
            self.next.lookups[name] = read
            tables.append(read.table)
        }
        return tables
    }

    private mutating func routes(with lookups: [LookupTable]) -> [RouteSpec] {
        let tables = Dictionary(lookups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var routes: [RouteSpec] = []
        for (name, place) in self.named[.routes] ?? [] {
            guard let route = self.route(name, place) else { continue }
            self.next.routes[name] = route
            var spec = route.spec
            // Bound anew each time: a route is the same when only the rows of its table have changed.
            if !spec.enrich.isEmpty { spec.enrich = spec.enrich.map { $0.bound(to: tables) } }
            routes.append(spec)
        }
        return routes
    }

    private func route(_ name: String, _ place: Place) -> LoadMemory.Route? {
        switch place {
        case .entry(let entry):
            let (spec, uses) = self.checker.recordingScripts {
                self.checker.within("route \(name)") { RouteDraft.read(name, entry, self.checker) }
            }
            return spec.map { LoadMemory.Route(spec: $0, scripts: uses) }
        case .kept:
            guard let kept = self.memory?.routes[name] else { return nil }
            if kept.scripts.isEmpty { return kept }
            // Asked for in the same order as when the route was read, so that scripts get the same numbers.
            let uses = kept.scripts.map { use, _ in
                (use: use, id: self.checker.script(use.role, use.body, at: use.mark))
            }
            let change = Dictionary(
                zip(kept.scripts.map(\.id), uses.map(\.id)), uniquingKeysWith: { first, _ in first })
            let isSame = change.allSatisfy { $0.key == $0.value }
            return LoadMemory.Route(spec: isSame ? kept.spec : kept.spec.renumbered(change), scripts: uses)
        }
    }

    /// Endpoints become destinations before anything that may name them is read.
    private mutating func readSubscribers(into configuration: inout Configuration) {
        let drafts = self.each(.subscribers) { SubscriberDraft.read($0, $1, self.checker) }
        configuration.destinations += drafts.flatMap(\.destinations)
        configuration.subscribers = drafts.map(\.spec)
    }

    /// What the checks of the whole project need besides the configuration.
    private mutating func readDeclared(_ settings: YAMLNode?, _ catalogue: CatalogueSpec) {
        self.declared.catalogue = SchemaBook(catalogue)
        self.declared.lookups = self.entries(.lookups).map { .init(name: $0.name, mark: $0.entry.key.at) }
        self.declared.shutdownGrace = settings?.entry(of: "shutdown_grace")?.key.at
        self.declared.ownWindows = self.checker.ownWindows
        self.declared.isComplete = self.checker.names.isComplete
    }

    private func readDefaults(into defaults: inout DefaultsSpec) {
        var first: [String: Mark] = [:]
        for node in self.defaults {
            _ = DefaultsSpec.section.read(node, into: &defaults, self.checker)
            for entry in node.entries ?? [] {
                guard let key = entry.key.raw, let earlier = first.updateValue(entry.key.at, forKey: key) else {
                    continue
                }
                guard earlier.file != entry.key.at.file else { continue }
                self.checker.report(
                    "config/duplicate-name", at: entry.key.at, "the default \"\(key)\" is set in two files",
                    hint: "remove one",
                    notes: [Diagnostic.Note("the first is here", at: earlier)])
            }
        }
    }

    private func checkPaths(_ sources: [SourceSpec]) {
        var taken: [String: SourceSpec] = [:]
        for source in sources {
            guard let other = taken.updateValue(source, forKey: source.path) else { continue }
            self.checker.report(
                "source/path", at: source.mark,
                "sources \"\(other.name)\" and \"\(source.name)\" have the same path \(source.path)",
                hint: "give each its own path", notes: [Diagnostic.Note("the other source", at: other.mark)])
        }
    }
}

extension YAMLFailure {
    var code: String {
        switch self.kind {
        case .syntax: "yaml/syntax"
        case .tooLarge, .tooDeep: "yaml/too-large"
        case .alias: "yaml/alias"
        case .tag: "yaml/tag"
        case .documents: "yaml/documents"
        }
    }

    var hint: String? {
        switch self.kind {
        case .syntax: nil
        case .tooLarge: "split the file"
        case .tooDeep: "flatten it"
        case .alias: "write the value out"
        case .tag: "remove the tag; quotes make text"
        case .documents: "put it into a file of its own"
        }
    }
}

/// Order and bounds of a list of findings.
package enum DiagnosticList {
    /// More would bury the first ones.
    static let perFileMax = 20
    private static let cutCode = "config/too-many"

    /// Without repetitions, by file and place, at most 20 for a file. A list that was cut before is not cut again: what
    /// was added since has room.
    package static func arranged(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var unique: [Diagnostic] = []
        var seen: Set<String> = []
        for diagnostic in diagnostics where seen.insert(Self.identity(diagnostic)).inserted {
            unique.append(diagnostic)
        }
        var files: [String: [Diagnostic]] = [:]
        for diagnostic in unique { files[diagnostic.mark?.file ?? "", default: []].append(diagnostic) }
        return files.sorted { $0.key < $1.key }.flatMap { self.capped($0.value, file: $0.key) }
    }

    private static func identity(_ diagnostic: Diagnostic) -> String {
        let mark = diagnostic.mark.map { "\($0.file):\($0.line):\($0.column)" } ?? ""
        return "\(mark) \(diagnostic.code) \(diagnostic.message)"
    }

    /// Errors before warnings where there is room for only some, then by place.
    private static func capped(_ all: [Diagnostic], file: String) -> [Diagnostic] {
        let sorted = all.filter { $0.code != Self.cutCode }.sorted { self.place($0) < self.place($1) }
        if let cut = all.first(where: { $0.code == Self.cutCode }) { return sorted + [cut] }
        guard sorted.count > self.perFileMax else { return sorted }
        let errors = sorted.filter { $0.severity == .error }
        let warnings = sorted.filter { $0.severity == .warning }
        let kept = (errors + warnings).prefix(self.perFileMax).sorted { self.place($0) < self.place($1) }
        let rest = Diagnostic(
            Self.cutCode, errors.isEmpty ? .warning : .error, at: Mark(file: file, line: 1, column: 1),
            "\(sorted.count - kept.count) more findings in this file", hint: "they show when these are gone")
        return kept + [rest]
    }

    private static func place(_ diagnostic: Diagnostic) -> (Int, Int) {
        (diagnostic.mark?.line ?? 0, diagnostic.mark?.column ?? 0)
    }
}
