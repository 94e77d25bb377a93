// SPDX-License-Identifier: Apache-2.0

/// What a method and the name of a header field may hold (RFC 9110, section 5.6.2).
package enum HTTPToken {
    /// Whether the byte is a `tchar`: a letter, a digit, or one of !#$%&'*+-.^_`|~
    ///
    /// HOT: asked for each byte of a name, by a module that would otherwise call into this one.
    @inlinable
    package static func contains(_ byte: UInt8) -> Bool {
        // One bit per character of ASCII; a test compares them with the list.
        switch byte {
        case 0x61...0x7A, UInt8(ascii: "-"): true
        case 0..<64: 0x03FF_6CFA_0000_0000 as UInt64 >> UInt64(byte) & 1 == 1
        case 64..<128: 0x57FF_FFFF_C7FF_FFFE as UInt64 >> UInt64(byte & 63) & 1 == 1
        default: false
        }
    }

    /// Whether the text is one token; the empty text is none.
    package static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { self.contains($0) }
    }
}
