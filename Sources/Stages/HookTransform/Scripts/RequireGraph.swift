// SPDX-License-Identifier: Apache-2.0
// Which script file requires which, read from the source before anything runs. Names are literal, so the whole graph is
// known at checking time: missing files and cycles are found with their place, and files load in one fixed order.
import HookCore

/// The files below `scripts/` and what they require.
struct RequireGraph {
    struct Use {
        /// As written: `lib.money` or `lib/money`.
        let name: String
        /// `scripts/lib/money.lua`
        let file: String
        let mark: Mark
    }

    struct Node {
        let path: String
        let source: [UInt8]
        var uses: [Use] = []
    }

    static let folder = "scripts/"

    /// By path.
    private(set) var nodes: [String: Node] = [:]
    /// Paths, required files before those that require them. Files in or behind a cycle are missing.
    private(set) var order: [String] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Files with a `require` that cannot be answered, and all that depend on them.
    private(set) var broken: Set<String> = []

    init(_ files: ProjectFiles) {
        for file in files.files where file.path.hasPrefix(Self.folder) && file.path.hasSuffix(".lua") {
            self.nodes[file.path] = Node(path: file.path, source: file.bytes)
        }
        let paths = self.nodes.keys.sorted()
        for path in paths { self.readUses(of: path) }
        var state = Walk()
        for path in paths { self.visit(path, &state) }
        self.order = state.order
    }

    /// The module names under which a path may be required.
    static func moduleName(of path: String) -> String {
        String(path.dropFirst(Self.folder.count).dropLast(".lua".count))
    }

    // MARK: Reading

    private mutating func readUses(of path: String) {
        guard let node = self.nodes[path] else { return }
        let tokens = LuaScanner.tokens(of: node.source)
        let lines = SourceLines(file: path, bytes: node.source)
        for place in tokens.indices where tokens[place].kind == .name("require") && !Self.isMember(tokens, place) {
            let argument = Self.argument(tokens, after: place)
            guard let argument, case .string(let literal?) = argument.kind else {
                let token = argument ?? tokens[place]
                self.refuse(
                    path, lines.mark(from: token.start, to: token.end),
                    "require takes the name of a file as literal text",
                    hint: "write require \"lib.money\" for scripts/lib/money.lua")
                continue
            }
            self.use(literal, in: path, at: lines.mark(from: argument.start, to: argument.end))
        }
    }

    /// `x.require` and `x:require` are somebody's own fields.
    private static func isMember(_ tokens: [LuaToken], _ place: Int) -> Bool {
        guard place > 0 else { return false }
        let before = tokens[place - 1].kind
        guard before == .symbol(UInt8(ascii: ".")) || before == .symbol(UInt8(ascii: ":")) else { return false }
        // `a .. require "b"` is a concatenation: two dots.
        return !(place > 1 && tokens[place - 2].kind == .symbol(UInt8(ascii: ".")))
    }

    private static func argument(_ tokens: [LuaToken], after place: Int) -> LuaToken? {
        guard place + 1 < tokens.count else { return nil }
        if case .string = tokens[place + 1].kind { return tokens[place + 1] }
        guard tokens[place + 1].kind == .symbol(UInt8(ascii: "(")), place + 3 < tokens.count,
            tokens[place + 3].kind == .symbol(UInt8(ascii: ")"))
        else { return nil }
        return tokens[place + 2]
    }

    private mutating func use(_ name: String, in path: String, at mark: Mark) {
        let segments = name.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
        }
        guard segments.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNameByte) }) else {
            self.refuse(
                path, mark, "\"\(name)\" does not name a file below scripts/",
                hint: "names are folders and a file joined by dots, as in \"lib.money\"")
            return
        }
        let file =
            Self.folder + segments.map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: "/") + ".lua"
        guard self.nodes[file] != nil else {
            let known = self.nodes.keys.map { Self.moduleName(of: $0).split(separator: "/").joined(separator: ".") }
                .sorted()
            let near = NearestName.to(name.split(separator: "/").joined(separator: "."), among: known)
            self.refuse(path, mark, "there is no file \(file)", hint: near.map { "did you mean \"\($0)\"?" })
            return
        }
        self.nodes[path]?.uses.append(Use(name: name, file: file, mark: mark))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private mutating func refuse(_ path: String, _ mark: Mark, _ message: String, hint: String?) {
        self.diagnostics.append(Diagnostic("script/require", at: mark, message, hint: hint))
        self.broken.insert(path)
    }

    // MARK: Ordering

    private struct Walk {
        var order: [String] = []
        var done: Set<String> = []
        /// The chain of files under way, outermost first.
        var chain: [String] = []
    }

    private mutating func visit(_ path: String, _ walk: inout Walk) {
        guard !walk.done.contains(path), let node = self.nodes[path] else { return }
        walk.chain.append(path)
        for use in node.uses {
            if let start = walk.chain.firstIndex(of: use.file) {
                let names = (walk.chain[start...] + [use.file]).map { Self.moduleName(of: $0) }
                self.refuse(
                    path, use.mark, "files require each other in a circle: \(names.joined(separator: " → "))",
                    hint: "move what both need into a third file")
                continue
            }
            self.visit(use.file, &walk)
            if self.broken.contains(use.file) { self.broken.insert(path) }
        }
        walk.chain.removeLast()
        walk.done.insert(path)
        if !self.broken.contains(path) { walk.order.append(path) }
    }
}
