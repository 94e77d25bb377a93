// SPDX-License-Identifier: Apache-2.0

/// Header fields of a request or answer in one buffer.
///
/// - Shape: `name: value\r\n` lines, names in lower case, in order of arrival. The same bytes are what the store keeps.
package struct HeaderBlock: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package let name: Range<Int>
        package let value: Range<Int>
    }

    package private(set) var bytes: [UInt8] = []
    package private(set) var fields: [Field] = []

    package init() {}

    package init(_ pairs: some Sequence<(String, String)>) {
        for (name, value) in pairs { self.append(name.utf8, value.utf8) }
    }

    /// Reads the stored form back; lines without a colon are left out.
    package init(stored bytes: [UInt8]) {
        var start = 0
        self.bytes = bytes
        while start < bytes.count {
            var end = start
            while end + 1 < bytes.count, !(bytes[end] == 0x0D && bytes[end + 1] == 0x0A) { end += 1 }
            if end + 1 >= bytes.count { break }
            if let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")), colon + 2 <= end {
                self.fields.append(Field(name: start..<colon, value: colon + 2..<end))
            }
            start = end + 2
        }
    }

    /// Appends one field; the name is put into lower case. Neither may hold CR, LF or NUL: the parsers refuse those.
    package mutating func append(_ name: some Sequence<UInt8>, _ value: some Sequence<UInt8>) {
        let start = self.bytes.count
        for byte in name { self.bytes.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
        let colon = self.bytes.count
        self.bytes.append(UInt8(ascii: ":"))
        self.bytes.append(0x20)
        self.bytes.append(contentsOf: value)
        self.fields.append(Field(name: start..<colon, value: colon + 2..<self.bytes.count))
        self.bytes.append(0x0D)
        self.bytes.append(0x0A)
    }

    /// The bytes of the first field with this lower-case name.
    package func first(_ name: String) -> ArraySlice<UInt8>? {
        for field in self.fields where self.bytes[field.name].elementsEqual(name.utf8) {
            return self.bytes[field.value]
        }
        return nil
    }

    /// The text of the first field with this lower-case name.
    package subscript(name: String) -> String? {
        self.first(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same without the fields of this lower-case name.
    package func removing(_ name: String) -> HeaderBlock {
        guard self.first(name) != nil else { return self }
        var rest = HeaderBlock()
        for field in self.fields where !self.bytes[field.name].elementsEqual(name.utf8) {
            rest.append(self.bytes[field.name], self.bytes[field.value])
        }
        return rest
    }

    /// Names and values as text, for people.
    package var pairs: [(name: String, value: String)] {
        self.fields.map {
            (
                String(decoding: self.bytes[$0.name], as: UTF8.self),
                String(decoding: self.bytes[$0.value], as: UTF8.self)
            )
        }
    }
}

extension HeaderBlock {
    /// HOT: as ``append(_:_:)``, straight from a parser's buffer; not generic, so it costs no witness calls across modules.
    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        let start = self.bytes.count
        if start == 0 {
            // Most heads fit; one growth less per request.
            self.bytes.reserveCapacity(512)
            self.fields.reserveCapacity(16)
        }
        for at in 0..<name.count {
            let byte = name[at]
            self.bytes.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        let colon = self.bytes.count
        self.bytes.append(UInt8(ascii: ":"))
        self.bytes.append(0x20)
        unsafe value.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
        self.fields.append(Field(name: start..<colon, value: colon + 2..<self.bytes.count))
        self.bytes.append(0x0D)
        self.bytes.append(0x0A)
    }
}
