// SPDX-License-Identifier: Apache-2.0
// Checking of scripts: everything that can be known before an event comes. All problems are collected; what only
// follows from a reported one is left out.
import HookCore
import LuaBridge

/// One check of the scripts of a project.
struct ScriptCheck {
    private let project: ProjectFiles
    private let scripts: [ScriptSpec]
    /// Assertions of tests.
    private let checks: [ScriptSpec]
    private let limits: ScriptLimits
    private let graph: RequireGraph
    private var diagnostics: [Diagnostic]
    /// Files that cannot be loaded; what needs them is not reported again.
    private var broken: Set<String>
    /// Files in which a route names a function that is local.
    private var unreachable: Set<String> = []
    private(set) var entries: [ScriptSet.Entry] = []
    /// Of ``checks``, in their order.
    private(set) var checkEntries: [ScriptSet.Entry] = []

    init(files: ProjectFiles, scripts: [ScriptSpec], checks: [ScriptSpec] = [], limits: ScriptLimits) {
        self.project = files
        self.scripts = scripts
        self.checks = checks
        self.limits = limits
        self.graph = RequireGraph(files)
        self.diagnostics = self.graph.diagnostics
        self.broken = self.graph.broken
    }

    /// The files that load, required ones first.
    var loadOrder: [ScriptFile] {
        self.graph.order.compactMap { path in
            guard let node = self.graph.nodes[path], !self.broken.contains(path) else { return nil }
            let requires = Dictionary(node.uses.map { ($0.name, $0.file) }, uniquingKeysWith: { first, _ in first })
            return ScriptFile(path: path, source: node.source, requires: requires)
        }
    }

    /// By file, line and column.
    var sorted: [Diagnostic] {
        self.diagnostics.sorted { left, right in
            guard let one = left.mark, let other = right.mark else { return left.mark == nil && right.mark != nil }
            return (one.file, one.line, one.column) < (other.file, other.line, other.column)
        }
    }

    mutating func run() {
        // A file that spends a budget ruins the state: then all others load again without it.
        while true {
            do throws(LuaFailure) {
                let loaded = try LoadedScripts(context: CallContext(secrets: NoSecrets()), limits: self.limits)
                if self.loadFiles(into: loaded) == .ruined { continue }
                self.checkUses(with: loaded)
            } catch {
                self.diagnostics.append(
                    Diagnostic("script/load", at: nil, "no Lua state could be made: \(error.message)"))
            }
            break
        }
        self.warnOfUnused()
    }

    /// Adds findings of the linter. Where it says why a file cannot be loaded, that is said once.
    mutating func add(_ findings: [Diagnostic]) {
        let errors = Set(findings.filter { $0.severity == .error }.compactMap { $0.mark.map(Self.line) })
        self.diagnostics.removeAll {
            $0.code == "script/load" && $0.mark.map { errors.contains(Self.line($0)) } ?? false
        }
        // What is said of a file that cannot be used, or of a function that a route could not find, needs no second word.
        self.diagnostics += findings.filter { finding in
            guard finding.code == "script/unused-local", let mark = finding.mark else { return true }
            return !self.broken.contains(mark.file) && !self.unreachable.contains(mark.file)
        }
    }

    private static func line(_ mark: Mark) -> String { "\(mark.file):\(mark.line)" }

    // MARK: Files

    private enum LoadOutcome { case done, ruined }

    private mutating func loadFiles(into loaded: LoadedScripts) -> LoadOutcome {
        for file in self.loadOrder where !self.broken.contains(file.path) {
            if file.requires.values.contains(where: self.broken.contains) {
                self.broken.insert(file.path)
                continue
            }
            do throws(LuaFailure) {
                if try !loaded.load(file) { self.refuseRequiring(file.path) }
            } catch {
                self.broken.insert(file.path)
                self.diagnostics.append(self.diagnostic(error, in: file))
                if loaded.state.isPoisoned { return .ruined }
            }
        }
        return .done
    }

    private func diagnostic(_ failure: LuaFailure, in file: ScriptFile) -> Diagnostic {
        let isHere = failure.place?.chunk == file.path
        let lines = SourceLines(file: file.path, bytes: file.source)
        let line = isHere ? failure.place?.line : failure.traceback.first { $0.chunk == file.path }?.line
        let mark =
            line.map { lines.mark(line: $0, near: Self.nearToken(failure.message)) }
            ?? Mark(file: file.path, line: 1, column: 1)
        let code = failure.kind == .syntax ? "script/syntax" : "script/load"
        let notes = isHere ? [] : failure.place.map { [Diagnostic.Note("raised in \($0.chunk):\($0.line)")] } ?? []
        return Diagnostic(code, at: mark, failure.message, notes: notes)
    }

    /// The token of `… near 'x'`; nil where Lua names none or the end of the file.
    static func nearToken(_ message: String) -> String? {
        guard message.hasSuffix("'"), let start = message.range(ofText: " near '") else { return nil }
        let token = String(message[start.upperBound...].dropLast())
        return token.isEmpty || token.contains("\n") ? nil : token
    }

    /// A file without a returned table cannot be required.
    private mutating func refuseRequiring(_ path: String) {
        for node in self.graph.nodes.values.sorted(by: { $0.path < $1.path }) {
            guard let use = node.uses.first(where: { $0.file == path }), !self.broken.contains(node.path) else {
                continue
            }
            self.broken.insert(node.path)
            self.diagnostics.append(
                Diagnostic(
                    "script/require", at: use.mark, "\(path) does not return a table",
                    hint: "end it with return and the table of what it offers"))
        }
    }

    // MARK: Uses

    private mutating func checkUses(with loaded: LoadedScripts) {
        for spec in self.scripts {
            do throws(LuaFailure) {
                try self.entries.append(self.entry(of: spec, loaded))
            } catch {
                self.diagnostics.append(Diagnostic("script/load", at: spec.mark, error.message))
            }
        }
        for spec in self.checks {
            do throws(LuaFailure) {
                try self.checkEntries.append(self.entry(of: spec, loaded))
            } catch {
                self.diagnostics.append(Diagnostic("script/load", at: spec.mark, error.message))
            }
        }
        do throws(LuaFailure) {
            try loaded.freeze()
        } catch {
            self.diagnostics.append(Diagnostic("script/load", at: nil, error.message))
        }
    }

    /// Checks one use; what a worker finds it by.
    private mutating func entry(
        of spec: ScriptSpec, _ loaded: LoadedScripts
    ) throws(LuaFailure) -> ScriptSet.Entry {
        switch spec.body {
        case .function(let file, let name):
            try self.checkFunction(file, name, spec, loaded)
            let code = ScriptSet.Entry.Code.function(path: RequireGraph.folder + file, name: name)
            return ScriptSet.Entry(label: spec.label, role: spec.role, code: code)
        case .expression(let text):
            return try self.checkInline(InlineCode(expression: text, at: spec.mark), text, spec, loaded)
        case .inline(let text):
            let code =
                switch spec.role {
                case .check: InlineCode(check: text, at: spec.mark)
                case .aggregate: InlineCode(aggregate: text, at: spec.mark)
                case .filter, .transform, .convert:
                    InlineCode(body: text, parameters: spec.role.parameters, at: spec.mark)
                }
            return try self.checkInline(code, text, spec, loaded)
        }
    }

    private mutating func checkFunction(
        _ file: String, _ name: String, _ spec: ScriptSpec, _ loaded: LoadedScripts
    ) throws(LuaFailure) {
        let path = RequireGraph.folder + file
        guard let node = self.graph.nodes[path] else {
            let known = self.graph.nodes.keys.map { String($0.dropFirst(RequireGraph.folder.count)) }.sorted()
            let near = NearestName.to(file, among: known)
            let mark = spec.mark.narrowed(to: file, in: self.project[spec.mark.file])
            self.diagnostics.append(
                Diagnostic(
                    "script/missing-file", at: mark, "there is no file \(path)",
                    hint: near.map { "did you mean \"\($0)\"?" }, fix: near.map { Diagnostic.Fix(at: mark, $0) }))
            return
        }
        guard !self.broken.contains(path) else { return }
        guard let function = try loaded.export(name, of: path) else {
            let near = NearestName.to(name, among: Self.functionNames(in: node.source))
            let isLocal = near.map { $0.utf8.elementsEqual(name.utf8) } ?? false
            let hint = isLocal ? "it is local; remove \"local\"" : near.map { "did you mean \"\($0)\"?" }
            let mark = self.functionMark(name, spec)
            if isLocal { self.unreachable.insert(path) }
            self.diagnostics.append(
                Diagnostic(
                    "script/missing-function", at: mark, "\(path) has no function \(name)", hint: hint,
                    fix: near.flatMap { isLocal ? nil : Diagnostic.Fix(at: mark, $0) }))
            return
        }
        self.checkParameters(of: function, name, spec, loaded)
    }

    /// Where a route says the function: behind the `#`.
    private func functionMark(_ name: String, _ spec: ScriptSpec) -> Mark {
        spec.mark.narrowed(to: "#" + name, skipping: 1, in: self.project[spec.mark.file])
    }

    private mutating func checkParameters(
        of function: LuaFunction, _ name: String, _ spec: ScriptSpec, _ loaded: LoadedScripts
    ) {
        guard let parameters = loaded.state.parameters(of: function), !parameters.isVariadic else { return }
        let given = spec.role.parameters
        guard parameters.count == 0 || parameters.count > given.count else { return }
        let count = parameters.count == 0 ? "no parameters" : "\(parameters.count) parameters"
        let call = "\(name)(\(given.joined(separator: ", ")))"
        // Without parameters it runs, and sees nothing of what it is given.
        self.diagnostics.append(
            Diagnostic(
                "script/parameters", parameters.count == 0 ? .warning : .error, at: self.functionMark(name, spec),
                "\(name) takes \(count); a \(spec.role.noun) is called as \(call)",
                hint: "write function \(call)"))
    }

    private mutating func checkInline(
        _ code: InlineCode, _ text: String, _ spec: ScriptSpec, _ loaded: LoadedScripts
    ) throws(LuaFailure) -> ScriptSet.Entry {
        let entry = ScriptSet.Entry(label: spec.label, role: spec.role, code: .inline(code))
        if code.isExpression, text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
            self.diagnostics.append(Diagnostic("script/syntax", at: spec.mark, "the expression is empty"))
            return entry
        }
        do throws(LuaFailure) {
            _ = try loaded.compile(code)
        } catch  where error.kind == .syntax {
            let line = min(
                max(error.place?.line ?? code.lines.lowerBound, code.lines.lowerBound), code.lines.upperBound)
            let near = Self.nearToken(error.message)
            // Expressions are one YAML value with an exact mark; in a block only the line is known.
            let mark =
                code.isExpression && line == spec.mark.line
                ? spec.mark
                : SourceLines(file: code.file, bytes: self.project[code.file] ?? []).mark(line: line, near: near)
            let isStatements = code.isExpression && InlineCode.looksLikeStatements(text)
            let hint =
                isStatements
                ? "when takes one expression; put statements into a function and name it with filter: file.lua#function"
                : nil
            self.diagnostics.append(Diagnostic("script/syntax", at: mark, error.message, hint: hint))
        }
        return entry
    }

    /// Names after `function` in a source, for proposals only.
    private static func functionNames(in source: [UInt8]) -> [String] {
        let tokens = LuaScanner.tokens(of: source)
        return tokens.indices.dropLast().compactMap { place in
            guard tokens[place].kind == .name("function"), case .name(let name) = tokens[place + 1].kind else {
                return nil
            }
            return name
        }
    }

    // MARK: Unused

    private mutating func warnOfUnused() {
        var used: Set<String> = []
        for spec in self.scripts + self.checks {
            if case .function(let file, _) = spec.body { used.insert(RequireGraph.folder + file) }
        }
        for node in self.graph.nodes.values { used.formUnion(node.uses.map(\.file)) }
        for path in self.graph.nodes.keys.sorted() where !used.contains(path) {
            self.diagnostics.append(
                Diagnostic(
                    "script/unused", .warning, at: Mark(file: path, line: 1, column: 1), "no route uses \(path)",
                    hint: "remove it, or name one of its functions in a route"))
        }
    }
}

extension String {
    /// The first place of a text, by bytes; Foundation has this, but is not imported here.
    fileprivate func range(ofText text: String) -> Range<String.Index>? {
        var from = self.startIndex
        while from < self.endIndex {
            if self[from...].hasPrefix(text) { return from..<self.index(from, offsetBy: text.count) }
            from = self.index(after: from)
        }
        return nil
    }
}
