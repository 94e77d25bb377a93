// SPDX-License-Identifier: Apache-2.0
// XML to JSON, so that nothing is lost on the way back:
//
//     <order id="7"><item>a</item><item>b</item><note>x <b>y</b></note></order>
//     {"order":{"@id":"7","item":["a","b"],"note":{"#text":"x ","b":"y"}}}
//
// Elements are keys, in the order of their first appearance; several of one name are a list. Attributes have an `@`,
// text beside elements or attributes is `#text`. Where the order of keys does not give the order of the children,
// `#order` lists their names in it. The shape below a name does not depend on what stands around it, so routes find it.
// Lost are: comments, processing instructions, the difference between CDATA and text, white space between elements where
// an element holds no other text (unless `xml:space="preserve"`).
import HookCore
import XMLBridge

/// `application/xml`, `text/xml`, `…+xml`.
package enum XMLBody {
    /// The document as JSON text.
    ///
    /// - Errors: `xml/invalid`, `xml/doctype`, `xml/encoding`, `xml/too-large`.
    package static func json(of body: [UInt8], contentType: ArraySlice<UInt8>?) throws(FormatFailure) -> [UInt8] {
        let charset = contentType.flatMap { MediaType.parameter("charset", of: $0) }
        let root: XMLNode
        do throws(XMLFailure) {
            root = try XMLNode.read(body, charset: charset.map { String(decoding: $0, as: UTF8.self) })
        } catch {
            throw FormatFailure(error)
        }
        var output: [UInt8] = []
        output.reserveCapacity(body.count + body.count / 4)
        output.append(UInt8(ascii: "{"))
        JSONEscapes.appendQuoted(root.name, to: &output)
        output.append(UInt8(ascii: ":"))
        root.append(to: &output, preserves: false)
        output.append(UInt8(ascii: "}"))
        return output
    }
}

extension FormatFailure {
    init(_ failure: XMLFailure) {
        let place = failure.line.map { "Line \($0): " } ?? ""
        let (code, status) =
            switch failure.reason {
            case .malformed: ("xml/invalid", 400)
            case .declaration: ("xml/doctype", 400)
            case .encoding: ("xml/encoding", 400)
            case .limit: ("xml/too-large", 413)
            }
        self.init(code, "\(place)\(failure.detail).", status: status)
    }
}

/// An element while it is read.
struct XMLNode {
    enum Item {
        case text([UInt8])
        case element(XMLNode)
    }

    let name: [UInt8]
    let attributes: [XMLAttribute]
    private(set) var items: [Item] = []
    private var hasElements = false
    /// Text since the last element: text in a row is one text, however the parser cut it.
    private var pending: [UInt8] = []

    init(name: [UInt8], attributes: [XMLAttribute]) {
        self.name = name
        self.attributes = attributes
    }

    static func read(_ body: [UInt8], charset: String?) throws(XMLFailure) -> XMLNode {
        let events = try XMLEvents(body, charset: charset)
        var open: [XMLNode] = []
        while let event = try events.next() {
            switch event {
            case .start(let name, let attributes): open.append(XMLNode(name: name, attributes: attributes))
            case .text(let text):
                if !open.isEmpty { open[open.count - 1].add(text) }
            case .end:
                guard var closed = open.popLast() else { break }
                closed.settle()
                if open.isEmpty { return try self.ended(events, closed) }
                open[open.count - 1].add(closed)
            }
        }
        throw XMLFailure(.malformed, "there is no element")
    }

    /// Reads on to the end: what stands behind the root may be malformed.
    private static func ended(_ events: XMLEvents, _ root: XMLNode) throws(XMLFailure) -> XMLNode {
        while try events.next() != nil {}
        return root
    }

    private mutating func add(_ node: XMLNode) {
        self.settle()
        self.items.append(.element(node))
        self.hasElements = true
    }

    private mutating func add(_ text: [UInt8]) { self.pending += text }

    private mutating func settle() {
        if self.pending.isEmpty { return }
        self.items.append(.text(self.pending))
        self.pending = []
    }

    // MARK: JSON

    private static let text = Array("#text".utf8)
    private static let order = Array("#order".utf8)

    /// Appends the element's value.
    ///
    /// - Parameter preserves: `xml:space="preserve"` holds around the element.
    func append(to output: inout [UInt8], preserves: Bool) {
        var preserves = preserves
        for attribute in self.attributes where attribute.name.elementsEqual("xml:space".utf8) {
            preserves = attribute.value.elementsEqual("preserve".utf8)
        }
        if self.attributes.isEmpty && !self.hasElements {
            JSONEscapes.appendQuoted(self.wholeText, to: &output)
            return
        }
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for attribute in self.attributes {
            Self.comma(&isFirst, &output)
            JSONEscapes.appendQuoted([UInt8(ascii: "@")] + attribute.name, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONEscapes.appendQuoted(attribute.value, to: &output)
        }
        self.appendContent(to: &output, &isFirst, preserves)
        output.append(UInt8(ascii: "}"))
    }

    private var wholeText: [UInt8] {
        self.items.reduce(into: []) { if case .text(let text) = $1 { $0 += text } }
    }

    /// Children by name, in the order in which the names come first.
    private func appendContent(to output: inout [UInt8], _ isFirst: inout Bool, _ preserves: Bool) {
        let items = self.hasElements && !preserves && self.isBlank ? self.items.filter { !$0.isText } : self.items
        var groups: [(name: [UInt8], items: [Item])] = []
        var places: [[UInt8]: Int] = [:]
        var sequence: [Int] = []
        for item in items {
            let name = item.name ?? Self.text
            let place = places[name] ?? groups.count
            if place == groups.count {
                places[name] = place
                groups.append((name, []))
            }
            groups[place].items.append(item)
            sequence.append(place)
        }
        for group in groups {
            Self.comma(&isFirst, &output)
            JSONEscapes.appendQuoted(group.name, to: &output)
            output.append(UInt8(ascii: ":"))
            if group.items.count > 1 { output.append(UInt8(ascii: "[")) }
            for (place, item) in group.items.enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                switch item {
                case .text(let text): JSONEscapes.appendQuoted(text, to: &output)
                case .element(let node): node.append(to: &output, preserves: preserves)
                }
            }
            if group.items.count > 1 { output.append(UInt8(ascii: "]")) }
        }
        guard zip(sequence, sequence.dropFirst()).contains(where: { $0 > $1 }) else { return }
        Self.comma(&isFirst, &output)
        JSONEscapes.appendQuoted(Self.order, to: &output)
        output += ":[".utf8
        for (place, group) in sequence.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONEscapes.appendQuoted(groups[group].name, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private var isBlank: Bool {
        self.items.allSatisfy { item in
            guard case .text(let text) = item else { return true }
            return text.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }
        }
    }

    private static func comma(_ isFirst: inout Bool, _ output: inout [UInt8]) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
    }
}

extension XMLNode.Item {
    /// Nil for text.
    fileprivate var name: [UInt8]? { if case .element(let node) = self { node.name } else { nil } }

    fileprivate var isText: Bool { self.name == nil }
}
