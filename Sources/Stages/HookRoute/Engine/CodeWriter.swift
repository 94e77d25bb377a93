// SPDX-License-Identifier: Apache-2.0
// From condition trees to the words that the hot loop reads (see `match_operation` in CMatch): what one route asks for
// stands in one piece, so that checking it touches a cache line or two.

import CMatch
import HookCore

/// Writes conditions one behind the other.
struct CodeWriter {
    private(set) var words: ContiguousArray<UInt32> = []
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    /// Writes a condition on the event; where it begins.
    mutating func condition(_ condition: Condition, _ paths: inout PathBook) -> UInt32 {
        let start = UInt32(self.words.count)
        self.write(condition, .event, &paths)
        return start
    }

    /// Where a condition stands: on the event, or on an element of an array.
    private enum Scope { case event, element }

    private mutating func node(_ operation: match_operation, _ operands: (inout Self) -> Void) {
        let head = self.words.count
        self.words.append(operation.rawValue)
        operands(&self)
        // A node of 2^24 words would come from a route file far beyond its limit of size.
        precondition(self.words.count - head < 1 << 24, "a condition fits its words")
        self.words[head] |= UInt32(self.words.count - head) << 8
    }

    private mutating func write(_ condition: Condition, _ scope: Scope, _ paths: inout PathBook) {
        switch condition {
        case .and(let parts):
            if parts.count == 1 { return self.write(parts[0], scope, &paths) }
            self.node(MATCH_AND) { writer in for part in parts { writer.write(part, scope, &paths) } }
        case .or(let parts):
            if parts.count == 1 { return self.write(parts[0], scope, &paths) }
            self.node(MATCH_OR) { writer in for part in parts { writer.write(part, scope, &paths) } }
        case .not(let part): self.node(MATCH_NOT) { $0.write(part, scope, &paths) }
        case .field(let path, let test, _):
            switch scope {
            case .event:
                let number = paths.path(path)
                self.node(MATCH_FIELD) { writer in
                    writer.words.append(number)
                    writer.write(test, &paths)
                }
            case .element: self.below(path.keys, test, &paths)
            }
        }
    }

    private mutating func below(_ keys: [String], _ test: ValueTest, _ paths: inout PathBook) {
        self.node(MATCH_BELOW) { writer in
            writer.words.append(UInt32(keys.count))
            let size = writer.words.count
            writer.words.append(0)
            for key in keys { writer.text(key.utf8) }
            writer.words[size] = UInt32(writer.words.count - size - 1)
            writer.write(test, &paths)
        }
    }

    // MARK: Tests

    private mutating func write(_ test: ValueTest, _ paths: inout PathBook) {
        switch test {
        case .equals(let scalar): self.equals(scalar)
        case .equalsIgnoringCase(let text): self.text(MATCH_IS_FOLDED, text.utf8.map(Bytes.fold))
        case .prefix(let text): self.text(MATCH_HAS_PREFIX, text.utf8)
        case .suffix(let text): self.text(MATCH_HAS_SUFFIX, text.utf8)
        case .contains(let text): self.text(MATCH_CONTAINS, text.utf8)
        case .glob(let pattern): self.glob(pattern)
        case .number(let comparison, let bound): self.compare(comparison, bound)
        case .between(let low, let high): self.between(low, high)
        case .exists(let isThere): self.node(MATCH_EXISTS) { $0.words.append(isThere ? 1 : 0) }
        case .cidr(let blocks): self.cidr(blocks)
        case .anyOf(let tests):
            if self.oneOf(tests) { return }
            self.node(MATCH_ANY_OF) { writer in for test in tests { writer.write(test, &paths) } }
        case .allOf(let tests):
            self.node(MATCH_ALL_OF) { writer in for test in tests { writer.write(test, &paths) } }
        case .not(let test): self.node(MATCH_NOT_TEST) { $0.write(test, &paths) }
        case .elements(let quantifier, let element):
            self.node(MATCH_ELEMENTS) { writer in
                let number: UInt32 =
                    switch quantifier {
                    case .any: 0
                    case .all: 1
                    case .none: 2
                    case .some: 3
                    }
                switch element {
                case .value(let test):
                    writer.words.append(number)
                    writer.write(test, &paths)
                case .object(let condition):
                    writer.words.append(number | 256)
                    writer.write(condition, .element, &paths)
                }
            }
        }
    }

    mutating func equals(_ scalar: JSONScalar) {
        switch scalar {
        case .null: self.node(MATCH_IS_NULL) { _ in }
        case .bool(let value): self.node(MATCH_IS_BOOL) { $0.words.append(value ? 1 : 0) }
        case .number(let number):
            self.node(MATCH_IS_NUMBER) { writer in
                let (kind, bits) = NumberBits.of(number)
                writer.words.append(UInt32(kind))
                writer.wide(bits)
            }
        case .string(let text): self.text(MATCH_IS_TEXT, text.utf8)
        }
    }

    mutating func text(_ operation: match_operation, _ bytes: some Collection<UInt8>) {
        self.node(operation) { $0.text(bytes) }
    }

    mutating func glob(_ pattern: String) {
        let pieces = GlobPattern(pattern).pieces
        self.node(MATCH_GLOB) { writer in
            writer.words.append(UInt32(pieces.count))
            for piece in pieces { writer.text(piece) }
        }
    }

    mutating func compare(_ comparison: ValueTest.Comparison, _ bound: JSONNumber) {
        self.node(MATCH_COMPARE) { writer in
            let number: UInt32 =
                switch comparison {
                case .gt: 0
                case .gte: 1
                case .lt: 2
                case .lte: 3
                }
            let (kind, bits) = NumberBits.of(bound)
            writer.words.append(number)
            writer.words.append(UInt32(kind))
            writer.wide(bits)
        }
    }

    private mutating func between(_ low: JSONNumber, _ high: JSONNumber) {
        self.node(MATCH_BETWEEN) { writer in
            let (one, other) = (NumberBits.of(low), NumberBits.of(high))
            writer.words.append(UInt32(one.kind) | UInt32(other.kind) << 8)
            writer.wide(one.bits)
            writer.wide(other.bits)
        }
    }

    mutating func cidr(_ blocks: [CIDR]) {
        self.node(MATCH_CIDR) { writer in
            writer.words.append(UInt32(blocks.count))
            for block in blocks {
                let masked = block.masked(to: block.prefix)
                writer.words.append(UInt32(truncatingIfNeeded: masked.prefix))
                writer.wide(masked.high)
                writer.wide(masked.low)
            }
        }
    }

    /// Texts alone are looked up by hash; false where there is anything else, and nothing was written.
    private mutating func oneOf(_ tests: [ValueTest]) -> Bool {
        var texts: [[UInt8]] = []
        for test in tests {
            guard case .equals(.string(let text)) = test else { return false }
            texts.append(Array(text.utf8))
        }
        guard texts.count > 1 else { return false }
        self.oneOf(texts)
        return true
    }

    mutating func oneOf(_ texts: [[UInt8]]) {
        let sorted = texts.map { (hash: KeyHash.text($0, self.seed), text: $0) }.sorted { $0.hash < $1.hash }
        self.node(MATCH_ONE_OF) { writer in
            let head = writer.words.count - 1
            writer.words.append(UInt32(sorted.count))
            for (hash, _) in sorted { writer.wide(hash) }
            let places = writer.words.count
            for _ in sorted { writer.words.append(0) }
            for (number, entry) in sorted.enumerated() {
                writer.words[places + number] = UInt32(writer.words.count - head)
                writer.text(entry.text)
            }
        }
    }

    // MARK: Words

    private mutating func wide(_ value: UInt64) {
        self.words.append(UInt32(truncatingIfNeeded: value))
        self.words.append(UInt32(truncatingIfNeeded: value >> 32))
    }

    /// The length, then the bytes, four a word, the first one lowest.
    private mutating func text(_ bytes: some Collection<UInt8>) {
        self.words.append(UInt32(bytes.count))
        var word: UInt32 = 0
        var filled: UInt32 = 0
        for byte in bytes {
            word |= UInt32(byte) << (filled * 8)
            filled += 1
            if filled == 4 {
                self.words.append(UInt32(littleEndian: word))
                (word, filled) = (0, 0)
            }
        }
        if filled > 0 { self.words.append(UInt32(littleEndian: word)) }
    }
}

// Patterns of EventBridge.
extension CodeWriter {
    /// Writes a pattern; where it begins.
    mutating func pattern(_ clauses: [PatternClause], _ paths: inout PathBook) -> UInt32 {
        let start = UInt32(self.words.count)
        if clauses.count == 1 {
            self.clause(clauses[0], &paths)
        } else {
            self.node(MATCH_OR) { writer in for clause in clauses { writer.clause(clause, &paths) } }
        }
        return start
    }

    private mutating func clause(_ clause: PatternClause, _ paths: inout PathBook) {
        self.node(MATCH_TOGETHER) { writer in
            writer.words.append(UInt32(clause.fields.count))
            for field in clause.fields {
                writer.words.append(paths.path(field.path))
                writer.words.append(field.test == nil ? 1 : 0)
                if let test = field.test { writer.write(test) }
            }
        }
    }

    private mutating func write(_ test: PatternTest) {
        switch test {
        case .equals(let scalar): self.equals(scalar)
        case .equalsIgnoringCase(let text): self.text(MATCH_IS_FOLDED, text.utf8.map(Bytes.fold))
        case .prefix(let text): self.text(MATCH_HAS_PREFIX, text.utf8)
        case .suffix(let text): self.text(MATCH_HAS_SUFFIX, text.utf8)
        case .prefixIgnoringCase(let text): self.text(MATCH_HAS_FOLDED_PREFIX, text.utf8.map(Bytes.fold))
        case .suffixIgnoringCase(let text): self.text(MATCH_HAS_FOLDED_SUFFIX, text.utf8.map(Bytes.fold))
        case .wildcard(let pattern): self.glob(pattern)
        case .number(let comparison, let bound): self.compare(comparison, bound)
        case .cidr(let block): self.cidr([block])
        case .exists: self.node(MATCH_EXISTS) { $0.words.append(1) }
        case .anyOf(let tests):
            if tests.count == 1 { return self.write(tests[0]) }
            let texts: [[UInt8]] = tests.compactMap {
                if case .equals(.string(let text)) = $0 { Array(text.utf8) } else { nil }
            }
            if texts.count == tests.count { return self.oneOf(texts) }
            self.node(MATCH_ANY_OF) { writer in for test in tests { writer.write(test) } }
        case .allOf(let tests):
            if tests.count == 1 { return self.write(tests[0]) }
            self.node(MATCH_ALL_OF) { writer in for test in tests { writer.write(test) } }
        case .not(let test): self.node(MATCH_NOT_TEST) { $0.write(test) }
        }
    }
}
