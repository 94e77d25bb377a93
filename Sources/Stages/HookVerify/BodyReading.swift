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
        try self.data(of: accepted.body, contentType: accepted.headers.first("content-type"), limits: limits)
    }

    static func data(
        of body: [UInt8], contentType: ArraySlice<UInt8>?, limits: JSONLimits
    ) throws(VerifyFailure) -> JSONDocument? {
        let bytes: [UInt8]
        switch self.kind(of: contentType) {
        case .json: bytes = body
        case .form:
            guard let payload = FormText.firstValue(of: "payload", in: body) else { return nil }
            bytes = payload
        case .unknown:
            // Nobody said that it was JSON, so a text that is not JSON is no mistake.
            return try? JSONDocument(parsing: body, limits: limits)
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
