// SPDX-License-Identifier: Apache-2.0
// Formats of draft 2020-12, section 7.3. They only tell what a text is for, unless the meta-schema of a schema asks
// for the vocabulary `format-assertion`; `catalogue infer` recognises texts by them.

package enum SchemaFormat: String, Sendable, CaseIterable, BitwiseCopyable {
    case dateTime = "date-time"
    case date
    case time
    case uuid
    case email
    case uri
    case ipv4
    case ipv6
    case hostname

    package func holds(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = unsafe Array(text)
        return self.holds(bytes)
    }

    package func holds(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .dateTime: Self.isDateTime(bytes)
        case .date: Self.isDate(bytes[...])
        case .time: Self.isTime(bytes[...])
        case .uuid: Self.isUUID(bytes)
        case .email: Self.isEmail(bytes)
        case .uri: Self.isURI(bytes)
        case .ipv4: Self.isIPv4(bytes)
        case .ipv6: bytes.contains(UInt8(ascii: ":")) && Self.isIPv6(bytes)
        case .hostname: Self.isHostname(bytes[...])
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == 10 && WallTime(rfc3339: String(decoding: bytes, as: UTF8.self)) != nil
    }

    private static func isDateTime(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return self.isDate(bytes[..<10]) && self.isTime(bytes[11...])
    }

    private static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 9 else { return false }
        let text = Array(bytes)
        guard text[2] == UInt8(ascii: ":"), text[5] == UInt8(ascii: ":"), let hour = self.number(text[0..<2]),
            let minute = self.number(text[3..<5]), let second = self.number(text[6..<8]), hour < 24, minute < 60,
            second <= 60
        else { return false }
        var at = 8
        if text[at] == UInt8(ascii: ".") {
            let start = at + 1
            at = start
            while at < text.count, (0x30...0x39).contains(text[at]) { at += 1 }
            if at == start { return false }
        }
        let zone = text[at...]
        var offset = 0
        if zone.count == 1 {
            guard zone.first.map({ $0 | 0x20 }) == UInt8(ascii: "z") else { return false }
        } else {
            guard zone.count == 6, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"),
                text[at + 3] == UInt8(ascii: ":"), let hours = self.number(text[at + 1..<at + 3]),
                let minutes = self.number(text[at + 4..<at + 6]), hours < 24, minutes < 60
            else { return false }
            offset = (hours * 60 + minutes) * (text[at] == UInt8(ascii: "+") ? 1 : -1)
        }
        // A leap second is one at the end of a day of UTC.
        return second < 60 || (hour * 60 + minute - offset + 2880) % 1440 == 1439
    }

    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            [8, 13, 18, 23].contains(place) ? byte == UInt8(ascii: "-") : HexDigit.value(byte) != nil
        }
    }

    private static func isEmail(_ bytes: [UInt8]) -> Bool {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at <= 64 else { return false }
        let local = bytes[..<at]
        let allowed = Array("!#$%&'*+-/=?^_`{|}~.".utf8)
        let isPlain = local.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: allowed.contains(byte)
            }
        }
        let hasDots =
            local.first == 0x2E || local.last == 0x2E
            || local.indices.dropFirst().contains { local[$0] == 0x2E && local[$0 - 1] == 0x2E }
        let isQuoted = local.count > 2 && local.first == UInt8(ascii: "\"") && local.last == UInt8(ascii: "\"")
        guard isQuoted || (isPlain && !hasDots) else { return false }
        let domain = bytes[(at + 1)...]
        if domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") {
            let inner = Array(domain.dropFirst().dropLast())
            return self.isIPv4(inner) || (inner.starts(with: "IPv6:".utf8) && self.isIPv6(Array(inner.dropFirst(5))))
        }
        return self.isHostname(domain)
    }

    private static func isURI(_ bytes: [UInt8]) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, bytes[0] | 0x20 >= 0x61,
            bytes[0] | 0x20 <= 0x7A
        else { return false }
        let scheme = bytes[..<colon].allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        let forbidden = Array("\"<>\\^`{|} ".utf8)
        return scheme && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) }
            && PercentCoding.decode(bytes) != nil
    }

    private static func isIPv4(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.count <= 3 && (part.count == 1 || part.first != 0x30)
                    && (self.number(part).map { $0 < 256 } ?? false)
            }
    }

    private static func isIPv6(_ bytes: [UInt8]) -> Bool {
        guard !bytes.contains(UInt8(ascii: "%")), !bytes.contains(UInt8(ascii: "/")) else { return false }
        return CIDR(address: bytes[...]) != nil
    }

    private static func isHostname(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 253 else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard !label.isEmpty, label.count <= 63, label.first != 0x2D, label.last != 0x2D else { return false }
            return label.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
                default: false
                }
            }
        }
    }
}
