// SPDX-License-Identifier: Apache-2.0
// References by RFC 3986, section 5: as much as it takes to tell which document and which place a schema means.

/// A URI in its parts; compares by them.
struct SchemaURI: Hashable, Sendable, CustomStringConvertible {
    private(set) var scheme: String?
    private(set) var authority: String?
    private(set) var path: String
    private(set) var query: String?
    /// Percent signs resolved; nil where there is no `#`.
    private(set) var fragment: String?

    init(_ text: String) {
        var rest = text[...]
        if let hash = rest.firstIndex(of: "#") {
            self.fragment = Self.decoded(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: "?") {
            self.query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
            self.scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            self.authority = rest[..<end].lowercased()
            rest = rest[end...]
        }
        self.path = String(rest)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7A else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        return String(decoding: PercentCoding.decode(bytes) ?? bytes, as: UTF8.self)
    }

    /// The document: everything before the fragment.
    var document: SchemaURI {
        var result = self
        result.fragment = nil
        return result
    }

    func withFragment(_ fragment: String?) -> SchemaURI {
        var result = self
        result.fragment = fragment
        return result
    }

    /// `reference` as it is meant inside of this document (RFC 3986, section 5.2.2).
    func resolving(_ reference: SchemaURI) -> SchemaURI {
        if reference.scheme != nil { return reference.withoutDots }
        var result = reference
        result.scheme = self.scheme
        if reference.authority != nil { return result.withoutDots }
        result.authority = self.authority
        if reference.path.isEmpty {
            result.path = self.path
            if reference.query == nil { result.query = self.query }
            return result
        }
        if !reference.path.hasPrefix("/") {
            let folder = self.path.lastIndex(of: "/").map { self.path[...$0] }
            result.path = (folder.map(String.init) ?? (self.authority == nil ? "" : "/")) + reference.path
        }
        return result.withoutDots
    }

    private var withoutDots: SchemaURI {
        guard self.path.contains("/.") || self.path.hasPrefix(".") else { return self }
        var steps: [Substring] = []
        let parts = self.path.split(separator: "/", omittingEmptySubsequences: false)
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            switch part {
            case ".": if isLast { steps.append("") }
            case "..":
                if steps.count > 1 || (steps.count == 1 && steps[0] != "") { steps.removeLast() }
                if isLast { steps.append("") }
            default: steps.append(part)
            }
        }
        var result = self
        result.path = steps.joined(separator: "/")
        return result
    }

    var description: String {
        var text = self.scheme.map { "\($0):" } ?? ""
        if let authority = self.authority { text += "//\(authority)" }
        text += self.path
        if let query = self.query { text += "?\(query)" }
        if let fragment = self.fragment { text += "#\(fragment)" }
        return text
    }
}

/// RFC 6901.
package enum JSONPointer {
    /// `~1` is a slash, `~0` a tilde.
    package static func unescaped(_ step: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var isEscape = false
        for byte in step.utf8 {
            if isEscape {
                bytes.append(byte == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                isEscape = false
            } else if byte == UInt8(ascii: "~") {
                isEscape = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func escaped(_ key: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "~"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "0")]
            case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The steps of a pointer, unescaped; nil where it does not begin with a slash and is not empty.
    package static func steps(_ pointer: some StringProtocol) -> [String]? {
        if pointer.isEmpty { return [] }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { Self.unescaped($0) }
    }
}

extension JSONDocument {
    /// The pointer to a node, from the top; of a key node that of its value.
    package func pointer(to target: Int) -> String {
        var text = ""
        var at = 0
        while at != target, self.nodes[at].kind == .array || self.nodes[at].kind == .object {
            let isObject = self.nodes[at].kind == .object
            var child = at + 1
            var place = 0
            let end = Int(self.nodes[at].next)
            while child < end {
                let value = isObject ? child + 1 : child
                let next = Int(self.nodes[value].next)
                if target < next { break }
                child = next
                place += 1
            }
            guard child < end else { return text }
            text += "/" + (isObject ? JSONPointer.escaped(self.string(of: child) ?? "") : "\(place)")
            if isObject, target == child { return text }
            at = isObject ? child + 1 : child
        }
        return text
    }

    /// The node that a pointer means; nil where there is none.
    package func node(at pointer: String) -> Int? {
        guard let steps = JSONPointer.steps(pointer) else { return nil }
        var at = 0
        for step in steps {
            switch self.nodes[at].kind {
            case .object:
                guard let next = self.member(step.utf8, of: at) else { return nil }
                at = next
            case .array:
                let items = self.children(of: at)
                guard let place = Int(step), items.indices.contains(place) else { return nil }
                at = items[place]
            default: return nil
            }
        }
        return at
    }
}
