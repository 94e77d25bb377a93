// SPDX-License-Identifier: Apache-2.0
// One reading for conditions, mappings, templates and scripts: a value that a route matched is the value that a
// template puts into the URL.

/// `application/x-www-form-urlencoded` text, as in queries and forms (WHATWG URL, section 5.1): `&` between parameters,
/// `+` for a space, `%` and two hexadecimal digits for any byte. A broken escape stands for itself.
package enum FormText {
    /// Calls back with each name and value, decoded, in order. A parameter without `=` has an empty value.
    package static func forEachParameter(of text: [UInt8], _ body: (_ name: [UInt8], _ value: [UInt8]) -> Void) {
        for part in text.split(separator: UInt8(ascii: "&")) {
            let (name, value) = self.halves(part)
            body(self.decoded(name), self.decoded(value))
        }
    }

    /// The decoded value of the first parameter with this name.
    package static func firstValue(of name: some StringProtocol, in text: [UInt8]) -> [UInt8]? {
        for part in text.split(separator: UInt8(ascii: "&")) {
            let (found, value) = self.halves(part)
            if self.decoded(found).elementsEqual(name.utf8) { return self.decoded(value) }
        }
        return nil
    }

    private static func halves(_ part: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return (part, []) }
        return (part[..<equals], part[(equals + 1)...])
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var at = text.startIndex
        while at < text.endIndex {
            let byte = text[at]
            if byte == UInt8(ascii: "%"), at + 2 < text.endIndex, let high = HexDigit.value(text[at + 1]),
                let low = HexDigit.value(text[at + 2])
            {
                output.append(high << 4 | low)
                at += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                at += 1
            }
        }
        return output
    }
}
