// SPDX-License-Identifier: Apache-2.0

/// One `sources:` entry: where events come in, how they are verified, how a request becomes an event.
package struct SourceSpec: Sendable {
    package let name: SourceName
    package let mark: Mark
    /// Begins with `/`; matched exactly.
    package var path: String
    package var preset: String?
    package var verify: VerifySpec
    package var challenge: ChallengeSpec?
    package var event = EventMappingSpec()
    /// Nil: no deduplication.
    package var dedupe: DedupeSpec?
    package var allowedAddresses: [CIDR] = []
    package var bodyBytesMax: Int?
    /// Largest body once its content coding is undone; nil: the same as before.
    package var decodedBytesMax: Int?
    /// How many times larger than its coded form a body may be.
    package var decodedRatioMax = 100
    /// Kinds of bodies that are taken; empty: all.
    package var accepts: [BodyKind] = []
    /// Who may send CloudEvents here, for the handshake of their webhook binding; nil: nobody asks.
    package var webhookConsent: WebhookConsent?
    /// Whether bodies of several events become several.
    package var batch: BatchRule = .auto
    package var duplicateKeys: JSONLimits.DuplicateKeys = .refuse
    package var validate: Validation = .off

    /// What happens to an event whose data breaks the schema that the catalogue has for it.
    package enum Validation: String, Sendable, CaseIterable {
        /// Answered 422, not stored.
        case reject
        /// Answered 202 and stored, but not routed until somebody releases it.
        case quarantine
        case off
    }

    package init(name: SourceName, path: String, verify: VerifySpec, mark: Mark) {
        self.name = name
        self.path = path
        self.verify = verify
        self.mark = mark
    }
}

/// Where one text is taken from in a request.
package enum ValueSource: Sendable, Equatable {
    case header(String, prefix: String = "")
    case query(String)
    /// A path of keys in the JSON body; strings as they are, numbers and booleans by their text.
    case data([String], prefix: String = "")
    case constant(String)
}

/// How a request becomes an event.
package struct EventMappingSpec: Sendable {
    /// A prefix of a ``ValueSource`` stands before the value: `github.` + `release`. Nil: the source's name.
    package var type: ValueSource?
    package var typeDefault: String?
    /// The type's value, its prefix aside, is made lower case (A to Z) with dots for spaces and slashes: GitLab's
    /// `Push Hook` becomes `push.hook`, Shopify's `orders/create` `orders.create`. A default is taken as it is.
    package var typeIsNormalised = false
    package var id: ValueSource?
    package var version: ValueSource?
    package var versionDefault: Int?
    package var subject: ValueSource?
    /// `event: cloudevents`: what is no CloudEvent is refused.
    package var wantsCloudEvents = false

    package init() {}
}

/// CloudEvents "HTTP 1.1 Web Hooks for Event Delivery" 1.0.2, section 4: a sender asks by `OPTIONS` whether it may send.
package struct WebhookConsent: Sendable, Equatable {
    /// Origins in lower case; `*` is everybody.
    package var origins: [String]
    /// Requests a minute; nil: no limit is promised.
    package var rate: Int?

    package init(origins: [String], rate: Int? = nil) {
        self.origins = origins
        self.rate = rate
    }
}

/// `dedupe:`: the second event with the same key inside the window is answered as a duplicate.
package struct DedupeSpec: Sendable {
    package enum Key: Sendable, Equatable {
        /// The event's id as mapped by ``EventMappingSpec/id``.
        case eventID
        case value(ValueSource)
    }

    package var key: Key
    package var within: Duration

    package init(key: Key, within: Duration) {
        self.key = key
        self.within = within
    }
}

/// `verify:`: the checks of stage 2. Absence is not a case: a source must say `none` to mean it.
package enum VerifySpec: Sendable {
    case none
    case signature(SignatureSpec)
    case token(TokenSpec)
    case basic(username: String, password: SecretName)
}

/// A shared value that must stand in a header, constant-time compared.
package struct TokenSpec: Sendable {
    package var header: String
    /// `Bearer` and the like, with one space behind it; matched without regard to case. Empty: the bare value.
    package var scheme: String
    package var secrets: [SecretName]

    package init(header: String, scheme: String = "", secrets: [SecretName]) {
        self.header = header
        self.scheme = scheme
        self.secrets = secrets
    }
}

/// The parameters of the signature engine.
package struct SignatureSpec: Sendable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case hmacMD5 = "md5"
        case hmacSHA1 = "sha1"
        case hmacSHA256 = "sha256"
        case hmacSHA384 = "sha384"
        case hmacSHA512 = "sha512"
        case ed25519
    }

    package enum Encoding: String, Sendable, CaseIterable { case hex, base64, base64url }

    /// How the text of a secret becomes a key.
    package enum KeyDecoding: String, Sendable, CaseIterable {
        case utf8, hex, base64
        /// Base 64 behind `whsec_` (Standard Webhooks 1.0.0); the prefix may be missing.
        case whsec
    }

    /// How the header's text holds signatures.
    package enum Layout: Sendable, Equatable {
        /// One signature behind a fixed prefix, e.g. `sha256=`.
        case single(prefix: String)
        /// Entries between separators, each `key<joiner>signature`; entries of other keys are skipped, at most 32 read.
        /// Stripe: separator `,` joiner `=` key `v1`. Standard Webhooks: separator ` ` joiner `,` key `v1`.
        case list(separator: UInt8, joiner: UInt8, key: String)
    }

    package enum Part: Sendable, Equatable {
        case literal(String)
        case body, timestamp, id, method, path
    }

    package enum TimestampPlace: Sendable, Equatable {
        case header(String)
        /// Entry of the list in the signature header, e.g. Stripe's `t`.
        case entry(String)
    }

    package struct Timestamp: Sendable, Equatable {
        package enum Unit: String, Sendable, CaseIterable {
            case seconds = "s"
            case milliseconds = "ms"
            case rfc3339 = "iso8601"
        }

        package var place: TimestampPlace
        package var unit: Unit
        package var tolerance: Duration

        package init(place: TimestampPlace, unit: Unit = .seconds, tolerance: Duration = .seconds(300)) {
            self.place = place
            self.unit = unit
            self.tolerance = tolerance
        }
    }

    package var algorithm: Algorithm
    /// Tried in order; the first that is present counts.
    package var headers: [String]
    package var layout: Layout
    package var signed: [Part]
    package var encoding: Encoding
    package var keyDecoding: KeyDecoding
    /// Each may pass (rotation); for ed25519 the public keys.
    package var secrets: [SecretName]
    package var timestamp: Timestamp?
    /// Header that holds the id for ``Part/id``.
    package var idHeaders: [String]
    /// 401 or 403.
    package var failureStatus: Int

    package init(
        algorithm: Algorithm, headers: [String], layout: Layout = .single(prefix: ""), signed: [Part] = [.body],
        encoding: Encoding = .hex, keyDecoding: KeyDecoding = .utf8, secrets: [SecretName],
        timestamp: Timestamp? = nil, idHeaders: [String] = [], failureStatus: Int = 401
    ) {
        self.algorithm = algorithm
        self.headers = headers
        self.layout = layout
        self.signed = signed
        self.encoding = encoding
        self.keyDecoding = keyDecoding
        self.secrets = secrets
        self.timestamp = timestamp
        self.idHeaders = idHeaders
        self.failureStatus = failureStatus
    }
}

/// A provider's handshake, answered by stage 2 without making an event.
package enum ChallengeSpec: Sendable, Equatable {
    /// A signed JSON body in which `field` equals `value` is answered with the text at `answer` (Slack).
    case echo(field: [String], equals: String, answer: [String])
}

/// An address block, IPv4 mapped into IPv6 (`::ffff:0:0/96`).
package struct CIDR: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64
    /// 0...128, after mapping.
    package let prefix: Int

    package init(high: UInt64, low: UInt64, prefix: Int) {
        self.high = high
        self.low = low
        self.prefix = prefix
    }
}

extension VerifySpec {
    /// The secrets that it compares with or computes from, in order.
    package var secrets: [SecretName] {
        switch self {
        case .none: []
        case .signature(let spec): spec.secrets
        case .token(let spec): spec.secrets
        case .basic(_, let password): [password]
        }
    }
}
