// SPDX-License-Identifier: Apache-2.0

import HookCore

/// A test as bytes that are equal exactly where the tests are; the key under which equal predicates become one.
enum TestSpelling {
    static func append(_ test: ValueTest, to key: inout [UInt8]) {
        switch test {
        case .equals(let scalar):
            key.append(1)
            self.append(scalar, to: &key)
        case .equalsIgnoringCase(let text): self.append(2, text, to: &key)
        case .prefix(let text): self.append(3, text, to: &key)
        case .suffix(let text): self.append(4, text, to: &key)
        case .contains(let text): self.append(5, text, to: &key)
        case .glob(let text): self.append(6, text, to: &key)
        case .number(let comparison, let bound):
            self.append(7, comparison.rawValue, to: &key)
            self.append(.number(bound), to: &key)
        case .between(let low, let high):
            key.append(8)
            self.append(.number(low), to: &key)
            self.append(.number(high), to: &key)
        case .exists(let isThere): key.append(isThere ? 9 : 10)
        case .cidr(let blocks):
            self.append(11, blocks.map(\.description).joined(separator: " "), to: &key)
        case .anyOf(let tests): self.append(12, tests, to: &key)
        case .allOf(let tests): self.append(13, tests, to: &key)
        case .not(let test): self.append(14, [test], to: &key)
        case .elements(let quantifier, .value(let test)):
            self.append(15, quantifier.rawValue, to: &key)
            self.append(test, to: &key)
        case .elements(let quantifier, .object(let condition)):
            self.append(16, quantifier.rawValue, to: &key)
            self.append(condition, to: &key)
        }
    }

    private static func append(_ condition: Condition, to key: inout [UInt8]) {
        switch condition {
        case .and(let parts): self.append(17, parts, to: &key)
        case .or(let parts): self.append(18, parts, to: &key)
        case .not(let part): self.append(19, [part], to: &key)
        case .field(let path, let test, _):
            key.append(20)
            self.append(number: UInt64(path.keys.count), to: &key)
            for part in path.keys { self.append(21, part, to: &key) }
            self.append(test, to: &key)
        }
    }

    private static func append(_ tag: UInt8, _ parts: [Condition], to key: inout [UInt8]) {
        key.append(tag)
        self.append(number: UInt64(parts.count), to: &key)
        for part in parts { self.append(part, to: &key) }
    }

    private static func append(_ tag: UInt8, _ tests: [ValueTest], to key: inout [UInt8]) {
        key.append(tag)
        self.append(number: UInt64(tests.count), to: &key)
        for test in tests { self.append(test, to: &key) }
    }

    private static func append(_ tag: UInt8, _ text: String, to key: inout [UInt8]) {
        key.append(tag)
        self.append(number: UInt64(text.utf8.count), to: &key)
        key.append(contentsOf: text.utf8)
    }

    private static func append(_ scalar: JSONScalar, to key: inout [UInt8]) {
        switch scalar {
        case .null: key.append(0)
        case .bool(let value): key.append(value ? 2 : 1)
        case .string(let text): self.append(3, text, to: &key)
        case .number(let number):
            let (kind, bits) = NumberBits.of(number)
            key.append(4 + kind)
            self.append(number: bits, to: &key)
        }
    }

    private static func append(number: UInt64, to key: inout [UInt8]) {
        for place in 0..<8 { key.append(UInt8(truncatingIfNeeded: number >> UInt64(place * 8))) }
    }
}

/// A number as a kind and 64 bits, equal exactly where the numbers are.
enum NumberBits {
    static func of(_ number: JSONNumber) -> (kind: UInt8, bits: UInt64) {
        switch number {
        case .integer(let value): (0, UInt64(bitPattern: value))
        case .unsigned(let value): (1, value)
        case .double(let value): (2, value.bitPattern)
        }
    }
}
