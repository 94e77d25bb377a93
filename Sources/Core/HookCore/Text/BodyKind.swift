// SPDX-License-Identifier: Apache-2.0

/// What a body is, decided once by its content type.
package enum BodyKind: String, Sendable, CaseIterable {
    /// `application/json`, `text/json`, `…+json`.
    case json
    /// `application/cloudevents+json`: a CloudEvent in structured mode.
    case cloudEvent = "cloudevents"
    /// `application/cloudevents-batch+json`: a list of them.
    case cloudEventBatch = "cloudevents-batch"
    /// `application/x-ndjson`, `application/ndjson`, `application/jsonl`: a JSON text a line.
    case ndjson
    /// `application/x-www-form-urlencoded`.
    case form
    /// `multipart/form-data`.
    case multipart
    /// `application/xml`, `text/xml`, `…+xml`.
    case xml
    /// `text/…` of another kind.
    case text
    /// Everything else: bytes without data.
    case binary
    /// No content type: JSON where it parses, else bytes.
    case unknown

    /// HOT: a content type as it stands in a header; case and parameters do not matter.
    package init(contentType header: ArraySlice<UInt8>?) {
        guard let header else {
            self = .unknown
            return
        }
        let media = MediaType.essence(of: header)
        switch media.count {
        case 0: self = .unknown
        case 16 where media.elementsEqual("application/json".utf8): self = .json
        case 33 where media.elementsEqual("application/x-www-form-urlencoded".utf8): self = .form
        default: self = Self.rare(media)
        }
    }

    private static func rare(_ media: [UInt8]) -> BodyKind {
        switch String(decoding: media, as: UTF8.self) {
        case "text/json": .json
        case "application/cloudevents+json": .cloudEvent
        case "application/cloudevents-batch+json": .cloudEventBatch
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl",
            "application/json-lines", "application/jsonlines":
            .ndjson
        case "multipart/form-data": .multipart
        case "application/xml", "text/xml": .xml
        case let text where text.hasSuffix("+json"): .json
        case let text where text.hasSuffix("+xml"): .xml
        case let text where text.hasPrefix("text/"): .text
        default: .binary
        }
    }

    /// The media types that say so, for `Accept` in an answer.
    package var mediaTypes: [String] {
        switch self {
        case .json: ["application/json"]
        case .cloudEvent: ["application/cloudevents+json"]
        case .cloudEventBatch: ["application/cloudevents-batch+json"]
        case .ndjson: ["application/x-ndjson"]
        case .form: ["application/x-www-form-urlencoded"]
        case .multipart: ["multipart/form-data"]
        case .xml: ["application/xml", "text/xml"]
        case .text: ["text/*"]
        case .binary, .unknown: ["*/*"]
        }
    }
}

/// Content types (RFC 9110, section 8.3.1).
package enum MediaType {
    /// Type and subtype in lower case, without parameters and white space.
    package static func essence(of header: some Collection<UInt8>) -> [UInt8] {
        var media: [UInt8] = []
        media.reserveCapacity(header.count)
        for byte in header {
            if byte == UInt8(ascii: ";") { break }
            if byte == 0x20 || byte == 0x09 { continue }
            media.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        return media
    }

    /// The value of a parameter, its quotes and backslashes resolved; nil where there is none, or it is malformed.
    package static func parameter(_ name: String, of header: some Collection<UInt8>) -> [UInt8]? {
        FieldParameters(header).first { $0.name.elementsEqual(name.utf8) }?.value
    }
}

/// Parameters behind the first `;` of a field (RFC 9110, section 5.6.6); ends at the first that is malformed.
package struct FieldParameters: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    package init(_ header: some Collection<UInt8>) {
        let bytes = Array(header)
        self.rest = bytes.firstIndex(of: UInt8(ascii: ";")).map { bytes[$0...] } ?? []
    }

    /// The next name, in lower case, with its value.
    package mutating func next() -> (name: [UInt8], value: [UInt8])? {
        while let byte = self.rest.first, byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09 {
            self.rest.removeFirst()
        }
        let name = self.rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
        self.rest = self.rest.dropFirst(name.count)
        guard !name.isEmpty, self.rest.popFirst() == UInt8(ascii: "="), let value = self.value() else { return nil }
        let lower = name.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        return (lower.filter { $0 != 0x20 && $0 != 0x09 }, value)
    }

    private mutating func value() -> [UInt8]? {
        guard self.rest.first == UInt8(ascii: "\"") else {
            let token = self.rest.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
            self.rest = self.rest.dropFirst(token.count)
            return token.isEmpty ? nil : Array(token)
        }
        self.rest.removeFirst()
        var value: [UInt8] = []
        while let byte = self.rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return value
            case UInt8(ascii: "\\"):
                guard let escaped = self.rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(byte)
            }
        }
        return nil
    }
}
