// SPDX-License-Identifier: Apache-2.0
// The encoding is settled here, and libxml2 is only ever given UTF-8: so the guard before it and the parser behind it
// read the same characters, and no converter of the system is asked.

/// Turns a document into UTF-8.
enum XMLEncoding {
    /// UTF-8 without a byte order mark.
    ///
    /// Known: UTF-8, US-ASCII, UTF-16 with a byte order mark, ISO-8859-1. A byte order mark wins, then `charset` of the
    /// content type, then the declaration (RFC 7303, section 3).
    static func utf8(_ bytes: [UInt8], charset: String?) throws(XMLFailure) -> [UInt8] {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return try self.validated(Array(bytes.dropFirst(3))) }
        if bytes.starts(with: [0xFE, 0xFF]) { return try self.utf16(bytes.dropFirst(2), isBig: true) }
        if bytes.starts(with: [0xFF, 0xFE]) { return try self.utf16(bytes.dropFirst(2), isBig: false) }
        switch (charset ?? self.declared(bytes) ?? "utf-8").lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii": return try self.validated(bytes)
        case "iso-8859-1", "latin1", "iso_8859-1": return self.latin1(bytes)
        case let name:
            throw XMLFailure(
                .encoding, "the encoding \(name.prefix(40)) is not read; UTF-8, UTF-16 with a mark and ISO-8859-1 are")
        }
    }

    private static func validated(_ bytes: [UInt8]) throws(XMLFailure) -> [UInt8] {
        guard bytes.isEmpty || String(validating: bytes, as: UTF8.self) != nil else {
            throw XMLFailure(.encoding, "the text is not valid UTF-8")
        }
        return bytes
    }

    private static func latin1(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                output.append(byte)
            } else {
                output.append(0xC0 | byte >> 6)
                output.append(0x80 | byte & 0x3F)
            }
        }
        return output
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, isBig: Bool) throws(XMLFailure) -> [UInt8] {
        guard bytes.count % 2 == 0 else { throw XMLFailure(.encoding, "UTF-16 has an even number of bytes") }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let (one, other) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            units.append(isBig ? one << 8 | other : other << 8 | one)
            at += 2
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw XMLFailure(.encoding, "the text is not valid UTF-16")
        }
        return Array(text.utf8)
    }

    /// The name in `<?xml … encoding="name"?>`; nil where there is none.
    private static func declared(_ bytes: [UInt8]) -> String? {
        guard bytes.starts(with: "<?xml".utf8), let end = bytes.prefix(200).firstIndex(of: UInt8(ascii: ">")) else {
            return nil
        }
        let declaration = bytes[..<end]
        let key = Array("encoding".utf8)
        guard
            let place = declaration.indices.first(where: { declaration[$0...].starts(with: key) })
        else { return nil }
        let rest = declaration[(place + key.count)...].drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "=") }
        guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        return String(decoding: rest.dropFirst().prefix { $0 != quote }, as: UTF8.self)
    }
}
