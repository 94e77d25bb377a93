// SPDX-License-Identifier: Apache-2.0
// XXH64 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): finds damage on disk, not malice. All arithmetic is modulo
// 2^64 by definition, hence the wrapping operators.

package enum Checksum {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The XXH64 checksum of some bytes.
    ///
    /// - Complexity: O(bytes), some GB/s in a release build; allocates nothing.
    package static func xxh64(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        unsafe Self.xxh64(bytes.span.bytes, seed: seed)
    }

    /// The XXH64 checksum of a stretch of memory.
    package static func xxh64(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
        var at = 0
        var hash: UInt64
        if bytes.byteCount >= 32 {
            hash = Self.stripes(bytes, seed: seed, at: &at)
        } else {
            hash = seed &+ Self.prime5
        }
        hash = hash &+ UInt64(bytes.byteCount)
        return Self.avalanche(Self.tail(bytes, from: at, hash))
    }

    private static func stripes(_ bytes: RawSpan, seed: UInt64, at: inout Int) -> UInt64 {
        var one = seed &+ Self.prime1 &+ Self.prime2
        var two = seed &+ Self.prime2
        var three = seed
        var four = seed &- Self.prime1
        while at + 32 <= bytes.byteCount {
            one = Self.round(one, Self.word(bytes, at))
            two = Self.round(two, Self.word(bytes, at + 8))
            three = Self.round(three, Self.word(bytes, at + 16))
            four = Self.round(four, Self.word(bytes, at + 24))
            at += 32
        }
        var hash = Self.rotate(one, 1) &+ Self.rotate(two, 7) &+ Self.rotate(three, 12) &+ Self.rotate(four, 18)
        for lane in [one, two, three, four] {
            hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
        }
        return hash
    }

    private static func tail(_ bytes: RawSpan, from start: Int, _ seed: UInt64) -> UInt64 {
        var hash = seed
        var at = start
        while at + 8 <= bytes.byteCount {
            hash = Self.rotate(hash ^ Self.round(0, Self.word(bytes, at)), 27) &* Self.prime1 &+ Self.prime4
            at += 8
        }
        if at + 4 <= bytes.byteCount {
            let half = UInt64(
                UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
            hash = Self.rotate(hash ^ (half &* Self.prime1), 23) &* Self.prime2 &+ Self.prime3
            at += 4
        }
        while at < bytes.byteCount {
            let byte = UInt64(unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self))
            hash = Self.rotate(hash ^ (byte &* Self.prime5), 11) &* Self.prime1
            at += 1
        }
        return hash
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var hash = value
        hash = (hash ^ (hash >> 33)) &* Self.prime2
        hash = (hash ^ (hash >> 29)) &* Self.prime3
        return hash ^ (hash >> 32)
    }

    // Bounds-checked by the span (`unsafeLoad` is unsafe for other types than plain integers, not for the place).
    private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        Self.rotate(lane &+ input &* Self.prime2, 31) &* Self.prime1
    }

    private static func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }
}
