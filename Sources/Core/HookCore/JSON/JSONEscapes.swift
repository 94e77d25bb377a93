// SPDX-License-Identifier: Apache-2.0
import CScan

/// Backslash escapes of JSON strings (RFC 8259, section 7), both ways.
package enum JSONEscapes {
    /// Resolves the escapes of a string's inside. The bytes were validated by the parser before.
    package static func resolve(_ inner: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(inner.count)
        var at = inner.startIndex
        while at < inner.endIndex {
            let byte = inner[at]
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
                at += 1
                continue
            }
            let kind = inner[at + 1]
            at += 2
            switch kind {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = self.hex(inner, at)
                at += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (self.hex(inner, at + 2) - 0xDC00)
                    at += 6
                }
                self.append(scalar: scalar, to: &result)
            default: result.append(kind)
            }
        }
        return result
    }

    /// Appends a JSON string literal with quotes; only what must be escaped is. The bytes should be UTF-8
    /// (``JSONWriter/appendString(checking:to:)`` checks).
    package static func appendQuoted(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { unsafe Self.appendRuns($0, to: &output) }
        if isDone == nil {
            for byte in bytes { Self.append(byte, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Copies what needs no escape a run at a time.
    private static func appendRuns(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        guard let base = bytes.baseAddress else { return }
        output.reserveCapacity(output.count + bytes.count + 2)
        var at = 0
        while at < bytes.count {
            let stop = unsafe scan_plain_run(base, at, bytes.count)
            unsafe output.append(contentsOf: bytes[at..<stop])
            if stop < bytes.count { unsafe Self.append(bytes[stop], to: &output) }
            at = stop + 1
        }
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): output.append(contentsOf: [0x5C, 0x22])
        case UInt8(ascii: "\\"): output.append(contentsOf: [0x5C, 0x5C])
        case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
        case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
        case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0..<0x20:
            output.append(contentsOf: "\\u00".utf8)
            output.append(self.digits[Int(byte >> 4)])
            output.append(self.digits[Int(byte & 15)])
        default: output.append(byte)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// The value of one hexadecimal digit.
    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt32? {
        HexDigit.value(byte).map { UInt32($0) }
    }

    /// Four hexadecimal digits that the parser has accepted.
    private static func hex(_ bytes: ArraySlice<UInt8>, _ at: Int) -> UInt32 {
        bytes[at..<at + 4].reduce(0) { $0 << 4 | (Self.hexDigit($1) ?? 0) }
    }

    static func append(scalar: UInt32, to output: inout [UInt8]) {
        switch scalar {
        case 0..<0x80:
            output.append(UInt8(scalar))
        case 0..<0x800:
            output.append(UInt8(0xC0 | scalar >> 6))
            output.append(UInt8(0x80 | scalar & 0x3F))
        case 0..<0x10000:
            output.append(UInt8(0xE0 | scalar >> 12))
            output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(0x80 | scalar & 0x3F))
        default:
            output.append(UInt8(0xF0 | scalar >> 18))
            output.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            output.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
