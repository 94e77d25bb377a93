// SPDX-License-Identifier: Apache-2.0
// The grammar of EventBridge patterns over a parsed JSON text.

import HookCore

/// Reads the objects and lists of one pattern.
struct PatternReader {
    let document: JSONDocument

    /// Names of operators: an object with one of them is no alternative of `$or`.
    private static let operators: Set<String> = [
        "prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr",
    ]

    private func failure(_ reason: String, _ node: Int) -> PatternFailure {
        PatternFailure(reason: reason, offset: Int(self.document.nodes[node].start))
    }

    private func kind(_ node: Int) -> JSONKind { self.document.nodes[node].kind }

    private func text(_ node: Int) -> String { String(decoding: self.document.stringBytes(of: node), as: UTF8.self) }

    private func number(_ node: Int) -> JSONNumber { JSONNumber(text: self.document.text(of: node)) }

    /// Keys and values of an object.
    private func members(_ node: Int) -> [(key: String, value: Int)] {
        // A key stands right before its value.
        self.document.children(of: node).map { (self.text($0 - 1), $0) }
    }

    // MARK: Objects

    mutating func object(at node: Int) throws(PatternFailure) -> EventBridgePattern.Object {
        guard case .object = self.kind(node) else { throw self.failure("a pattern is an object", node) }
        let members = self.members(node)
        guard !members.isEmpty else { throw self.failure("the object is empty: name a field", node) }
        var object = EventBridgePattern.Object()
        for (key, value) in members {
            if key == "$or", self.isAlternatives(value) {
                var group: [EventBridgePattern.Object] = []
                for element in self.document.children(of: value) { group.append(try self.object(at: element)) }
                object.alternatives.append(group)
                continue
            }
            switch self.kind(value) {
            case .object: object.fields.append((key, .object(try self.object(at: value))))
            case .array: object.fields.append((key, try self.list(at: value)))
            default: throw self.failure("the values of \"\(key)\" must stand in a list", value)
            }
        }
        return object
    }

    /// Two or more objects that name fields. Anything else below `$or` is a field of that name, as in event-ruler.
    private func isAlternatives(_ node: Int) -> Bool {
        guard case .array = self.kind(node) else { return false }
        let elements = self.document.children(of: node)
        return elements.count >= 2
            && elements.allSatisfy { element in
                guard case .object = self.kind(element) else { return false }
                return !self.members(element).contains { Self.operators.contains($0.key) }
            }
    }

    // MARK: Lists

    private func list(at node: Int) throws(PatternFailure) -> EventBridgePattern.Value {
        let elements = self.document.children(of: node)
        guard !elements.isEmpty else { throw self.failure("an empty list matches nothing", node) }
        var tests: [PatternTest] = []
        var isPresent = false
        var orAbsent = false
        for element in elements {
            switch self.kind(element) {
            case .object:
                if let exists = try self.exists(element) {
                    if exists { isPresent = true } else { orAbsent = true }
                    if exists { tests.append(.exists) }
                } else {
                    tests.append(try self.operation(element))
                }
            case .array: throw self.failure("a list holds values and operators, no lists", element)
            default: tests.append(.equals(self.scalar(element)))
            }
        }
        if isPresent, orAbsent { throw self.failure("exists true or false holds always", node) }
        return .list(tests, orAbsent: orAbsent)
    }

    private func scalar(_ node: Int) -> JSONScalar {
        switch self.kind(node) {
        case .true: .bool(true)
        case .false: .bool(false)
        case .number: .number(self.number(node))
        case .string: .string(self.text(node))
        case .null, .array, .object: .null
        }
    }

    /// The operand where the object is an `exists`.
    private func exists(_ node: Int) throws(PatternFailure) -> Bool? {
        let (name, operand) = try self.single(node)
        guard name == "exists" else { return nil }
        switch self.kind(operand) {
        case .true: return true
        case .false: return false
        default: throw self.failure("exists takes true or false", operand)
        }
    }

    private func single(_ node: Int) throws(PatternFailure) -> (name: String, operand: Int) {
        let members = self.members(node)
        guard members.count == 1 else {
            throw self.failure(
                members.isEmpty ? "an operator is missing" : "an object in a list names one operator", node)
        }
        return (members[0].key, members[0].value)
    }

    // MARK: Operators

    private func operation(_ node: Int) throws(PatternFailure) -> PatternTest {
        let (name, operand) = try self.single(node)
        switch name {
        case "prefix": return try self.affix(operand, name, PatternTest.prefix, PatternTest.prefixIgnoringCase)
        case "suffix": return try self.affix(operand, name, PatternTest.suffix, PatternTest.suffixIgnoringCase)
        case "equals-ignore-case": return .equalsIgnoringCase(try self.string(operand, name))
        case "wildcard": return .wildcard(try self.wildcard(operand))
        case "numeric": return try self.numeric(operand)
        case "cidr": return .cidr(try self.block(operand))
        case "anything-but": return .not(try self.refused(operand))
        default: throw self.failure("no operator is called \"\(name)\"", node)
        }
    }

    private func string(_ node: Int, _ name: String) throws(PatternFailure) -> String {
        guard case .string = self.kind(node) else { throw self.failure("\(name) takes a text", node) }
        return self.text(node)
    }

    private func affix(
        _ node: Int, _ name: String, _ exact: (String) -> PatternTest, _ folded: (String) -> PatternTest
    ) throws(PatternFailure) -> PatternTest {
        guard case .object = self.kind(node) else { return exact(try self.string(node, name)) }
        let (inner, operand) = try self.single(node)
        guard inner == "equals-ignore-case" else {
            throw self.failure("\(name) takes a text or equals-ignore-case", node)
        }
        return folded(try self.string(operand, inner))
    }

    private func wildcard(_ node: Int) throws(PatternFailure) -> String {
        let text = try self.string(node, "wildcard")
        var isStar = false
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else {
                    throw self.failure("a backslash stands before * or \\ only", node)
                }
                (isEscaped, isStar) = (false, false)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                if byte == UInt8(ascii: "*"), isStar { throw self.failure("two stars say no more than one", node) }
                isStar = byte == UInt8(ascii: "*")
            }
        }
        if isEscaped { throw self.failure("a backslash stands before * or \\ only", node) }
        return text
    }

    private func block(_ node: Int) throws(PatternFailure) -> CIDR {
        guard let block = CIDR(try self.string(node, "cidr")) else {
            throw self.failure("this is no address block", node)
        }
        return block
    }

    /// `["=", 5]`, `["<", 5]`, `[">=", 1, "<", 5]`.
    private func numeric(_ node: Int) throws(PatternFailure) -> PatternTest {
        guard case .array = self.kind(node) else { throw self.failure("numeric takes a list", node) }
        let elements = self.document.children(of: node)
        guard elements.count == 2 || elements.count == 4 else {
            throw self.failure("numeric takes one comparison, or a lower and an upper bound", node)
        }
        var bounds: [(sign: String, number: JSONNumber)] = []
        for place in stride(from: 0, to: elements.count, by: 2) {
            guard case .number = self.kind(elements[place + 1]) else {
                throw self.failure("a comparison is with a number", elements[place + 1])
            }
            bounds.append((try self.string(elements[place], "numeric"), self.number(elements[place + 1])))
        }
        let tests = bounds.map { Self.comparison($0.sign, $0.number) }
        guard let first = tests[0] else { throw self.failure("comparisons are = < <= > >=", elements[0]) }
        if tests.count == 1 { return first }
        guard let second = tests[1], bounds[0].sign.hasPrefix(">"), bounds[1].sign.hasPrefix("<") else {
            throw self.failure("of two bounds the lower one comes first", node)
        }
        guard bounds[0].number < bounds[1].number else { throw self.failure("no number lies between the two", node) }
        return .allOf([first, second])
    }

    private static func comparison(_ sign: String, _ bound: JSONNumber) -> PatternTest? {
        switch sign {
        case "=": .equals(.number(bound))
        case "<": .number(.lt, bound)
        case "<=": .number(.lte, bound)
        case ">": .number(.gt, bound)
        case ">=": .number(.gte, bound)
        default: nil
        }
    }

    /// What `anything-but` does not want.
    private func refused(_ node: Int) throws(PatternFailure) -> PatternTest {
        switch self.kind(node) {
        case .array:
            let elements = self.document.children(of: node)
            guard !elements.isEmpty else { throw self.failure("an empty list refuses nothing", node) }
            var tests: [PatternTest] = []
            for element in elements {
                switch self.kind(element) {
                case .array, .object: throw self.failure("anything-but takes values", element)
                default: tests.append(.equals(self.scalar(element)))
                }
            }
            return .anyOf(tests)
        case .object:
            let (name, operand) = try self.single(node)
            var operands = [operand]
            if case .array = self.kind(operand) { operands = self.document.children(of: operand) }
            guard !operands.isEmpty else { throw self.failure("an empty list refuses nothing", operand) }
            var tests: [PatternTest] = []
            for operand in operands {
                switch name {
                case "prefix": tests.append(.prefix(try self.string(operand, name)))
                case "suffix": tests.append(.suffix(try self.string(operand, name)))
                case "equals-ignore-case": tests.append(.equalsIgnoringCase(try self.string(operand, name)))
                case "wildcard": tests.append(.wildcard(try self.wildcard(operand)))
                default: throw self.failure("anything-but knows no \"\(name)\"", node)
                }
            }
            return .anyOf(tests)
        default: return .equals(self.scalar(node))
        }
    }
}
