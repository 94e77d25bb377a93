// SPDX-License-Identifier: Apache-2.0

/// What came in, unchangeable: the subject of stages 3 to 6.
package struct Event: Sendable {
    package let id: EventID
    package let source: SourceName
    package let type: String
    package let version: Int?
    /// When it was accepted.
    package let time: WallTime
    package let subject: String?
    /// The id that the sender gave it, e.g. `X-GitHub-Delivery`.
    package let senderID: String?
    package let method: String
    package let path: String
    /// Raw, without the question mark.
    package let query: String
    package let headers: HeaderBlock
    package let contentType: String
    /// The body as received, byte for byte.
    package let body: [UInt8]
    /// The body as JSON; nil where it is of another type.
    package let data: JSONDocument?
    /// Nil for what a sender sent.
    package let lineage: Lineage?
    /// Which part of a split event this view shows, from 1.
    package private(set) var part: Int?
    /// `body` is not what was received and stored: the view of a converted, enriched or split event.
    package private(set) var isReshaped = false

    /// Where an event comes from that a route emitted.
    package struct Lineage: Sendable, Equatable {
        /// Routes may emit events that routes take again, so often and no more.
        package static let hopsMax = 8

        /// The event, or the last member of the window, that it was made from.
        package let parent: EventID
        /// From 1.
        package let hops: Int
        /// It was made of a window, so running the parent again does not make it again.
        package let isWindow: Bool

        package init(parent: EventID, hops: Int, isWindow: Bool = false) {
            self.parent = parent
            self.hops = hops
            self.isWindow = isWindow
        }
    }

    package init(
        id: EventID, source: SourceName, type: String, version: Int? = nil, time: WallTime, subject: String? = nil,
        senderID: String? = nil, method: String = "POST", path: String = "/", query: String = "",
        headers: HeaderBlock = HeaderBlock(), contentType: String = "application/json", body: [UInt8],
        data: JSONDocument?, lineage: Lineage? = nil
    ) {
        self.lineage = lineage
        self.id = id
        self.source = source
        self.type = type
        self.version = version
        self.time = time
        self.subject = subject
        self.senderID = senderID
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.contentType = contentType
        self.body = body
        self.data = data
    }

    /// The same event as a route sees it: with another version, other data, or one part of a list.
    ///
    /// - Parameter body: the data's text; it is rendered into every delivery, since the store keeps the received one.
    package func reshaped(version: Int?, body: [UInt8], data: JSONDocument?, part: Int? = nil) -> Event {
        // A form or XML whose data was changed is JSON from here on.
        let isJSON = self.contentType.hasPrefix("application/json") || self.contentType.hasSuffix("+json")
        var view = Event(
            id: self.id, source: self.source, type: self.type, version: version, time: self.time,
            subject: self.subject, senderID: self.senderID, method: self.method, path: self.path, query: self.query,
            headers: self.headers, contentType: isJSON ? self.contentType : "application/json", body: body, data: data,
            lineage: self.lineage)
        view.part = part ?? self.part
        view.isReshaped = true
        return view
    }

    /// The id for people and scripts: `evt_….3` for the third part of a split event.
    package var fullID: String { self.part.map { "\(self.id).\($0)" } ?? self.id.description }
}
