// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// One place in a request while it is read.
struct MappedValue: Sendable {
    var header: String?
    var query: String?
    var data: [String]?
    var constant: String?
    var prefix = ""
    var fallback: String?
    var isNormalised = false

    var source: ValueSource? {
        if let header = self.header { return .header(header, prefix: self.prefix) }
        if let query = self.query { return .query(query) }
        if let data = self.data { return .data(data, prefix: self.prefix) }
        return self.constant.map { .constant($0) }
    }

    static let section = Section<MappedValue>(
        title: "a place in the request", summary: "Where one text is taken from: header, query or data.",
        fields: [
            Field("header", .headerName, \.header, "Header."),
            Field("query", .text, \.query, "Query parameter."),
            Field("data", .dataKeys, \.data, "Path in the JSON body."),
            Field("prefix", .text, \.prefix, default: "none", "Text put before the value."),
            Field("default", .looseText, \.fallback, "Used where the request has no value (type and version)."),
            Field(
                "normalise", .boolean, \.isNormalised, default: "false",
                "Lower case, with dots for spaces and slashes (type)."),
        ])
}

enum EventMapping {
    static let section = Section<EventMappingSpec>(
        title: "an event mapping", summary: "How a request becomes an event.",
        fields: [
            Field("type", .place, default: "the name of the source", "Where the event's type stands.") { event, value in
                event.type = value.source
                event.typeDefault = value.fallback.map { value.prefix + $0 }
                event.typeIsNormalised = value.isNormalised
            },
            Field("id", .place, "Where the sender's id stands.") { $0.id = $1.source },
            Field("version", .version, "Where the event's version stands.") { event, value in
                event.version = value.source
                event.versionDefault = value.fallback.flatMap { Int($0) }
            },
            Field("subject", .place, "Where the event's subject stands.") { $0.subject = $1.source },
        ])
}

extension Shape {
    /// A place, or a plain text that is the value.
    static var place: Shape<MappedValue> {
        let section = Shape<MappedValue>.section(MappedValue.section, from: MappedValue())
        return Shape<MappedValue>(
            "a place in the request, or text", example: "{header: X-Event}",
            schema: ["anyOf": [["type": "string"], section.schema]],
            sections: section.sections
        ) { node, checker in
            if node.raw != nil {
                return Shape<String>.looseText.read(node, checker).map { MappedValue(constant: $0) }
            }
            guard let value = section.read(node, checker) else { return nil }
            let places = ["header", "query", "data"].compactMap { node.entry(of: $0)?.key }
            if places.count > 1 {
                checker.report(
                    "config/conflict", at: places[1].at,
                    "\"\(places[0].raw ?? "")\" and \"\(places[1].raw ?? "")\" exclude each other", hint: "keep one")
            } else if places.isEmpty {
                checker.report(
                    "config/missing-key", at: node.at, "the place says neither header, query nor data",
                    hint: "for example {header: X-Event}")
            }
            return value
        }
    }

    /// A place whose default is a whole number.
    static var version: Shape<MappedValue> {
        let place = Shape<MappedValue>.place
        return Shape<MappedValue>(place.expects, example: place.example, schema: place.schema, sections: place.sections)
        {
            node, checker in
            guard let value = place.read(node, checker) else { return nil }
            if let text = value.fallback, Int(text) == nil, let wrong = node.value(of: "default") {
                checker.reportType(wrong, expected: "a whole number", example: "2")
            }
            return value
        }
    }
}
