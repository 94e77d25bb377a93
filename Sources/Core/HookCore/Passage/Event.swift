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

    package init(
        id: EventID, source: SourceName, type: String, version: Int? = nil, time: WallTime, subject: String? = nil,
        senderID: String? = nil, method: String = "POST", path: String = "/", query: String = "",
        headers: HeaderBlock = HeaderBlock(), contentType: String = "application/json", body: [UInt8],
        data: JSONDocument?
    ) {
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
}
