// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Chance that a replay repeats: every number is SHA-256 of (event id, route, what for, count).
///
/// A test runs a call again and demands the same result; a held event that runs again a day later makes the same ids.
struct CallChance {
    private let seed: [UInt8]
    private var count: UInt64 = 0

    init(event: EventID, route: RouteName) {
        self.seed = event.bytes + Array(route.text.utf8)
    }

    /// 64 bits; another value on every use.
    mutating func next() -> UInt64 {
        self.count += 1
        let digest = Self.digest(self.seed, "rand", Self.bytes(self.count))
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A seed for generators that keep their own state; the same on every use.
    var generatorSeed: UInt64 {
        Self.digest(self.seed, "seed", []).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
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
        let text = Array(Hex.encode(bytes.prefix(16)))
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
