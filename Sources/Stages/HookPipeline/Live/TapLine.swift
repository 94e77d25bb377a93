// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// One line of `tap`: something that happened to an event at one stage, chosen and worded for people.
package struct TapLine: Sendable {
    package let at: WallTime
    package let stage: LogRecord.Stage
    /// `accepted`, `refused`, `matched`, `unmatched`, `held`, `delivered`, …
    package let what: String
    package var event: EventID?
    package var type: String?
    package var version: Int?
    package var source: SourceName?
    package var route: RouteName?
    package var destinations: [DestinationName] = []
    package var delivery: DeliveryID?
    package var attempt: Int?
    package var status: Int?
    /// Stable: a code of ``CodeRegistry``, a status or an outcome.
    package var code: String?
    package var reason: String?
    package var took: Duration?
    /// Only where payloads are asked for.
    package var payload: [UInt8]?

    init(_ at: WallTime, _ stage: LogRecord.Stage, _ what: String) {
        self.at = at
        self.stage = stage
        self.what = what
    }

    init(_ at: WallTime, _ stage: LogRecord.Stage, _ what: String, _ event: Event) {
        self.init(at, stage, what)
        self.event = event.id
        self.type = event.type
        self.version = event.version
        self.source = event.source
    }

    /// `hookswitch/tap@1`; keys are only ever added, and absent where they say nothing.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", "hookswitch/tap@1"), .init("at", .string(self.at.rfc3339)),
            .init("stage", .string(self.stage.rawValue)), .init("what", .string(self.what)),
        ]
        func add(_ name: String, _ value: String?) {
            if let value { members.append(.init(name, .string(value))) }
        }
        add("event_id", self.event?.description)
        add("type", self.type)
        if let version { members.append(.init("version", .int(version))) }
        add("source", self.source?.text)
        add("route", self.route?.text)
        if !self.destinations.isEmpty {
            members.append(.init("destinations", .array(self.destinations.map { .string($0.text) })))
        }
        add("delivery_id", self.delivery?.description)
        if let attempt { members.append(.init("attempt", .int(attempt))) }
        if let status { members.append(.init("status", .int(status))) }
        add("code", self.code)
        add("reason", self.reason)
        if let took { members.append(.init("took_ms", .int(took.milliseconds))) }
        if let payload { members.append(.init("body", Self.body(payload))) }
        return .object(members)
    }

    /// Bodies beyond this are cut: a live view is for looking.
    private static let payloadMax = 64 * 1024

    private static func body(_ bytes: [UInt8]) -> JSONValue {
        guard bytes.count <= self.payloadMax, let text = String(validating: bytes, as: UTF8.self) else {
            return ["bytes": .int(bytes.count)]
        }
        return .string(text)
    }
}
