// SPDX-License-Identifier: Apache-2.0

/// A JSON value as a tree, for what is built rather than received: answers of the API, results of commands, tests.
/// Never used per event.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The number's text, already valid JSON.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in the order in which they are written.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package static func int(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

    /// An optional text: null where there is none.
    package static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    package init(_ document: JSONDocument, at index: Int = 0) {
        switch document.nodes[index].kind {
        case .null: self = .null
        case .false: self = .bool(false)
        case .true: self = .bool(true)
        case .number: self = .number(String(decoding: document.text(of: index), as: UTF8.self))
        case .string: self = .string(document.string(of: index) ?? "")
        case .array: self = .array(document.children(of: index).map { JSONValue(document, at: $0) })
        case .object:
            self = .object(
                document.children(of: index).map { value in
                    Member(document.string(of: value - 1) ?? "", JSONValue(document, at: value))
                })
        }
    }

    package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONFailure) {
        self.init(try JSONDocument(parsing: bytes, limits: limits))
    }

    /// The value of the last member with this key; nil for other kinds and missing keys. Keys compare by bytes.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var intValue: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    package enum Layout: Sendable {
        case compact
        /// Two spaces a level.
        case indented
    }

    package func encoded(_ layout: Layout = .compact) -> [UInt8] {
        var output: [UInt8] = []
        self.write(to: &output, layout: layout, level: 0)
        return output
    }

    package var text: String { String(decoding: self.encoded(), as: UTF8.self) }

    private func write(to output: inout [UInt8], layout: Layout, level: Int) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONEscapes.appendQuoted(text.utf8, to: &output)
        case .array(let values):
            Self.writeContainer("[", "]", values, to: &output, layout: layout, level: level) { value, output in
                value.write(to: &output, layout: layout, level: level + 1)
            }
        case .object(let members):
            Self.writeContainer("{", "}", members, to: &output, layout: layout, level: level) { member, output in
                JSONEscapes.appendQuoted(member.key.utf8, to: &output)
                output.append(contentsOf: (layout == .indented ? ": " : ":").utf8)
                member.value.write(to: &output, layout: layout, level: level + 1)
            }
        }
    }

    private static func writeContainer<Item>(
        _ open: String, _ close: String, _ items: [Item], to output: inout [UInt8], layout: Layout, level: Int,
        each: (Item, inout [UInt8]) -> Void
    ) {
        output.append(contentsOf: open.utf8)
        for (place, item) in items.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            if layout == .indented { self.newLine(level + 1, to: &output) }
            each(item, &output)
        }
        if layout == .indented && !items.isEmpty { self.newLine(level, to: &output) }
        output.append(contentsOf: close.utf8)
    }

    private static func newLine(_ level: Int, to output: inout [UInt8]) {
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: level * 2))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
