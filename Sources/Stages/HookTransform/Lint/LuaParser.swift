// SPDX-License-Identifier: Apache-2.0
// A recursive-descent reader of Lua 5.4 (reference manual, section 9) that keeps no tree: names are resolved where they
// are met, as Lua's own one-pass compiler does it, and what matters is noted in ``LuaFacts``.

/// Reads one chunk.
///
/// INVARIANT: whatever Lua accepts is accepted. What Lua refuses may be accepted too: only Lua reports syntax.
struct LuaParser {
    /// The reader gave up: this is no Lua.
    struct Stop: Error {}

    /// Lua itself nests no deeper than 200 (`LUAI_MAXCCALLS`).
    private static let depthMax = 200

    let tokens: [LuaLexer.Token]
    var at = 0
    var facts = LuaFacts()
    /// Innermost last.
    private var scopes: [[String: Int]] = [[:]]
    private(set) var functionDepth = 0
    private var depth = 0

    /// The facts of a chunk; nil where it is no Lua.
    ///
    /// - Parameter given: locals that stand around the chunk, with what they are.
    static func facts(of source: [UInt8], given: [(name: String, alias: LuaFacts.Path?)] = []) -> LuaFacts? {
        guard let tokens = LuaLexer.tokens(of: source) else { return nil }
        var parser = LuaParser(tokens: tokens)
        for (name, alias) in given {
            let index = parser.declare(name, 0..<0, .parameter)
            parser.facts.locals[index].alias = alias
        }
        do {
            if !given.isEmpty { parser.functionDepth = 1 }
            try parser.block()
            guard parser.word == .end else { return nil }
            return parser.facts
        } catch {
            return nil
        }
    }

    private init(tokens: [LuaLexer.Token]) { self.tokens = tokens }

    // MARK: Tokens

    var token: LuaLexer.Token { self.tokens[min(self.at, self.tokens.count - 1)] }
    var word: LuaLexer.Word { self.token.word }
    /// Behind the last token that was read.
    var lastEnd: Int { self.at > 0 ? self.tokens[min(self.at, self.tokens.count) - 1].end : 0 }

    func isSymbol(_ text: String) -> Bool { self.word == .symbol(text) }
    func isKeyword(_ text: String) -> Bool { self.word == .keyword(text) }

    mutating func take(symbol text: String) -> Bool {
        guard self.isSymbol(text) else { return false }
        self.at += 1
        return true
    }

    mutating func take(keyword text: String) -> Bool {
        guard self.isKeyword(text) else { return false }
        self.at += 1
        return true
    }

    mutating func expect(symbol text: String) throws(Stop) { if !self.take(symbol: text) { throw Stop() } }
    mutating func expect(keyword text: String) throws(Stop) { if !self.take(keyword: text) { throw Stop() } }

    mutating func name() throws(Stop) -> (text: String, span: LuaFacts.Span) {
        let token = self.token
        guard case .name(let text) = token.word else { throw Stop() }
        self.at += 1
        return (text, token.start..<token.end)
    }

    // MARK: Names

    mutating func declare(_ name: String, _ span: LuaFacts.Span, _ kind: LuaFacts.Local.Kind) -> Int {
        // Names that are not local are fields of it from here on.
        if name == "_ENV" { self.facts.isOpaque = true }
        let index = self.facts.locals.count
        self.facts.locals.append(LuaFacts.Local(name: name, span: span, kind: kind))
        self.scopes[self.scopes.count - 1][name] = index
        return index
    }

    func local(_ name: String) -> Int? {
        for scope in self.scopes.reversed() {
            if let index = scope[name] { return index }
        }
        return nil
    }

    mutating func openScope() { self.scopes.append([:]) }
    mutating func closeScope() { self.scopes.removeLast() }

    mutating func enter() throws(Stop) {
        self.depth += 1
        if self.depth > Self.depthMax { throw Stop() }
    }

    mutating func leave() { self.depth -= 1 }

    // MARK: Functions

    /// Parameters and body, behind `function` and the name. Gives the parameters.
    mutating func functionBody(isMethod: Bool) throws(Stop) -> [Int] {
        self.openScope()
        self.functionDepth += 1
        var parameters: [Int] = []
        if isMethod { parameters.append(self.declare("self", self.token.start..<self.token.start, .parameter)) }
        try self.expect(symbol: "(")
        while !self.isSymbol(")") {
            if self.take(symbol: "...") { break }
            let (name, span) = try self.name()
            parameters.append(self.declare(name, span, .parameter))
            if !self.take(symbol: ",") { break }
        }
        try self.expect(symbol: ")")
        try self.block()
        try self.expect(keyword: "end")
        self.functionDepth -= 1
        self.closeScope()
        return parameters
    }

    mutating func note(function name: String, _ parameters: [Int]) {
        self.facts.functions[name, default: []].append(parameters)
    }
}
