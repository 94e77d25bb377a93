// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// Writes one body in the format that a route asks for.
struct FormatWriter {
    struct Made {
        /// Nil: the event's own bytes.
        var bytes: [UInt8]?
        var contentType: String
        /// Names in lower case.
        var headers: [(name: String, value: String)] = []
    }

    let body: OutputBody
    /// The place of the body among several of one target, from 1.
    let number: Int?
    /// What the catalogue says of the version that goes out.
    let facts: EventVersionFacts?

    func write(_ format: OutputFormat) throws(FormatFailure) -> Made {
        switch format {
        case .json:
            if self.body.isOwn, self.body.isJSON { return self.asItIs }
            return Made(bytes: try self.body.document(for: "format json").bytes, contentType: "application/json")
        case .form:
            return Made(
                bytes: try FormBody.bytes(of: try self.body.document(for: "format form")),
                contentType: "application/x-www-form-urlencoded")
        case .xml: return try self.xml()
        case .text: return try self.text()
        case .ndjson:
            return Made(
                bytes: Self.lines(of: try self.body.document(for: "format ndjson")),
                contentType: "application/x-ndjson")
        case .cloudEventsBinary:
            var made = self.asItIs
            made.headers = CloudEvents.headers(self.attributes)
            return made
        case .cloudEvents: return Made(bytes: self.envelope, contentType: CloudEvents.structuredType)
        case .cloudEventsBatch:
            return Made(
                bytes: [UInt8(ascii: "[")] + self.envelope + [UInt8(ascii: "]")], contentType: CloudEvents.batchType)
        }
    }

    private var asItIs: Made {
        let current = self.body.current
        return Made(bytes: self.body.isOwn ? nil : current.bytes, contentType: current.contentType)
    }

    private var attributes: CloudEventAttributes {
        CloudEventAttributes(
            self.body.event, number: self.number,
            version: self.facts?.cloudEventAttributes(at: self.body.event.time) ?? [])
    }

    private var envelope: [UInt8] {
        let current = self.body.current
        return CloudEvents.envelope(self.attributes, body: current.bytes, contentType: current.contentType)
    }

    /// XML that came in and was not touched stays what it was.
    private func xml() throws(FormatFailure) -> Made {
        if BodyKind(contentType: Array(self.body.current.contentType.utf8)[...]) == .xml { return self.asItIs }
        return Made(
            bytes: try XMLBody.bytes(of: try self.body.document(for: "format xml")), contentType: "application/xml")
    }

    private func text() throws(FormatFailure) -> Made {
        if BodyKind(contentType: Array(self.body.current.contentType.utf8)[...]) == .text { return self.asItIs }
        let document = try self.body.document(for: "format text")
        let bytes: [UInt8]
        switch document.root.kind {
        case .string: bytes = document.stringBytes(of: 0)
        case .number, .true, .false: bytes = Array(document.text(of: 0))
        case .null, .array, .object:
            throw FormatFailure("output/text", "format text: the body is a \(document.root.kind), and no text")
        }
        return Made(bytes: bytes, contentType: "text/plain; charset=utf-8")
    }

    /// A list gives a line for each element, everything else one line.
    private static func lines(of document: JSONDocument) -> [UInt8] {
        let elements = document.root.kind == .array ? document.children(of: 0) : [0]
        var output: [UInt8] = []
        for element in elements {
            let text = document.text(of: element)
            // Line breaks stand only between the values of a text, never in them.
            let isOneLine = !text.contains { $0 == 0x0A || $0 == 0x0D }
            output += isOneLine ? Array(text) : JSONValue(document, at: element).encoded()
            output.append(0x0A)
        }
        return output
    }
}
