// SPDX-License-Identifier: Apache-2.0
// The holes in a destination's URL, query and headers are filled from the event that came in, not from what a script
// made of it: so a delivery's address does not depend on its body.
import HookCore

/// Reads the values of template fields from an event.
enum TemplateFields {
    static let missingCode = "delivery/template-missing"

    /// The values of the fields, by the spelling of their path.
    ///
    /// - Errors: `delivery/template-missing` where a field is absent, null, no scalar, or not fit for a request.
    static func resolve(
        _ fields: [FieldPath], from event: Event, for destination: DestinationName
    ) throws(ScriptFailure) -> [(path: String, value: String)] {
        var values: [(path: String, value: String)] = []
        for field in fields {
            let path = field.description
            guard let value = self.value(of: field, in: event) else {
                throw self.failure(destination, "the event has no text, number or boolean at \(path)")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw self.failure(destination, "the value at \(path) holds a control character")
            }
            values.append((path, value))
        }
        return values
    }

    private static func failure(_ destination: DestinationName, _ message: String) -> ScriptFailure {
        ScriptFailure(
            code: self.missingCode, script: destination.text,
            message: "destination \(destination) cannot be addressed: \(message)")
    }

    static func value(of field: FieldPath, in event: Event) -> String? {
        switch field.root {
        case .data: event.data.flatMap { self.scalar(in: $0, at: field.keys) }
        case .headers: field.keys.first.flatMap { event.headers[$0] }
        case .query: field.keys.first.flatMap { self.parameter($0, in: event.query) }
        case .source: event.source.text
        case .type: event.type
        case .version: event.version.map { "\($0)" }
        case .id: event.fullID
        case .subject: event.subject
        case .method: event.method
        case .path: event.path
        }
    }

    private static func parameter(_ name: String, in query: String) -> String? {
        FormText.firstValue(of: name, in: Array(query.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func scalar(in document: JSONDocument, at keys: [String]) -> String? {
        guard let node = document.find(keys) else { return nil }
        return switch document.nodes[node].kind {
        case .string: document.string(of: node)
        case .number, .true, .false: String(decoding: document.text(of: node), as: UTF8.self)
        case .null, .array, .object: nil
        }
    }
}
