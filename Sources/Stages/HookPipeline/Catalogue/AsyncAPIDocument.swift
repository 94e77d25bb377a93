// SPDX-License-Identifier: Apache-2.0
// The catalogue as AsyncAPI 3.0.0 (asyncapi.com): a channel for each path of a source and for each destination, a message
// for each version of a type, its schema inside.
package import HookCore

package struct AsyncAPIDocument {
    private let configuration: Configuration
    private let report: CatalogueReport
    private let title: String
    private let version: String
    private let files: [String: [UInt8]]

    /// - Parameter version: of the interface, for example the revision.
    package init(_ configuration: Configuration, files: ProjectFiles, title: String, version: String) {
        self.files = Dictionary(files.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        self.configuration = configuration
        self.report = CatalogueReport(configuration)
        self.title = title
        self.version = version
    }

    package var json: JSONValue {
        [
            "asyncapi": "3.0.0",
            "info": ["title": .string(self.title), "version": .string(self.version)],
            "defaultContentType": "application/json",
            "channels": .object(self.incoming.map(\.channel) + self.outgoing.map(\.channel)),
            "operations": .object(self.incoming.map(\.operation) + self.outgoing.map(\.operation)),
            "components": ["messages": .object(self.messages), "schemas": .object(self.schemas)],
        ]
    }

    private struct Way {
        let channel: JSONValue.Member
        let operation: JSONValue.Member
    }

    /// A name that AsyncAPI takes as a key: letters, digits, dots, hyphens and underscores.
    private static func key(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }

    private static func message(_ type: String, _ version: Int) -> String { self.key("\(type).v\(version)") }

    private static func reference(_ path: [String]) -> JSONValue {
        ["$ref": .string("#/" + path.map { JSONPointer.escaped($0) }.joined(separator: "/"))]
    }

    private func way(
        _ name: String, _ address: JSONValue, _ action: String, _ summary: String, _ messages: [String]
    ) -> Way {
        let channel = JSONValue.object([
            .init("address", address), .init("description", .string(summary)),
            .init(
                "messages",
                .object(messages.map { .init($0, Self.reference(["components", "messages", $0])) })),
        ])
        let operation: JSONValue = [
            "action": .string(action), "channel": Self.reference(["channels", name]), "summary": .string(summary),
            "messages": .array(messages.map { Self.reference(["channels", name, "messages", $0]) }),
        ]
        return Way(
            channel: .init(name, channel), operation: .init("\(action).\(name)", operation))
    }

    /// What senders may send: the router receives.
    private var incoming: [Way] {
        self.configuration.sources.compactMap { source in
            let messages = self.report.types.filter { $0.senders.contains(source.name) }.flatMap { type in
                type.spec.versions.map { Self.message(type.spec.name, $0.number) }
            }
            if messages.isEmpty { return nil }
            return self.way(
                Self.key("in.\(source.name)"), .string(source.path), "receive",
                "Events that the source \(source.name) may send", messages)
        }
    }

    /// What destinations get. Their addresses are nobody's business but theirs, so channels have none.
    private var outgoing: [Way] {
        var names: [DestinationName] = []
        var messages: [DestinationName: [String]] = [:]
        for type in self.report.types {
            for version in type.spec.versions {
                for receiver in type.receivers(of: version.number) {
                    if messages[receiver.destination] == nil { names.append(receiver.destination) }
                    let message = Self.message(type.spec.name, version.number)
                    if messages[receiver.destination, default: []].contains(message) { continue }
                    messages[receiver.destination, default: []].append(message)
                }
            }
        }
        return names.sorted().map { name in
            self.way(
                Self.key("out.\(name)"), .null, "send", "Events that \(name) gets, before a transform",
                messages[name] ?? [])
        }
    }

    /// Every schema file that a message names or that such a file refers to.
    private var schemas: [JSONValue.Member] {
        let paths = self.report.types.flatMap { $0.spec.versions.compactMap { $0.schema?.path } }
        return SchemaBundle.parts(of: paths, in: self.files) { "#/components/schemas/\(Self.key($0))/schema" }.map {
            part in
            let draft = part.isDraft7 ? "draft-07" : "2020-12"
            return .init(
                Self.key(part.name),
                ["schemaFormat": .string("application/schema+json;version=\(draft)"), "schema": part.value])
        }
    }

    private var messages: [JSONValue.Member] {
        self.report.types.flatMap { type in
            type.spec.versions.map { version in
                .init(Self.message(type.spec.name, version.number), self.message(type.spec, version))
            }
        }
    }

    private func message(_ type: EventTypeSpec, _ version: EventVersionSpec) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(type.name)), .init("title", .string("\(type.name)@\(version.number)")),
        ]
        if let summary = type.summary { members.append(.init("summary", .string(summary))) }
        if let description = self.description(type, version) {
            members.append(.init("description", .string(description)))
        }
        members.append(.init("contentType", "application/json"))
        if let schema = version.schema {
            members.append(.init("payload", Self.reference(["components", "schemas", Self.key(schema.path)])))
        }
        let examples = version.examples.map { example in JSONValue.object([.init("payload", example.value)]) }
        if !examples.isEmpty { members.append(.init("examples", .array(examples))) }
        members.append(.init("x-hookswitch-version", .int(version.number)))
        return .object(members)
    }

    private func description(_ type: EventTypeSpec, _ version: EventVersionSpec) -> String? {
        var parts = type.description.map { [$0] } ?? []
        if let day = version.deprecated { parts.append("Deprecated from \(CatalogueReport.day(day)).") }
        if let day = version.sunset { parts.append("Ends on \(CatalogueReport.day(day)).") }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
