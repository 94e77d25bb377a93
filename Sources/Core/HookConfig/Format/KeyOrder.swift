// SPDX-License-Identifier: Apache-2.0
// The order of keys, after the declarations: the schema that editors get lists the keys of each object in the order in
// which they are declared, and says what stands below each.

internal import HookCore

/// Orders the keys of declared objects; maps with free names keep the order of their author.
struct KeyOrder {
    private let root: JSONValue
    private let definitions: JSONValue?

    init(schema: JSONValue) {
        self.root = schema
        self.definitions = schema["definitions"]
    }

    func ordered(_ node: SyntaxNode) -> SyntaxNode { self.ordered(node, [self.root]) }

    /// - Parameter schemas: what the node may be; any of them.
    private func ordered(_ node: SyntaxNode, _ schemas: [JSONValue]) -> SyntaxNode {
        let shapes = schemas.flatMap { self.alternatives(of: $0, depth: 0) }
        var node = node
        switch node.content {
        case .list(let items):
            let inner = shapes.compactMap { $0["items"] }
            node.content = .list(
                items.map { item in
                    var item = item
                    item.value = self.ordered(item.value, inner)
                    return item
                })
        case .map(let entries):
            let shape = self.best(of: shapes.filter { $0["type"].map(Self.isObject) ?? false }, for: entries)
            let sorted = shape.map { Self.sorted(entries, after: $0) } ?? entries
            node.content = .map(
                sorted.map { entry in
                    var entry = entry
                    entry.value = self.ordered(entry.value, shape.map { Self.below(entry.key, of: $0) } ?? [])
                    return entry
                })
        case .text, .lines, .block, .verbatim: break
        }
        return node
    }

    private static func isObject(_ type: JSONValue) -> Bool {
        type.stringValue == "object" || (type.arrayValue ?? []).contains("object")
    }

    /// A schema without `anyOf`, `allOf` and `$ref` around it.
    private func alternatives(of schema: JSONValue, depth: Int) -> [JSONValue] {
        guard depth < 16 else { return [] }
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
            return (self.definitions?[String(name)]).map { self.alternatives(of: $0, depth: depth + 1) } ?? []
        }
        let parts = (schema["anyOf"]?.arrayValue ?? []) + (schema["allOf"]?.arrayValue ?? [])
        return parts.isEmpty ? [schema] : parts.flatMap { self.alternatives(of: $0, depth: depth + 1) }
    }

    /// The object that knows the most of the keys.
    private func best(of shapes: [JSONValue], for entries: [SyntaxEntry]) -> JSONValue? {
        let scored = shapes.map { shape in (shape, entries.count { Self.keys(of: shape).contains(Self.name($0.key)) }) }
        return scored.max { $0.1 < $1.1 }?.0
    }

    private static func keys(of shape: JSONValue) -> [String] {
        guard case .object(let members)? = shape["properties"] else { return [] }
        return members.map(\.key)
    }

    private static func below(_ key: String, of shape: JSONValue) -> [JSONValue] {
        let name = Self.name(key)
        if let known = shape["properties"]?[name] { return [known] }
        if case .object? = shape["additionalProperties"] { return [shape["additionalProperties"] ?? .null] }
        return []
    }

    /// A key without its quotes.
    private static func name(_ key: String) -> String {
        let bytes = key.utf8
        guard bytes.count > 1, let first = bytes.first, first == bytes.last, first == 0x22 || first == 0x27 else {
            return key
        }
        return String(Substring(bytes.dropFirst().dropLast()))
    }

    // MARK: Sorting

    private static func sorted(_ entries: [SyntaxEntry], after shape: JSONValue) -> [SyntaxEntry] {
        // Free names beside declared ones, as paths beside `any_of`: the order says something to its author.
        let isClosed = shape["additionalProperties"] == .bool(false)
        let order = Dictionary(Self.keys(of: shape).enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
        guard isClosed, !order.isEmpty else { return entries }
        // A key that is not declared, such as `x-owner`, stays behind the one that it followed.
        var places: [(place: Int, entry: SyntaxEntry)] = []
        for entry in entries { places.append((order[Self.name(entry.key)] ?? places.last?.place ?? -1, entry)) }
        let sorted = places.indices.sorted { (places[$0].place, $0) < (places[$1].place, $1) }
        guard sorted != Array(entries.indices), !Self.breaksAnchors(entries, sorted) else { return entries }
        return Self.spaced(sorted.map { entries[$0] }, before: entries)
    }

    /// Whether an alias would stand before its anchor, or two anchors of one name would change places.
    private static func breaksAnchors(_ entries: [SyntaxEntry], _ order: [Int]) -> Bool {
        for (place, later) in order.enumerated() {
            for earlier in order[..<place] where earlier > later {
                let isTied = !entries[earlier].anchors.isDisjoint(with: entries[later].anchors)
                if isTied && (entries[earlier].definesAnchor || entries[later].definesAnchor) { return true }
            }
        }
        return false
    }

    /// Blank lines stand between entries, so the one that was first gets one where the others have them.
    private static func spaced(_ sorted: [SyntaxEntry], before entries: [SyntaxEntry]) -> [SyntaxEntry] {
        guard entries.dropFirst().contains(where: { $0.lead.first == .blank }) else { return sorted }
        return sorted.enumerated().map { place, entry in
            var entry = entry
            let wasFirst = entry.key == entries[0].key
            if place == 0 {
                while entry.lead.first == .blank { entry.lead.removeFirst() }
            } else if wasFirst, entry.lead.first != .blank {
                entry.lead.insert(.blank, at: 0)
            }
            return entry
        }
    }
}
