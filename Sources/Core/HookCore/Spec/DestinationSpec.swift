// SPDX-License-Identifier: Apache-2.0

/// One `destinations:` entry, with its policy resolved.
package struct DestinationSpec: Sendable {
    package enum Auth: Sendable, Equatable {
        case bearer(SecretName)
        case basic(username: String, password: SecretName)
        /// A header whose value is the secret.
        case header(String, SecretName)

        package var secret: SecretName {
            switch self {
            case .bearer(let name), .basic(_, let name), .header(_, let name): name
            }
        }
    }

    package let name: DestinationName
    package let mark: Mark
    package var url: URLTemplate
    package var method = "POST"
    package var headers: [(name: String, value: Template)] = []
    package var query: [(name: String, value: Template)] = []
    package var auth: Auth?
    package var sign: SignSpec?
    package var policy: PolicySpec
    /// What bodies are sent as where the route says nothing.
    package var format: OutputFormat?
    /// Bodies of so many bytes or more go out as gzip; nil: none does.
    package var gzipBytesMin: Int?
    /// Verification of the peer's certificate; off only for tests.
    package var verifiesTLS = true
    package var egress = EgressRule.anywhere

    package init(name: DestinationName, mark: Mark, url: URLTemplate, policy: PolicySpec) {
        self.name = name
        self.mark = mark
        self.url = url
        self.policy = policy
    }
}

/// Which addresses a destination may turn out to be; looked at when a connection is made, on the resolved address.
package enum EgressRule: Sendable, Equatable {
    /// The operator wrote the destination.
    case anywhere
    /// Addresses of the public internet, and these blocks.
    case publicOnly(except: [CIDR])
}

/// Text with holes: `/orders/{data.region}`.
package struct Template: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case literal(String)
        case field(FieldPath)
    }

    package let parts: [Part]

    package init(parts: [Part]) { self.parts = parts }

    /// The holes, in order.
    package var fields: [FieldPath] {
        self.parts.compactMap { if case .field(let path) = $0 { path } else { nil } }
    }
}

/// A URL whose scheme, host and port are literal; only path and query have holes, percent-encoded as one segment.
package struct URLTemplate: Sendable, Equatable {
    /// `https://host:port`, without a slash at the end.
    package let origin: String
    /// Begins with `/`; may hold `?query`.
    package let path: Template

    package init(origin: String, path: Template) {
        self.origin = origin
        self.path = path
    }
}

/// `sign:`: how a delivery is signed.
package enum SignSpec: Sendable, Equatable {
    /// Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`; with a `whsk_` key `v1a,…`.
    case standardWebhooks(SecretName)
    /// A signature over the body in a header of its own.
    case hmac(SignatureSpec.Algorithm, SecretName, header: String, prefix: String, encoding: SignatureSpec.Encoding)
}

/// A named delivery policy, `extends` resolved.
package struct PolicySpec: Sendable {
    package enum DeadLetter: String, Sendable, CaseIterable { case keep, drop }

    package var name: PolicyName
    /// The whole attempt, from look-up to the last byte of the answer.
    package var timeout: Duration = .seconds(10)
    package var connectTimeout: Duration = .seconds(5)
    package var retry = RetrySpec()
    package var success: [StatusRange] = [StatusRange(200...299)]
    package var retryOn = RetryMatrix()
    package var concurrency = 8
    package var deadLetter: DeadLetter = .keep
    /// Bytes of the answer that are read; the first 4 KiB of them are kept.
    package var responseBytesMax = 64 * 1024

    package init(name: PolicyName) { self.name = name }
}

/// When a failed delivery is tried again.
package struct RetrySpec: Sendable, Equatable {
    package enum Schedule: Sendable, Equatable {
        /// Delay before retry n (from 1): min(first · factor^(n-1), max).
        case exponential(first: Duration, factor: Double, max: Duration)
        /// As many retries as delays.
        case delays([Duration])
    }

    package enum Jitter: String, Sendable, CaseIterable {
        case none
        /// Uniform in [0, delay] (AWS Architecture Blog, "Exponential Backoff And Jitter").
        case full
        /// Uniform in [delay/2, delay].
        case equal
    }

    /// Attempts in all, the first included.
    package var attempts: Int
    package var schedule: Schedule
    package var jitter: Jitter
    /// Since acceptance of the event.
    package var giveUpAfter: Duration?

    package init(
        attempts: Int = 12, schedule: Schedule = .exponential(first: .seconds(5), factor: 2, max: .seconds(3600)),
        jitter: Jitter = .full, giveUpAfter: Duration? = .seconds(86_400)
    ) {
        self.attempts = attempts
        self.schedule = schedule
        self.jitter = jitter
        self.giveUpAfter = giveUpAfter
    }
}

/// `2xx`, `408`.
package struct StatusRange: Sendable, Hashable {
    package let range: ClosedRange<Int>

    package init(_ range: ClosedRange<Int>) { self.range = range }
    package func contains(_ status: Int) -> Bool { self.range.contains(status) }
}

/// `retry_on:`: everything else is a dead letter at once.
package struct RetryMatrix: Sendable, Equatable {
    /// `network`: look-up, connection, TLS, time-out, answer cut off or malformed.
    package var network = true
    package var statuses: [StatusRange] = [StatusRange(408...408), StatusRange(429...429), StatusRange(500...599)]

    package init() {}

    package init(network: Bool, statuses: [StatusRange]) {
        self.network = network
        self.statuses = statuses
    }
}
