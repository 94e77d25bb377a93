// SPDX-License-Identifier: Apache-2.0
// An EventBridge pattern in the words of the route language. The two differ where arrays and objects come in: there a
// path means "some element" field by field, here the fields of one object mean one element; there `exists` counts
// objects and `not` means "no element". `some` says what is meant here.

package import HookCore

/// Why a pattern cannot be said as a route.
package struct ConditionFailure: Error, Sendable {
    package let reason: String
}

extension EventBridgePattern {
    /// What stands below `match:` of a route that means the same.
    package func conditions() throws(ConditionFailure) -> JSONValue {
        guard !self.clauses.isEmpty else { throw ConditionFailure(reason: "it can hold for no event") }
        var alternatives: [JSONValue] = []
        for clause in self.clauses {
            var root = FieldTree()
            for field in clause.fields { root.add(field, field.path.keys[...]) }
            alternatives.append(try root.conditions(below: "data"))
        }
        return alternatives.count == 1 ? alternatives[0] : ["any_of": .array(alternatives)]
    }
}

/// The fields of one clause by their keys.
private struct FieldTree {
    private var field: PatternField?
    private var children: [(key: String, tree: FieldTree)] = []

    mutating func add(_ field: PatternField, _ keys: ArraySlice<String>) {
        guard let key = keys.first else {
            self.field = field
            return
        }
        let place = self.children.firstIndex { $0.key.utf8.elementsEqual(key.utf8) } ?? self.children.count
        if place == self.children.count { self.children.append((key, FieldTree())) }
        self.children[place].tree.add(field, keys.dropFirst())
    }

    private var count: Int { self.field == nil ? self.children.reduce(0) { $0 + $1.tree.count } : 1 }

    /// Whether some field asks for something to be there, so that it chooses an element.
    private var isWanted: Bool {
        self.field.map { $0.test != nil } ?? self.children.contains { $0.tree.isWanted }
    }

    // MARK: Conditions

    /// - Parameter path: where the fields stand; nil for the element of an array.
    func conditions(below path: String?) throws(ConditionFailure) -> JSONValue {
        var members: [JSONValue.Member] = []
        var absent: [JSONValue] = []
        for (key, tree) in self.children {
            try tree.write(at: Self.joined(path, key), &members, &absent)
        }
        if absent.count == 1 { members.append(.init("not", absent[0])) }
        if absent.count > 1 { members.append(.init("not", .array(absent))) }
        return .object(members)
    }

    private func write(
        at path: String, _ members: inout [JSONValue.Member], _ absent: inout [JSONValue]
    ) throws(ConditionFailure) {
        if let field = self.field {
            if let test = field.test {
                members.append(.init(path, try PatternWords.test(test)))
            } else {
                absent.append(.object([.init(path, PatternWords.scalars)]))
            }
        } else if self.children.count > 1, self.isWanted {
            members.append(.init(path, ["some": try self.conditions(below: nil)]))
        } else {
            for (key, tree) in self.children { try tree.write(at: Self.joined(path, key), &members, &absent) }
        }
    }

    /// Operators and combinators of the route language: as keys of an element they stand in quotes.
    private static let taken: Set<String> = [
        "eq", "not", "in", "not_in", "prefix", "suffix", "contains", "glob", "iequals", "gt", "gte", "lt", "lte",
        "between", "exists", "cidr", "any", "all", "none", "some", "all_of", "any_of",
    ]

    private static func joined(_ path: String?, _ key: String) -> String {
        let isPlain =
            !key.isEmpty && !self.taken.contains(key)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
        let quoted = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let segment = isPlain ? key : "\"\(quoted)\""
        return path.map { "\($0).\(segment)" } ?? segment
    }
}

/// Tests of one scalar in the route language.
private enum PatternWords {
    /// Passes for every scalar and nothing else.
    static let scalars: JSONValue = [["glob": "**"], ["lt": 0], ["gte": 0], true, false, .null]

    static func test(_ test: PatternTest) throws(ConditionFailure) -> JSONValue {
        switch test {
        case .equals(let scalar): return try self.scalar(scalar)
        case .equalsIgnoringCase(let text): return ["iequals": .string(text)]
        case .prefix(let text): return ["prefix": .string(text)]
        case .suffix(let text): return ["suffix": .string(text)]
        case .prefixIgnoringCase, .suffixIgnoringCase:
            throw ConditionFailure(reason: "the route language has no prefix or suffix without regard to case")
        case .wildcard(let pattern): return ["glob": .string(pattern)]
        case .number(let comparison, let bound): return .object([.init(comparison.rawValue, try self.number(bound))])
        case .cidr(let block): return ["cidr": .string(block.description)]
        case .exists: return self.scalars
        case .anyOf(let tests):
            if tests.count == 1 { return try self.test(tests[0]) }
            var parts: [JSONValue] = []
            for test in tests {
                // A list in a list says no more than its values.
                let part = try self.test(test)
                if case .array(let inner) = part { parts += inner } else { parts.append(part) }
            }
            return .array(parts)
        case .allOf(let tests): return try self.all(tests)
        case .not(let test):
            // Every scalar but these; an object is no scalar.
            return ["some": .object([.init("not", try self.test(test)), .init("some", self.scalars)])]
        }
    }

    /// Several tests of one value: two operators beside each other would each be met by another element.
    private static func all(_ tests: [PatternTest]) throws(ConditionFailure) -> JSONValue {
        if tests.count == 1 { return try self.test(tests[0]) }
        var members: [JSONValue.Member] = []
        for test in tests {
            guard case .object(let operators) = try self.test(test), operators.count == 1,
                !members.contains(where: { $0.key == operators[0].key })
            else { throw ConditionFailure(reason: "the route language cannot ask one field in two ways at once") }
            members.append(operators[0])
        }
        return ["some": .object(members)]
    }

    private static func scalar(_ scalar: JSONScalar) throws(ConditionFailure) -> JSONValue {
        switch scalar {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .string(let text): return .string(text)
        case .number(let number): return try self.number(number)
        }
    }

    private static func number(_ number: JSONNumber) throws(ConditionFailure) -> JSONValue {
        switch number {
        case .integer(let value): return .int(value)
        case .unsigned(let value): return .int(value)
        case .double(let value):
            guard value.isFinite else { throw ConditionFailure(reason: "a number is beyond what can be compared") }
            return .number("\(value)")
        }
    }
}
