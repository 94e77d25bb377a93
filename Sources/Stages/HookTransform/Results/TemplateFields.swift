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
            guard let value = event.scalar(at: field) else {
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
}
