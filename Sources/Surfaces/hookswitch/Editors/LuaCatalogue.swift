// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore

/// LuaLS classes of the catalogue: one for each version of an event type that has a schema.
struct LuaCatalogue {
    /// Schemas may contain themselves.
    private static let depthMax = 12

    private var output = ""
    private var written: Set<String> = []

    /// `catalogue.d.lua`; annotate a function with `---@param event hookswitch.event.order.created.v2`.
    static func definitions(_ schemas: [CatalogueSchema]) -> String {
        var catalogue = LuaCatalogue()
        catalogue.output = """
            ---@meta
            -- The event types of the catalogue. Made by "hookswitch config schema --lua"; do not edit.
            -- Use: ---@param event hookswitch.event.TYPE.vVERSION

            """
        for one in schemas { catalogue.add(one) }
        return catalogue.output
    }

    private mutating func add(_ one: CatalogueSchema) {
        let name = "\(Self.className(one.type)).v\(one.version)"
        let data = self.type(
            of: one.schema ?? .null, root: one.schema ?? .null, named: "hookswitch.data.\(name)", depth: 0)
        let summary = one.summary.map { "---\(Self.line($0))\n" } ?? ""
        self.output += "\n\(summary)---@class hookswitch.event.\(name): hookswitch.event\n"
        self.output += "---@field type \"\(one.type)\"\n---@field version \(one.version)\n---@field data \(data)\n"
    }

    /// Characters that a class name of LuaLS may have.
    private static func className(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") ? $0 : "_" })
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// The type of a schema; classes of objects are written before it is used.
    private mutating func type(of schema: JSONValue, root: JSONValue, named name: String, depth: Int) -> String {
        guard depth < Self.depthMax else { return "any" }
        if let target = schema["$ref"]?.stringValue {
            guard let found = Self.resolve(target, in: root) else { return "any" }
            let last = target.split(separator: "/").last.map(String.init) ?? ""
            let base = name.split(separator: "#")[0]
            return self.type(of: found, root: root, named: "\(base).\(Self.className(last))", depth: depth + 1)
        }
        if let values = schema["enum"]?.arrayValue ?? schema["const"].map({ [$0] }) {
            return values.map(Self.literal).joined(separator: "|")
        }
        if let options = schema["anyOf"]?.arrayValue ?? schema["oneOf"]?.arrayValue {
            let types = options.enumerated().map {
                self.type(of: $0.element, root: root, named: "\(name)_\($0.offset + 1)", depth: depth + 1)
            }
            return Self.union(types)
        }
        let kinds = schema["type"]?.stringValue.map { [$0] } ?? schema["type"]?.arrayValue?.compactMap(\.stringValue)
        guard let kinds else {
            return schema["properties"] == nil ? "any" : self.object(schema, root, name, depth)
        }
        return Self.union(kinds.map { self.type(ofKind: $0, schema, root, name, depth) })
    }

    private mutating func type(
        ofKind kind: String, _ schema: JSONValue, _ root: JSONValue, _ name: String, _ depth: Int
    ) -> String {
        switch kind {
        case "string", "number", "integer", "boolean": return kind
        case "null": return "hookswitch.null"
        case "array":
            let item = schema["items"].map {
                self.type(of: $0, root: root, named: "\(name).item", depth: depth + 1)
            }
            return (item ?? "any").contains("|") ? "(\(item ?? "any"))[]" : "\(item ?? "any")[]"
        case "object": return self.object(schema, root, name, depth)
        default: return "any"
        }
    }

    /// Writes the class of an object and gives its name.
    private mutating func object(_ schema: JSONValue, _ root: JSONValue, _ name: String, _ depth: Int) -> String {
        guard case .object(let members)? = schema["properties"], !members.isEmpty else { return "table<string, any>" }
        guard self.written.insert(name).inserted else { return name }
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        var lines: [String] = []
        for member in members {
            let type = self.type(
                of: member.value, root: root, named: "\(name).\(Self.className(member.key))", depth: depth + 1)
            let isPlain = member.key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            let key = isPlain ? member.key : "[\(JSONValue.string(member.key).text)]"
            let optional = required.contains(member.key) ? "" : "?"
            let summary = member.value["description"]?.stringValue.map { " " + Self.line($0) } ?? ""
            // The mark of an optional field stands behind its name, or behind its type where the name has brackets.
            lines.append(
                isPlain
                    ? "---@field \(key)\(optional) \(type)\(summary)" : "---@field \(key) \(type)\(optional)\(summary)")
        }
        let title = schema["description"]?.stringValue ?? schema["title"]?.stringValue
        let head = title.map { "---\(Self.line($0))\n" } ?? ""
        self.output += "\n\(head)---@class \(name)\n\(lines.joined(separator: "\n"))\n"
        return name
    }

    private static func union(_ types: [String]) -> String {
        var seen: Set<String> = []
        return types.filter { seen.insert($0).inserted }.joined(separator: "|")
    }

    private static func literal(_ value: JSONValue) -> String {
        switch value {
        case .null: "hookswitch.null"
        case .array, .object: "table"
        default: value.text
        }
    }

    /// `#/$defs/address`, inside the document.
    private static func resolve(_ target: String, in root: JSONValue) -> JSONValue? {
        guard target.hasPrefix("#/") else { return target == "#" ? root : nil }
        return target.dropFirst(2).split(separator: "/").reduce(root as JSONValue?) { value, step in
            let name = step.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
            return value?[name.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")]
        }
    }
}
