// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import HookFormats

/// Turns a verified request into an event.
struct EventMapping: Sendable {
    /// Longest type, in bytes: it is a label of metrics and a column of lists.
    static let typeBytesMax = 200
    static let idBytesMax = 256
    static let subjectBytesMax = 1024
    /// Digits of a version; nine always fit.
    private static let versionDigitsMax = 9
    /// A deduplication value longer than this is replaced by its SHA-256.
    private static let dedupeBytesMax = 256

    private let source: SourceName
    private let spec: EventMappingSpec
    private let dedupe: DedupeSpec?
    /// The header that carries the sender's credentials: neither scripts nor the store nor people need it.
    private let credentials: String?

    init(source: SourceSpec) {
        self.source = source.name
        self.credentials =
            switch source.verify {
            case .token(let token): token.header.lowercased()
            case .basic: "authorization"
            case .none, .signature: nil
            }
        self.dedupe = source.dedupe.map { spec in
            guard case .value(let place) = spec.key else { return spec }
            return DedupeSpec(key: .value(Self.lowered(place)), within: spec.within)
        }
        var mapping = source.event
        mapping.type = mapping.type.map(Self.lowered)
        mapping.id = mapping.id.map(Self.lowered)
        mapping.version = mapping.version.map(Self.lowered)
        mapping.subject = mapping.subject.map(Self.lowered)
        self.spec = mapping
    }

    private static func lowered(_ source: ValueSource) -> ValueSource {
        guard case .header(let name, let prefix) = source else { return source }
        return .header(name.lowercased(), prefix: prefix)
    }

    /// - Parameter place: of the event in a request that brings several, from 0. An id that the whole request has then
    ///   gets the place behind it, or the second event would be a duplicate of the first.
    func event(of accepted: Accepted, _ reading: BodyReading, place: Int? = nil) throws(VerifyFailure) -> Verified {
        let request = MappedRequest(accepted: accepted, reading: reading)
        let ownID = try self.text(
            self.spec.id, or: "id", of: request, "event/id", bytesMax: Self.idBytesMax)
        let senderID = place.map { Self.numbered(ownID, self.spec.id, place: $0) } ?? ownID
        let event = Event(
            id: accepted.id, source: self.source, type: try self.type(of: request),
            version: try self.version(of: request),
            time: accepted.receivedAt,
            subject: try self.text(
                self.spec.subject, or: "subject", of: request, "event/subject", bytesMax: Self.subjectBytesMax),
            senderID: senderID, method: accepted.method, path: accepted.path, query: accepted.query,
            headers: self.credentials.map(reading.headers.removing) ?? reading.headers,
            contentType: Self.contentType(of: reading), body: reading.body, data: reading.data)
        return Verified(event: event, dedupe: self.dedupeKey(of: request, senderID: senderID, place: place))
    }

    private static func numbered(_ id: String?, _ source: ValueSource?, place: Int) -> String? {
        source.map(Self.isOfRequest) ?? false ? id.map { "\($0).\(place + 1)" } : id
    }

    /// Whether a value is the same for all events of one request.
    private static func isOfRequest(_ source: ValueSource) -> Bool {
        switch source {
        case .header, .query, .constant: true
        case .data: false
        }
    }

    private static func contentType(of reading: BodyReading) -> String {
        reading.headers["content-type"] ?? (reading.data == nil ? "application/octet-stream" : "application/json")
    }

    private func type(of request: MappedRequest) throws(VerifyFailure) -> String {
        guard let bytes = request.value(self.spec.type, or: "type") else {
            return self.spec.typeDefault ?? self.source.text
        }
        let isPrintable = bytes.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
        guard isPrintable, !bytes.isEmpty, bytes.first != 0x20, bytes.last != 0x20, bytes.count <= Self.typeBytesMax
        else {
            throw .mapping("event/type", "The event type must be 1 to \(Self.typeBytesMax) printable ASCII characters.")
        }
        return String(decoding: self.spec.typeIsNormalised ? bytes.map(Self.normalised) : bytes, as: UTF8.self)
    }

    /// `Push Hook` → `push.hook`, `orders/create` → `orders.create`: names that patterns such as `shopify.orders.*` can meet.
    private static func normalised(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x41...0x5A: byte | 0x20
        case UInt8(ascii: " "), UInt8(ascii: "/"): UInt8(ascii: ".")
        default: byte
        }
    }

    private func version(of request: MappedRequest) throws(VerifyFailure) -> Int? {
        guard let place = self.spec.version, let bytes = request.value(place), !bytes.isEmpty else {
            return self.spec.versionDefault
        }
        guard bytes.count <= Self.versionDigitsMax, bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .mapping("event/version", "The event version must be a number of at most nine digits.")
        }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private func text(
        _ place: ValueSource?, or attribute: String, of request: MappedRequest, _ code: String, bytesMax: Int
    ) throws(VerifyFailure) -> String? {
        guard let bytes = request.value(place, or: attribute), !bytes.isEmpty else { return nil }
        // Invalid UTF-8 would be repaired in silence, and two different ids could become one.
        guard bytes.count <= bytesMax, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .mapping(code, "The value must be text of at most \(bytesMax) bytes without control characters.") }
        return text
    }

    /// The key holds the source's name, so that equal ids of two senders are two events.
    private func dedupeKey(of request: MappedRequest, senderID: String?, place: Int?) -> Verified.DedupeKey? {
        guard let dedupe = self.dedupe else { return nil }
        var value: [UInt8]?
        switch dedupe.key {
        case .eventID: value = senderID.map { request.scope + Array($0.utf8) }
        case .value(let source):
            value = request.value(source)
            if let place, Self.isOfRequest(source) { value = value.map { $0 + Array(".\(place + 1)".utf8) } }
        }
        guard let value, !value.isEmpty else { return nil }
        let short = value.count <= Self.dedupeBytesMax ? value : Digest.sha256(value)
        return Verified.DedupeKey(key: Array(self.source.text.utf8) + [0] + short, within: dedupe.within)
    }
}

/// A request as the mapping sees it.
struct MappedRequest {
    let accepted: Accepted
    let reading: BodyReading

    /// The bytes at a place; where the source names none, the attribute of a CloudEvent.
    func value(_ source: ValueSource?, or attribute: String) -> [UInt8]? {
        if let source { return self.value(source) }
        return self.reading.isCloudEvent ? CloudEvents.attribute(attribute, of: self.reading.headers) : nil
    }

    /// What the sender's id is unique in: CloudEvents have one within their `source`, and a source of ours may have many
    /// of those.
    var scope: [UInt8] {
        guard self.reading.isCloudEvent else { return [] }
        return (CloudEvents.attribute("source", of: self.reading.headers) ?? []) + [0]
    }

    /// The bytes at a place, its prefix before them; nil where there is nothing, or nothing that is text.
    func value(_ source: ValueSource) -> [UInt8]? {
        switch source {
        case .header(let name, let prefix):
            return self.reading.headers.first(name).map { Array(prefix.utf8) + $0 }
        case .query(let name):
            return FormText.firstValue(of: name, in: Array(self.accepted.query.utf8))
        case .data(let path, let prefix):
            return self.scalar(path).map { Array(prefix.utf8) + $0 }
        case .constant(let text):
            return Array(text.utf8)
        }
    }

    private func scalar(_ path: [String]) -> [UInt8]? {
        guard let data = self.reading.data, let place = data.find(path) else { return nil }
        switch data.nodes[place].kind {
        case .string: return data.stringBytes(of: place)
        case .number, .true, .false: return Array(data.text(of: place))
        case .null, .array, .object: return nil
        }
    }
}
