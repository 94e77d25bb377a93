// SPDX-License-Identifier: Apache-2.0
import HookCore

/// The head of one request, checked.
struct RequestHead: Sendable {
    /// How the end of the body is found (RFC 9112, section 6.3).
    enum Framing: Sendable, Equatable {
        /// Neither length nor coding: no body.
        case none
        case length(Int)
        case chunked
    }

    var method: Method = .other
    var methodText: [UInt8] = []
    /// Without the query; begins with `/`, or is `*`.
    var path: [UInt8] = []
    var query: [UInt8] = []
    /// 1.0 or 1.1.
    var isOldVersion = false
    var headers = HeaderBlock()
    var framing: Framing = .none
    var hasLength: Bool { self.framing != .none }
    var keepsAlive = true
    var expectsContinue = false
    /// The body has a content coding that is not known, or several.
    var isCodedOtherwise = false
    /// Checked text of `X-Request-Id`; empty where there is none.
    var requestID: [UInt8] = []

    enum Method: Sendable { case get, head, post, put, options, other }
}

/// Why bytes are no request that this server takes. The connection is closed after it: where one request ends and the
/// next begins is in doubt.
struct FramingFailure: Error, Sendable, Equatable {
    let status: Int
    let code: String
    let detail: String

    init(_ status: Int, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    static func malformed(_ detail: String) -> Self { Self(400, "http/malformed", detail) }
    static func smuggling(_ detail: String) -> Self { Self(400, "http/ambiguous-framing", detail) }
    static let headTooLarge = Self(431, "http/header-too-large", "The header is larger than this server reads.")
    static let tooManyFields = Self(431, "http/header-too-large", "The header has more fields than this server reads.")
    static let targetTooLong = Self(414, "http/target-too-long", "The request target is longer than this server reads.")
}
