// SPDX-License-Identifier: Apache-2.0
// How rows of the store look in the API. Keys are a contract: they are only ever added.
import HookCore
import HookPipeline

extension EventRow {
    var json: JSONValue {
        [
            "id": .string(self.id.description),
            "event_id": .string(self.id.description),
            "source": .string(self.source.text),
            "type": .string(self.type),
            "version": self.version.map { .int($0) } ?? .null,
            "time": .string(self.time.rfc3339),
            "subject": .text(self.subject),
            "sender_id": .text(self.senderID),
            "revision": .string(self.revision.text),
            // One line for people; `fates` has every route.
            "route": .text(self.leadingFate.flatMap { $0.route == .none ? nil : $0.route.text }),
            "destination": .null,
            "code": .string(self.leadingFate?.kind.rawValue ?? "unmatched"),
            "reason": .text(self.leadingFate?.reason),
            "fates": .array(self.fates.map(\.json)),
            "unmatched": .bool(self.fates.isEmpty),
            "deliveries": .int(self.deliveries),
            "bytes": .int(self.bodyBytes),
            "parent": .text(self.lineage?.parent.description),
            "hops": self.lineage.map { .int($0.hops) } ?? .null,
            "of_window": .bool(self.lineage?.isWindow ?? false),
        ]
    }
}

extension EventRow {
    /// The fate that most deserves a look: held before dropped before matched before filtered.
    private var leadingFate: Fate? {
        let order: [Fate.Kind] = [.held, .dropped, .matched, .aggregated, .filtered]
        return self.fates.min { (order.firstIndex(of: $0.kind) ?? 0) < (order.firstIndex(of: $1.kind) ?? 0) }
    }
}

extension Fate {
    var json: JSONValue {
        [
            "route": self.route == .none ? .null : .string(self.route.text), "fate": .string(self.kind.rawValue),
            "reason": .text(self.reason),
        ]
    }
}

extension DeliveryRow {
    /// `code` is stable: the reason of a dead letter, else the status or outcome of the last attempt.
    var json: JSONValue {
        let last = self.status.map { "\($0)" } ?? self.outcome
        return [
            "id": .string(self.id.description),
            "event_id": .string(self.id.event.description),
            "route": .string(self.route.text),
            "destination": .string(self.destination.text),
            "state": .string(self.state.rawValue),
            "code": .text(self.reason ?? last),
            "reason": .text(self.reason.map { Self.words(for: $0, last: last, attempts: self.attempts) }),
            "attempts": .int(self.attempts),
            "status": self.status.map { .int($0) } ?? .null,
            "outcome": .text(self.outcome),
            "accepted_at": .string(self.acceptedAt.rfc3339),
            "due_at": .text(self.dueAt?.rfc3339),
            "scheduled": .bool(self.isScheduled),
            "finished_at": .text(self.finishedAt?.rfc3339),
        ]
    }

    private static func words(for code: String, last: String?, attempts: Int) -> String {
        let title = CodeRegistry.entry(for: code)?.title ?? code
        return "\(title): \(last ?? "no answer") after \(attempts) attempt\(attempts == 1 ? "" : "s")"
    }
}

extension HeldRow {
    var json: JSONValue {
        [
            "id": .string(self.id.description),
            "event_id": .string(self.id.event.description),
            "kind": .string(self.kind.word),
            "route": self.route == .none ? .null : .string(self.route.text),
            "destination": .text(self.destination?.text),
            "emit": .bool(self.isEmission),
            "window": .text(self.window?.description),
            "code": .string(self.failure.code),
            "reason": .string(self.failure.message),
            "part": self.part.map { .int($0) } ?? .null,
            "script": .string(self.failure.script),
            "place": .text(self.failure.place),
            "traceback": .array(self.kind == .quarantined ? [] : self.failure.traceback.map { .string($0) }),
            "errors": .array(self.failure.traceback.compactMap { SchemaViolation(line: $0)?.json }),
            "at": .string(self.at.rfc3339),
        ]
    }
}

extension EventDetail {
    /// A saved event (``SavedEvent``) with what became of it.
    var json: JSONValue {
        guard case .object(let members) = self.row.json else { return .null }
        let request = Event(
            id: self.row.id, source: self.row.source, type: self.row.type, time: self.row.time, method: self.method,
            path: self.path, query: self.query, headers: self.headers, contentType: self.contentType, body: [],
            data: nil)
        return .object(
            members + [.init("schema", .string(SavedEvent.schema))] + SavedEvent.request(request)
                + SavedEvent.payload(self.body) + [
                    .init("deliveries_list", .array(self.deliveries.map(\.json))),
                    .init("held_list", .array(self.held.map(\.json))),
                    .init("emitted", .array(self.emitted.map(\.json))),
                ])
    }
}

extension EventDetail {
    /// As a file of `events save` holds it, with nothing of what became of it.
    var saved: JSONValue {
        let event = Event(
            id: self.row.id, source: self.row.source, type: self.row.type, version: self.row.version,
            time: self.row.time, subject: self.row.subject, senderID: self.row.senderID, method: self.method,
            path: self.path, query: self.query, headers: self.headers, contentType: self.contentType, body: [],
            data: nil, lineage: self.row.lineage)
        return .object(SavedEvent.members(event, revision: self.row.revision, body: self.body))
    }
}

extension DeliveryDetail {
    var json: JSONValue {
        guard case .object(let members) = self.row.json else { return .null }
        return .object(
            members + [
                .init("schema", "hookswitch/delivery@1"),
                .init("content_type", .string(self.contentType)),
                .init("body", Payload.json(self.body)),
                .init("attempts_list", .array(self.attempts.map(\.json))),
            ])
    }
}

extension AttemptRow {
    var json: JSONValue {
        [
            "number": .int(self.number),
            "started_at": .string(self.startedAt.rfc3339),
            "took_ms": .int(self.took.milliseconds),
            "status": self.status.map { .int($0) } ?? .null,
            "outcome": .string(self.outcome),
            "detail": .text(self.detail),
            "response": Payload.json(self.response),
        ]
    }
}

/// Bytes in JSON: text where they are UTF-8, else null beside their length.
enum Payload {
    static func json(_ bytes: [UInt8]?) -> JSONValue {
        guard let bytes else { return .null }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return ["bytes": .int(bytes.count), "encoding": "binary"]
        }
        return .string(text)
    }
}
