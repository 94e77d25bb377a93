// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Judges the facts of one chunk.
///
/// An error is what certainly raises when it is reached, and would hold events; the rest are warnings.
struct LuaLint {
    let facts: LuaFacts
    let names: LuaNames
    let places: LuaPlaces
    private(set) var diagnostics: [Diagnostic] = []

    /// Names that were written anywhere in the chunk.
    private let own: Set<String>

    /// Names of tables; nil: not known.
    private let lookups: Set<String>?

    init(_ facts: LuaFacts, names: LuaNames, places: LuaPlaces, lookups: Set<String>? = nil) {
        self.lookups = lookups
        self.facts = facts
        self.names = names
        self.places = places
        self.own = Set(facts.writes.map(\.name))
    }

    mutating func run() {
        if !self.facts.isOpaque { self.checkNames() }
        self.checkFields()
        self.checkWrites()
        self.checkArguments()
        self.checkLookups()
        self.checkUnused()
    }

    private mutating func report(
        _ code: String, _ severity: Diagnostic.Severity, _ span: LuaFacts.Span, _ message: String, hint: String? = nil,
        fix: String? = nil
    ) {
        let mark = self.places.mark(span)
        self.diagnostics.append(
            Diagnostic(code, severity, at: mark, message, hint: hint, fix: fix.map { Diagnostic.Fix(at: mark, $0) }))
    }

    // MARK: Names

    private mutating func checkNames() {
        // A name that is looked at before it is used may well be nil.
        let guarded = Set(self.facts.reads.filter { $0.use == .plain }.map(\.name))
        var seen: Set<String> = []
        for read in self.facts.reads {
            guard !self.names.globals.contains(read.name), !self.own.contains(read.name),
                seen.insert(read.name).inserted
            else { continue }
            let severity: Diagnostic.Severity =
                read.use == .needed && !guarded.contains(read.name) ? .error : .warning
            if let instead = LuaNames.removed[read.name] {
                self.reportRemoved(read, instead, severity)
            } else {
                self.reportUndefined(read, severity)
            }
        }
    }

    private mutating func reportRemoved(
        _ read: LuaFacts.GlobalRead, _ instead: String, _ severity: Diagnostic.Severity
    ) {
        let path = self.facts.paths.first { $0.path.span == read.span && $0.path.root == .global(read.name) }?.path
        var name = read.name
        var end = read.span.upperBound
        if case .name(let field, let span)? = path?.keys.first {
            name += ".\(field)"
            end = span.upperBound
        }
        self.report(
            "script/removed", severity, read.span.lowerBound..<end, "\(name) is not in the sandbox",
            hint: LuaNames.removed[name] ?? instead)
    }

    private mutating func reportUndefined(_ read: LuaFacts.GlobalRead, _ severity: Diagnostic.Severity) {
        let others = self.facts.reads.count { $0.name == read.name } - 1
        let message = "nothing is called \"\(read.name)\""
        if ["event", "ctx", "data", "headers", "query"].contains(read.name) {
            let better = ["event", "ctx"].contains(read.name) ? "" : "; write event.\(read.name)"
            self.report(
                "script/undefined-name", severity, read.span, message + " here",
                hint: "a script gets it as a parameter: function f(event, ctx)\(better)")
            return
        }
        let known = self.names.globals.union(self.own).union(self.facts.locals.map(\.name)).sorted()
        let near = NearestName.to(read.name, among: known)
        let more = others > 0 ? " (used \(others + 1) times)" : ""
        self.report(
            "script/undefined-name", severity, read.span, message + more,
            hint: near.map { "did you mean \"\($0)\"?" } ?? "make it local, or define it in this file", fix: near)
    }

    // MARK: Fields of the sandbox's tables

    private mutating func checkFields() {
        let called = Set(self.facts.calls.map(\.span))
        var seen: Set<String> = []
        for use in self.facts.paths {
            guard case .global(let table) = use.path.root, let known = self.names.fields[table],
                !self.own.contains(table), case .name(let field, let span)? = use.path.keys.first,
                !known.contains(field)
            else { continue }
            if use.isWrite {
                self.report(
                    "script/global-write", .error, use.path.span.lowerBound..<span.upperBound,
                    "\(table) belongs to the sandbox and is read-only", hint: "use a table of your own")
                continue
            }
            guard seen.insert("\(table).\(field)").inserted else { continue }
            let isCalled = called.contains(use.path.span.lowerBound..<span.upperBound)
            if let instead = LuaNames.removed["\(table).\(field)"] {
                self.report(
                    "script/removed", isCalled ? .error : .warning, use.path.span.lowerBound..<span.upperBound,
                    "\(table).\(field) is not in the sandbox", hint: instead)
            } else {
                let near = NearestName.to(field, among: known.sorted())
                self.report(
                    "script/undefined-name", isCalled ? .error : .warning, span, "\(table) has no \"\(field)\"",
                    hint: near.map { "did you mean \"\($0)\"?" } ?? "known: \(known.sorted().joined(separator: ", "))",
                    fix: near)
            }
        }
    }

    // MARK: Writes

    private mutating func checkWrites() {
        // Functions that run while the file loads may still write.
        let runsAtLoad = self.facts.callsAtLoad.contains { name in
            guard let name else { return true }
            return !self.names.globals.contains(String(name.prefix { $0 != "." }))
        }
        var seen: Set<String> = []
        for write in self.facts.writes where write.depth > 0 && seen.insert(write.name).inserted {
            self.report(
                "script/global-write", runsAtLoad ? .warning : .error, write.span,
                "\"\(write.name)\" is global, and globals are read-only when events come",
                hint: "write local \(write.name); a script keeps nothing between two calls")
        }
    }

    // MARK: Arguments

    private mutating func checkArguments() {
        for call in self.facts.calls {
            let root = String(call.name.prefix { $0 != "." })
            guard let range = LuaNames.arguments[call.name], !self.own.contains(root) else { continue }
            if call.arguments < range.lowerBound && !call.isOpen {
                self.report(
                    "script/arguments", .error, call.span,
                    "\(call.name) takes \(Self.count(range)), and gets \(call.arguments)")
            } else if call.arguments > range.upperBound {
                self.report(
                    "script/arguments", .warning, call.span,
                    "\(call.name) takes \(Self.count(range)), and gets \(call.arguments)",
                    hint: "what is too many is ignored")
            }
        }
    }

    /// `lookup("contries", …)` raises whatever the event holds.
    private mutating func checkLookups() {
        guard let known = self.lookups, !self.own.contains("lookup") else { return }
        for call in self.facts.calls where call.name == "lookup" {
            guard let text = call.text, !known.contains(text.value) else { continue }
            let near = NearestName.to(text.value, among: known.sorted())
            self.report(
                "lookup/unknown", .error, text.span, "no look-up is called \"\(text.value)\"",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "declare it below lookups:",
                fix: near.map { "\"\($0)\"" })
        }
    }

    private static func count(_ range: ClosedRange<Int>) -> String {
        if range.upperBound == 0 { return "no arguments" }
        let text = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        return "\(text) argument\(range.upperBound == 1 ? "" : "s")"
    }

    // MARK: Locals

    private mutating func checkUnused() {
        for local in self.facts.locals where !local.isRead && !local.name.hasPrefix("_") {
            switch local.kind {
            case .variable, .function:
                self.report(
                    "script/unused-local", .warning, local.span, "\"\(local.name)\" is never read",
                    hint: "remove it, or call it _")
            // Parameters are given by the caller, and of a loop's names often one is not needed.
            case .parameter, .loop: break
            }
        }
    }
}
