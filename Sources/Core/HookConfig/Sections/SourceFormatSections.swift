// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// `webhook:`: consent to senders of CloudEvents.
struct WebhookDraft: Sendable {
    var origins: [String] = []
    var rate: Int?

    var spec: WebhookConsent? {
        self.origins.isEmpty ? nil : WebhookConsent(origins: self.origins, rate: self.rate)
    }

    static let section = Section<WebhookDraft>(
        title: "a consent to web hooks",
        summary: "The handshake of CloudEvents: a sender names its origin and hears whether it may send, and how fast.",
        fields: [
            Field(
                "origins", .oneOrMore(.webhookOrigin), \.origins, isRequired: true,
                "Host names that senders give as their origin; * for all."),
            Field(
                "rate", .integer(1...1_000_000, example: "120"), \.rate, default: "no limit is named",
                "Requests a minute that the sender is told."),
        ])
}

extension Shape {
    static var webhookOrigin: Shape<String> {
        Shape<String>(
            "the host name of a sender, or *", example: "events.example.com",
            schema: ["type": "string", "pattern": "^(\\*|[A-Za-z0-9.:-]+)$"]
        ) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            let isHost = text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
            guard text == "*" || isHost && !text.isEmpty else {
                checker.reportType(node, expected: "the host name of a sender, or *", example: "events.example.com")
                return nil
            }
            return text.lowercased()
        }
    }

    static var bodyKind: Shape<BodyKind> {
        let kinds = BodyKind.allCases.filter { $0 != .unknown }
        let words = Shape<String>.choice(kinds.map(\.rawValue))
        return Shape<BodyKind>(words.expects, example: words.example, schema: words.schema) { node, checker in
            words.read(node, checker).flatMap { BodyKind(rawValue: $0) }
        }
    }

    /// `cloudevents`, or a map of places.
    static var eventMapping: Shape<EventMappingSpec> {
        let section = Shape<EventMappingSpec>.section(EventMapping.section, from: EventMappingSpec())
        return Shape<EventMappingSpec>(
            "an event mapping, or cloudevents", example: "{type: {header: X-Event}}",
            schema: ["anyOf": [["enum": ["cloudevents"]], section.schema]], sections: section.sections
        ) { node, checker in
            guard node.raw == "cloudevents" else { return section.read(node, checker) }
            var spec = EventMappingSpec()
            spec.wantsCloudEvents = true
            return spec
        }
    }
}
