// SPDX-License-Identifier: Apache-2.0

/// A pattern cut at its stars: the literals between them, first and last ones anchored.
///
/// - Shape: `a*b` is `["a", "b"]`, `*` is `["", ""]`, a pattern without a star is one piece.
struct GlobPattern {
    let pieces: [[UInt8]]

    /// Reads `*`, `\*` and `\\`. A backslash before anything else stands for itself; the checker refuses those.
    init(_ pattern: String) {
        var pieces: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in pattern.utf8 {
            if isEscaped {
                isEscaped = false
                if byte != UInt8(ascii: "*") && byte != UInt8(ascii: "\\") {
                    pieces[pieces.count - 1].append(UInt8(ascii: "\\"))
                }
                pieces[pieces.count - 1].append(byte)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "*") {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(byte)
            }
        }
        if isEscaped { pieces[pieces.count - 1].append(UInt8(ascii: "\\")) }
        self.pieces = pieces
    }
}
