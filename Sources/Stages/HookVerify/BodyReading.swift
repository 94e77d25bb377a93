// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Decides by the content type what a body is, and parses what is JSON.
///
/// - JSON: `application/json`, `text/json`, `…+json`. Anything malformed is refused.
/// - Forms: where `application/x-www-form-urlencoded` has a field `payload` (GitHub and Slack offer that), the field's
///   value is the data. The body that is stored, signed and passed through stays the form as it was received.
/// - No content type: JSON where it parses, else opaque.
/// - Everything else is opaque: no data, only bytes.
enum BodyReading {
    private enum Kind { case json, form, unknown, opaque }

    static func data(of accepted: Accepted, limits: JSONLimits) throws(VerifyFailure) -> JSONDocument? {
        let bytes: [UInt8]
        switch self.kind(of: accepted.headers.first("content-type")) {
        case .json: bytes = accepted.body
        case .form:
            guard let payload = FormText.value(of: "payload", in: accepted.body[...]) else { return nil }
            bytes = payload
        case .unknown:
            // Nobody said that it was JSON, so a text that is not JSON is no mistake.
            return try? JSONDocument(parsing: accepted.body, limits: limits)
        case .opaque: return nil
        }
        do {
            return try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            throw VerifyFailure(error)
        }
    }

    private static func kind(of header: ArraySlice<UInt8>?) -> Kind {
        guard let header else { return .unknown }
        var media: [UInt8] = []
        media.reserveCapacity(header.count)
        for byte in header {
            if byte == UInt8(ascii: ";") { break }
            if byte == 0x20 || byte == 0x09 { continue }
            media.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        if media.isEmpty { return .unknown }
        if media.elementsEqual("application/json".utf8) || media.elementsEqual("text/json".utf8) { return .json }
        if media.suffix(5).elementsEqual("+json".utf8) { return .json }
        return media.elementsEqual("application/x-www-form-urlencoded".utf8) ? .form : .opaque
    }
}

/// `application/x-www-form-urlencoded` text, as in forms and queries.
enum FormText {
    /// The decoded value of the first field with this name.
    static func value(of name: String, in text: ArraySlice<UInt8>) -> [UInt8]? {
        var start = text.startIndex
        while start <= text.endIndex {
            let end = text[start...].firstIndex(of: UInt8(ascii: "&")) ?? text.endIndex
            let pair = text[start..<end]
            let middle = pair.firstIndex(of: UInt8(ascii: "=")) ?? end
            if self.decode(pair[..<middle]).elementsEqual(name.utf8) {
                return middle < end ? self.decode(pair[(middle + 1)...]) : []
            }
            if end == text.endIndex { return nil }
            start = end + 1
        }
        return nil
    }

    /// Percent escapes and plus signs resolved; an escape that is none stays as it is.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var at = text.startIndex
        while at < text.endIndex {
            let byte = text[at]
            if byte == UInt8(ascii: "%"), at + 2 < text.endIndex, let high = self.digit(text[at + 1]),
                let low = self.digit(text[at + 2])
            {
                output.append(high << 4 | low)
                at += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                at += 1
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
