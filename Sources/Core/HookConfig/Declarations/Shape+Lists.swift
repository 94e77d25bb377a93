// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// Shapes of several values.
extension Shape {
    /// A list. An empty one is refused: it never means what its author hoped.
    static func list<Item>(of item: Shape<Item>) -> Shape<[Item]> {
        Shape<[Item]>(
            "a list of \(item.expects)", example: "[\(item.example)]",
            schema: ["type": "array", "items": item.schema, "minItems": 1], sections: item.sections
        ) { node, checker in
            guard let nodes = node.items else {
                checker.reportType(node, expected: "a list", example: "[\(item.example)]")
                return nil
            }
            guard !nodes.isEmpty else {
                checker.report(
                    "config/empty-list", at: node.at, "the list is empty", hint: "leave the key out, or give a value")
                return nil
            }
            return nodes.compactMap { item.read($0, checker) }
        }
    }

    /// A list that may be empty, where "none" is a statement: `deliveries: []`.
    static func exactList<Item>(of item: Shape<Item>) -> Shape<[Item]> {
        let filled = Shape<[Item]>.list(of: item)
        return Shape<[Item]>(
            filled.expects, example: filled.example, schema: ["type": "array", "items": item.schema],
            sections: item.sections
        ) { node, checker in node.items?.isEmpty == true ? [] : filled.read(node, checker) }
    }

    /// One value, or a list of them.
    static func oneOrMore<Item>(_ item: Shape<Item>) -> Shape<[Item]> {
        let list = Shape<[Item]>.list(of: item)
        return Shape<[Item]>(
            "\(item.expects), or a list", example: item.example, schema: ["anyOf": [item.schema, list.schema]],
            sections: item.sections
        ) { node, checker in
            node.items == nil ? item.read(node, checker).map { [$0] } : list.read(node, checker)
        }
    }

    /// A map with free keys, in the order of the file.
    static func map<Item>(of item: Shape<Item>, keys: String) -> Shape<[(key: YAMLNode, name: String, value: Item)]> {
        Shape<[(key: YAMLNode, name: String, value: Item)]>(
            "a map from \(keys) to \(item.expects)", example: "",
            schema: ["type": "object", "additionalProperties": item.schema], sections: item.sections
        ) { node, checker in
            checker.entries(of: node, expected: "a map from \(keys) to \(item.expects)")?.compactMap { name, entry in
                item.read(entry.value, checker).map { (entry.key, name, $0) }
            }
        }
    }

    /// A section, read over a starting value.
    static func section<Target: Sendable>(_ section: Section<Target>, from start: Target) -> Shape<Target> {
        Shape<Target>(
            section.title, example: "", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var target = start
            return section.read(node, into: &target, checker) ? target : nil
        }
    }

    /// The name of a declared thing; unknown ones are reported with the nearest name.
    static func reference(_ kind: NameKind, code: String) -> Shape<String> {
        Shape<String>("the name of a \(kind.singular)", example: "", schema: ["type": "string"]) { node, checker in
            guard let name = node.raw, case .string = node.scalar else {
                checker.reportType(node, expected: "the name of a \(kind.singular)", example: "")
                return nil
            }
            guard checker.names.contains(name, kind) else {
                checker.unknownName(name, kind, at: node.at, code: code)
                return nil
            }
            return name
        }
    }

    static var secret: Shape<SecretName> {
        Shape<String>.reference(.secrets, code: "secret/unknown").map { SecretName($0) }
    }
}
