// SPDX-License-Identifier: Apache-2.0

internal import YAMLBridge

/// What commands that write route files need to know of the language.
package enum RouteTemplates {
    /// Names of the presets, in the order of the reference.
    package static let presets = Presets.all.map(\.name)

    /// Whether a text can name a source, route or destination.
    package static func isName(_ text: String) -> Bool { NameRule.isName(text) }

    /// What a name is made of, for people.
    package static let nameHint = NameRule.hint

    /// Whether a text means itself as a plain key or value.
    package static func isPlain(_ text: String) -> Bool {
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isWord, let first = text.utf8.first, first >= 0x41, text.utf8.last != 0x20 else { return false }
        return CoreSchema.resolve(text) == .string(text) && CoreSchema.otherReading(of: text) == nil
    }
}
