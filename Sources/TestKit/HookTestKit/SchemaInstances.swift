// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Values that a JSON Schema allows, by chance: the same ones for the same seed.
///
/// - Bounds: `const`, `enum`, `type`, `properties`, `required`, `items`, `anyOf` and `oneOf` (one of them), `allOf` (merged),
///   limits of numbers, lengths and counts, and the patterns of ``PatternInstances``. What else a schema says is not looked
///   at: hold the value against the schema where that matters.
package struct SchemaInstances {
    /// Deeper schemas give the smallest value of their type.
    private static let depthMax = 8

    private let schema: JSONValue
    private var random: SeededRandom

    package init(of schema: JSONValue, seed: UInt64) {
        self.schema = schema
        self.random = SeededRandom(seed: seed)
    }

    /// Another value each time.
    package mutating func next() -> JSONValue { self.value(self.schema, 0) }

    private mutating func value(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        if let constant = schema["const"] { return constant }
        if let values = schema["enum"]?.arrayValue, let one = values.randomElement(using: &self.random) { return one }
        if let choices = (schema["anyOf"] ?? schema["oneOf"])?.arrayValue,
            let one = choices.randomElement(using: &self.random)
        {
            return self.value(Self.merged([schema.without(["anyOf", "oneOf"]), one]), depth)
        }
        if let parts = schema["allOf"]?.arrayValue {
            return self.value(Self.merged([schema.without(["allOf"])] + parts), depth)
        }
        switch self.type(of: schema) {
        case "object": return self.object(schema, depth)
        case "array": return self.array(schema, depth)
        case "string": return .string(self.text(schema))
        case "integer": return .int(self.integer(schema))
        case "number": return .number("\(self.integer(schema)).\(Int.random(in: 0...99, using: &self.random))1")
        case "boolean": return .bool(.random(using: &self.random))
        default: return .null
        }
    }

    private mutating func type(of schema: JSONValue) -> String {
        if let name = schema["type"]?.stringValue { return name }
        if let names = schema["type"]?.arrayValue, let one = names.randomElement(using: &self.random)?.stringValue {
            return one
        }
        if schema["properties"] != nil { return "object" }
        if schema["items"] != nil { return "array" }
        return ["string", "integer", "boolean", "null"].randomElement(using: &self.random) ?? "null"
    }

    private mutating func object(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        guard case .object(let properties)? = schema["properties"] else { return .object([]) }
        let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        var members: [JSONValue.Member] = []
        for property in properties {
            let isWanted = depth < Self.depthMax && Bool.random(using: &self.random)
            guard required.contains(property.key) || isWanted else { continue }
            members.append(.init(property.key, self.value(property.value, depth + 1)))
        }
        return .object(members)
    }

    private mutating func array(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        let least = schema["minItems"]?.intValue ?? 0
        let most = depth < Self.depthMax ? min(schema["maxItems"]?.intValue ?? least + 4, least + 4) : least
        let count = Int.random(in: least...max(least, most), using: &self.random)
        let items = schema["items"] ?? .object([])
        return .array((0..<count).map { _ in self.value(items, depth + 1) })
    }

    /// Small numbers most of the time, the ends of the range now and then.
    private mutating func integer(_ schema: JSONValue) -> Int {
        let low = schema["minimum"]?.intValue ?? schema["exclusiveMinimum"]?.intValue.map { $0 + 1 } ?? -1_000_000
        let high = schema["maximum"]?.intValue ?? schema["exclusiveMaximum"]?.intValue.map { $0 - 1 } ?? low + 2_000_000
        let range = low...max(low, high)
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: return range.lowerBound
        case 1: return range.upperBound
        case 2...4: return Int.random(in: low...min(max(low, high), low + 100), using: &self.random)
        default: return Int.random(in: range, using: &self.random)
        }
    }

    private static let letters = Array("abcXYZ 019_-äé漢😀\"\\/\u{7f}\u{1}")

    private mutating func text(_ schema: JSONValue) -> String {
        if let pattern = schema["pattern"]?.stringValue, let made = PatternInstances(pattern)?.text(using: &self.random)
        {
            return made
        }
        let least = schema["minLength"]?.intValue ?? 0
        let most = min(schema["maxLength"]?.intValue ?? least + 12, least + 12)
        let count = Int.random(in: least...max(least, most), using: &self.random)
        return String((0..<count).map { _ in Self.letters.randomElement(using: &self.random) ?? "x" })
    }

    /// Later members win, `required` and `properties` add up.
    private static func merged(_ schemas: [JSONValue]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for case .object(let parts) in schemas {
            for part in parts {
                guard let place = members.firstIndex(where: { $0.key == part.key }) else {
                    members.append(part)
                    continue
                }
                switch (members[place].value, part.value) {
                case (.array(let old), .array(let new)) where part.key == "required":
                    members[place] = .init(part.key, .array(old + new))
                case (.object(let old), .object(let new)) where part.key == "properties":
                    members[place] = .init(part.key, .object(old + new))
                default: members[place] = part
                }
            }
        }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate func without(_ keys: [String]) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !keys.contains($0.key) })
    }
}
