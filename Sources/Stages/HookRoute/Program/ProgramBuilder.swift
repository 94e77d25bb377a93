// SPDX-License-Identifier: Apache-2.0
// From the condition trees of the specification to a ``Program``. Equal tests on equal paths become one predicate.

import HookCore

/// Compiles conditions one after the other into one program.
struct ProgramBuilder {
    private(set) var program = Program()
    private var pathNumbers: [FieldPath.Spelling: UInt32] = [:]
    private var predicateNumbers: [[UInt8]: UInt32] = [:]
    private var literals: [[UInt8]: Extent] = [:]

    /// Where a condition stands: on the event, or on an element of an array.
    private enum Scope { case event, element }

    /// Compiles a condition on the event and gives its node.
    mutating func condition(_ condition: Condition) -> UInt32 { self.condition(condition, .event) }

    /// Makes the path known, so that reading an event fetches its values.
    mutating func path(_ path: FieldPath) -> UInt32 {
        let spelling = FieldPath.Spelling(path)
        if let known = self.pathNumbers[spelling] { return known }
        let number = UInt32(self.program.paths.count)
        self.pathNumbers[spelling] = number
        self.program.paths.append(path)
        self.register(path, number)
        return number
    }

    /// The predicate of a test on a path of the event.
    mutating func predicate(_ path: FieldPath, _ test: ValueTest) -> UInt32 {
        let path = self.path(path)
        var key = Self.bytes(of: path)
        TestSpelling.append(test, to: &key)
        if let known = self.predicateNumbers[key] {
            self.program.predicates[Int(known)].uses += 1
            return known
        }
        let number = UInt32(self.program.predicates.count)
        self.predicateNumbers[key] = number
        let node = self.test(test)
        self.program.predicates.append(Predicate(path: path, test: node, uses: 1))
        return number
    }

    private static func bytes(of number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32($0 * 8)) }
    }

    private mutating func register(_ path: FieldPath, _ number: UInt32) {
        switch path.root {
        case .data:
            let node = self.program.trie.insert(path.keys)
            self.program.trie.setPath(number, at: node)
        case .headers where path.keys.count == 1:
            self.program.headers.append(NamedPath(name: Array(path.keys[0].utf8), path: number))
        case .query where path.keys.count == 1:
            self.program.parameters.append(NamedPath(name: Array(path.keys[0].utf8), path: number))
        case .headers, .query: break
        case .source, .type, .version, .id, .subject, .method, .path:
            if path.keys.isEmpty { self.program.attributes.append(AttributePath(root: path.root, path: number)) }
        }
    }

    // MARK: Conditions

    private mutating func condition(_ condition: Condition, _ scope: Scope) -> UInt32 {
        switch condition {
        case .and(let parts):
            if parts.count == 1 { return self.condition(parts[0], scope) }
            let nodes = parts.map { self.condition($0, scope) }
            return self.append(.and(self.conditionList(nodes)))
        case .or(let parts):
            if parts.count == 1 { return self.condition(parts[0], scope) }
            let nodes = parts.map { self.condition($0, scope) }
            return self.append(.or(self.conditionList(nodes)))
        case .not(let part): return self.append(.not(self.condition(part, scope)))
        case .field(let path, let test, _):
            switch scope {
            case .event: return self.append(.predicate(self.predicate(path, test)))
            case .element:
                let relative = self.relativePath(path.keys)
                return self.append(.below(path: relative, test: self.test(test)))
            }
        }
    }

    private mutating func append(_ node: ConditionNode) -> UInt32 {
        self.program.conditions.append(node)
        return UInt32(self.program.conditions.count - 1)
    }

    private mutating func conditionList(_ nodes: [UInt32]) -> Extent {
        let start = UInt32(self.program.conditionLists.count)
        self.program.conditionLists.append(contentsOf: nodes)
        return Extent(start: start, end: UInt32(self.program.conditionLists.count))
    }

    private mutating func relativePath(_ keys: [String]) -> UInt32 {
        let pieces = keys.map { self.literal(Array($0.utf8)) }
        self.program.relativePaths.append(self.pieceList(pieces))
        return UInt32(self.program.relativePaths.count - 1)
    }

    // MARK: Tests

    private mutating func test(_ test: ValueTest) -> UInt32 {
        let node = self.node(test)
        self.program.tests.append(node)
        return UInt32(self.program.tests.count - 1)
    }

    private mutating func node(_ test: ValueTest) -> TestNode {
        switch test {
        case .equals(.null): .null
        case .equals(.bool(let value)): .bool(value)
        case .equals(.number(let value)): .number(value)
        case .equals(.string(let text)): .string(self.literal(Array(text.utf8)))
        case .equalsIgnoringCase(let text): .folded(self.literal(text.utf8.map(Bytes.fold)))
        case .prefix(let text): .prefix(self.literal(Array(text.utf8)))
        case .suffix(let text): .suffix(self.literal(Array(text.utf8)))
        case .contains(let text): .contains(self.literal(Array(text.utf8)))
        case .glob(let pattern): .glob(self.pieces(GlobPattern(pattern)))
        case .number(let comparison, let bound): .compare(comparison, bound)
        case .between(let low, let high): .between(low, high)
        case .exists(let isThere): .exists(isThere)
        case .cidr(let blocks): .cidr(self.blockList(blocks))
        case .anyOf(let tests): self.anyOf(tests)
        case .allOf(let tests): .allOf(self.testList(tests))
        case .not(let test): .not(self.test(test))
        case .elements(let quantifier, .value(let test)): .elements(quantifier, .value(self.test(test)))
        case .elements(let quantifier, .object(let condition)):
            .elements(quantifier, .object(self.condition(condition, .element)))
        }
    }

    /// A list of at least this many strings is sorted and searched.
    private static let searchedListMin = 8

    private mutating func anyOf(_ tests: [ValueTest]) -> TestNode {
        let texts: [[UInt8]] = tests.compactMap { test in
            if case .equals(.string(let text)) = test { Array(text.utf8) } else { nil }
        }
        guard texts.count == tests.count, texts.count >= Self.searchedListMin else {
            return .anyOf(self.testList(tests))
        }
        let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
        return .oneOfStrings(self.pieceList(sorted.map { self.literal($0) }))
    }

    private mutating func testList(_ tests: [ValueTest]) -> Extent {
        let nodes = tests.map { self.test($0) }
        let start = UInt32(self.program.testLists.count)
        self.program.testLists.append(contentsOf: nodes)
        return Extent(start: start, end: UInt32(self.program.testLists.count))
    }

    private mutating func blockList(_ blocks: [CIDR]) -> Extent {
        let start = UInt32(self.program.blocks.count)
        self.program.blocks.append(contentsOf: blocks)
        return Extent(start: start, end: UInt32(self.program.blocks.count))
    }

    private mutating func pieces(_ glob: GlobPattern) -> Extent {
        self.pieceList(glob.pieces.map { self.literal($0) })
    }

    private mutating func pieceList(_ pieces: [Extent]) -> Extent {
        let start = UInt32(self.program.pieces.count)
        self.program.pieces.append(contentsOf: pieces)
        return Extent(start: start, end: UInt32(self.program.pieces.count))
    }

    private mutating func literal(_ bytes: [UInt8]) -> Extent {
        if let known = self.literals[bytes] { return known }
        let start = UInt32(self.program.bytes.count)
        self.program.bytes.append(contentsOf: bytes)
        let extent = Extent(start: start, end: UInt32(self.program.bytes.count))
        self.literals[bytes] = extent
        return extent
    }
}

extension FieldPath {
    /// The path by bytes: `Hashable` of `String` would take two keys for one that only render alike.
    struct Spelling: Hashable {
        private let bytes: [UInt8]

        init(_ path: FieldPath) {
            var bytes = Array(path.root.rawValue.utf8)
            for key in path.keys {
                // 0xFF occurs in no UTF-8 text.
                bytes.append(0xFF)
                bytes.append(contentsOf: key.utf8)
            }
            self.bytes = bytes
        }
    }
}
