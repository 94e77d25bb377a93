// SPDX-License-Identifier: Apache-2.0

package import HookCore
package import YAMLBridge

extension YAMLMark {
    /// The same place as the rest of the program knows it.
    package var mark: Mark { Mark(file: self.file, line: self.line, column: self.column, length: self.length) }
}

extension YAMLNode {
    var at: Mark { self.mark.mark }

    /// Where inline code starts: block text begins on the line after its `|`.
    var codeMark: Mark {
        guard case .scalar(_, .block) = self.content else { return self.at }
        return Mark(file: self.mark.file, line: self.mark.line + 1, column: 1)
    }

    /// The text of a scalar as it was written, whatever it means.
    var raw: String? {
        if case .scalar(let text, _) = self.content { text } else { nil }
    }

    var items: [YAMLNode]? {
        if case .sequence(let items) = self.content { items } else { nil }
    }

    var entries: [Entry]? {
        if case .mapping(let entries) = self.content { entries } else { nil }
    }

    /// The value of the first entry with this key.
    func value(of key: String) -> YAMLNode? { self.entry(of: key)?.value }

    func entry(of key: String) -> Entry? {
        self.entries?.first { $0.key.raw?.utf8.elementsEqual(key.utf8) ?? false }
    }

    /// What stands here, for "expected …, found …".
    var found: String {
        switch self.scalar {
        case .null: "nothing"
        case .bool(let value): "the truth value \(value)"
        case .number(let text): "the number \(text)"
        case .unusableNumber(let text): "the number \(text)"
        case .string(let text): text.utf8.count <= 40 ? "\"\(text)\"" : "a text of \(text.utf8.count) bytes"
        case nil: self.items == nil ? "a map" : "a list"
        }
    }
}
