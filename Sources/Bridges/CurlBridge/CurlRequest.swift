// SPDX-License-Identifier: Apache-2.0

/// One request for ``CurlClient``: everything that decides how it is sent.
package struct CurlRequest: Sendable {
    /// Comes back in ``CurlResult/id``; the client gives it no meaning.
    package var id: UInt64
    package var method: String
    /// `http` or `https`; anything else ends as `.egress`.
    package var url: String
    /// Sent in this order. A name that is no token, or a value with CR, LF or NUL, ends as `.config` before anything
    /// is sent.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The whole attempt, from look-up to the last byte of the answer.
    package var timeout: Duration
    package var connectTimeout: Duration
    /// Bytes of the answer's body that are read; one more ends as `.tooLarge`.
    package var responseBytesMax: Int
    /// Bytes of the answer's body that are kept.
    package var responseBytesKept: Int
    package var verifiesTLS: Bool
    package var addresses: AddressPolicy
    /// Takes the answer's body piece by piece, on the curl thread, and says whether to go on; then nothing is kept, no
    /// limit of bytes holds, and a peer that says nothing for ``silenceMax`` seconds ends the transfer.
    package var stream: (@Sendable ([UInt8]) -> Bool)?

    /// Seconds without a byte that end a streamed transfer.
    package static let silenceMax = 45

    package init(
        id: UInt64, method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5), responseBytesMax: Int = 64 * 1024,
        responseBytesKept: Int = 4096, verifiesTLS: Bool = true, addresses: AddressPolicy = .any
    ) {
        self.id = id
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.responseBytesMax = responseBytesMax
        self.responseBytesKept = responseBytesKept
        self.verifiesTLS = verifiesTLS
        self.addresses = addresses
    }
}

/// How a request ended.
package struct CurlResult: Sendable {
    package let id: UInt64
    /// HTTP status of the final answer; nil where none came. May be there although `error` is: a cut-off answer has a
    /// status.
    package let status: Int?
    /// The text of `Retry-After`, where the answer had one.
    package let retryAfter: String?
    /// The first ``CurlRequest/responseBytesKept`` bytes of the answer's body.
    package let body: [UInt8]
    /// Nil: a whole answer came.
    package let error: CurlError?
    /// Total time as libcurl measured it.
    package let took: Duration
    /// The address that was talked to; empty where there was no connection.
    package let address: String
    /// Connections that had to be opened: 0 where one was reused.
    package let connectionsOpened: Int
}

/// Why there is no whole answer.
package struct CurlError: Error, Sendable, Equatable {
    /// Closed set of causes, the unit of policy.
    package enum Class: String, Sendable, CaseIterable {
        case dns, connect, tls, timeout
        /// The connection broke before the answer was whole.
        case reset
        /// The answer's body or header was larger than allowed.
        case tooLarge
        /// The peer did not speak HTTP.
        case `protocol`
        /// The address or scheme is not allowed.
        case egress
        /// The request itself is malformed; nothing was sent.
        case config
        /// The client was stopped, or its queue was full.
        case aborted
    }

    package let cause: Class
    /// libcurl's code (libcurl-errors(3)); -1 where libcurl was not asked.
    package let code: Int
    /// One line for people; holds neither headers nor body.
    package let message: String

    package init(_ cause: Class, code: Int = -1, message: String) {
        self.cause = cause
        self.code = code
        self.message = message
    }
}
