// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0.2, JSON format and HTTP binding. Inside the router every CloudEvent is in binary mode: its data is the
// body, its attributes are `ce-` headers. So routes and scripts see the same in all three modes, and a stored event is
// read again without knowing how it came.
package import HookCore
import HookCrypto

/// A CloudEvent in binary mode.
package struct CloudEventParts: Sendable, Equatable {
    /// `ce-` headers, values percent-encoded (HTTP binding, section 3.1.3.2), in the order of the envelope.
    package var headers: [(name: String, value: String)]
    /// Nil: there is no data.
    package var contentType: String?
    package var body: [UInt8]

    package static func == (left: Self, right: Self) -> Bool {
        left.headers.elementsEqual(right.headers, by: ==) && left.contentType == right.contentType
            && left.body == right.body
    }
}

package enum CloudEvents {
    package static let version = "1.0"
    package static let headerPrefix = "ce-"
    package static let structuredType = "application/cloudevents+json"
    package static let batchType = "application/cloudevents-batch+json"

    /// Longest attribute value, in bytes: it becomes a header.
    private static let valueBytesMax = 4096
    /// Attributes of one event, those of the specification among them.
    private static let attributesMax = 64

    /// Whether the request says that it is a CloudEvent in binary mode.
    package static func isBinary(_ headers: HeaderBlock) -> Bool { headers.first("ce-specversion") != nil }

    /// Checks the attributes of a request in binary mode.
    package static func check(_ headers: HeaderBlock) throws(FormatFailure) {
        guard let version = headers.first("ce-specversion") else {
            throw FormatFailure(
                "cloudevents/missing",
                "The source takes CloudEvents, and the request is none: it has no ce-specversion.")
        }
        try self.check(version: String(decoding: version, as: UTF8.self))
        for name in ["id", "source", "type"] where headers.first("ce-\(name)")?.isEmpty ?? true {
            throw FormatFailure(
                "cloudevents/invalid", "A CloudEvent needs the attribute \(name): ce-\(name) is missing.")
        }
    }

    /// The text of an attribute of a request in binary mode, its percent-encoding undone; nil where it is missing.
    package static func attribute(_ name: String, of headers: HeaderBlock) -> [UInt8]? {
        guard let value = headers.first("ce-\(name)") else { return nil }
        // A `%` that encodes nothing stands for itself, as the binding asks of lenient readers.
        return PercentCoding.decode(Array(value)) ?? Array(value)
    }

    private static func check(version: String) throws(FormatFailure) {
        guard version == self.version else {
            throw FormatFailure(
                "cloudevents/invalid", "CloudEvents of version \(version.prefix(20)) are not known; send 1.0.")
        }
    }

    // MARK: Structured mode

    /// Turns one envelope of the JSON format into binary mode.
    ///
    /// - Parameter node: the envelope's place in the document; an element of a batch has one of its own.
    package static func unwrap(_ document: JSONDocument, at node: Int = 0) throws(FormatFailure) -> CloudEventParts {
        guard document.nodes[node].kind == .object else { throw self.invalid("An envelope is a JSON object.") }
        guard document.nodes[node].count <= self.attributesMax + 2 else {
            throw self.invalid("An envelope has at most \(self.attributesMax) attributes.")
        }
        var parts = CloudEventParts(headers: [], contentType: nil, body: [])
        var data: Int?
        var base64: Int?
        for value in document.children(of: node) {
            let name = document.string(of: value - 1) ?? ""
            if document.nodes[value].kind == .null { continue }
            switch name {
            case "data": data = value
            case "data_base64": base64 = value
            case "datacontenttype": parts.contentType = try self.text(of: value, name, in: document)
            default: parts.headers.append(("ce-\(name)", try self.headerValue(of: value, name, in: document)))
            }
        }
        for name in ["specversion", "id", "source", "type"] {
            guard let value = parts.headers.first(where: { $0.name == "ce-\(name)" })?.value, !value.isEmpty else {
                throw self.invalid("A CloudEvent needs the attribute \(name).")
            }
            if name == "specversion" { try self.check(version: value) }
        }
        if data != nil && base64 != nil { throw self.invalid("An envelope has data or data_base64, not both.") }
        try self.fill(&parts, data: data, base64: base64, in: document)
        return parts
    }

    private static func fill(
        _ parts: inout CloudEventParts, data: Int?, base64: Int?, in document: JSONDocument
    ) throws(FormatFailure) {
        if let base64 {
            guard document.nodes[base64].kind == .string, let bytes = Base64.decode(document.stringBytes(of: base64))
            else { throw self.invalid("data_base64 is no base 64 text.") }
            parts.body = bytes
            parts.contentType = parts.contentType ?? "application/octet-stream"
        } else if let data {
            let type = parts.contentType ?? "application/json"
            let kind = BodyKind(contentType: Array(type.utf8)[...])
            // JSON format, section 3.1: a string under a media type that is not JSON is the content itself.
            let isContent = kind != .json && document.nodes[data].kind == .string
            parts.body = isContent ? document.stringBytes(of: data) : Array(document.text(of: data))
            parts.contentType = isContent || kind == .json ? type : "application/json"
        } else {
            parts.contentType = nil
        }
    }

    private static func invalid(_ detail: String) -> FormatFailure { FormatFailure("cloudevents/invalid", detail) }

    private static func headerValue(
        of node: Int, _ name: String, in document: JSONDocument
    ) throws(FormatFailure) -> String {
        let isName = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isName, name.utf8.count <= 64 else {
            throw self.invalid("An attribute name has lower-case letters and digits only.")
        }
        return self.headerText(try self.text(of: node, name, in: document))
    }

    private static func text(
        of node: Int, _ name: String, in document: JSONDocument
    ) throws(FormatFailure) -> String {
        let text: String
        switch document.nodes[node].kind {
        case .string: text = document.string(of: node) ?? ""
        case .number, .true, .false: text = String(decoding: document.text(of: node), as: UTF8.self)
        case .null, .array, .object: throw self.invalid("The attribute \(name) is no text, number or truth value.")
        }
        guard text.utf8.count <= self.valueBytesMax, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw self.invalid("The attribute \(name) is too long, or holds control characters.")
        }
        return text
    }

    /// HTTP binding, section 3.1.3.2: printable ASCII but space, quote and percent sign stays.
    package static func headerText(_ text: String) -> String {
        PercentCoding.encode(text) { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "%") }
    }
}
