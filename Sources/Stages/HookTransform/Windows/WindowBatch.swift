// SPDX-License-Identifier: Apache-2.0
// The members of a window as one JSON text: what the function gets. Parsed once and handed over lazily, like the data of
// an event.
package import HookCore

/// The members of a window that closes.
package struct WindowBatch: Sendable {
    package let route: RouteName
    /// JSON.
    package let key: [UInt8]
    package let openedAt: WallTime
    package let closedAt: WallTime
    package let reason: WindowReason
    /// In order of acceptance; not empty.
    package let members: [MemberRow]

    package init(
        route: RouteName, key: [UInt8], openedAt: WallTime, closedAt: WallTime, reason: WindowReason,
        members: [MemberRow]
    ) {
        self.route = route
        self.key = key
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.reason = reason
        self.members = members
    }

    /// `[{id, type, version, time, source, subject, headers, meta, data}, …]`
    var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(
            self.members.reduce(2) { $0 + ($1.payload?.count ?? 4) + $1.event.headers.bytes.count + 256 })
        text.append(UInt8(ascii: "["))
        for (place, member) in self.members.enumerated() {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            Self.append(member, to: &text)
        }
        text.append(UInt8(ascii: "]"))
        return text
    }

    private static func append(_ member: MemberRow, to text: inout [UInt8]) {
        let event = member.event
        let id = member.part.map { "\(event.id).\($0)" } ?? event.id.description
        self.append("{\"id\":", id, to: &text)
        self.append(",\"type\":", event.type, to: &text)
        if let version = event.version { text.append(contentsOf: ",\"version\":\(version)".utf8) }
        self.append(",\"time\":", event.time.rfc3339, to: &text)
        self.append(",\"source\":", event.source.text, to: &text)
        if let subject = event.subject { self.append(",\"subject\":", subject, to: &text) }
        text.append(contentsOf: ",\"headers\":{".utf8)
        var names: Set<ArraySlice<UInt8>> = []
        for field in event.headers.fields {
            let name = event.headers.bytes[field.name]
            guard names.insert(name).inserted else { continue }
            if names.count > 1 { text.append(UInt8(ascii: ",")) }
            self.append(name, to: &text)
            text.append(UInt8(ascii: ":"))
            self.append(event.headers.bytes[field.value], to: &text)
        }
        self.append("},\"meta\":{\"method\":", event.method, to: &text)
        self.append(",\"path\":", event.path, to: &text)
        if let sender = event.senderID { self.append(",\"sender_id\":", sender, to: &text) }
        text.append(UInt8(ascii: "}"))
        if let payload = member.payload {
            text.append(contentsOf: ",\"data\":".utf8)
            text.append(contentsOf: payload)
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func append(_ head: StaticString, _ value: String, to text: inout [UInt8]) {
        unsafe text.append(contentsOf: UnsafeBufferPointer(start: head.utf8Start, count: head.utf8CodeUnitCount))
        JSONEscapes.appendQuoted(value.utf8, to: &text)
    }

    /// Header values may hold bytes that are no text.
    private static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        JSONEscapes.appendQuoted(String(decoding: bytes, as: UTF8.self).utf8, to: &text)
    }

    /// The event that the members become, before its data is known: it takes its place after the last of them.
    package func event(type: String, version: Int?, body: [UInt8], data: JSONDocument?, contentType: String) -> Event? {
        guard let last = self.members.last else { return nil }
        let seed = "\(self.route) \(last.part ?? 0) \(String(decoding: self.key, as: UTF8.self))"
        let hops = (last.event.lineage?.hops ?? 0) + 1
        return Event(
            id: last.event.id.derived(seed), source: last.event.source, type: type, version: version,
            time: self.closedAt, contentType: contentType, body: body, data: data,
            lineage: Event.Lineage(parent: last.event.id, hops: hops, isWindow: true))
    }

    /// The last member with the parsed text of all of them: stands in for the event in a call.
    func subject(_ document: JSONDocument?) -> Event? {
        self.event(type: "", version: nil, body: [], data: document, contentType: "application/json")
    }
}
