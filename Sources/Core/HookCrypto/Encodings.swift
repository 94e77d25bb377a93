// SPDX-License-Identifier: Apache-2.0
// Concrete types throughout: generic code is not specialised over module borders, and these run once per event.

/// Hexadecimal, lower case out, either case in.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            output.append(self.digits[Int(byte >> 4)])
            output.append(self.digits[Int(byte & 15)])
        }
        return output
    }

    package static func text(_ bytes: [UInt8]) -> String {
        String(decoding: self.encode(bytes), as: UTF8.self)
    }

    /// Nil for an odd length or any other character.
    package static func decode(_ text: [UInt8]) -> [UInt8]? { self.decode(text[...]) }

    /// Nil for an odd length or any other character.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case 0x30...0x39: digit = character - 0x30
            case 0x41...0x46: digit = character - 0x41 + 10
            case 0x61...0x66: digit = character - 0x61 + 10
            default: return nil
            }
            if let first = high {
                output.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return output
    }
}

/// Base 64 (RFC 4648, sections 4 and 5).
package enum Base64 {
    package enum Alphabet: Sendable { case standard, url }

    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Padded in the standard alphabet, unpadded in the URL one.
    package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> [UInt8] {
        let letters = alphabet == .standard ? self.standard : self.url
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var buffer: UInt32 = 0
        var held = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { output.append(letters[Int(buffer >> shift & 63)]) }
                (buffer, held) = (0, 0)
            }
        }
        if held > 0 {
            buffer <<= UInt32(8 * (3 - held))
            for place in 0...held { output.append(letters[Int(buffer >> UInt32(18 - 6 * place) & 63)]) }
            if alphabet == .standard { output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - held)) }
        }
        return output
    }

    package static func text(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> String {
        String(decoding: self.encode(bytes, alphabet), as: UTF8.self)
    }

    /// Padding may be missing; nil for other characters, stray padding or a length that cannot be.
    package static func decode(_ text: [UInt8], _ alphabet: Alphabet = .standard) -> [UInt8]? {
        self.decode(text[...], alphabet)
    }

    /// Padding may be missing; nil for other characters, stray padding or a length that cannot be.
    package static func decode(_ text: ArraySlice<UInt8>, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3 + 3)
        var buffer: UInt32 = 0
        var held = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = self.value(of: character, alphabet) else { return nil }
            buffer = buffer << 6 | UInt32(value)
            held += 1
            if held == 4 {
                for shift in [16, 8, 0] as [UInt32] { output.append(UInt8(truncatingIfNeeded: buffer >> shift)) }
                (buffer, held) = (0, 0)
            }
        }
        guard held != 1, padding == 0 || padding == (4 - held) % 4 else { return nil }
        if held > 1 {
            buffer <<= UInt32(6 * (4 - held))
            for place in 0..<held - 1 { output.append(UInt8(truncatingIfNeeded: buffer >> UInt32(16 - 8 * place))) }
        }
        return output
    }

    private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch (character, alphabet) {
        case (0x41...0x5A, _): character - 0x41
        case (0x61...0x7A, _): character - 0x61 + 26
        case (0x30...0x39, _): character - 0x30 + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .url): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .url): 63
        default: nil
        }
    }
}
