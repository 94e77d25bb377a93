// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension XMLBody {
    /// The document that a JSON value stands for: the inverse of ``json(of:contentType:)``.
    ///
    /// Numbers and truth values are written as their text, null as an empty element, a list as several elements.
    ///
    /// - Errors: `output/xml`, with the place.
    package static func bytes(of document: JSONDocument) throws(FormatFailure) -> [UInt8] {
        guard document.root.kind == .object, document.root.count == 1, let root = document.children(of: 0).first,
            document.nodes[root].kind != .array
        else { throw XMLWriter.failure("the body must be an object with one key, the root element", []) }
        var writer = XMLWriter(document: document)
        writer.output += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8
        try writer.writeElement(document.stringBytes(of: root - 1), root, [])
        writer.output.append(0x0A)
        return writer.output
    }
}

private struct XMLWriter {
    let document: JSONDocument
    var output: [UInt8] = []

    init(document: JSONDocument) { self.document = document }

    static func failure(_ message: String, _ path: [String]) -> FormatFailure {
        FormatFailure("output/xml", "\(FieldPath(.data, path)): \(message)")
    }

    // MARK: Elements

    mutating func writeElement(_ name: [UInt8], _ node: Int, _ outer: [String]) throws(FormatFailure) {
        let path = outer + [String(decoding: name, as: UTF8.self)]
        guard XMLNames.isName(name) else { throw Self.failure("no element can have this name", path) }
        self.output.append(UInt8(ascii: "<"))
        self.output += name
        let start = self.output.count
        if self.document.nodes[node].kind == .object {
            try self.writeAttributes(of: node, path)
            let tagEnd = self.output.count
            self.output.append(UInt8(ascii: ">"))
            try self.writeContent(of: node, path)
            if self.close(name, emptyFrom: tagEnd) { return }
        } else {
            self.output.append(UInt8(ascii: ">"))
            try self.writeText(of: node, path)
            if self.close(name, emptyFrom: start) { return }
        }
        self.output += "</".utf8
        self.output += name
        self.output.append(UInt8(ascii: ">"))
    }

    /// Turns `<a>` at the end into `<a/>`; false where something was written behind the tag.
    private mutating func close(_ name: [UInt8], emptyFrom place: Int) -> Bool {
        guard self.output.count == place + 1 else { return false }
        self.output[place] = UInt8(ascii: "/")
        self.output.append(UInt8(ascii: ">"))
        return true
    }

    private mutating func writeAttributes(of node: Int, _ path: [String]) throws(FormatFailure) {
        for value in self.document.children(of: node) {
            let key = self.document.stringBytes(of: value - 1)
            guard key.first == UInt8(ascii: "@") else { continue }
            let name = Array(key.dropFirst())
            let place = path + [String(decoding: key, as: UTF8.self)]
            guard XMLNames.isName(name) else { throw Self.failure("no attribute can have this name", place) }
            self.output.append(0x20)
            self.output += name
            self.output += "=\"".utf8
            try self.writeText(of: value, place, isAttribute: true)
            self.output.append(UInt8(ascii: "\""))
        }
    }

    // MARK: Content

    private mutating func writeContent(of node: Int, _ path: [String]) throws(FormatFailure) {
        var groups: [(name: [UInt8], items: ArraySlice<Int>)] = []
        var places: [[UInt8]: Int] = [:]
        var order: Int?
        for value in self.document.children(of: node) {
            let key = self.document.stringBytes(of: value - 1)
            if key.first == UInt8(ascii: "@") { continue }
            if key.elementsEqual("#order".utf8) {
                order = value
                continue
            }
            let isList = self.document.nodes[value].kind == .array
            places[key] = groups.count
            groups.append((key, isList ? self.document.children(of: value)[...] : [value]))
        }
        if let order {
            for name in self.document.children(of: order) {
                guard self.document.nodes[name].kind == .string,
                    let place = places[self.document.stringBytes(of: name)],
                    let item = groups[place].items.popFirst()
                else { throw Self.failure("names something that is not there", path + ["#order"]) }
                try self.writeItem(groups[place].name, item, path)
            }
        }
        // What the order does not name comes behind.
        for group in groups {
            for item in group.items { try self.writeItem(group.name, item, path) }
        }
    }

    private mutating func writeItem(_ name: [UInt8], _ item: Int, _ path: [String]) throws(FormatFailure) {
        if name.elementsEqual("#text".utf8) {
            try self.writeText(of: item, path + ["#text"])
        } else if self.document.nodes[item].kind == .array {
            throw Self.failure("a list in a list has no form", path + [String(decoding: name, as: UTF8.self)])
        } else {
            try self.writeElement(name, item, path)
        }
    }

    private mutating func writeText(
        of node: Int, _ path: [String], isAttribute: Bool = false
    ) throws(FormatFailure) {
        let text: [UInt8]
        switch self.document.nodes[node].kind {
        case .string: text = self.document.stringBytes(of: node)
        case .number, .true, .false: text = Array(self.document.text(of: node))
        case .null: text = []
        case .array, .object: throw Self.failure("a text is wanted here", path)
        }
        guard XMLNames.isText(text) else { throw Self.failure("a control character has no form in XML 1.0", path) }
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): self.output += "&amp;".utf8
            case UInt8(ascii: "<"): self.output += "&lt;".utf8
            case UInt8(ascii: ">"): self.output += "&gt;".utf8
            case 0x0D: self.output += "&#13;".utf8
            case UInt8(ascii: "\"") where isAttribute: self.output += "&quot;".utf8
            case 0x09 where isAttribute: self.output += "&#9;".utf8
            case 0x0A where isAttribute: self.output += "&#10;".utf8
            default: self.output.append(byte)
            }
        }
    }
}

/// Names and characters of XML 1.0 (fifth edition, sections 2.2 and 2.3).
enum XMLNames {
    static func isName(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self), let first = text.unicodeScalars.first,
            self.isStart(first)
        else { return false }
        return text.unicodeScalars.allSatisfy { self.isStart($0) || self.isInner($0) }
    }

    private static func isStart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D,
            0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF,
            0xFDF0...0xFFFD, 0x10000...0xEFFFF:
            true
        default: false
        }
    }

    private static func isInner(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
        default: false
        }
    }

    /// No control characters but tab and line ends, and neither U+FFFE nor U+FFFF.
    static func isText(_ bytes: [UInt8]) -> Bool {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            if byte == 0xEF, at + 2 < bytes.count, bytes[at + 1] == 0xBF, bytes[at + 2] >= 0xBE { return false }
            at += 1
        }
        return true
    }
}
