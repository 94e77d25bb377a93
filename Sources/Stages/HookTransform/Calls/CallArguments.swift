// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

/// What a script is called with: `event` and `ctx`. Both are lazy tables, filled as the script touches their fields.
///
/// HOT: once per call, and once per field touched.
///
/// - Isolation: one per worker, used by its thread.
final class CallArguments: LuaFieldSource {
    /// One call. A class, since each field touched would copy the whole event of a value.
    final class Subject {
        let event: Event
        let route: RouteName
        /// Nil for conditions: they are asked before destinations are chosen.
        let destination: DestinationName?
        /// Of a converter: the versions between which it leads.
        let conversion: ScriptCall.Conversion?

        init(
            event: Event, route: RouteName, destination: DestinationName?, conversion: ScriptCall.Conversion? = nil
        ) {
            self.event = event
            self.route = route
            self.destination = destination
            self.conversion = conversion
        }
    }

    private static let event = LuaLazyKind(0)
    private static let context = LuaLazyKind(1)
    private static let headers = LuaLazyKind(2)
    private static let query = LuaLazyKind(3)
    private static let meta = LuaLazyKind(4)
    private static let conversion = LuaLazyKind(5)

    // The names as scripts write them; the bridge asks for a case by its place.
    private enum EventField: String, CaseIterable {
        case id, type, version, time, source, subject, headers, query, data, raw, meta
    }
    private enum ContextField: String, CaseIterable { case route, destination, revision, now, test, window }
    private enum ConversionField: String, CaseIterable { case type, from, to, revision, now, test }
    private enum MetaField: String, CaseIterable { case path, method, senderID = "sender_id" }

    // Once: `allCases` makes an array each time.
    private static let eventFields = EventField.allCases
    private static let contextFields = ContextField.allCases
    private static let conversionFields = ConversionField.allCases
    private static let metaFields = MetaField.allCases

    /// The fields of `event` for people and editors, in LuaLS' types.
    static let eventNotes: [(name: String, type: String, summary: String)] = EventField.allCases.map {
        field in
        let (type, summary) =
            switch field {
            case .id: ("string", "Id of the event: evt_…")
            case .type: ("string", "Event type.")
            case .version: ("integer?", "Version of the type.")
            case .time: ("string", "When it was accepted, RFC 3339.")
            case .source: ("string", "Name of the source.")
            case .subject: ("string?", "What it is about, where the source says.")
            case .headers: ("hookswitch.fields", "Headers of the request, names in lower case; read-only.")
            case .query: ("hookswitch.fields", "Query of the request; read-only.")
            case .data: ("any", "The JSON body; nil where it is none.")
            case .raw: ("string", "The bytes of the body.")
            case .meta: ("hookswitch.meta", "How it came.")
            }
        return (field.rawValue, type, summary)
    }

    /// The same of `ctx`.
    static let contextNotes: [(name: String, type: String, summary: String)] = ContextField.allCases.map {
        field in
        let (type, summary) =
            switch field {
            case .route: ("string", "Name of the route.")
            case .destination: ("string?", "Name of the destination; in transforms only.")
            case .revision: ("string", "Revision of the configuration.")
            case .now: ("integer", "When the event was accepted, Unix milliseconds.")
            case .test: ("boolean", "Whether this is a dry run or a test.")
            case .window: ("hookswitch.window?", "The window that closes; in aggregations only.")
            }
        return (field.rawValue, type, summary)
    }

    /// The same of the `ctx` of a converter.
    static let conversionNotes: [(name: String, type: String, summary: String)] = ConversionField.allCases.map {
        field in
        let (type, summary) =
            switch field {
            case .type: ("string", "Event type.")
            case .from: ("integer", "Version of the data.")
            case .to: ("integer", "Version of what is returned.")
            case .revision: ("string", "Revision of the configuration.")
            case .now: ("integer", "When the event was accepted, Unix milliseconds.")
            case .test: ("boolean", "Whether this is a dry run or a test.")
            }
        return (field.rawValue, type, summary)
    }

    private let revision: RevisionID
    private let isTest: Bool
    /// Both tables; the same for every call.
    let prepared: LuaArguments
    /// For aggregations: the list of events instead of the one event.
    private let preparedForWindow: LuaArguments
    /// The window that closes; nil in other calls.
    var window: WindowBatch?
    /// The data itself and `ctx`, for converters.
    private let preparedConversion: LuaArguments
    /// Nil outside of calls.
    var subject: Subject?

    init(revision: RevisionID, isTest: Bool) {
        self.revision = revision
        self.isTest = isTest
        var prepared = LuaArguments()
        prepared.push(lazy: Self.event)
        prepared.push(lazy: Self.context)
        self.prepared = prepared
        var listed = LuaArguments()
        listed.pushDocument()
        listed.push(lazy: Self.context)
        self.preparedForWindow = listed
        var conversion = LuaArguments()
        conversion.pushDocument()
        conversion.push(lazy: Self.conversion)
        self.preparedConversion = conversion
    }

    /// What the call under way gets.
    var current: LuaArguments {
        if self.subject?.conversion != nil { return self.preparedConversion }
        return self.window == nil ? self.prepared : self.preparedForWindow
    }

    /// Declares the tables and answers for them.
    func attach(to state: LuaState) throws(LuaFailure) {
        precondition(MemoryLayout<JSONNode>.stride == LuaState.nodeStride, "a tape node has the layout of the bridge")
        try state.declare(
            Self.event, name: "event", fields: Self.eventFields.map { $0.rawValue }, isWritable: true)
        try state.declare(Self.context, name: "ctx", fields: Self.contextFields.map { $0.rawValue })
        try state.declare(Self.conversion, name: "ctx", fields: Self.conversionFields.map { $0.rawValue })
        try state.declare(Self.headers, name: "event.headers")
        try state.declare(Self.query, name: "event.query")
        try state.declare(Self.meta, name: "event.meta", fields: Self.metaFields.map { $0.rawValue })
        state.fields = self
    }

    // MARK: Fields

    func push(field place: Int, of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool {
        guard let subject = self.subject else { return false }
        switch kind {
        case Self.event:
            return self.push(Self.eventFields[place], of: subject, into: &arguments)
        case Self.context:
            return self.push(Self.contextFields[place], of: subject, into: &arguments)
        case Self.conversion:
            return self.push(Self.conversionFields[place], of: subject, into: &arguments)
        default:
            return self.push(Self.metaFields[place], of: subject, into: &arguments)
        }
    }

    private func push(_ field: EventField, of subject: Subject, into arguments: inout LuaArguments) -> Bool {
        switch field {
        case .id: arguments.push(subject.event.fullID)
        case .type: arguments.push(subject.event.type)
        case .version:
            guard let version = subject.event.version else { return false }
            arguments.push(Int64(version))
        case .time: arguments.push(subject.event.time.rfc3339)
        case .source: arguments.push(subject.event.source.text)
        case .subject: return self.push(subject.event.subject, into: &arguments)
        case .headers: arguments.push(lazy: Self.headers)
        case .query: arguments.push(lazy: Self.query)
        case .data:
            guard subject.event.data != nil else { return false }
            arguments.pushDocument()
        case .raw: arguments.push(subject.event.body)
        case .meta: arguments.push(lazy: Self.meta)
        }
        return true
    }

    private func push(_ field: ContextField, of subject: Subject, into arguments: inout LuaArguments) -> Bool {
        switch field {
        case .route: arguments.push(subject.route.text)
        case .destination: return self.push(subject.destination?.text, into: &arguments)
        case .revision: arguments.push(self.revision.text)
        case .now: arguments.push(subject.event.time.milliseconds)
        case .test: arguments.push(self.isTest)
        case .window:
            guard let window = self.window else { return false }
            Self.push(window, into: &arguments)
        }
        return true
    }

    /// `{key, opened_at, closed_at, reason, count}`
    private static func push(_ window: WindowBatch, into arguments: inout LuaArguments) {
        arguments.pushTable { table in
            table.set("count") { $0.push(Int64(window.members.count)) }
            table.set("reason") { $0.push(window.reason.rawValue) }
            table.set("closed_at") { $0.push(window.closedAt.rfc3339) }
            table.set("opened_at") { $0.push(window.openedAt.rfc3339) }
            table.set("key") { Self.push(key: window.key, into: &$0) }
        }
    }

    private static func push(key: [UInt8], into arguments: inout LuaArguments) {
        // Our own writer has made it.
        let value = (try? JSONValue(parsing: key)) ?? .null
        guard let parts = value.arrayValue else { return self.push(value, into: &arguments) }
        arguments.pushTable { table in
            for part in parts { table.append { self.push(part, into: &$0) } }
            table.markArray()
        }
    }

    private static func push(_ value: JSONValue, into arguments: inout LuaArguments) {
        switch value {
        case .string(let text): arguments.push(text)
        case .number(let text): arguments.push(number: Array(text.utf8))
        case .bool(let flag): arguments.push(flag)
        default: arguments.pushNull()
        }
    }

    private func push(_ field: ConversionField, of subject: Subject, into arguments: inout LuaArguments) -> Bool {
        guard let conversion = subject.conversion else { return false }
        switch field {
        case .type: arguments.push(conversion.type)
        case .from: arguments.push(Int64(conversion.from))
        case .to: arguments.push(Int64(conversion.to))
        case .revision: arguments.push(self.revision.text)
        case .now: arguments.push(subject.event.time.milliseconds)
        case .test: arguments.push(self.isTest)
        }
        return true
    }

    private func push(_ field: MetaField, of subject: Subject, into arguments: inout LuaArguments) -> Bool {
        switch field {
        case .path: arguments.push(subject.event.path)
        case .method: arguments.push(subject.event.method)
        case .senderID: return self.push(subject.event.senderID, into: &arguments)
        }
        return true
    }

    private func push(_ text: String?, into arguments: inout LuaArguments) -> Bool {
        guard let text else { return false }
        arguments.push(text)
        return true
    }

    // MARK: Headers and query: the first field of each name

    // Repeated ones are rare, and joining them with commas is wrong for some.

    func push(key: [UInt8], of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool {
        guard let event = self.subject?.event else { return false }
        if kind == Self.headers {
            for field in event.headers.fields where event.headers.bytes[field.name].elementsEqual(key) {
                arguments.push(event.headers.bytes[field.value])
                return true
            }
            return false
        }
        var first: [UInt8]?
        FormText.forEachParameter(of: Array(event.query.utf8)) { name, value in
            if first == nil, name == key { first = value }
        }
        guard let first else { return false }
        arguments.push(first)
        return true
    }

    func pushAll(of kind: LuaLazyKind, into arguments: inout LuaArguments) -> Bool {
        guard let event = self.subject?.event else { return false }
        arguments.pushTable { table in
            if kind == Self.headers {
                for field in event.headers.fields.reversed() {
                    table.set(bytes: event.headers.bytes[field.name]) { $0.push(event.headers.bytes[field.value]) }
                }
            } else {
                var parameters: [(name: [UInt8], value: [UInt8])] = []
                FormText.forEachParameter(of: Array(event.query.utf8)) { parameters.append(($0, $1)) }
                for parameter in parameters.reversed() {
                    table.set(bytes: parameter.name[...]) { $0.push(parameter.value[...]) }
                }
            }
        }
        return true
    }
}
