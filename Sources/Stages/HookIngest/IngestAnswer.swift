// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// What the sender of a request is told.
package struct IngestAnswer: Sendable {
    /// What became of the request, for the metrics.
    package enum Outcome: Sendable, Equatable {
        case accepted
        /// Durable, but kept aside with this stable code.
        case quarantined(code: String)
        case duplicate
        /// A handshake, a probe.
        case served
        /// Refused with this stable code: the sender's matter.
        case refused(code: String)
        /// Refused with this stable code: ours, and worth another try.
        case failed(code: String)
    }

    package var status: Int
    /// Names in lower case; neither may hold control characters. Length, type, date and connection are added.
    package var headers: [(name: String, value: String)]
    /// Empty: no body type is sent.
    package var contentType: String
    package var body: [UInt8]
    /// The connection is closed behind it.
    package var closes: Bool
    package var outcome: Outcome

    package init(
        status: Int, headers: [(name: String, value: String)] = [], contentType: String, body: [UInt8],
        closes: Bool = false, outcome: Outcome = .served
    ) {
        self.status = status
        self.headers = headers
        self.contentType = contentType
        self.body = body
        self.closes = closes
        self.outcome = outcome
    }
}

extension IngestAnswer {
    /// 202 for a new event that is durable; 200 with the first event's id for a duplicate of it.
    package static func accepted(
        _ id: EventID, isDuplicate: Bool = false, headers: [(name: String, value: String)] = []
    ) -> Self {
        var body = Array(#"{"id":""#.utf8)
        body.reserveCapacity(64)
        body += id.description.utf8
        body += (isDuplicate ? #"","duplicate":true}"# : #"","duplicate":false}"#).utf8
        return Self(
            status: isDuplicate ? 200 : 202, headers: headers, contentType: "application/json", body: body,
            outcome: isDuplicate ? .duplicate : .accepted)
    }

    /// One entry of a problem's `errors`.
    package struct ProblemError: Sendable {
        /// JSON pointer (RFC 6901) into the request's body; nil where there is none.
        package let pointer: String?
        package let detail: String
        package let code: String
        /// Byte offset into the request's body.
        package let offset: Int?
        /// The keyword of a schema that the value breaks: file and JSON pointer.
        package let rule: String?

        package init(
            pointer: String? = nil, detail: String, code: String, offset: Int? = nil, rule: String? = nil
        ) {
            self.rule = rule
            self.pointer = pointer
            self.detail = detail
            self.code = code
            self.offset = offset
        }
    }

    /// Problem details (RFC 9457). The type is `urn:hookswitch:problem:` and the code; `hookswitch help CODE` explains it.
    package static func problem(
        status: Int, code: String, title: String? = nil, detail: String, instance: String? = nil,
        errors: [ProblemError] = [], headers: [(name: String, value: String)] = [], closes: Bool = false
    ) -> Self {
        var members: [JSONValue.Member] = [
            JSONValue.Member("type", .string("urn:hookswitch:problem:\(code)")),
            JSONValue.Member("title", .string(title ?? StatusText.phrase(status))),
            JSONValue.Member("status", .int(status)),
            JSONValue.Member("detail", .string(detail)),
        ]
        if let instance { members.append(JSONValue.Member("instance", .string(instance))) }
        members.append(JSONValue.Member("code", .string(code)))
        if !errors.isEmpty { members.append(JSONValue.Member("errors", .array(errors.map(Self.member)))) }
        return Self(
            status: status, headers: headers, contentType: "application/problem+json",
            body: JSONValue.object(members).encoded(), closes: closes,
            outcome: status >= 500 || status == 429 ? .failed(code: code) : .refused(code: code))
    }

    private static func member(_ error: ProblemError) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let pointer = error.pointer { members.append(JSONValue.Member("pointer", .string(pointer))) }
        members.append(JSONValue.Member("detail", .string(error.detail)))
        members.append(JSONValue.Member("code", .string(error.code)))
        if let offset = error.offset { members.append(JSONValue.Member("offset", .int(offset))) }
        if let rule = error.rule { members.append(JSONValue.Member("rule", .string(rule))) }
        return .object(members)
    }

    /// 503, with the seconds after which another try makes sense.
    package static func unavailable(code: String, detail: String, retryAfter: Int, closes: Bool = false) -> Self {
        .problem(
            status: 503, code: code, detail: detail, headers: [("retry-after", "\(retryAfter)")], closes: closes)
    }

    init(_ failure: FramingFailure) {
        self = .problem(status: failure.status, code: failure.code, detail: failure.detail, closes: true)
    }
}

/// Reason phrases of RFC 9110, section 15.
enum StatusText {
    static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}
