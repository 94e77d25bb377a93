// SPDX-License-Identifier: Apache-2.0
// Hashes of keys. They are computed in C, so that compiling and matching cannot disagree.

import CMatch
import HookCore

enum KeyHash {
    /// Ways in which a key finds values of a path; see `match_class`.
    enum Class: UInt32, CaseIterable {
        case text = 1
        case number, literal, folded, factor, reached, anyText, prefix, suffix, foldedPrefix, foldedSuffix, block
    }

    static func key(_ path: UInt32, _ kind: Class, _ value: UInt64, _ seed: UInt64) -> UInt64 {
        match_hash_key(path, kind.rawValue, value, seed)
    }

    static func text(_ bytes: some Collection<UInt8>, _ seed: UInt64) -> UInt64 {
        if let hash = bytes.withContiguousStorageIfAvailable({ unsafe match_hash($0.baseAddress, $0.count, seed) }) {
            return hash
        }
        return unsafe Array(bytes).withUnsafeBufferPointer { unsafe match_hash($0.baseAddress, $0.count, seed) }
    }

    static func number(_ number: JSONNumber, _ seed: UInt64) -> UInt64 {
        let (kind, bits) = NumberBits.of(number)
        return match_hash_number(kind, bits, seed)
    }

    /// Of four bytes.
    static func factor(_ bytes: ArraySlice<UInt8>, _ seed: UInt64) -> UInt64 {
        precondition(bytes.count == AccessReader.factorBytes, "a factor has four bytes")
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            return unsafe match_hash_factor(base, seed)
        }
    }

    static func block(_ block: CIDR, _ seed: UInt64) -> UInt64 {
        match_hash_block(block.high, block.low, UInt32(truncatingIfNeeded: block.prefix), seed)
    }

    static func member(_ parent: UInt32, _ key: [UInt8], _ seed: UInt64) -> UInt64 {
        unsafe key.withUnsafeBufferPointer { unsafe match_hash_member(parent, $0.baseAddress, $0.count, seed) }
    }

    static func memberBit(_ key: [UInt8]) -> UInt64 {
        unsafe key.withUnsafeBufferPointer { unsafe match_key_bit($0.baseAddress, $0.count) }
    }
}
