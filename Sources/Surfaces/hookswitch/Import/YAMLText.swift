// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Writes values as YAML that people can read on: maps in lines of their own, short lists and maps in one.
struct YAMLText {
    private(set) var text = ""

    /// Short enough for one line.
    private static let inlineMax = 60

    mutating func line(_ text: String) { self.text += text + "\n" }

    /// Writes the members of a map, each below `indent` spaces.
    mutating func members(_ members: [JSONValue.Member], indent: Int) {
        for member in members {
            self.text += String(repeating: " ", count: indent) + Self.key(member.key) + ":"
            self.value(member.value, indent: indent)
        }
    }

    /// The value behind `key:` or `-`.
    private mutating func value(_ value: JSONValue, indent: Int) {
        if let inline = Self.inline(value), inline.utf8.count <= Self.inlineMax || Self.isScalar(value) {
            self.line(" " + inline)
            return
        }
        switch value {
        case .object(let members):
            self.line("")
            self.members(members, indent: indent + 2)
        case .array(let elements):
            self.line("")
            for element in elements { self.element(element, indent: indent + 2) }
        default: self.line(" " + Self.scalar(value))
        }
    }

    private mutating func element(_ value: JSONValue, indent: Int) {
        let dash = String(repeating: " ", count: indent) + "-"
        guard case .object(let members) = value, Self.inline(value).map({ $0.utf8.count > Self.inlineMax }) ?? true,
            let first = members.first
        else {
            self.text += dash
            self.value(value, indent: indent)
            return
        }
        self.text += dash + " " + Self.key(first.key) + ":"
        self.value(first.value, indent: indent + 2)
        self.members(Array(members.dropFirst()), indent: indent + 2)
    }

    private static func isScalar(_ value: JSONValue) -> Bool {
        switch value {
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        default: true
        }
    }

    /// The value in one line; nil for maps of more than two members and what holds them.
    private static func inline(_ value: JSONValue) -> String? {
        switch value {
        case .array(let elements):
            let parts = elements.compactMap(self.inline)
            return parts.count == elements.count ? "[" + parts.joined(separator: ", ") + "]" : nil
        case .object(let members):
            let parts = members.compactMap { member in
                self.inline(member.value).map { "\(self.key(member.key)): \($0)" }
            }
            return members.count <= 2 && parts.count == members.count ? "{" + parts.joined(separator: ", ") + "}" : nil
        default: return self.scalar(value)
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        if case .string(let text) = value { self.quoted(text) } else { value.text }
    }

    /// Words that some reader takes for something else than text.
    private static let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    static func key(_ key: String) -> String {
        let isPlain =
            key.utf8.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A } ?? false
            && key.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        return isPlain && !self.words.contains(key.lowercased()) ? key : self.quoted(key)
    }

    /// In double quotes; what a reader of YAML refuses to see as it is stands as an escape.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x20..<0x7F, 0xA0..<0x2028, 0x202A..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE:
                result.unicodeScalars.append(scalar)
            case 0x10000...:
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
