// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentCoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The bytes with every byte escaped that is not kept; only unreserved characters are, unless told otherwise.
    package static func encode(
        _ bytes: some Collection<UInt8>, keeping isKept: (UInt8) -> Bool = Self.isUnreserved
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes {
            if isKept(byte) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(self.digits[Int(byte >> 4)])
                output.append(self.digits[Int(byte & 15)])
            }
        }
        return output
    }

    /// The same for text.
    package static func encode(_ text: String, keeping isKept: (UInt8) -> Bool = Self.isUnreserved) -> String {
        String(decoding: self.encode(text.utf8, keeping: isKept), as: UTF8.self)
    }

    /// The bytes that the text stands for; nil where a `%` is not followed by two hexadecimal digits.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(HexDigit.value),
                    let low = rest.popFirst().flatMap(HexDigit.value)
                else { return nil }
                output.append(high << 4 | low)
            } else {
                output.append(byte)
            }
        }
        return output
    }

    /// RFC 3986, section 2.3: letters, digits, `-`, `.`, `_`, `~`.
    package static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// Hexadecimal digits, in either case.
package enum HexDigit {
    /// Zero to fifteen; nil where the byte is no digit.
    package static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
