// SPDX-License-Identifier: Apache-2.0
// One event as a file: what `events save` and `events get -o json` write, and what dry runs, explanations and diffs of
// behaviour read. One place knows the format, so that whatever one command writes another can read.
package import HookCore
import HookCrypto
import HookIngest
package import HookVerify

/// An event in a file, `hookswitch/event@1`.
///
/// - Shape: a JSON object. `schema` says what it is; `id`, `type`, `version`, `time`, `source`, `subject`, `sender_id`,
///   `revision`; the request as `method`, `path`, `query`, `content_type`, `headers` (a list of `{name, value}`); and
///   the payload: `body` as text, or `body_base64` where it is no UTF-8. By hand one may write less: `type` (or
///   `source` and `headers`) and `data`, any JSON, instead of `body`; headers may be an object.
package struct SavedEvent: Sendable {
    package static let schema = "hookswitch/event@1"

    /// Why a file is no saved event, for people.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    package let event: Event
    /// The headers of the request are known, so the event can be read from it again.
    package let hasRequest: Bool
    /// The configuration that routed it.
    package let revision: RevisionID?

    /// Whether the bytes look like a saved event rather than a body: an object that names the schema.
    ///
    /// - Complexity: linear in the bytes, without parsing.
    package static func isSaved(_ bytes: [UInt8]) -> Bool {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return false }
        let word = Array(self.schema.utf8)
        var at = bytes.startIndex
        while let slash = bytes[at...].firstIndex(of: UInt8(ascii: "/")) {
            let start = slash - Self.slashPlace
            if start >= 0, bytes[start...].starts(with: word) { return true }
            at = slash + 1
        }
        return false
    }

    /// Where the slash stands in the schema: the rarest of its bytes, so looking for it is quick.
    private static let slashPlace = 10

    /// Reads one saved event.
    ///
    /// - Parameter now: stands in where the file has no time; an id is made from it and the body where there is none.
    package init(parsing bytes: [UInt8], now: WallTime) throws(Failure) {
        let document: JSONDocument
        do throws(JSONFailure) {
            document = try JSONDocument(parsing: bytes)
        } catch {
            throw Failure(description: "\(error.reason.rawValue) (byte \(error.offset))")
        }
        let reading = SavedEventReading(document)
        guard try reading.text("schema") == Self.schema else {
            throw Failure(description: "the member \"schema\" must be \"\(Self.schema)\"")
        }
        self.event = try reading.event(now: now)
        self.hasRequest = reading.has("headers") && self.event.lineage == nil
        self.revision = try reading.text("revision").map { RevisionID($0) }
    }

    /// What the store keeps; nil where the payload is gone by retention.
    package init?(_ detail: EventDetail) {
        guard let body = detail.body else { return nil }
        let row = detail.row
        self.event = Event(
            id: row.id, source: row.source, type: row.type, version: row.version, time: row.time, subject: row.subject,
            senderID: row.senderID, method: detail.method, path: detail.path, query: detail.query,
            headers: detail.headers, contentType: detail.contentType, body: body,
            data: Verify.data(of: body, contentType: detail.contentType), lineage: row.lineage)
        self.hasRequest = row.lineage == nil
        self.revision = row.revision
    }

    /// What the API answered, without lists of what became of the event.
    package var json: JSONValue { .object(Self.members(self.event, revision: self.revision, body: self.event.body)) }

    /// The members of the format; of `EventDetail` too, which has more.
    ///
    /// - Parameter body: nil where it is gone.
    package static func members(_ event: Event, revision: RevisionID?, body: [UInt8]?) -> [JSONValue.Member] {
        [
            .init("schema", .string(self.schema)),
            .init("id", .string(event.id.description)),
            .init("type", .string(event.type)),
            .init("version", event.version.map { .int($0) } ?? .null),
            .init("time", .string(event.time.rfc3339)),
            .init("source", .string(event.source.text)),
            .init("subject", .text(event.subject)),
            .init("sender_id", .text(event.senderID)),
            .init("revision", .text(revision?.text)),
        ] + self.lineage(event) + self.request(event) + self.payload(body)
    }

    /// The members that say what it was made of; none for what a sender sent.
    private static func lineage(_ event: Event) -> [JSONValue.Member] {
        guard let lineage = event.lineage else { return [] }
        return [
            .init("parent", .string(lineage.parent.description)), .init("hops", .int(lineage.hops)),
            .init("of_window", .bool(lineage.isWindow)),
        ]
    }

    /// The members that say how the event came in.
    package static func request(_ event: Event) -> [JSONValue.Member] {
        [
            .init("method", .string(event.method)),
            .init("path", .string(event.path)),
            .init("query", .string(event.query)),
            .init("content_type", .string(event.contentType)),
            .init(
                "headers",
                .array(
                    event.headers.pairs.map { pair in
                        // Credentials of senders are no business of whoever reads the file.
                        let isSecret = self.secretHeaders.contains(pair.name)
                        return ["name": .string(pair.name), "value": .string(isSecret ? "‹redacted›" : pair.value)]
                    })),
        ]
    }

    /// The body as text; in base 64 beside an empty `body` where it is no UTF-8; null where it is gone.
    package static func payload(_ body: [UInt8]?) -> [JSONValue.Member] {
        guard let body else { return [.init("body", .null)] }
        if let text = String(validating: body, as: UTF8.self) { return [.init("body", .string(text))] }
        return [.init("body", .null), .init("body_base64", .string(Base64.text(body)))]
    }

    private static let secretHeaders: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "x-gitlab-token", "x-api-key",
    ]
}

extension SavedEvent {
    /// What stage 2 of a revision makes of it.
    ///
    /// A request of a source that the revision has is read as stage 2 reads it today, without the source's checks, which
    /// it passed once: a changed mapping shows. Everything else keeps the type that is written in the file.
    ///
    /// - Parameter source: instead of the one in the file.
    package func verdict(in revision: Revision, as source: SourceName? = nil) -> VerifyVerdict {
        let name = source ?? self.event.source
        guard source != nil || self.hasRequest, revision.configuration.source(name) != nil else {
            return .verified(Verify.trusting(self.event))
        }
        return revision.verify.admit(self.accepted(as: name))
    }

    /// The request that it came in with, as stage 1 hands it on.
    package func accepted(as source: SourceName) -> Accepted {
        let event = self.event
        return Recall.accepted(
            id: event.id, source: source, at: event.time, method: event.method, path: event.path, query: event.query,
            headers: event.headers, body: event.body)
    }
}

/// Reads the members of a saved event.
private struct SavedEventReading {
    private typealias Failure = SavedEvent.Failure

    private let document: JSONDocument

    init(_ document: JSONDocument) { self.document = document }

    private func member(_ name: String) -> Int? {
        guard let at = self.document.member(name.utf8, of: 0), self.document.nodes[at].kind != .null else { return nil }
        return at
    }

    func has(_ name: String) -> Bool { self.member(name) != nil }

    func text(_ name: String) throws(SavedEvent.Failure) -> String? {
        guard let at = self.member(name) else { return nil }
        guard let text = self.document.string(of: at) else {
            throw Failure(description: "the member \"\(name)\" must be a string")
        }
        return text
    }

    func event(now: WallTime) throws(SavedEvent.Failure) -> Event {
        let source = try self.text("source")
        guard let type = try self.text("type") ?? source, !type.isEmpty else {
            throw Failure(description: "the member \"type\" is missing: what kind of event is it?")
        }
        let body = try self.body()
        let time = try self.time() ?? now
        let headers = try self.headers()
        let contentType =
            try self.text("content_type") ?? headers["content-type"] ?? (self.has("data") ? "application/json" : nil)
        return Event(
            id: try self.id() ?? EventID(time: time, random: Checksum.xxh64(body)),
            source: SourceName(source ?? "saved"),
            type: type, version: try self.version(), time: time, subject: try self.text("subject"),
            senderID: try self.text("sender_id"), method: try self.text("method") ?? "POST",
            path: try self.text("path") ?? "/", query: try self.text("query") ?? "", headers: headers,
            contentType: contentType ?? "application/json", body: body,
            data: Verify.data(of: body, contentType: contentType), lineage: try self.lineage())
    }

    private func lineage() throws(SavedEvent.Failure) -> Event.Lineage? {
        guard let text = try self.text("parent"), let hops = self.member("hops") else { return nil }
        let isWindow = self.member("of_window").map { self.document.nodes[$0].kind == .true } ?? false
        guard let parent = EventID(text),
            let number = Int(String(decoding: self.document.text(of: hops), as: UTF8.self))
        else { throw Failure(description: "the members \"parent\" and \"hops\" must be an event id and a number") }
        return Event.Lineage(parent: parent, hops: max(1, number), isWindow: isWindow)
    }

    private func body() throws(SavedEvent.Failure) -> [UInt8] {
        if let text = try self.text("body_base64") {
            guard let bytes = Base64.decode(Array(text.utf8)) else {
                throw Failure(description: "the member \"body_base64\" is not base 64")
            }
            return bytes
        }
        if let at = self.member("body") {
            guard self.document.nodes[at].kind == .string else {
                throw Failure(description: "the member \"body\" must be a string; write JSON as \"data\"")
            }
            return self.document.stringBytes(of: at)
        }
        // A `data` of null is an event whose body is null.
        if let at = self.document.member("data".utf8, of: 0) { return Array(self.document.text(of: at)) }
        throw Failure(description: "neither \"body\" nor \"data\" is there: the payload was removed, or never saved")
    }

    private func id() throws(SavedEvent.Failure) -> EventID? {
        guard let text = try self.text("id") else { return nil }
        guard let id = EventID(text) else { throw Failure(description: "\"\(text)\" is no event id, evt_…") }
        return id
    }

    private func time() throws(SavedEvent.Failure) -> WallTime? {
        guard let text = try self.text("time") else { return nil }
        guard let time = WallTime(rfc3339: text) else {
            throw Failure(description: "\"\(text)\" is no time such as 2026-01-01T12:00:00Z")
        }
        return time
    }

    private func version() throws(SavedEvent.Failure) -> Int? {
        guard let at = self.member("version") else { return nil }
        guard let version = Int(String(decoding: self.document.text(of: at), as: UTF8.self)), version >= 0 else {
            throw Failure(description: "the member \"version\" must be a number")
        }
        return version
    }

    private func headers() throws(SavedEvent.Failure) -> HeaderBlock {
        guard let at = self.member("headers") else { return HeaderBlock() }
        var block = HeaderBlock()
        let isObject = self.document.nodes[at].kind == .object
        guard isObject || self.document.nodes[at].kind == .array else { throw Self.noHeaders }
        for item in self.document.children(of: at) {
            let name = isObject ? item - 1 : self.document.member("name".utf8, of: item)
            let value = isObject ? item : self.document.member("value".utf8, of: item)
            guard let name, let value, self.document.nodes[name].kind == .string,
                self.document.nodes[value].kind == .string
            else { throw Self.noHeaders }
            let (key, text) = (self.document.stringBytes(of: name), self.document.stringBytes(of: value))
            guard HTTPToken.isToken(String(decoding: key, as: UTF8.self)),
                text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { throw Self.noHeaders }
            block.append(key, text)
        }
        return block
    }

    private static var noHeaders: SavedEvent.Failure {
        Failure(description: "the member \"headers\" must be a list of {\"name\", \"value\"}, or an object of strings")
    }
}
