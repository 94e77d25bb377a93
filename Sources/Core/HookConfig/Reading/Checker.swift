// SPDX-License-Identifier: Apache-2.0
// What every reader of a node is given: where to report, which names exist, which files stand beside.

internal import HookCore
internal import YAMLBridge

/// Collects findings while the trees of a project are read.
///
/// - Isolation: confined to one call of ``ConfigLoader/load(_:)``.
final class Checker {
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var scripts: [ScriptSpec] = []
    /// Assertions of tests.
    private(set) var checks: [ScriptSpec] = []
    private var scriptIDs: [ScriptSpec: ScriptID] = [:]
    /// Scripts that were asked for since recording began.
    private var recordedScripts: [(use: ScriptSpec, id: ScriptID)] = []
    /// What is being read, outermost first: `route payment-fan-out`, `first target`.
    private var trail: [String] = []
    let files: [String: [UInt8]]
    private(set) lazy var schemas = SchemaFiles(self.files)
    var names = NameIndex()
    var catalogue = Catalogue([])
    /// Endpoints of subscribers, as destinations.
    var endpoints: [String: Mark] = [:]
    /// Sources that write their window of deduplication themselves.
    var ownWindows: Set<SourceName> = []
    /// Retention of deduplication keys, used where a source does not say.
    var dedupeWithin: Duration = ServerSpec.Retention().dedupe

    /// Set before anything is read that may name a policy.
    private(set) lazy var policies = PolicyBook(declared: self.policyNodes, checker: self)
    var policyNodes: [String: YAMLNode] = [:]

    init(files: [String: [UInt8]]) { self.files = files }

    /// Adds a finding; where it stands is added as a note.
    ///
    /// - Parameter replacement: what was certainly meant in the place of the marked text.
    func report(
        _ code: String, _ severity: Diagnostic.Severity = .error, at mark: Mark?, _ message: String,
        hint: String? = nil, notes: [Diagnostic.Note] = [], replacement: String? = nil
    ) {
        let place = self.trail.isEmpty ? [] : [Diagnostic.Note(self.trail.joined(separator: ", "))]
        let fix = mark.flatMap { mark in replacement.map { Diagnostic.Fix(at: mark, $0) } }
        self.diagnostics.append(
            Diagnostic(code, severity, at: mark, message, hint: hint, notes: notes + place, fix: fix))
    }

    /// A finding that proposes the nearest known word in the place of the marked one.
    ///
    /// - Parameter instead: the hint where no word is near.
    func report(
        _ code: String, at mark: Mark?, _ message: String, near word: String?, instead: String? = nil
    ) {
        self.report(
            code, at: mark, message, hint: word.map { "did you mean \"\($0)\"?" } ?? instead, replacement: word)
    }

    /// Reads something inside a named thing.
    func within<Result>(_ what: String, _ read: () -> Result) -> Result {
        self.trail.append(what)
        defer { self.trail.removeLast() }
        return read()
    }

    /// Reads a thing met while another is being read; its findings name it alone.
    func apart<Result>(_ what: String, _ read: () -> Result) -> Result {
        let outer = self.trail
        self.trail = [what]
        defer { self.trail = outer }
        return read()
    }

    /// Wrong type: says what was expected and what stands there.
    func reportType(_ node: YAMLNode, expected: String, example: String) {
        self.report(
            "config/type", at: node.at, "expected \(expected), found \(node.found)",
            hint: example.isEmpty ? nil : "for example \(example)")
    }

    func unknownName(_ name: String, _ kind: NameKind, at mark: Mark, code: String) {
        guard self.names.isComplete else { return }
        let known = self.names.names(kind)
        let near = self.diagnostics.count < Self.suggestionsMax ? NearestName.to(name, among: known) : nil
        let place = near.flatMap { self.names.mark(of: $0, kind) }.map { " (\($0.file):\($0.line):\($0.column))" } ?? ""
        let hint = near.map { "did you mean \"\($0)\"?\(place)" }
        self.report(
            code, at: mark, "no \(kind.singular) is called \"\(name)\"",
            hint: hint ?? (known.isEmpty ? "declare it below \(kind.rawValue):" : nil), replacement: near)
    }

    /// Above so many findings nobody reads hints, and comparing every wrong name with every known one costs time.
    private static let suggestionsMax = 200

    /// One index for equal uses of a script.
    func script(_ role: ScriptSpec.Role, _ body: ScriptSpec.Body, at mark: Mark) -> ScriptID {
        let spec = ScriptSpec(role: role, body: body, mark: mark)
        let id = self.scriptIDs[spec] ?? self.register(spec)
        self.recordedScripts.append((spec, id))
        return id
    }

    private func register(_ spec: ScriptSpec) -> ScriptID {
        let id = ScriptID(self.scripts.count)
        self.scripts.append(spec)
        self.scriptIDs[spec] = id
        return id
    }

    /// The assertion of a test; an index of its own for each.
    func check(_ body: ScriptSpec.Body, at mark: Mark) -> ScriptID {
        self.checks.append(ScriptSpec(role: .check, body: body, mark: mark))
        return ScriptID(self.checks.count - 1)
    }

    /// What `read` gives, and the scripts that it asked for, in order.
    func recordingScripts<Result>(
        _ read: () -> Result
    ) -> (result: Result, scripts: [(use: ScriptSpec, id: ScriptID)]) {
        self.recordedScripts = []
        let result = read()
        defer { self.recordedScripts = [] }
        return (result, self.recordedScripts)
    }

    /// Warns where YAML 1.1 tools read a plain scalar differently. Called where any text or value may stand, not where
    /// a closed set of words is expected.
    func warnIfAmbiguous(_ node: YAMLNode) {
        guard case .scalar(let text, .plain) = node.content, let other = CoreSchema.otherReading(of: text) else {
            return
        }
        let here =
            switch node.scalar {
            case .number(let number): "the number \(number)"
            default: "text"
            }
        self.report(
            "yaml/ambiguous", .warning, at: node.at,
            "\(text) is \(here) here, and \(other) for tools that read YAML 1.1",
            hint: "write \"\(text)\" with quotes")
    }

    /// Entries of a map with their keys as text, duplicates reported and left out; nil and a finding for anything else.
    func entries(of node: YAMLNode, expected: String, example: String = "") -> [(key: String, entry: YAMLNode.Entry)]? {
        guard let entries = node.entries else {
            self.reportType(node, expected: expected, example: example)
            return nil
        }
        var seen = SeenKeys()
        var result: [(key: String, entry: YAMLNode.Entry)] = []
        result.reserveCapacity(entries.count)
        for entry in entries {
            guard let key = entry.key.raw else {
                self.reportType(entry.key, expected: "a key", example: "")
                continue
            }
            if let first = seen.insert(key, at: entry.key.mark) {
                self.report(
                    "yaml/duplicate-key", at: entry.key.at, "the key \"\(key)\" stands here twice", hint: "remove one",
                    notes: [Diagnostic.Note("first here", at: first.mark)])
                continue
            }
            result.append((key, entry))
        }
        return result
    }
}

/// Keys of one map, by their bytes: a few are compared one by one, more are hashed.
private struct SeenKeys {
    private struct Key: Hashable {
        let text: String

        static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        // Of texts that are equal but for normalisation too; those are rare.
        func hash(into hasher: inout Hasher) { hasher.combine(self.text) }
    }

    private static let listMax = 16
    private var list: [(key: Key, mark: YAMLMark)] = []
    private var table: [Key: YAMLMark] = [:]

    /// Nil where the key is new; else the place where it stands first.
    mutating func insert(_ text: String, at mark: YAMLMark) -> YAMLMark? {
        let key = Key(text: text)
        if self.table.isEmpty {
            if let first = self.list.first(where: { $0.key == key }) { return first.mark }
            self.list.append((key, mark))
            if self.list.count > Self.listMax {
                self.table = Dictionary(self.list.map { ($0.key, $0.mark) }, uniquingKeysWith: { first, _ in first })
            }
            return nil
        }
        if let first = self.table[key] { return first }
        self.table[key] = mark
        return nil
    }
}
