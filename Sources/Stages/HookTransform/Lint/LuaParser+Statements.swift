// SPDX-License-Identifier: Apache-2.0

extension LuaParser {
    /// Statements up to what ends a block.
    mutating func block() throws(Stop) {
        while !self.endsBlock {
            if self.take(keyword: "return") {
                if !self.endsBlock && !self.isSymbol(";") { _ = try self.expressions() }
                _ = self.take(symbol: ";")
                guard self.endsBlock else { throw Stop() }
                return
            }
            try self.enter()
            try self.statement()
            self.leave()
        }
    }

    private var endsBlock: Bool {
        switch self.word {
        case .end: true
        case .keyword(let text): ["else", "elseif", "end", "until"].contains(text)
        default: false
        }
    }

    private mutating func scopedBlock() throws(Stop) {
        self.openScope()
        try self.block()
        self.closeScope()
    }

    private mutating func statement() throws(Stop) {
        switch self.word {
        case .symbol(";"): self.at += 1
        case .symbol("::"):
            self.at += 1
            _ = try self.name()
            try self.expect(symbol: "::")
        case .keyword(let text): try self.statement(keyword: text)
        default: try self.expressionStatement()
        }
    }

    private mutating func statement(keyword: String) throws(Stop) {
        self.at += 1
        switch keyword {
        case "if": try self.ifStatement()
        case "while":
            _ = try self.expression()
            try self.expect(keyword: "do")
            try self.scopedBlock()
            try self.expect(keyword: "end")
        case "do":
            try self.scopedBlock()
            try self.expect(keyword: "end")
        case "for": try self.forStatement()
        case "repeat":
            // The condition sees the locals of the block.
            self.openScope()
            try self.block()
            try self.expect(keyword: "until")
            _ = try self.expression()
            self.closeScope()
        case "function": try self.functionStatement()
        case "local":
            if self.take(keyword: "function") { try self.localFunction() } else { try self.localVariables() }
        case "goto": _ = try self.name()
        case "break": break
        default: throw Stop()
        }
    }

    private mutating func ifStatement() throws(Stop) {
        repeat {
            _ = try self.expression()
            try self.expect(keyword: "then")
            try self.scopedBlock()
        } while self.take(keyword: "elseif")
        if self.take(keyword: "else") { try self.scopedBlock() }
        try self.expect(keyword: "end")
    }

    private mutating func forStatement() throws(Stop) {
        var names = [try self.name()]
        if self.take(symbol: "=") {
            _ = try self.expressions()
            try self.forBody(names, over: nil)
            return
        }
        while self.take(symbol: ",") { names.append(try self.name()) }
        try self.expect(keyword: "in")
        let values = try self.expressions()
        try self.forBody(names, over: values.first)
    }

    /// `for place, line in ipairs(event.data.lines)` gives `line` the elements of the list.
    private mutating func forBody(
        _ names: [(text: String, span: LuaFacts.Span)], over values: Operand?
    ) throws(Stop) {
        try self.expect(keyword: "do")
        self.openScope()
        let locals = names.map { self.declare($0.text, $0.span, .loop) }
        if let values, values.callee == "ipairs", let list = values.argument, locals.count > 1 {
            self.facts.locals[locals[1]].alias = LuaFacts.Path(
                root: list.root, keys: list.keys + [.element], span: list.span)
        }
        try self.block()
        self.closeScope()
        try self.expect(keyword: "end")
    }

    private mutating func functionStatement() throws(Stop) {
        let (name, span) = try self.name()
        var last = name
        var keys: [LuaFacts.Key] = []
        var isMethod = false
        while !isMethod, self.isSymbol(".") || self.isSymbol(":") {
            isMethod = self.isSymbol(":")
            self.at += 1
            let (key, place) = try self.name()
            last = key
            keys.append(.name(key, place))
        }
        if let local = self.local(name) {
            if keys.isEmpty {
                self.facts.locals[local].isWrittenAgain = true
            } else {
                self.facts.locals[local].isRead = true
            }
        } else if keys.isEmpty {
            self.facts.writes.append(LuaFacts.GlobalWrite(name: name, span: span, depth: self.functionDepth))
        } else {
            self.read(global: name, span, .needed)
            let path = LuaFacts.Path(root: .global(name), keys: keys, span: span)
            self.facts.paths.append(LuaFacts.PathUse(path: path, isWrite: true))
        }
        let parameters = try self.functionBody(isMethod: isMethod)
        self.note(function: last, parameters)
    }

    private mutating func localFunction() throws(Stop) {
        let (name, span) = try self.name()
        // It sees itself.
        _ = self.declare(name, span, .function)
        let parameters = try self.functionBody(isMethod: false)
        self.note(function: name, parameters)
    }

    private mutating func localVariables() throws(Stop) {
        var names: [(text: String, span: LuaFacts.Span)] = []
        var closing: Set<Int> = []
        repeat {
            names.append(try self.name())
            if self.take(symbol: "<") {
                if try self.name().text == "close" { closing.insert(names.count - 1) }
                try self.expect(symbol: ">")
            }
        } while self.take(symbol: ",")
        let values = self.take(symbol: "=") ? try self.expressions() : []
        for (place, (name, span)) in names.enumerated() {
            let local = self.declare(name, span, .variable)
            // Closing it is its use.
            self.facts.locals[local].isRead = closing.contains(place)
            guard place < values.count else { continue }
            self.facts.locals[local].alias = values[place].path
            if let parameters = values[place].function { self.note(function: name, parameters) }
        }
    }

    /// An assignment or a call.
    private mutating func expressionStatement() throws(Stop) {
        var targets = [try self.suffixed()]
        guard self.isSymbol("=") || self.isSymbol(",") else {
            guard targets[0].isCall else { throw Stop() }
            self.finish(targets[0])
            return
        }
        while self.take(symbol: ",") { targets.append(try self.suffixed()) }
        try self.expect(symbol: "=")
        for target in targets { try self.assign(to: target) }
        let values = try self.expressions()
        for (target, value) in zip(targets, values) {
            if let name = target.lastName, let parameters = value.function { self.note(function: name, parameters) }
        }
    }

    private mutating func assign(to target: Operand) throws(Stop) {
        guard !target.isCall, target.isPlace else { throw Stop() }
        guard let path = target.path else { return }
        if path.keys.isEmpty {
            switch path.root {
            case .local(let index): self.facts.locals[index].isWrittenAgain = true
            case .global(let name):
                self.facts.writes.append(
                    LuaFacts.GlobalWrite(name: name, span: path.span, depth: self.functionDepth))
            }
        } else {
            self.facts.paths.append(LuaFacts.PathUse(path: path, isWrite: true))
        }
    }
}
