// SPDX-License-Identifier: Apache-2.0

import HookCore

/// Reads from a condition by which keys it can be found.
///
/// The rule that everything here keeps: whenever the condition holds for an event, at least one of the keys is found by
/// a value of that event. Too many finds cost time, a missing one loses events.
enum AccessReader {
    /// Factors of `contains` and `glob` have this many bytes; shorter literals find too much.
    static let factorBytes = 4
    /// Factors of one literal that are counted.
    private static let factorsMax = 32

    /// - Parameter paths: numbers the paths; elements of arrays bring new ones.
    static func access(of condition: Condition, _ paths: inout PathBook) -> Access {
        self.access(of: condition, below: nil, isNegated: false, &paths)
    }

    /// - Parameter array: where the paths begin, for conditions on the elements of an array.
    private static func access(
        of condition: Condition, below array: FieldPath?, isNegated: Bool, _ paths: inout PathBook
    ) -> Access {
        switch condition {
        case .not(let part): return self.access(of: part, below: array, isNegated: !isNegated, &paths)
        case .and(let parts), .or(let parts):
            let accesses = parts.map { self.access(of: $0, below: array, isNegated: isNegated, &paths) }
            // De Morgan: a negated `and` is an `or` of negated parts.
            if case .and = condition, !isNegated { return .choice(accesses) }
            if case .or = condition, isNegated { return .choice(accesses) }
            return .either(accesses)
        case .field(let path, let test, _):
            if isNegated { return .none }
            let full = array.map { FieldPath($0.root, $0.keys + path.keys) } ?? path
            return self.access(of: test, at: full, &paths)
        }
    }

    private static func access(of test: ValueTest, at path: FieldPath, _ paths: inout PathBook) -> Access {
        switch test {
        case .exists(false): return .none
        case .exists(true), .not: return self.reached(path, &paths)
        case .anyOf(let tests): return .either(tests.map { self.access(of: $0, at: path, &paths) })
        case .allOf(let tests): return .choice(tests.map { self.access(of: $0, at: path, &paths) })
        // An array that has none may have no elements at all, but it is there.
        case .elements(.none, _): return self.reached(path, &paths)
        case .elements(_, .value(let test)):
            return .choice([self.access(of: test, at: path, &paths), self.reached(path, &paths)])
        case .elements(_, .object(let condition)):
            return .choice([
                self.access(of: condition, below: path, isNegated: false, &paths), self.reached(path, &paths),
            ])
        case .number(let comparison, let bound): return self.interval(paths.path(path), comparison, bound)
        case .between(let low, let high):
            return .key(.interval(path: paths.path(path), low: Interval.double(low), high: Interval.double(high)))
        case .cidr(let blocks):
            let number = paths.path(path)
            return .either(blocks.map { self.block($0, number, paths.seed) })
        case .equals(let scalar): return self.equal(scalar, paths.path(path), paths.seed)
        case .equalsIgnoringCase(let text): return self.folded(text, paths.path(path), paths.seed)
        case .prefix(let text): return self.affixes(prefix: Array(text.utf8), paths.path(path), paths.seed)
        case .suffix(let text): return self.affixes(suffix: Array(text.utf8), paths.path(path), paths.seed)
        case .contains(let text): return self.affixes(inner: [Array(text.utf8)], paths.path(path), paths.seed)
        case .glob(let pattern): return self.glob(pattern, paths.path(path), paths.seed)
        }
    }

    // MARK: Patterns

    /// The keys of the alternatives of a pattern.
    static func access(of clauses: [PatternClause], _ paths: inout PathBook) -> Access {
        .either(
            clauses.map { clause in
                .choice(
                    clause.fields.map { field in
                        guard let test = field.test else { return .none }
                        return self.access(of: test, paths.path(field.path), paths.seed)
                    })
            })
    }

    private static func access(of test: PatternTest, _ path: UInt32, _ seed: UInt64) -> Access {
        switch test {
        case .exists, .not: return self.key(path, .reached, 0, seed)
        case .anyOf(let tests):
            return tests.count == 1
                ? self.access(of: tests[0], path, seed) : .either(tests.map { self.access(of: $0, path, seed) })
        case .allOf(let tests): return self.all(tests, path, seed)
        case .number(let comparison, let bound): return self.interval(path, comparison, bound)
        case .cidr(let block): return self.block(block, path, seed)
        case .equals(let scalar): return self.equal(scalar, path, seed)
        case .equalsIgnoringCase(let text): return self.folded(text, path, seed)
        case .prefix(let text): return self.affixes(prefix: Array(text.utf8), path, seed)
        case .suffix(let text): return self.affixes(suffix: Array(text.utf8), path, seed)
        case .prefixIgnoringCase(let text):
            return self.affixes(prefix: text.utf8.map(Bytes.fold), isFolded: true, path, seed)
        case .suffixIgnoringCase(let text):
            return self.affixes(suffix: text.utf8.map(Bytes.fold), isFolded: true, path, seed)
        case .wildcard(let pattern): return self.glob(pattern, path, seed)
        }
    }

    /// One value passes all: two bounds of it are one interval.
    private static func all(_ tests: [PatternTest], _ path: UInt32, _ seed: UInt64) -> Access {
        if tests.count == 2, case .number(_, let low) = tests[0], case .number(.lt, let high) = tests[1] {
            return .key(.interval(path: path, low: Interval.double(low), high: Interval.double(high)))
        }
        if tests.count == 2, case .number(_, let low) = tests[0], case .number(.lte, let high) = tests[1] {
            return .key(.interval(path: path, low: Interval.double(low), high: Interval.double(high)))
        }
        return .choice(tests.map { self.access(of: $0, path, seed) })
    }

    // MARK: Keys

    private static func key(
        _ path: UInt32, _ kind: KeyHash.Class, _ value: UInt64, _ seed: UInt64, length: Int = 0
    ) -> Access {
        .key(
            .hash(
                KeyHash.key(path, kind, value, seed),
                AccessKey.Probe(path: path, kind: kind, length: UInt32(length))))
    }

    private static func reached(_ path: FieldPath, _ paths: inout PathBook) -> Access {
        self.key(paths.path(path), .reached, 0, paths.seed)
    }

    private static func equal(_ scalar: JSONScalar, _ path: UInt32, _ seed: UInt64) -> Access {
        switch scalar {
        // The kinds of `match_kind`.
        case .null: self.key(path, .literal, 0, seed)
        case .bool(let value): self.key(path, .literal, value ? 2 : 1, seed)
        case .number(let number): self.key(path, .number, KeyHash.number(number, seed), seed)
        case .string(let text): self.key(path, .text, KeyHash.text(text.utf8, seed), seed)
        }
    }

    private static func folded(_ text: String, _ path: UInt32, _ seed: UInt64) -> Access {
        self.key(path, .folded, KeyHash.text(text.utf8.map(Bytes.fold), seed), seed)
    }

    private static func interval(
        _ path: UInt32, _ comparison: ValueTest.Comparison, _ bound: JSONNumber
    ) -> Access {
        let double = Interval.double(bound)
        return switch comparison {
        case .gt, .gte: .key(.interval(path: path, low: double, high: .infinity))
        case .lt, .lte: .key(.interval(path: path, low: -.infinity, high: double))
        }
    }

    private static func block(_ block: CIDR, _ path: UInt32, _ seed: UInt64) -> Access {
        let masked = block.masked(to: block.prefix)
        return self.key(path, .block, KeyHash.block(masked, seed), seed, length: masked.prefix)
    }

    private static func glob(_ pattern: String, _ path: UInt32, _ seed: UInt64) -> Access {
        let pieces = GlobPattern(pattern).pieces
        if pieces.count == 1 { return self.key(path, .text, KeyHash.text(pieces[0], seed), seed) }
        return self.affixes(
            prefix: pieces[0], suffix: pieces[pieces.count - 1], inner: Array(pieces.dropFirst().dropLast()), path, seed
        )
    }

    private static func affixes(
        prefix: [UInt8] = [], suffix: [UInt8] = [], inner: [[UInt8]] = [], isFolded: Bool = false, _ path: UInt32,
        _ seed: UInt64
    ) -> Access {
        var ways: [Access] = []
        if !prefix.isEmpty {
            let kind: KeyHash.Class = isFolded ? .foldedPrefix : .prefix
            ways.append(self.key(path, kind, KeyHash.text(prefix, seed), seed, length: prefix.count))
        }
        if !suffix.isEmpty {
            let kind: KeyHash.Class = isFolded ? .foldedSuffix : .suffix
            ways.append(self.key(path, kind, KeyHash.text(suffix, seed), seed, length: suffix.count))
        }
        for literal in inner where literal.count >= Self.factorBytes {
            // One factor of each literal is enough, the rarest; from the end on, since names share beginnings.
            let last = literal.count - Self.factorBytes
            for start in stride(from: last, through: max(0, last - Self.factorsMax + 1), by: -1) {
                let factor = KeyHash.factor(literal[start..<start + Self.factorBytes], seed)
                ways.append(self.key(path, .factor, factor, seed))
            }
        }
        // Last: of equal costs the first counts, and this one finds every text.
        ways.append(self.key(path, .anyText, 0, seed))
        return .choice(ways)
    }
}
