// SPDX-License-Identifier: Apache-2.0
// Addresses and blocks as text: RFC 4291, section 2.2 for IPv6, four plain decimal octets for IPv4.

extension CIDR {
    /// Reads an address (`10.0.0.1`, `2001:db8::1`) or a block (`10.0.0.0/8`, `2001:db8::/32`).
    ///
    /// - Bounds: leading zeros in octets and prefix lengths are refused (some parsers read them as octal, so that two
    ///   programs see two addresses); so are zones (`%eth0`), spaces and short IPv4 forms.
    /// - Shape: an IPv4 address is stored as `::ffff:a.b.c.d`, its prefix length plus 96. Bits behind the prefix are
    ///   cleared, so that equal blocks are equal values.
    package init?(_ text: String) {
        self.init(block: Array(text.utf8)[...])
    }

    /// The address in these bytes, as a block of one; nil where they are anything else, a block with a slash included.
    package init?(address bytes: ArraySlice<UInt8>) {
        // The longest spelling is an IPv6 address that ends in a dotted quad: 45 bytes (INET6_ADDRSTRLEN less the NUL).
        guard bytes.count >= 2, bytes.count <= 45 else { return nil }
        if let quad = Self.dottedQuad(bytes) {
            self.init(high: 0, low: Self.mappedMark | UInt64(quad), prefix: 128)
        } else if let (high, low) = Self.groups(bytes) {
            self.init(high: high, low: low, prefix: 128)
        } else {
            return nil
        }
    }

    private init?(block bytes: ArraySlice<UInt8>) {
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            self.init(address: bytes)
            return
        }
        guard let address = CIDR(address: bytes[..<slash]), let length = Self.decimal(bytes[(slash + 1)...]) else {
            return nil
        }
        let isQuad = !bytes[..<slash].contains(UInt8(ascii: ":"))
        guard length <= (isQuad ? 32 : 128) else { return nil }
        self = address.masked(to: isQuad ? length + 96 : length)
    }

    /// Bits 32 to 47 of an IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2).
    private static let mappedMark: UInt64 = 0x0000_FFFF_0000_0000

    /// Whether every address of `other` lies in this block.
    package func contains(_ other: CIDR) -> Bool {
        guard other.prefix >= self.prefix else { return false }
        let masked = other.masked(to: self.prefix)
        let own = self.masked(to: self.prefix)
        return masked.high == own.high && masked.low == own.low
    }

    /// The block of `prefix` bits (0...128) around this one's first address.
    package func masked(to prefix: Int) -> CIDR {
        let length = min(max(prefix, 0), 128)
        // Shifts by 64 and more give 0 in Swift.
        let highMask: UInt64 = ~(UInt64.max >> UInt64(min(length, 64)))
        let lowMask: UInt64 = ~(UInt64.max >> UInt64(max(length - 64, 0)))
        return CIDR(high: self.high & highMask, low: self.low & lowMask, prefix: length)
    }

    /// Whether it stands for IPv4 addresses only.
    package var isIPv4: Bool { self.high == 0 && self.prefix >= 96 && self.low >> 32 == 0xFFFF }

    // MARK: Reading

    private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard let first = digits.first, digits.count <= 3, digits.count == 1 || first != 0x30 else { return nil }
        var value = 0
        for byte in digits {
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func dottedQuad(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard bytes.count >= 7, bytes.count <= 15 else { return nil }
        let octets = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var value: UInt32 = 0
        for octet in octets {
            guard let number = Self.decimal(octet), number <= 255 else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    /// The eight groups of an IPv6 address; one `::` stands for one or more groups of zeros.
    private static func groups(_ bytes: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        var values: [UInt16] = []
        var gap: Int?
        var place = 0
        while place < parts.count {
            let part = parts[place]
            if part.isEmpty {
                guard gap == nil else { return nil }
                let isAtStart = place == 0
                let isAtEnd = place == parts.count - 1
                // At either end the gap shows as two empty parts, inside as one.
                if isAtStart { guard parts[1].isEmpty else { return nil } }
                if isAtEnd { return nil }
                gap = values.count
                place += isAtStart ? 2 : 1
                if place == parts.count - 1, parts[place].isEmpty { place += 1 }
                continue
            }
            if place == parts.count - 1, let quad = Self.dottedQuad(part) {
                values.append(UInt16(quad >> 16))
                values.append(UInt16(quad & 0xFFFF))
            } else {
                guard let value = Self.group(part) else { return nil }
                values.append(value)
            }
            place += 1
        }
        if let gap {
            guard values.count <= 7 else { return nil }
            values.insert(contentsOf: repeatElement(0, count: 8 - values.count), at: gap)
        }
        guard values.count == 8 else { return nil }
        return (
            values[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            values[4...].reduce(0) { $0 << 16 | UInt64($1) }
        )
    }

    private static func group(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        var value: UInt16 = 0
        for byte in digits {
            guard let digit = HexDigit.value(byte) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}

extension CIDR: CustomStringConvertible {
    /// `10.0.0.0/8`, `2001:db8::/32` (RFC 5952); a block of one address without its prefix length.
    package var description: String {
        if self.isIPv4 {
            let octets = stride(from: 24, through: 0, by: -8).map { String(self.low >> UInt64($0) & 0xFF) }
            return octets.joined(separator: ".") + (self.prefix == 128 ? "" : "/\(self.prefix - 96)")
        }
        return self.groupText + (self.prefix == 128 ? "" : "/\(self.prefix)")
    }

    private var groupText: String {
        let groups = [self.high, self.low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { half >> UInt64($0) & 0xFFFF }
        }
        // RFC 5952, section 4.2: the longest run of two or more zero groups, the first of equal ones.
        var best = 0..<0
        var start = 0
        for place in 0...groups.count {
            if place < groups.count, groups[place] == 0 { continue }
            if place - start > max(best.count, 1) { best = start..<place }
            start = place + 1
        }
        let text = groups.map { String($0, radix: 16) }
        if best.isEmpty { return text.joined(separator: ":") }
        return text[..<best.lowerBound].joined(separator: ":") + "::" + text[best.upperBound...].joined(separator: ":")
    }
}
