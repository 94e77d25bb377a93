// SPDX-License-Identifier: Apache-2.0
// What a condition needs of an event before it can hold, as keys that the event's values can be looked up by.

import HookCore

/// One thing that a value can be found by: a class of comparison on a path, and the bytes it takes.
enum AccessKey: Hashable {
    /// A 64-bit hash of path, class and bytes. Two keys with one hash only cost a needless check.
    case hash(UInt64, Probe)
    /// A number between the two, both included, on a path.
    case interval(path: UInt32, low: Double, high: Double)

    /// How values of a path have to be looked up for a key.
    enum Probe: Hashable {
        case equal(path: UInt32)
        case folded(path: UInt32)
        case prefix(path: UInt32, length: Int)
        case suffix(path: UInt32, length: Int)
        case factor(path: UInt32)
        case block(path: UInt32, length: Int)
        case reached(path: UInt32)
        case anyText(path: UInt32)

        var path: UInt32 {
            switch self {
            case .equal(let path), .folded(let path), .prefix(let path, _), .suffix(let path, _), .factor(let path),
                .block(let path, _), .reached(let path), .anyText(let path):
                path
            }
        }

        /// How often a value of the path finds *some* key of this class, by guess: 1 for every value.
        var isCertain: Bool {
            switch self {
            case .reached, .anyText: true
            default: false
            }
        }
    }
}

/// The hashes of keys; the same functions serve building and probing.
enum KeyHash {
    enum Class: UInt64 { case text = 1, number, literal, folded, prefix, suffix, factor, block, reached, anyText }

    static func begin(_ path: UInt32, _ kind: Class) -> UInt64 {
        ByteHash.finish(UInt64(path) << 8 | kind.rawValue) ^ ByteHash.seed
    }

    static func of(_ path: UInt32, _ kind: Class, _ bytes: some Sequence<UInt8>) -> UInt64 {
        ByteHash.finish(bytes.reduce(self.begin(path, kind), ByteHash.step))
    }

    static func number(_ path: UInt32, _ number: JSONNumber) -> UInt64 {
        let (kind, bits) = NumberBits.of(number)
        return ByteHash.finish(self.begin(path, .number) ^ ByteHash.finish(bits ^ UInt64(kind) << 62))
    }

    /// 0 null, 1 false, 2 true.
    static func literal(_ path: UInt32, _ which: UInt64) -> UInt64 {
        ByteHash.finish(self.begin(path, .literal) ^ which)
    }

    static func block(_ path: UInt32, _ block: CIDR) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: block.prefix)
        return ByteHash.finish(ByteHash.finish(self.begin(path, .block) ^ block.high ^ length << 56) ^ block.low)
    }
}

/// Which keys find a condition.
indirect enum Access {
    /// Nothing finds it: it can hold for an event that has none of its values.
    case none
    case key(AccessKey)
    /// One of the parts holds when the condition does, so the keys of all are needed.
    case either([Access])
    /// Every part holds when the condition does, so the keys of one are enough.
    case choice([Access])
}
