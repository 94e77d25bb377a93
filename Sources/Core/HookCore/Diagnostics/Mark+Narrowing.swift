// SPDX-License-Identifier: Apache-2.0

extension Mark {
    /// The first place of a text inside the marked one; the mark itself where the text does not stand there as it is
    /// (behind escapes, on another line).
    ///
    /// - Parameter bytes: the whole file.
    /// - Parameter skipping: characters at the start of the text that only help to find it.
    package func narrowed(to text: String, skipping: Int = 0, in bytes: [UInt8]?) -> Mark {
        guard let bytes, let range = self.range(in: bytes) else { return self }
        let needle = Array(text.utf8)
        guard !needle.isEmpty, needle.count <= range.count else { return self }
        let last = range.upperBound - needle.count
        guard
            let place = (range.lowerBound...last).first(where: {
                bytes[$0..<$0 + needle.count].elementsEqual(needle)
            })
        else { return self }
        let before = bytes[range.lowerBound..<place].count(where: Self.beginsCharacter)
        return Mark(
            file: self.file, line: self.line, column: self.column + before + skipping,
            length: needle.count(where: Self.beginsCharacter) - skipping)
    }

    /// Bytes of the marked text; nil where the file has no such place.
    package func range(in bytes: [UInt8]) -> Range<Int>? {
        var start = 0
        for _ in 1..<max(1, self.line) {
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
            start = end + 1
        }
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        var column = 1
        var first: Int?
        for place in start..<end where Self.beginsCharacter(bytes[place]) {
            if column == self.column { first = place }
            if column == self.endColumn { return first.map { $0..<place } }
            column += 1
        }
        return first.map { $0..<end }
    }

    /// Continuation bytes of UTF-8 begin no character.
    private static func beginsCharacter(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
}
