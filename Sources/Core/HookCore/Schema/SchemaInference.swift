// SPDX-License-Identifier: Apache-2.0
// A schema from samples: what all of them have in common, as narrow as the number of samples bears. Every sample passes
// what is inferred from it.

/// Reads samples one by one, then says the schema.
package struct SchemaInference {
    /// Different texts that are still a closed set, and how often each has to be seen on average.
    private static let wordsMax = 8
    private static let wordBytesMax = 40
    private static let seenPerWord = 4
    /// Different keys of one object; beyond them keys are data, as in a map of prices by country.
    private static let keysMax = 200

    /// What was seen at one place.
    private final class Place {
        var nulls = 0
        var truths = 0
        var numbers = 0
        var fractions = 0
        var texts = 0
        var arrays = 0
        var objects = 0
        var words: [String: Int] = [:]
        var areWords = true
        var formats: [SchemaFormat] = [.dateTime, .date, .uuid, .email, .uri]
        var element: Place?
        /// In the order in which keys were seen first.
        var keys: [String] = []
        var members: [String: (place: Place, count: Int)] = [:]
        var isMap = false
    }

    private let root = Place()
    package private(set) var samples = 0

    package init() {}

    package mutating func add(_ document: JSONDocument) {
        self.samples += 1
        self.read(document, 0, into: self.root)
    }

    private func read(_ document: JSONDocument, _ at: Int, into place: Place) {
        switch document.nodes[at].kind {
        case .null: place.nulls += 1
        case .true, .false: place.truths += 1
        case .number:
            place.numbers += 1
            if !Self.isWhole(document, at) { place.fractions += 1 }
        case .string: self.read(text: document.stringBytes(of: at), into: place)
        case .array:
            place.arrays += 1
            let element = place.element ?? Place()
            place.element = element
            for item in document.children(of: at) { self.read(document, item, into: element) }
        case .object:
            place.objects += 1
            for value in document.children(of: at) {
                let key = document.string(of: value - 1) ?? ""
                if place.members[key] == nil {
                    place.keys.append(key)
                    place.members[key] = (Place(), 0)
                }
                place.members[key]?.count += 1
                if let inner = place.members[key]?.place { self.read(document, value, into: inner) }
            }
            if place.keys.count > Self.keysMax { place.isMap = true }
        }
    }

    private static func isWhole(_ document: JSONDocument, _ at: Int) -> Bool {
        unsafe document.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return false }
            let node = document.nodes[at]
            return unsafe DecimalText(base, Int(node.start), Int(node.end)).isInteger
        }
    }

    private func read(text: [UInt8], into place: Place) {
        place.texts += 1
        place.formats.removeAll { !$0.holds(text) }
        guard place.areWords else { return }
        guard text.count <= Self.wordBytesMax, place.words.count <= Self.wordsMax else {
            place.areWords = false
            place.words = [:]
            return
        }
        place.words[String(decoding: text, as: UTF8.self), default: 0] += 1
    }

    // MARK: The schema

    /// A schema of draft 2020-12.
    package func schema(title: String? = nil) -> JSONValue {
        guard case .object(let members) = self.schema(of: self.root) else { return true }
        let head = [JSONValue.Member("$schema", "https://json-schema.org/draft/2020-12/schema")]
        return .object(head + (title.map { [JSONValue.Member("title", .string($0))] } ?? []) + members)
    }

    private func schema(of place: Place) -> JSONValue {
        var types: [JSONValue] = []
        if place.objects > 0 { types.append("object") }
        if place.arrays > 0 { types.append("array") }
        if place.texts > 0 { types.append("string") }
        if place.numbers > 0 { types.append(place.fractions > 0 ? "number" : "integer") }
        if place.truths > 0 { types.append("boolean") }
        if place.nulls > 0 { types.append("null") }
        // Nothing was seen, as in an array that was always empty: anything may come.
        guard let first = types.first else { return .object([]) }
        var members = [JSONValue.Member("type", types.count == 1 ? first : .array(types))]
        if place.texts > 0 { members += self.textRules(place, isAlone: types.count == 1) }
        if let element = place.element {
            let items = self.schema(of: element)
            if items != .object([]) { members.append(JSONValue.Member("items", items)) }
        }
        if place.objects > 0 { members += self.objectRules(place) }
        return .object(members)
    }

    private func textRules(_ place: Place, isAlone: Bool) -> [JSONValue.Member] {
        if let format = place.formats.first { return [JSONValue.Member("format", .string(format.rawValue))] }
        let isClosed =
            isAlone && place.areWords && place.words.count <= Self.wordsMax
            && place.texts >= place.words.count * Self.seenPerWord
        guard isClosed else { return [] }
        return [JSONValue.Member("enum", .array(place.words.keys.sorted().map { .string($0) }))]
    }

    private func objectRules(_ place: Place) -> [JSONValue.Member] {
        if place.isMap {
            let merged = place.keys.compactMap { place.members[$0] }.map { self.schema(of: $0.place) }
            let distinct = merged.reduce(into: [JSONValue]()) { if !$0.contains($1) { $0.append($1) } }
            let value: JSONValue = distinct.count == 1 ? distinct[0] : ["anyOf": .array(distinct)]
            return [JSONValue.Member("additionalProperties", value)]
        }
        let properties = place.keys.compactMap { key in
            place.members[key].map { JSONValue.Member(key, self.schema(of: $0.place)) }
        }
        let required = place.keys.filter { place.members[$0]?.count == place.objects }
        var members: [JSONValue.Member] = []
        if !required.isEmpty { members.append(JSONValue.Member("required", .array(required.map { .string($0) }))) }
        if !properties.isEmpty { members.append(JSONValue.Member("properties", .object(properties))) }
        return members
    }
}
