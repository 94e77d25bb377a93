// SPDX-License-Identifier: Apache-2.0

/// The query of a URL as `application/x-www-form-urlencoded` (WHATWG URL, section 5.1): `&` between parameters, `+` for
/// a space, `%` and two hexadecimal digits for any byte. Broken escapes stand for themselves.
enum QueryText {
    static func forEachParameter(of query: [UInt8], _ body: (_ name: [UInt8], _ value: [UInt8]) -> Void) {
        for part in query.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = self.decoded(part[..<(equals ?? part.endIndex)])
            let value = equals.map { self.decoded(part[($0 + 1)...]) } ?? []
            body(name, value)
        }
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var at = text.startIndex
        while at < text.endIndex {
            let byte = text[at]
            if byte == UInt8(ascii: "%"), at + 2 < text.endIndex, let high = self.digit(text[at + 1]),
                let low = self.digit(text[at + 2])
            {
                result.append(high << 4 | low)
                at += 3
            } else {
                result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                at += 1
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
