// SPDX-License-Identifier: Apache-2.0
// Which addresses may be connected. Decided on the socket address after the look-up, never on the text of a URL: one
// host
// has too many spellings (`2130706433`, `0177.0.0.1`, `127.1`, circled digits).

/// Which addresses a request may be sent to.
package enum AddressPolicy: Sendable, Equatable {
    /// Every address: the operator wrote the destination.
    case any
    /// Only addresses that are reachable from the public internet, and those of the listed blocks.
    case denyPrivate(except: [AddressBlock] = [])

    func allows(_ address: PeerAddress) -> Bool {
        switch self {
        case .any: true
        case .denyPrivate(let except): except.contains { $0.contains(address) } || address.isPublic
        }
    }
}

/// An IP address as 128 bits, IPv4 as `::ffff:a.b.c.d`.
package struct PeerAddress: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Four or sixteen bytes in network order; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4:
            self.init(high: 0, low: 0xFFFF << 32 | bytes.reduce(0) { $0 << 8 | UInt64($1) })
        case 16:
            self.init(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    static func v4(_ bits: UInt64) -> Self { Self(high: 0, low: 0xFFFF << 32 | bits & 0xFFFF_FFFF) }

    /// Whether the address is global unicast, also after unwrapping the forms that carry an IPv4 address.
    package var isPublic: Bool {
        if AddressBlock.special.contains(where: { $0.contains(self) }) { return false }
        return self.embedded?.isPublic ?? true
    }

    /// The IPv4 address inside a transition form: NAT64 (RFC 6052) and 6to4 (RFC 3056).
    private var embedded: Self? {
        if self.high == 0x0064_FF9B_0000_0000, self.low >> 32 == 0 { return .v4(self.low) }
        if self.high >> 48 == 0x2002 { return .v4(self.high >> 16) }
        return nil
    }
}

/// An address block; IPv4 blocks are counted from bit 96.
package struct AddressBlock: Sendable, Hashable {
    package let base: PeerAddress
    /// 0...128.
    package let prefix: Int

    package init(base: PeerAddress, prefix: Int) {
        self.base = base
        self.prefix = min(max(prefix, 0), 128)
    }

    package func contains(_ address: PeerAddress) -> Bool {
        let high = self.prefix >= 64 ? UInt64.max : self.prefix == 0 ? 0 : UInt64.max << UInt64(64 - self.prefix)
        let lowBits = max(0, self.prefix - 64)
        let low = lowBits == 0 ? 0 : UInt64.max << UInt64(64 - lowBits)
        return (address.high ^ self.base.high) & high == 0 && (address.low ^ self.base.low) & low == 0
    }

    private static func v4(_ one: UInt64, _ two: UInt64, _ three: UInt64, _ four: UInt64, _ prefix: Int) -> Self {
        Self(base: .v4(one << 24 | two << 16 | three << 8 | four), prefix: 96 + prefix)
    }

    private static func v6(_ high: UInt64, _ low: UInt64, _ prefix: Int) -> Self {
        Self(base: PeerAddress(high: high, low: low), prefix: prefix)
    }

    /// Everything that is not global unicast (IANA special-purpose address registries).
    static let special: [Self] = [
        v4(0, 0, 0, 0, 8), v4(10, 0, 0, 0, 8), v4(100, 64, 0, 0, 10), v4(127, 0, 0, 0, 8), v4(169, 254, 0, 0, 16),
        v4(172, 16, 0, 0, 12), v4(192, 0, 0, 0, 24), v4(192, 0, 2, 0, 24), v4(192, 88, 99, 0, 24),
        v4(192, 168, 0, 0, 16),
        v4(198, 18, 0, 0, 15), v4(198, 51, 100, 0, 24), v4(203, 0, 113, 0, 24), v4(224, 0, 0, 0, 4),
        v4(240, 0, 0, 0, 4),
        // ::/96 holds the unspecified address, loopback and the deprecated IPv4-compatible form.
        v6(0, 0, 96),
        // 64:ff9b:1::/48 local NAT64, 100::/64 discard, 2001::/32 Teredo, 2001:db8::/32 documentation.
        v6(0x0064_FF9B_0001_0000, 0, 48), v6(0x0100_0000_0000_0000, 0, 64), v6(0x2001_0000_0000_0000, 0, 32),
        v6(0x2001_0DB8_0000_0000, 0, 32),
        // fc00::/7 unique local, fe80::/10 link-local, fec0::/10 site-local, ff00::/8 multicast.
        v6(0xFC00_0000_0000_0000, 0, 7), v6(0xFE80_0000_0000_0000, 0, 10), v6(0xFEC0_0000_0000_0000, 0, 10),
        v6(0xFF00_0000_0000_0000, 0, 8),
    ]
}
