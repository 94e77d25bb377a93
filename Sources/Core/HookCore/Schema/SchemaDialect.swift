// SPDX-License-Identifier: Apache-2.0

/// The rules by which a schema is read.
struct SchemaDialect: Sendable, Equatable {
    enum Draft: Sendable, Equatable {
        case draft7
        case draft2020
    }

    var draft = Draft.draft2020
    /// Vocabularies of 2020-12; all of them unless a meta-schema leaves one out.
    var hasValidation = true
    var hasApplicators = true
    var hasUnevaluated = true
    /// `format` refuses, instead of only telling.
    var assertsFormats = false

    static let newest = SchemaDialect()
    static let draft7 = SchemaDialect(draft: .draft7)

    /// The dialects that are built in, by the URI of their meta-schema without an empty fragment.
    static func builtIn(_ uri: String) -> SchemaDialect? {
        switch uri {
        case "https://json-schema.org/draft/2020-12/schema": .newest
        case "http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema",
            "http://json-schema.org/draft-06/schema":
            .draft7
        default: nil
        }
    }

    /// What a meta-schema of somebody's own asks for.
    init?(vocabularies: JSONValue?) {
        guard case .object(let members)? = vocabularies else {
            self.init()
            return
        }
        self.init()
        func has(_ name: String) -> Bool {
            members.contains { $0.key == "https://json-schema.org/draft/2020-12/vocab/\(name)" }
        }
        self.hasValidation = has("validation")
        self.hasApplicators = has("applicator")
        self.hasUnevaluated = has("unevaluated")
        self.assertsFormats = has("format-assertion")
        let known = [
            "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "format-assertion",
            "content",
        ]
        for member in members where member.value == .bool(true) {
            guard known.contains(where: { member.key.hasSuffix("/draft/2020-12/vocab/\($0)") }) else { return nil }
        }
    }

    init(draft: Draft = .draft2020) { self.draft = draft }

    /// Keywords with one schema behind them.
    var single: [String] {
        switch self.draft {
        case .draft2020:
            [
                "additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else",
                "unevaluatedProperties", "unevaluatedItems", "contentSchema",
            ]
        case .draft7:
            [
                "additionalProperties", "propertyNames", "items", "additionalItems", "contains", "not", "if", "then",
                "else",
            ]
        }
    }

    /// Keywords with a list of schemas.
    var lists: [String] {
        switch self.draft {
        case .draft2020: ["allOf", "anyOf", "oneOf", "prefixItems"]
        case .draft7: ["allOf", "anyOf", "oneOf", "items"]
        }
    }

    /// Keywords with schemas by name.
    var maps: [String] {
        switch self.draft {
        case .draft2020:
            ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"]
        case .draft7: ["properties", "patternProperties", "definitions", "dependencies"]
        }
    }
}
