// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// What a source takes, and how it reads it.
struct BodyRules: Sendable {
    enum CloudEventUse: Sendable { case never, whereItIsOne, always }

    var json: JSONLimits
    var cloudEvents: CloudEventUse
}

/// A body as stage 2 reads it: content coding undone, a CloudEvent in binary mode, data parsed.
///
/// The content type decides, once, what a body is (``BodyKind``):
/// - JSON and `…+json`: the data is the body. Anything malformed is refused.
/// - Forms: where a field is called `payload` (GitHub and Slack offer that), its value is the data, as JSON; the body
///   that is stored and passed through stays the form as it was received.
/// - No content type: JSON where it parses, else opaque.
/// - Everything else is opaque: no data, only bytes.
struct BodyReading {
    let headers: HeaderBlock
    let body: [UInt8]
    let data: JSONDocument?
    /// The event has the attributes of a CloudEvent in its headers.
    let isCloudEvent: Bool

    /// HOT: a plain JSON request takes the first branch and copies nothing.
    init(_ accepted: Accepted, _ rules: BodyRules) throws(VerifyFailure) {
        let contentType = accepted.headers.first("content-type")
        let kind = BodyKind(contentType: contentType)
        do throws(FormatFailure) {
            if rules.cloudEvents != .never, kind == .cloudEvent {
                self = try Self.unwrapped(accepted, rules)
                return
            }
            self.isCloudEvent = rules.cloudEvents != .never && CloudEvents.isBinary(accepted.headers)
            if self.isCloudEvent || rules.cloudEvents == .always { try CloudEvents.check(accepted.headers) }
            self.headers = accepted.headers
            self.body = accepted.body
            self.data = try Self.data(of: accepted.body, kind, contentType: contentType, limits: rules.json)
        } catch {
            throw VerifyFailure(error)
        }
    }

    private init(headers: HeaderBlock, body: [UInt8], data: JSONDocument?) {
        self.headers = headers
        self.body = body
        self.data = data
        self.isCloudEvent = true
    }

    private static func unwrapped(_ accepted: Accepted, _ rules: BodyRules) throws(FormatFailure) -> BodyReading {
        let envelope = try self.json(accepted.body, rules.json)
        let parts = try CloudEvents.unwrap(envelope)
        return try self.reading(of: parts, in: accepted.headers, rules)
    }

    /// A CloudEvent that came in an envelope, as if it had come in binary mode.
    static func reading(
        of parts: CloudEventParts, in headers: HeaderBlock, _ rules: BodyRules
    ) throws(FormatFailure) -> BodyReading {
        var block = HeaderBlock()
        for field in headers.fields {
            let name = headers.bytes[field.name]
            if name.elementsEqual("content-type".utf8) || name.starts(with: CloudEvents.headerPrefix.utf8) { continue }
            block.append(name, headers.bytes[field.value])
        }
        for (name, value) in parts.headers { block.append(name.utf8, value.utf8) }
        if let type = parts.contentType { block.append("content-type".utf8, type.utf8) }
        let type = block.first("content-type")
        let data = try self.data(of: parts.body, BodyKind(contentType: type), contentType: type, limits: rules.json)
        return BodyReading(headers: block, body: parts.body, data: data)
    }

    /// The data in a body of this kind; nil where it has none.
    static func data(
        of body: [UInt8], _ kind: BodyKind, contentType: ArraySlice<UInt8>?, limits: JSONLimits
    ) throws(FormatFailure) -> JSONDocument? {
        switch kind {
        case .json, .cloudEvent, .cloudEventBatch: return try self.json(body, limits)
        case .form:
            guard let payload = FormText.firstValue(of: "payload", in: body) else { return nil }
            return try self.json(payload, limits)
        case .unknown:
            // Nobody said that it was JSON, so a text that is not JSON is no mistake.
            return try? JSONDocument(parsing: body, limits: limits)
        case .multipart, .xml, .text, .ndjson, .binary: return nil
        }
    }

    private static func json(_ bytes: [UInt8], _ limits: JSONLimits) throws(FormatFailure) -> JSONDocument {
        do throws(JSONFailure) {
            return try JSONDocument(parsing: bytes, limits: limits)
        } catch {
            throw FormatFailure(error)
        }
    }
}
