// SPDX-License-Identifier: Apache-2.0
// As much of JSON Schema (draft 2020-12) as it takes to say before any event comes that a path or value cannot be
// there. What is not understood makes an answer unknown, never wrong.

/// A schema of an event's data.
package final class JSONSchema: Sendable {
    /// Nesting beyond it is not followed.
    private static let depthMax = 32
    /// Schemas that one place may be made of: references that branch into themselves double at each level.
    private static let partsMax = 256
    /// Keywords under which a key may be allowed though `properties` does not name it.
    private static let openers = [
        "patternProperties", "unevaluatedProperties", "dependentSchemas", "propertyNames", "if",
    ]

    private let root: JSONValue

    package init(_ root: JSONValue) { self.root = root }

    /// What stands at a path.
    package struct Place: Sendable {
        /// One schema, or several that are all in force or of which one is.
        fileprivate let parts: [JSONValue]
        /// No part comes from `anyOf`, `oneOf` or a condition.
        fileprivate let isExact: Bool
        /// The path may come through or end in an array: it may reach several values.
        package let mayBeSeveral: Bool
        /// Every valid event has it.
        package let isRequired: Bool
    }

    package enum Answer: Sendable {
        case found(Place)
        /// The key at this position is not declared; `known` are those that are.
        case missing(at: Int, known: [String], isClosed: Bool)
        /// Anything may stand there.
        case unknown
    }

    package var whole: Place { self.place([self.root], mayBeSeveral: false, isRequired: true) }

    /// Follows keys; an element stands for any element of an array, and arrays on the way are entered by themselves.
    package func look(up keys: [Key]) -> Answer {
        var place = self.whole
        for (position, key) in keys.enumerated() {
            switch key {
            case .element:
                guard let inner = self.elements(of: place) else { return .unknown }
                place = inner
            case .name(let name):
                let object = self.mayBe("array", place) ? self.elements(of: place) ?? place : place
                switch self.property(name, of: object, outer: place) {
                case .some(.found(let inner)): place = inner
                case .some(.missing(_, let known, let isClosed)):
                    return .missing(at: position, known: known, isClosed: isClosed)
                default: return .unknown
                }
            }
        }
        return .found(place)
    }

    package enum Key: Sendable {
        case name(String)
        case element
    }

    // MARK: What may stand at a place

    /// `string`, `number` (whole ones too), `boolean`, `null`, `object`, `array`; nil where the schema does not say.
    package func types(at place: Place) -> Set<String>? {
        var result: Set<String>?
        for part in place.parts {
            let types = self.types(of: part, depth: 0)
            if place.isExact {
                guard let types else { continue }
                result = result.map { $0.intersection(types) } ?? types
            } else {
                guard let types else { return nil }
                result = (result ?? []).union(types)
            }
        }
        return result
    }

    /// The only values that may stand there; nil where there are others.
    package func values(at place: Place) -> [JSONValue]? {
        guard place.isExact else { return nil }
        for part in place.parts {
            if let value = part["const"] { return [value] }
            if let values = part["enum"]?.arrayValue { return values }
        }
        return nil
    }

    /// Bounds of a number, each with whether it is allowed itself.
    package func bounds(at place: Place) -> (low: (JSONNumber, Bool)?, high: (JSONNumber, Bool)?) {
        guard place.isExact else { return (nil, nil) }
        func bound(_ keyword: String, _ isIncluded: Bool) -> (JSONNumber, Bool)? {
            for part in place.parts {
                if case .number(let text)? = part[keyword] {
                    return (JSONNumber(text: Array(text.utf8)[...]), isIncluded)
                }
            }
            return nil
        }
        return (
            bound("exclusiveMinimum", false) ?? bound("minimum", true),
            bound("exclusiveMaximum", false) ?? bound("maximum", true)
        )
    }

    package func mayBe(_ type: String, _ place: Place) -> Bool { self.types(at: place)?.contains(type) ?? true }

    // MARK: Steps

    private func property(_ name: String, of object: Place, outer: Place) -> Answer? {
        var inner: [JSONValue] = []
        var known: [String] = []
        var isClosed = false
        var isRequired = false
        for part in object.parts {
            if Self.openers.contains(where: { part[$0] != nil }) { return .unknown }
            if case .object(let members)? = part["properties"] {
                known += members.map(\.key)
                if let value = part["properties"]?[name] { inner.append(value) }
            }
            switch part["additionalProperties"] {
            case nil, .bool(true): break
            case .bool(false): isClosed = true
            default: if inner.isEmpty { return .unknown }
            }
            let names = part["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
            if names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { isRequired = true }
        }
        if inner.isEmpty {
            return known.isEmpty && !isClosed ? .unknown : .missing(at: 0, known: known, isClosed: isClosed)
        }
        return .found(
            self.place(
                inner, isExact: object.isExact, mayBeSeveral: object.mayBeSeveral || self.mayBe("array", outer),
                isRequired: object.isRequired && isRequired && object.isExact))
    }

    private func elements(of place: Place) -> Place? {
        let items = place.parts.flatMap { part -> [JSONValue] in
            [part["items"]].compactMap { $0 } + (part["prefixItems"]?.arrayValue ?? [])
        }
        guard !items.isEmpty else { return nil }
        let arePrefixed = place.parts.contains { $0["prefixItems"] != nil }
        return self.place(items, isExact: place.isExact && !arePrefixed, mayBeSeveral: true, isRequired: false)
    }

    private func place(
        _ schemas: [JSONValue], isExact: Bool = true, mayBeSeveral: Bool, isRequired: Bool
    ) -> Place {
        var parts: [JSONValue] = []
        var exact = isExact
        for schema in schemas { self.flatten(schema, into: &parts, &exact, depth: 0) }
        let bare = Place(parts: parts, isExact: exact, mayBeSeveral: mayBeSeveral, isRequired: isRequired)
        guard !mayBeSeveral, self.mayBe("array", bare) else { return bare }
        return Place(parts: parts, isExact: exact, mayBeSeveral: true, isRequired: isRequired)
    }

    /// The schema and everything that it takes over.
    private func flatten(_ schema: JSONValue, into parts: inout [JSONValue], _ isExact: inout Bool, depth: Int) {
        guard depth < Self.depthMax, parts.count < Self.partsMax else {
            // Anything may be allowed by what is not followed.
            if parts.count <= Self.partsMax { parts.append(["if": true]) }
            isExact = false
            return
        }
        parts.append(schema)
        if let reference = schema["$ref"]?.stringValue {
            if let target = self.target(of: reference) {
                self.flatten(target, into: &parts, &isExact, depth: depth + 1)
            } else {
                // Somewhere else: anything may be allowed there.
                parts.append(["if": true])
                isExact = false
            }
        }
        if schema["$dynamicRef"] != nil {
            parts.append(["if": true])
            isExact = false
        }
        for part in schema["allOf"]?.arrayValue ?? [] {
            self.flatten(part, into: &parts, &isExact, depth: depth + 1)
        }
        for keyword in ["anyOf", "oneOf"] {
            for part in schema[keyword]?.arrayValue ?? [] {
                isExact = false
                self.flatten(part, into: &parts, &isExact, depth: depth + 1)
            }
        }
    }

    /// `#/$defs/address`; nil for other documents and places that are not there.
    private func target(of reference: String) -> JSONValue? {
        guard reference == "#" || reference.hasPrefix("#/") else { return nil }
        var value = self.root
        for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false)
        where reference != "#" {
            // RFC 6901, section 6: in a fragment the escapes of URIs come off first.
            let bytes = Array(step.utf8)
            let text = String(decoding: PercentCoding.decode(bytes) ?? bytes, as: UTF8.self)
            let key = JSONPointer.unescaped(text)
            if let inner = value[key] {
                value = inner
            } else if let index = Int(key), let items = value.arrayValue, items.indices.contains(index) {
                value = items[index]
            } else {
                return nil
            }
        }
        return value
    }

    /// Of one schema with what it takes over.
    private func types(of schema: JSONValue, depth: Int) -> Set<String>? {
        guard depth < Self.depthMax else { return nil }
        var result: Set<String>?
        func narrow(_ types: Set<String>?) {
            guard let types else { return }
            result = result.map { $0.intersection(types) } ?? types
        }
        if let type = schema["type"] {
            let names = type.stringValue.map { [$0] } ?? type.arrayValue?.compactMap(\.stringValue) ?? []
            narrow(Set(names.map { $0 == "integer" ? "number" : $0 }))
        }
        if let value = schema["const"] { narrow([Self.type(of: value)]) }
        if let values = schema["enum"]?.arrayValue { narrow(Set(values.map(Self.type))) }
        for keyword in ["anyOf", "oneOf"] {
            guard let parts = schema[keyword]?.arrayValue else { continue }
            let types = parts.map { self.types(of: $0, depth: depth + 1) }
            if types.allSatisfy({ $0 != nil }) { narrow(types.reduce(into: []) { $0.formUnion($1 ?? []) }) }
        }
        return result
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
