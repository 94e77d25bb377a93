// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// What may stand at a path, by all schemas of the events that come.
struct SchemaValues {
    struct Problem {
        /// The kind of the value is wrong, not only the value.
        let isKind: Bool
        /// `text`, `one of "a", "b"`.
        let found: String
        let near: String?
    }

    /// Kinds of single values, elements of arrays included; nil for any.
    private let kinds: Set<String>?
    /// Every value that is allowed; nil where there are more than listed ones.
    private let values: [JSONScalar]?
    private let range: NumberRange?
    let isRequired: Bool
    let mayBeArray: Bool

    init(_ places: [(schema: JSONSchema, place: JSONSchema.Place, keys: [JSONSchema.Key])]) {
        var kinds: Set<String>? = []
        var values: [JSONScalar]? = []
        var ranges: [NumberRange] = []
        var mayBeArray = false
        for (schema, place, keys) in places {
            var types = schema.types(at: place)
            var inner = [place]
            if schema.mayBe("array", place) {
                mayBeArray = true
                // Elements count as values; what they are is only known where the schema says it.
                if case .found(let element) = schema.look(up: keys + [.element]), types != nil {
                    inner = [element]
                    types = types.flatMap { own in
                        schema.types(at: element).map { own.subtracting(["array"]).union($0) }
                    }
                } else {
                    types = nil
                }
            }
            kinds = kinds.flatMap { all in types.map { all.union($0) } }
            let listed = inner.map { schema.values(at: $0) }
            values = values.flatMap { all in listed[0].map { all + $0.compactMap(JSONScalar.init) } }
            ranges.append(NumberRange(schema.bounds(at: inner[0])))
        }
        self.kinds = kinds
        self.values = values
        self.range = ranges.count == 1 ? ranges[0] : nil
        self.isRequired = places.allSatisfy(\.place.isRequired)
        self.mayBeArray = mayBeArray
    }

    /// `text`, `a number or null`.
    var words: String {
        let names = [
            "string": "text", "number": "a number", "boolean": "true or false", "null": "null", "object": "an object",
            "array": "an array",
        ]
        return (self.kinds ?? []).sorted().map { names[$0] ?? $0 }.joined(separator: " or ")
    }

    /// Why no value passes a test; nil where one may.
    func problem(with test: ValueTest) -> Problem? {
        if let kinds = self.kinds, !kinds.isEmpty, let wanted = test.schemaKinds, kinds.isDisjoint(with: wanted) {
            return Problem(isKind: true, found: self.words, near: nil)
        }
        if let values = self.values, !values.isEmpty, values.allSatisfy({ test.isPassed(by: $0) == false }) {
            let texts = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
            var near: String?
            if case .equals(.string(let text)) = test { near = NearestName.to(text, among: texts) }
            let list = values.prefix(8).map(\.words).joined(separator: ", ") + (values.count > 8 ? ", …" : "")
            return Problem(isKind: false, found: values.count == 1 ? "always \(list)" : "one of \(list)", near: near)
        }
        if let range = self.range, let asked = NumberRange(test), range.low != nil || range.high != nil,
            range.meeting(asked).isEmpty
        {
            return Problem(isKind: false, found: range.words, near: nil)
        }
        return nil
    }
}

extension NumberRange {
    init(_ bounds: (low: (JSONNumber, Bool)?, high: (JSONNumber, Bool)?)) {
        self.init()
        self.low = bounds.low.map { ($0.0, $0.1) }
        self.high = bounds.high.map { ($0.0, $0.1) }
    }

    /// `at least 0 and less than 100`.
    var words: String {
        let low = self.low.map { ValueTest.number($0.isIncluded ? .gte : .gt, $0.value).words }
        let high = self.high.map { ValueTest.number($0.isIncluded ? .lte : .lt, $0.value).words }
        return [low, high].compactMap { $0 }.joined(separator: " and ")
    }
}

extension ValueTest {
    /// JSON Schema's words for the kinds that may pass; nil for any.
    var schemaKinds: Set<String>? {
        switch self {
        case .prefix, .suffix, .contains, .glob, .equalsIgnoringCase, .cidr, .equals(.string): ["string"]
        case .number, .between, .equals(.number): ["number"]
        case .equals(.bool): ["boolean"]
        case .equals(.null): ["null"]
        default: nil
        }
    }

    /// The operand as it is written in YAML; nil for several.
    var operandText: String? {
        switch self {
        case .equals(.string(let text)), .prefix(let text), .suffix(let text), .contains(let text), .glob(let text),
            .equalsIgnoringCase(let text):
            text
        case .equals(let value): value.words
        case .number(_, let bound): JSONScalar.number(bound).words
        default: nil
        }
    }
}

extension JSONScalar {
    /// Nil for arrays and objects.
    init?(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let text): self = .number(JSONNumber(text: Array(text.utf8)[...]))
        case .string(let text): self = .string(text)
        case .array, .object: return nil
        }
    }
}
