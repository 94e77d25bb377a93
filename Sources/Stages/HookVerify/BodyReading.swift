// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// What a source takes, and how it reads it.
struct BodyRules: Sendable {
    enum CloudEventUse: Sendable { case never, whereItIsOne, always }

    var json: JSONLimits
    var cloudEvents: CloudEventUse
    /// Empty: every kind.
    var accepts: [BodyKind]
    var coding: CodingLimits
}

/// A body as stage 2 reads it: content coding undone, a CloudEvent in binary mode, data parsed.
///
/// The content type decides, once, what a body is (``BodyKind``); `docs/manual/formats.md` says what its data is. A body
/// that is not what it says is refused; a kind without data is taken as bytes.
struct BodyReading {
    let headers: HeaderBlock
    let body: [UInt8]
    let data: JSONDocument?
    /// The event has the attributes of a CloudEvent in its headers.
    let isCloudEvent: Bool

    /// HOT: a plain JSON request takes the shortest way and copies nothing.
    init(_ accepted: Accepted, _ rules: BodyRules) throws(VerifyFailure) {
        let said = SaidOfBody(accepted.headers)
        let kind = BodyKind(contentType: said.contentType.map { accepted.headers.bytes[$0] })
        guard rules.accepts.isEmpty || rules.accepts.contains(where: { $0.takes(kind) }) else {
            throw .mediaType(rules.accepts)
        }
        do throws(FormatFailure) {
            let (headers, body) = try Self.decoded(accepted, said, rules.coding)
            if kind == .cloudEvent, rules.cloudEvents != .never {
                self = try Self.unwrapped(body, headers, rules)
                return
            }
            self.isCloudEvent = said.isCloudEvent && rules.cloudEvents != .never
            if self.isCloudEvent || rules.cloudEvents == .always { try CloudEvents.check(headers) }
            let contentType = said.contentType.map { accepted.headers.bytes[$0] }
            self.data = try Self.data(of: body, kind, contentType: contentType, limits: rules.json)
            self.headers = headers
            self.body = body
        } catch {
            throw VerifyFailure(error)
        }
    }

    /// As they came, where there is no content coding. Else the headers lose what no longer holds of the body.
    static func decoded(
        _ accepted: Accepted, _ said: SaidOfBody, _ limits: CodingLimits
    ) throws(FormatFailure) -> (HeaderBlock, [UInt8]) {
        guard let coding = said.coding else { return (accepted.headers, accepted.body) }
        let name = said.codings > 1 ? [][...] : accepted.headers.bytes[coding]
        let body = try ContentEncoding.decode(accepted.body, name, limits: limits)
        return (accepted.headers.removing("content-encoding").removing("content-length"), body)
    }

    private init(headers: HeaderBlock, body: [UInt8], data: JSONDocument?) {
        self.headers = headers
        self.body = body
        self.data = data
        self.isCloudEvent = true
    }

    private static func unwrapped(
        _ body: [UInt8], _ headers: HeaderBlock, _ rules: BodyRules
    ) throws(FormatFailure) -> BodyReading {
        try self.reading(of: try CloudEvents.unwrap(self.json(body, rules.json)), in: headers, rules)
    }

    /// A CloudEvent that came in an envelope, as if it had come in binary mode.
    static func reading(
        of parts: CloudEventParts, in headers: HeaderBlock, _ rules: BodyRules
    ) throws(FormatFailure) -> BodyReading {
        var block = HeaderBlock()
        for field in headers.fields {
            let name = headers.bytes[field.name]
            if name.elementsEqual("content-type".utf8) || name.elementsEqual("content-length".utf8) { continue }
            if name.starts(with: CloudEvents.headerPrefix.utf8) { continue }
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
            // GitHub and Slack offer forms whose field `payload` is the JSON body.
            if let payload = FormText.firstValue(of: "payload", in: body) { return try self.json(payload, limits) }
            return try self.json(FormBody.json(of: body), limits)
        case .multipart:
            return try self.json(MultipartBody.json(of: body, contentType: contentType, limits: limits), limits)
        case .xml: return try self.json(XMLBody.json(of: body, contentType: contentType), limits)
        case .text:
            return try TextBody.json(of: body, contentType: contentType).map { json throws(FormatFailure) in
                try self.json(json, limits)
            }
        case .unknown:
            // Nobody said that it was JSON, so a text that is not JSON is no mistake.
            return try? JSONDocument(parsing: body, limits: limits)
        case .ndjson, .binary: return nil
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

/// What the headers say of a body; one walk over them.
struct SaidOfBody {
    private(set) var contentType: Range<Int>?
    /// The first content coding but `identity`.
    private(set) var coding: Range<Int>?
    private(set) var codings = 0
    private(set) var isCloudEvent = false

    init(_ headers: HeaderBlock) {
        for field in headers.fields {
            switch field.name.count {
            case 12 where self.contentType == nil && headers.bytes[field.name].elementsEqual("content-type".utf8):
                self.contentType = field.value
            case 14 where headers.bytes[field.name].elementsEqual("ce-specversion".utf8): self.isCloudEvent = true
            case 16 where headers.bytes[field.name].elementsEqual("content-encoding".utf8):
                let value = headers.bytes[field.value]
                if value.isEmpty || value.elementsEqual("identity".utf8) { continue }
                self.coding = self.coding ?? field.value
                self.codings += 1
            default: break
            }
        }
    }
}

extension BodyKind {
    /// Whether a source that takes this kind takes a body of another: without a content type it may be JSON or bytes.
    func takes(_ kind: BodyKind) -> Bool {
        self == kind || kind == .unknown && (self == .json || self == .binary)
    }
}
