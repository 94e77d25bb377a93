// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Lua that stands in a route file, as a chunk whose line numbers are those of that file.
///
/// Nothing is closed behind an inline body, and what is closed behind an expression comes after `return`, which ends a
/// chunk: so code cannot break out of its frame.
struct InlineCode: Sendable {
    let file: String
    let source: [UInt8]
    /// Lines of the file on which the code stands.
    let lines: ClosedRange<Int>
    let isExpression: Bool

    /// `when:` one expression.
    init(expression: String, at mark: Mark) {
        let head =
            "local event, ctx = ...; " + Self.locals(["data", "headers", "query"], of: "event", for: expression)
        // The line break ends a comment behind the expression.
        self.init(head + "return (" + expression + "\n)", code: expression, at: mark, isExpression: true)
    }

    /// `lua:` a function body.
    init(body: String, parameters: [String] = ScriptSpec.Role.transform.parameters, at mark: Mark) {
        self.init(
            "local \(parameters.joined(separator: ", ")) = ...; " + body, code: body, at: mark, isExpression: false)
    }

    /// `aggregate.script: {lua: …}` a function body over the events of a window.
    init(aggregate body: String, at mark: Mark) {
        self.init("local events, ctx = ...; " + body, code: body, at: mark, isExpression: false)
    }

    /// Fields of a test's result that `check:` may name by themselves.
    static let checkNames = [
        "attempts", "dead_letters", "deliveries", "duplicate", "emitted", "held", "logs", "status", "steps",
        "unmatched",
    ]

    /// `check:` statements over the fields of a test's result.
    init(check: String, at mark: Mark) {
        let head = "local result = ...; " + Self.locals(Self.checkNames, of: "result", for: check)
        self.init(head + check, code: check, at: mark, isExpression: false)
    }

    /// Only the names that occur are bound: each costs the reading of a field.
    private static func locals(_ names: [String], of table: String, for code: String) -> String {
        let used = Set(
            LuaScanner.tokens(of: Array(code.utf8)).compactMap {
                if case .name(let name) = $0.kind { name } else { nil }
            })
        return names.filter(used.contains).map { "local \($0) = \(table).\($0); " }.joined()
    }

    private init(_ text: String, code: String, at mark: Mark, isExpression: Bool) {
        self.file = mark.file
        let breaks = code.utf8.count { $0 == 0x0A }
        self.lines = mark.line...(mark.line + breaks)
        self.source = [UInt8](repeating: 0x0A, count: max(0, mark.line - 1)) + Array(text.utf8)
        self.isExpression = isExpression
    }

    /// Whether an expression looks like statements, for a hint.
    static func looksLikeStatements(_ code: String) -> Bool {
        let tokens = LuaScanner.tokens(of: Array(code.utf8))
        let statements: Set<String> = ["local", "return", "if", "for", "while", "repeat", "do", "goto"]
        if case .name(let first)? = tokens.first?.kind, statements.contains(first) { return true }
        let equals = LuaToken.Kind.symbol(UInt8(ascii: "="))
        for place in tokens.indices where tokens[place].kind == equals {
            let before = place > 0 ? tokens[place - 1].kind : .number
            let comparisons = "=~<>".utf8.map { LuaToken.Kind.symbol($0) }
            let isComparison =
                comparisons.contains(before) || (place + 1 < tokens.count && tokens[place + 1].kind == equals)
            if !isComparison { return true }
        }
        return tokens.contains { $0.kind == .symbol(UInt8(ascii: ";")) }
    }
}
