// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// One line of a file around a place, ready for a terminal: control characters replaced, long lines cut.
struct SourceExcerpt {
    /// Longest excerpt of a line, in characters.
    private static let widthMax = 160

    /// The line, or the part of it around the place.
    let text: String
    /// Terminal columns before the place.
    let indent: Int
    /// Terminal columns of the place, at least 1.
    let width: Int

    /// Nil where the file has no such line.
    init?(_ mark: Mark, in bytes: [UInt8]) {
        guard let line = Self.line(mark.line, of: bytes) else { return nil }
        let scalars = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
        let column = max(0, mark.column - 1)
        let start =
            scalars.count > Self.widthMax ? max(0, min(column - Self.widthMax / 2, scalars.count - Self.widthMax)) : 0
        let shown = scalars.dropFirst(start).prefix(Self.widthMax).map(Printable.scalar)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: shown)
        self.text = String(view)
        let before = min(max(0, column - start), shown.count)
        self.indent = TerminalWidth.columns(shown[..<before])
        self.width = max(1, TerminalWidth.columns(shown[before...].prefix(mark.length)))
    }

    /// Bytes before the place on its line, and bytes of the place: columns count characters, editors often count bytes.
    static func bytes(_ mark: Mark, in bytes: [UInt8]) -> (column: Int, length: Int)? {
        guard let line = Self.line(mark.line, of: bytes) else { return nil }
        func offset(_ characters: Int) -> Int {
            var left = characters
            // Continuation bytes belong to the character before them.
            return line.prefix { byte in
                if byte & 0xC0 != 0x80 { left -= 1 }
                return left >= 0
            }.count
        }
        let start = offset(mark.column - 1)
        return (start + 1, max(0, offset(mark.endColumn - 1) - start))
    }

    static func line(_ number: Int, of bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard number >= 1 else { return nil }
        var start = bytes.startIndex
        for _ in 1..<number {
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
            start = end + 1
        }
        return bytes[start...].prefix { $0 != 0x0A }
    }
}

/// Text from files and messages, safe to show: control characters could drive the reader's terminal.
enum Printable {
    static func scalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        // A tab would move the carets.
        case 0x09, 0x0D: " "
        case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: scalar
        }
    }

    static func text(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text.unicodeScalars.map { $0 == "\n" ? " " : Self.scalar($0) })
        return String(view)
    }
}
