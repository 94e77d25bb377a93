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

    private static func value(of field: FieldPath, in event: Event) -> String? {
        switch field.root {
        case .data: event.data.flatMap { self.scalar(in: $0, at: field.keys) }
        case .headers: field.keys.first.flatMap { event.headers[$0] }
        case .query: field.keys.first.flatMap { QueryFields.first($0, in: event.query) }
        case .source: event.source.text
        case .type: event.type
        case .version: event.version.map { "\($0)" }
        case .id: event.id.description
        case .subject: event.subject
        case .method: event.method
        case .path: event.path
        }
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

/// Reads a query string (application/x-www-form-urlencoded: `+` is a space).
enum QueryFields {
    /// Names and values, decoded, in order.
    static func pairs(_ query: String) -> [(name: String, value: String)] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = equals == part.endIndex ? part[part.endIndex...] : part[part.index(after: equals)...]
            return (self.decoded(part[..<equals]), self.decoded(value))
        }
    }

    static func first(_ name: String, in query: String) -> String? {
        self.pairs(query).first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    private static func decoded(_ text: some Collection<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(text, plusIsSpace: true) ?? Array(text), as: UTF8.self)
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but unreserved characters is escaped.
    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                output.append(UInt8(ascii: "%"))
                output.append(self.digits[Int(byte >> 4)])
                output.append(self.digits[Int(byte & 15)])
            }
        }
        return output
    }

    /// Nil where a `%` is not followed by two hexadecimal digits.
    static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(self.digit), let low = rest.popFirst().flatMap(self.digit)
                else {
                    return nil
                }
                output.append(high << 4 | low)
            } else {
                output.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
