// SPDX-License-Identifier: Apache-2.0
// Destinations of one revision, compiled: what rendering and retrying need, looked up by name.
package import HookCore

/// The destinations of one revision.
package struct DeliverPlan: Sendable {
    package let destinations: [DestinationName: DestinationPlan]

    package init(_ specs: [DestinationSpec]) {
        self.destinations = Dictionary(
            specs.map { ($0.name, DestinationPlan($0)) }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(name: DestinationName) -> DestinationPlan? { self.destinations[name] }
}

/// One destination, immutable; a delivery in flight keeps the plan it was sent under.
package final class DestinationPlan: Sendable {
    package let name: DestinationName
    package let url: URLTemplate
    package let method: String
    package let headers: [(name: String, value: Template)]
    package let query: [(name: String, value: Template)]
    package let auth: DestinationSpec.Auth?
    package let sign: SignSpec?
    package let policy: PolicySpec
    package let verifiesTLS: Bool
    package let egress: EgressRule
    /// See ``DestinationSpec/gzipBytesMin``.
    package let gzipBytesMin: Int?
    /// Lower-case header names that neither templates nor scripts may set here.
    package let reservedHeaders: Set<String>
    /// The longest wait the schedule gives; no clock makes a retry wait longer.
    package let longestDelay: Duration

    package init(_ spec: DestinationSpec) {
        self.name = spec.name
        self.url = spec.url
        self.method = spec.method
        self.headers = spec.headers
        self.query = spec.query
        self.auth = spec.auth
        self.sign = spec.sign
        self.policy = spec.policy
        self.verifiesTLS = spec.verifiesTLS
        self.egress = spec.egress
        self.gzipBytesMin = spec.gzipBytesMin
        self.reservedHeaders = Self.reserved(spec)
        self.longestDelay = spec.policy.retry.schedule.longest
    }

    /// Framing belongs to libcurl, identity and signature to stage 6 (reliability: header injection).
    private static let alwaysReserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "expect", "te", "trailer", "upgrade",
        "proxy-authorization", "proxy-connection", "webhook-id", "webhook-timestamp", "webhook-signature",
        "traceparent",
        "user-agent", "content-encoding",
    ]

    private static func reserved(_ spec: DestinationSpec) -> Set<String> {
        var names = Self.alwaysReserved
        if case .hmac(_, _, let header, _, _)? = spec.sign { names.insert(header.lowercased()) }
        switch spec.auth {
        case .bearer, .basic: names.insert("authorization")
        case .header(let name, _): names.insert(name.lowercased())
        case nil: break
        }
        return names
    }
}

extension RetrySpec.Schedule {
    /// The longest delay it can give.
    package var longest: Duration {
        switch self {
        case .exponential(_, _, let max): max
        case .delays(let delays): delays.max() ?? .zero
        }
    }
}
