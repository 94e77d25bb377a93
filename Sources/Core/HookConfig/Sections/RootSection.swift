// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// One route file while its names are collected; values are read when the names of all files are known.
struct RouteFile: Sendable {
    var named: [NameKind: [YAMLNode.Entry]] = [:]
    var defaults: YAMLNode?

    static let section = Section<RouteFile>(
        title: "a route file", summary: "Every .yaml below routes/; together they form one configuration.",
        fields: [
            Field("version", .formatVersion, isRequired: true, "Version of the format; 1.") { _, _ in },
            Field("defaults", .postponed(DefaultsSpec.section), \.defaults, "What holds for the whole project."),
            Self.names(.secrets, SecretDraft.section, "Names for values that never stand in a file."),
            Self.names(.events, CatalogueShape.section, "The catalogue of event types."),
            Self.names(.sources, SourceDraft.section, "Where events come in."),
            Self.names(.lookups, LookupDraft.section, "Tables that routes and scripts look things up in."),
            Self.names(
                .policies, PolicySpec.section, "How deliveries are sent and retried; \"standard\" is there by itself."),
            Self.names(.destinations, DestinationDraft.section, "Where deliveries go."),
            Self.names(.subscribers, SubscriberDraft.section, "Who gets events at endpoints of their own."),
            Self.names(.routes, RouteDraft.section, "Which events go where."),
            Self.names(
                .probes, Section<RouteFile>(title: "a probe", summary: "A regular check of a destination.", fields: []),
                "Regular checks of destinations.", .noEffectYet),
            Self.names(.tests, TestDraft.section, "Tests of routes."),
        ])

    private static func names<Target>(
        _ kind: NameKind, _ section: Section<Target>, _ summary: String, _ status: FieldNote.Status = .works
    ) -> Field<RouteFile> {
        let keys = kind == .tests || kind == .events ? "any text" : "names (\(NameRule.hint))"
        let shape = Shape<[YAMLNode.Entry]>(
            "a map from \(keys) to \(section.title)", example: "", schema: Self.schema(kind, section.schema),
            sections: [section.note]
        ) { node, checker in
            // A key with nothing behind it is what is left when the last entry is removed.
            node.scalar == .null ? [] : checker.entries(of: node, expected: "a map of \(kind.rawValue)")?.map(\.entry)
        }
        return Field(kind.rawValue, shape, status: status, summary) { $0.named[kind] = $1 }
    }

    private static func schema(_ kind: NameKind, _ entry: JSONValue) -> JSONValue {
        let names: JSONValue = kind == .tests || kind == .events ? true : ["pattern": "^[a-z][a-z0-9_-]*$"]
        return [
            "type": ["object", "null"], "propertyNames": names, "additionalProperties": kind == .probes ? true : entry,
        ]
    }
}

extension Shape {
    static var formatVersion: Shape<Int> {
        Shape<Int>("1", example: "1", schema: ["enum": [1]]) { node, checker in
            guard node.scalar == .number("1") else {
                checker.report(
                    "config/version", at: node.at, "expected version 1, found \(node.found)", hint: "version: 1")
                return nil
            }
            return 1
        }
    }

    /// A section that is read later.
    static func postponed<Target>(_ section: Section<Target>) -> Shape<YAMLNode> {
        Shape<YAMLNode>(section.title, example: "", schema: section.schema, sections: [section.note]) { node, _ in node
        }
    }
}
