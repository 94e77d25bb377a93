// SPDX-License-Identifier: Apache-2.0

/// Text from outside, made safe to show: control characters could steer the terminal, and marks of direction could make
/// one line look like another (CVE-2021-42574).
enum Printable {
    /// Each such scalar becomes a middle dot.
    static func text(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { Self.isSafe($0) ? $0 : "·" }))
    }

    /// The same with line breaks and tabs kept, for bodies.
    static func lines(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { Self.isSafe($0) || $0 == "\n" || $0 == "\t" ? $0 : "·" }))
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
