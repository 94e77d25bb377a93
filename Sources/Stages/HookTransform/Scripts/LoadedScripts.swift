// SPDX-License-Identifier: Apache-2.0
// One Lua state with the files of a script set in it. Checking loads one and throws it away; each worker keeps one.
import HookCore
import LuaBridge

/// A script file and what it requires.
struct ScriptFile: Sendable {
    /// `scripts/chat.lua`
    let path: String
    let source: [UInt8]
    /// Paths of required files by the name as written.
    let requires: [String: String]
}

/// A Lua state into which the files of one script set are loaded.
///
/// Each file has its own table of globals over the shared ones, so that files cannot step on each other's names. What
/// its global functions and its returned table offer are its exports.
///
/// - Isolation: confined to the thread that made it.
final class LoadedScripts {
    /// What a file left behind.
    private struct Loaded {
        let globals: LuaReference
        let returned: LuaReference?
    }

    let state: LuaState
    let context: CallContext
    private let limits: ScriptLimits
    private let modules: Modules
    /// Lines with code by file, where lines are traced; nil: they are not.
    private var code: [String: Set<Int>]?
    private var files: [String: Loaded] = [:]
    /// Stores a value below a name in a table that is frozen together with the globals.
    private let keeper: LuaFunction

    /// What `require` answers from; its own object, since the state holds the function that reads it.
    private final class Modules {
        /// By name as written, `lib.money` and `lib/money`.
        var tables: [String: LuaReference] = [:]
    }

    /// - Parameter tracesLines: whether ``lineCounts`` is wanted; slow, for tests.
    init(context: CallContext, limits: ScriptLimits, tracesLines: Bool = false) throws(LuaFailure) {
        self.state = try LuaState(limits: limits.call)
        if tracesLines {
            self.code = [:]
            self.state.traceLines()
        }
        self.context = context
        self.limits = limits
        let modules = Modules()
        self.modules = modules
        let shelf = try self.state.makeEnvironment()
        self.keeper = try self.state.load(
            chunk: "modules", source: Array("local name, value = ...; _ENV[name] = value".utf8), environment: shelf)
        try self.state.register("require") { call throws(HostFailure) in
            let name = try call.requiredString(1)
            guard let table = modules.tables[name] else { throw HostFailure("there is no module '\(name)'") }
            call.results.push(table)
            return 1
        }
        try HostFunctions.register(in: self.state, context: context)
        try self.state.seal()
    }

    /// Runs a file. Its required files were loaded before.
    ///
    /// - Returns: whether it returned a table, as a required file must.
    func load(_ file: ScriptFile) throws(LuaFailure) -> Bool {
        for (name, path) in file.requires { self.modules.tables[name] = self.files[path]?.returned }
        let globals = try self.state.makeEnvironment()
        let chunk = try self.state.load(chunk: file.path, source: file.source, environment: globals)
        self.code?[file.path] = Set(self.state.linesWithCode(of: chunk))
        let (returned, _) = try self.state.call(chunk, limits: self.limits.load) { results throws(LuaFailure) in
            switch results.kind(1) {
            case .none, .nil: LuaReference?.none
            case .table: try results.reference(1)
            default:
                throw LuaFailure(
                    .runtime, "the file returns a \(results.typeName(1)); a script file returns a table or nothing")
            }
        }
        if let returned { try self.keep(returned, as: RequireGraph.moduleName(of: file.path)) }
        self.files[file.path] = Loaded(globals: globals, returned: returned)
        return returned != nil
    }

    private func keep(_ value: LuaReference, as name: String) throws(LuaFailure) {
        _ = try self.state.call(
            self.keeper, limits: self.limits.load,
            arguments: {
                $0.push(name)
                $0.push(value)
            }, results: { _ in })
    }

    /// An exported function of a file; nil where it has none of that name.
    func export(_ name: String, of path: String) throws(LuaFailure) -> LuaFunction? {
        guard let file = self.files[path] else { return nil }
        if let returned = file.returned, let function = try self.state.function(named: name, in: returned) {
            return function
        }
        return try self.state.function(named: name, in: file.globals)
    }

    /// Sets what a file exports as names of an environment: its global functions, and what its returned table holds.
    func offer(_ path: String, in environment: LuaReference) throws(LuaFailure) {
        guard let file = self.files[path] else { return }
        let setter = try self.state.load(
            chunk: "names",
            source: Array("local from = ...; for name, value in pairs(from) do _ENV[name] = value end".utf8),
            environment: environment)
        // Its globals first, so that the table has the last word, as for routes.
        let globals = try self.state.load(
            chunk: "names", source: Array("local own = {}; for k, v in pairs(_ENV) do own[k] = v end; return own".utf8),
            environment: file.globals)
        let (own, _) = try self.state.call(globals, limits: self.limits.load) { results throws(LuaFailure) in
            try results.reference(1)
        }
        for table in [own] + (file.returned.map { [$0] } ?? []) {
            _ = try self.state.call(setter, limits: self.limits.load, arguments: { $0.push(table) }, results: { _ in })
        }
    }

    /// Compiles inline code.
    func compile(_ code: InlineCode) throws(LuaFailure) -> LuaFunction {
        let function = try self.state.load(chunk: code.file, source: code.source)
        // What we wrote around the code may stand on a line of its own.
        self.code?[code.file, default: []].formUnion(
            self.state.linesWithCode(of: function).filter(code.lines.contains))
        return function
    }

    /// How often lines ran so far; empty where they are not traced.
    var lineCounts: LineCounts {
        var counts = LineCounts()
        guard let code = self.code else { return counts }
        let run = Dictionary(self.state.linesRun.map { ($0.chunk, $0.counts) }, uniquingKeysWith: { first, _ in first })
        for (file, lines) in code {
            for line in lines { counts.add(run[file]?[line] ?? 0, line: line, of: file) }
        }
        return counts
    }

    /// Makes everything read-only; calls come after this.
    func freeze() throws(LuaFailure) {
        try self.state.freeze()
    }
}
