// SPDX-License-Identifier: Apache-2.0

extension LuaParser {
    /// What is known about the value of an expression.
    struct Operand {
        /// Nil where the value is computed.
        var path: LuaFacts.Path?
        /// Something may be assigned to it.
        var isPlace = false
        var isCall = false
        /// Of a function written out.
        var function: [Int]?
        /// The global that was called, and its only argument where that is a path.
        var callee: String?
        var argument: LuaFacts.Path?
        /// The last name: `b` of `a.b`.
        var lastName: String?
        /// A call or `...`: any number of values.
        var isOpen = false
    }

    mutating func expressions() throws(Stop) -> [Operand] {
        var values = [try self.expression()]
        while self.take(symbol: ",") { values.append(try self.expression()) }
        return values
    }

    mutating func expression() throws(Stop) -> Operand { try self.expression(above: 0) }

    /// Left and right priorities (lparser.c, `priority`); right below left: to the right first.
    private static let priorities: [String: (left: Int, right: Int)] = [
        "or": (1, 1), "and": (2, 2), "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3),
        "|": (4, 4), "~": (5, 5), "&": (6, 6), "<<": (7, 7), ">>": (7, 7), "..": (9, 8), "+": (10, 10), "-": (10, 10),
        "*": (11, 11), "/": (11, 11), "//": (11, 11), "%": (11, 11), "^": (14, 13),
    ]
    private static let unaryPriority = 12

    private var isUnary: Bool {
        switch self.word {
        case .keyword("not"), .symbol("-"), .symbol("#"), .symbol("~"): true
        default: false
        }
    }

    private mutating func expression(above limit: Int) throws(Stop) -> Operand {
        try self.enter()
        defer { self.leave() }
        var value: Operand
        if self.isUnary {
            self.at += 1
            _ = try self.expression(above: Self.unaryPriority)
            value = Operand()
        } else {
            value = try self.simple()
        }
        while true {
            let text: String
            switch self.word {
            case .keyword(let word), .symbol(let word): text = word
            default: return value
            }
            guard let priority = Self.priorities[text], priority.left > limit else { return value }
            self.at += 1
            _ = try self.expression(above: priority.right)
            value = Operand()
        }
    }

    private mutating func simple() throws(Stop) -> Operand {
        switch self.word {
        case .number, .string, .keyword("nil"), .keyword("true"), .keyword("false"):
            self.at += 1
            return Operand()
        case .symbol("..."):
            self.at += 1
            return Operand(isOpen: true)
        case .symbol("{"):
            try self.table()
            return Operand()
        case .keyword("function"):
            self.at += 1
            return Operand(function: try self.functionBody(isMethod: false))
        default:
            let value = try self.suffixed()
            self.finish(value)
            return value
        }
    }

    private mutating func table() throws(Stop) {
        try self.expect(symbol: "{")
        while !self.isSymbol("}") {
            if self.take(symbol: "[") {
                _ = try self.expression()
                try self.expect(symbol: "]")
                try self.expect(symbol: "=")
                _ = try self.expression()
            } else if case .name(let name) = self.word, self.at + 1 < self.tokens.count,
                self.tokens[self.at + 1].word == .symbol("=")
            {
                self.at += 2
                if let parameters = try self.expression().function { self.note(function: name, parameters) }
            } else {
                _ = try self.expression()
            }
            if !self.take(symbol: ",") && !self.take(symbol: ";") { break }
        }
        try self.expect(symbol: "}")
    }

    // MARK: Names, fields, calls

    /// A name or a parenthesis with what follows it. A bare name is not yet counted as read: it may be assigned to.
    mutating func suffixed() throws(Stop) -> Operand {
        var value = try self.primary()
        while true {
            switch self.word {
            case .symbol("."):
                self.at += 1
                let (name, span) = try self.name()
                self.extend(&value, .name(name, span))
                value.lastName = name
            case .symbol("["):
                self.at += 1
                let key = self.literalKey
                _ = try self.expression()
                try self.expect(symbol: "]")
                self.extend(&value, key ?? .element)
            case .symbol(":"):
                self.at += 1
                _ = try self.name()
                self.need(value)
                try self.call(&value, isMethod: true)
            case .symbol("("), .symbol("{"), .string:
                self.need(value)
                try self.call(&value, isMethod: false)
            default: return value
            }
        }
    }

    private mutating func primary() throws(Stop) -> Operand {
        if self.take(symbol: "(") {
            _ = try self.expression()
            try self.expect(symbol: ")")
            return Operand()
        }
        let (name, span) = try self.name()
        let root = self.local(name).map { LuaFacts.Root.local($0) } ?? .global(name)
        return Operand(
            path: LuaFacts.Path(root: root, keys: [], span: span), isPlace: true, lastName: name)
    }

    /// `["key"]`.
    private var literalKey: LuaFacts.Key? {
        guard case .string(let text?) = self.word, self.at + 1 < self.tokens.count,
            self.tokens[self.at + 1].word == .symbol("]")
        else { return nil }
        return .name(text, self.token.start..<self.token.end)
    }

    private mutating func extend(_ value: inout Operand, _ key: LuaFacts.Key) {
        if value.path?.keys.isEmpty == true { self.need(value) }
        value.path?.keys.append(key)
        value.isPlace = true
        value.isCall = false
        value.isOpen = false
        value.callee = nil
        value.argument = nil
        value.lastName = nil
    }

    /// Notes that nil would raise here.
    private mutating func need(_ value: Operand) {
        guard let path = value.path, path.keys.isEmpty else {
            self.finish(value)
            return
        }
        switch path.root {
        case .local(let index): self.facts.locals[index].isRead = true
        case .global(let name): self.read(global: name, path.span, .needed)
        }
    }

    mutating func read(global name: String, _ span: LuaFacts.Span, _ use: LuaFacts.Use) {
        if name == "_ENV" || name == "_G" { self.facts.isOpaque = true }
        self.facts.reads.append(LuaFacts.GlobalRead(name: name, span: span, use: use))
    }

    /// Notes that the value is read as it stands.
    mutating func finish(_ value: Operand) {
        guard let path = value.path else { return }
        guard path.keys.isEmpty else {
            self.facts.paths.append(LuaFacts.PathUse(path: path, isWrite: false))
            return
        }
        switch path.root {
        case .local(let index): self.facts.locals[index].isRead = true
        case .global(let name): self.read(global: name, path.span, .plain)
        }
    }

    private mutating func call(_ value: inout Operand, isMethod: Bool) throws(Stop) {
        let path = value.path
        var arguments: [Operand] = []
        let text = self.firstText
        switch self.word {
        case .string:
            self.at += 1
            arguments = [Operand()]
        case .symbol("{"):
            try self.table()
            arguments = [Operand()]
        default:
            try self.expect(symbol: "(")
            if !self.isSymbol(")") { arguments = try self.expressions() }
            try self.expect(symbol: ")")
        }
        value = Operand(isCall: true, isOpen: true)
        let name = isMethod ? nil : path.flatMap(Self.functionName)
        if self.functionDepth == 0 { self.facts.callsAtLoad.append(name) }
        guard let path, let name else { return }
        let isOpen = arguments.last?.isOpen ?? false
        self.facts.calls.append(
            LuaFacts.Call(
                name: name, span: path.span.lowerBound..<self.end(of: path), arguments: arguments.count, isOpen: isOpen,
                text: text))
        value.callee = name
        value.argument = arguments.count == 1 ? arguments[0].path : nil
    }

    /// `"name"` where `("name"` or `"name"` stands, and nothing is done with it.
    private var firstText: (value: String, span: LuaFacts.Span)? {
        let place = self.isSymbol("(") ? self.at + 1 : self.at
        guard place + 1 < self.tokens.count, case .string(let text?) = self.tokens[place].word else { return nil }
        let next = self.tokens[place + 1].word
        guard place == self.at || next == .symbol(",") || next == .symbol(")") else { return nil }
        return (text, self.tokens[place].start..<self.tokens[place].end)
    }

    private func end(of path: LuaFacts.Path) -> Int {
        if case .name(_, let span)? = path.keys.last { span.upperBound } else { path.span.upperBound }
    }

    /// `now`, `string.format`; nil for what is no global.
    private static func functionName(_ path: LuaFacts.Path) -> String? {
        guard case .global(let root) = path.root else { return nil }
        var name = root
        for key in path.keys {
            guard case .name(let text, _) = key else { return nil }
            name += ".\(text)"
        }
        return name
    }
}
