// SPDX-License-Identifier: Apache-2.0

import HookCore

/// Reads from a condition by which keys it can be found.
///
/// The rule that everything here keeps: whenever the condition holds for an event, at least one of the keys is found by
/// a value of that event. Too many finds cost time, a missing one loses events.
enum AccessReader {
    /// Factors of `contains` and `glob` have this many bytes; shorter literals find too much.
    static let factorBytes = 4

    /// - Parameter paths: numbers the paths; elements of arrays bring new ones.
    static func access(of condition: Condition, _ paths: inout ProgramBuilder) -> Access {
        self.access(of: condition, below: nil, isNegated: false, &paths)
    }

    /// - Parameter array: where the paths begin, for conditions on the elements of an array.
    private static func access(
        of condition: Condition, below array: FieldPath?, isNegated: Bool, _ paths: inout ProgramBuilder
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

    private static func access(of test: ValueTest, at path: FieldPath, _ paths: inout ProgramBuilder) -> Access {
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
        case .number(let comparison, let bound): return self.interval(path, comparison, bound, &paths)
        case .between(let low, let high):
            return .key(.interval(path: paths.path(path), low: Interval.double(low), high: Interval.double(high)))
        case .cidr(let blocks): return self.blocks(blocks, path, &paths)
        case .equals(let scalar): return self.equal(scalar, path, &paths)
        case .equalsIgnoringCase, .prefix, .suffix, .contains, .glob: return self.text(test, path, &paths)
        }
    }

    private static func key(
        _ path: UInt32, _ kind: KeyHash.Class, _ bytes: some Sequence<UInt8>, _ probe: AccessKey.Probe
    ) -> Access {
        .key(.hash(KeyHash.of(path, kind, bytes), probe))
    }

    private static func reached(_ path: FieldPath, _ paths: inout ProgramBuilder) -> Access {
        let path = paths.path(path)
        return self.key(path, .reached, [], .reached(path: path))
    }

    private static func equal(_ scalar: JSONScalar, _ path: FieldPath, _ paths: inout ProgramBuilder) -> Access {
        let path = paths.path(path)
        let hash: UInt64 =
            switch scalar {
            case .null: KeyHash.literal(path, 0)
            case .bool(let value): KeyHash.literal(path, value ? 2 : 1)
            case .number(let number): KeyHash.number(path, number)
            case .string(let text): KeyHash.of(path, .text, text.utf8)
            }
        return .key(.hash(hash, .equal(path: path)))
    }

    private static func interval(
        _ path: FieldPath, _ comparison: ValueTest.Comparison, _ bound: JSONNumber, _ paths: inout ProgramBuilder
    ) -> Access {
        let double = Interval.double(bound)
        return switch comparison {
        case .gt, .gte: .key(.interval(path: paths.path(path), low: double, high: .infinity))
        case .lt, .lte: .key(.interval(path: paths.path(path), low: -.infinity, high: double))
        }
    }

    private static func blocks(_ blocks: [CIDR], _ path: FieldPath, _ paths: inout ProgramBuilder) -> Access {
        let path = paths.path(path)
        return .either(
            blocks.map { block in
                let masked = block.masked(to: block.prefix)
                return .key(.hash(KeyHash.block(path, masked), .block(path: path, length: masked.prefix)))
            })
    }

    private static func text(_ test: ValueTest, _ path: FieldPath, _ paths: inout ProgramBuilder) -> Access {
        let number = paths.path(path)
        switch test {
        case .equalsIgnoringCase(let text):
            return self.key(number, .folded, text.utf8.map(Bytes.fold), .folded(path: number))
        case .prefix(let text): return self.affixes(prefix: Array(text.utf8), suffix: [], inner: [], number)
        case .suffix(let text): return self.affixes(prefix: [], suffix: Array(text.utf8), inner: [], number)
        case .contains(let text): return self.affixes(prefix: [], suffix: [], inner: [Array(text.utf8)], number)
        case .glob(let pattern):
            let pieces = GlobPattern(pattern).pieces
            if pieces.count == 1 { return self.key(number, .text, pieces[0], .equal(path: number)) }
            return self.affixes(
                prefix: pieces[0], suffix: pieces[pieces.count - 1], inner: pieces.dropFirst().dropLast(), number)
        default: return .none
        }
    }

    private static func affixes(prefix: [UInt8], suffix: [UInt8], inner: some Sequence<[UInt8]>, _ path: UInt32)
        -> Access
    {
        var ways: [Access] = []
        if !prefix.isEmpty {
            ways.append(self.key(path, .prefix, prefix, .prefix(path: path, length: prefix.count)))
        }
        if !suffix.isEmpty {
            ways.append(self.key(path, .suffix, suffix.reversed(), .suffix(path: path, length: suffix.count)))
        }
        for literal in inner where literal.count >= Self.factorBytes {
            // One factor of each literal is enough; the last one avoids the beginnings that names share.
            ways.append(self.key(path, .factor, literal.suffix(Self.factorBytes), .factor(path: path)))
        }
        // Last: of equal costs the first counts, and this one finds every text.
        ways.append(self.key(path, .anyText, [], .anyText(path: path)))
        return .choice(ways)
    }
}
