// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Chance that a replay repeats: every number is SHA-256 of (event id, route, what for, count).
///
/// A test runs a call again and demands the same result; a held event that runs again a day later makes the same ids.
struct CallChance {
    private let event: EventID
    private let route: RouteName
    /// Each part of a split event has its own chance.
    private let part: Int?
    private var count: UInt64 = 0

    init(event: EventID, route: RouteName, part: Int? = nil) {
        self.event = event
        self.route = route
        self.part = part
    }

    /// Bytes that no other event, route and part have: the id is of fixed length, and no name holds a zero.
    private var seed: [UInt8] {
        self.event.bytes + Array(self.route.text.utf8) + (self.part.map { [0] + Self.bytes(UInt64($0)) } ?? [])
    }

    /// 64 bits; another value on every use.
    mutating func next() -> UInt64 {
        self.count += 1
        let digest = Self.digest(self.seed, "rand", Self.bytes(self.count))
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A seed for generators that keep their own state; the same on every use. FNV-1a over the same bytes
    /// instead of a digest, since every call pays for it and few ask.
    var generatorSeed: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for word in [self.event.high, self.event.low] {
            // Multiplication modulo 2⁶⁴ is what the function is made of.
            hash = (hash ^ word) &* 0x100_0000_01B3
        }
        for byte in self.route.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        if let part = self.part { hash = (hash ^ UInt64(part)) &* 0x100_0000_01B3 }
        return hash
    }

    /// A UUID (RFC 9562, version 8): the same for the same name, or another one on every use without a name.
    mutating func uuid(_ name: [UInt8]?) -> String {
        var bytes: [UInt8]
        if let name {
            bytes = Self.digest(self.seed, "uuid", name)
        } else {
            self.count += 1
            bytes = Self.digest(self.seed, "uuid-count", Self.bytes(self.count))
        }
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let text = Hex.encode(Array(bytes.prefix(16)))
        let groups = [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]]
        return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }

    /// The purpose is closed by a zero byte, so that no purpose and rest can be read in two ways.
    private static func digest(_ seed: [UInt8], _ purpose: String, _ rest: [UInt8]) -> [UInt8] {
        Digest.sha256(seed + [0] + Array(purpose.utf8) + [0] + rest)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - $0 * 8)) }
    }
}
