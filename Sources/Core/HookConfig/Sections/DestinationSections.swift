// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `destinations:` entry while it is read.
struct DestinationDraft: Sendable {
    var url: URLTemplate?
    var policy = PolicySpec(name: "standard")
    var spec: DestinationSpec

    static let section = Section<DestinationDraft>(
        title: "a destination", summary: "Where deliveries go: a URL, how to sign in and sign, and a policy.",
        fields: [
            Field(
                "url", .destinationURL, \.url, isRequired: true,
                "http or https; the host is literal, path and query may hold {path}."),
            Field(
                "method", .choice(["POST", "PUT", "PATCH", "DELETE", "GET"]), \.spec.method, default: "POST",
                "HTTP method."),
            Field("headers", .map(of: .template, keys: "header names"), "Headers of every delivery.") { draft, items in
                draft.spec.headers = items.map { ($0.name, $0.value) }
            },
            Field("query", .map(of: .template, keys: "names"), "Query parameters added to the URL, percent-encoded.") {
                draft, items in
                draft.spec.query = items.map { ($0.name, $0.value) }
            },
            Field("auth", .destinationAuth, \.spec.auth, "How the delivery signs in."),
            Field("sign", .destinationSign, \.spec.sign, "How the delivery is signed."),
            Field("policy", .policy, \.policy, default: "standard", "The name of a policy, or a map that extends one."),
            Field(
                "format", .word, \.spec.format, default: "as it is",
                "What bodies are sent as, where the route does not say."),
            Field("compress", .compression, \.spec.gzipBytesMin, default: "off", "Sends larger bodies as gzip."),
            Field("tls", .section(TLSDraft.section, from: TLSDraft()), "TLS settings.") {
                $0.spec.verifiesTLS = $1.verifies
            },
            Field("description", .text, "Free text for people.") { _, _ in },
            .later("enabled", .boolean, .notYet, "Whether the destination takes deliveries."),
            .later("renamed_from", .text, .noEffectYet, "Its name before; queue and counters move along."),
            .later("order_by", .text, .notYet, "Deliveries with the same value at this path go one after the other."),
            .later(
                "order_block", .duration(.zero ... .seconds(7 * 86_400)), .notYet,
                "How long a failing head may block its key."),
            .later("delay", .duration(.zero ... .seconds(90 * 86_400)), .notYet, "Wait before the first attempt."),
            .later("batch", .anything, .notYet, "Several deliveries in one request."),
        ] + PolicySpec.fields.map { $0.lifted(to: \.policy) })

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> DestinationSpec? {
        var draft = Self.start(DestinationName(name), at: entry.key.at, checker)
        guard Self.section.read(entry.value, into: &draft, checker) else { return nil }
        return draft.finished(entry.value, checker)
    }

    /// What a destination is before its keys are read.
    static func start(_ name: DestinationName, at mark: Mark, _ checker: Checker) -> DestinationDraft {
        let start = DestinationSpec(
            name: name, mark: mark, url: URLTemplate(origin: "", path: Template(parts: [])),
            policy: PolicySpec(name: "standard"))
        return DestinationDraft(policy: checker.policies.policy("standard"), spec: start)
    }

    /// The destination once its keys were read; nil without a URL that can be called.
    func finished(_ node: YAMLNode, _ checker: Checker) -> DestinationSpec? {
        guard let url = self.url else { return nil }
        if let header = node.value(of: "headers") { Self.checkHeaders(header, checker) }
        var spec = self.spec
        spec.url = url
        spec.policy = self.policy
        return spec
    }

    /// Names are tokens (RFC 9110, 5.6.2); those that frame the message are ours.
    static func checkHeaders(_ node: YAMLNode, _ checker: Checker) {
        let framing = ["host", "content-length", "transfer-encoding", "connection"]
        for entry in node.entries ?? [] {
            guard let name = entry.key.raw else { continue }
            if !HTTPToken.isToken(name) {
                checker.report(
                    "destination/header", at: entry.key.at, "\"\(name)\" is no header name",
                    hint: "letters, digits and hyphens")
            } else if framing.contains(name.lowercased()) {
                checker.report(
                    "destination/header", at: entry.key.at, "\(name) is set by the sender itself", hint: "remove it")
            }
        }
    }
}

struct TLSDraft: Sendable {
    var verifies = true

    static let section = Section<TLSDraft>(
        title: "TLS settings", summary: "How the peer's certificate is looked at.",
        fields: [
            Field(
                "verify", .boolean, \.verifies, default: "true",
                "Whether the peer's certificate is verified; off only for tests.")
        ])
}

/// A map in which exactly one key says the kind.
struct OneOf {
    /// The only declared key that is there; a finding where none or several are.
    static func key(
        _ node: YAMLNode, of keys: [String], title: String, example: String, _ checker: Checker
    ) -> YAMLNode.Entry? {
        guard let entries = node.entries else {
            checker.reportType(node, expected: title, example: example)
            return nil
        }
        let present = entries.filter { $0.key.raw.map(keys.contains) ?? false }
        guard present.count <= 1 else {
            checker.report(
                "config/conflict", at: present[1].key.at,
                "\"\(present[0].key.raw ?? "")\" and \"\(present[1].key.raw ?? "")\" exclude each other",
                hint: "keep one")
            return nil
        }
        guard let found = present.first else {
            if let stray = entries.first, let text = stray.key.raw {
                checker.report(
                    "config/unknown-key", at: stray.key.at, "\(title) has no key \"\(text)\"",
                    near: NearestName.to(text, among: keys), instead: "one of \(keys.joined(separator: ", "))")
            } else {
                checker.reportType(node, expected: title, example: example)
            }
            return nil
        }
        return found
    }
}

extension Shape {
    /// A policy by name, or a map over one.
    static var policy: Shape<PolicySpec> {
        Shape<PolicySpec>(
            "the name of a policy, or a map", example: "{extends: standard, timeout: 3s}",
            schema: ["anyOf": [["type": "string"], PolicySpec.section.schema]]
        ) { node, checker in
            if node.entries != nil {
                var policy = checker.policies.base(of: node)
                return PolicySpec.section.read(node, into: &policy, checker) ? policy : nil
            }
            return Shape<String>.reference(.policies, code: "policy/unknown").read(node, checker).map {
                checker.policies.policy($0)
            }
        }
    }

    static var destinationAuth: Shape<DestinationSpec.Auth> {
        let secret: JSONValue = ["type": "string"]
        return Shape<DestinationSpec.Auth>(
            "a way to sign in", example: "{bearer: chat_token}",
            schema: [
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "properties": [
                    "bearer": secret,
                    "basic": [
                        "type": "object", "properties": ["username": secret, "password": secret],
                        "required": ["username", "password"],
                    ],
                    "header": [
                        "type": "object", "properties": ["name": secret, "secret": secret],
                        "required": ["name", "secret"],
                    ],
                ], "additionalProperties": false,
            ], sections: [NamedSecret.basic.note, NamedSecret.header.note]
        ) { node, checker in
            guard
                let entry = OneOf.key(
                    node, of: ["bearer", "basic", "header"], title: "a way to sign in", example: "{bearer: chat_token}",
                    checker)
            else { return nil }
            var draft = NamedSecret()
            switch entry.key.raw {
            case "bearer": return Shape<SecretName>.secret.read(entry.value, checker).map { .bearer($0) }
            case "basic":
                guard NamedSecret.basic.read(entry.value, into: &draft, checker), let secret = draft.secret else {
                    return nil
                }
                return .basic(username: draft.name, password: secret)
            default:
                guard NamedSecret.header.read(entry.value, into: &draft, checker), let secret = draft.secret else {
                    return nil
                }
                return .header(draft.name, secret)
            }
        }
    }

    static var destinationSign: Shape<SignSpec> {
        Shape<SignSpec>(
            "a way to sign", example: "{standard-webhooks: acme_signing}",
            schema: [
                "anyOf": [
                    [
                        "type": "object", "properties": ["standard-webhooks": ["type": "string"]],
                        "required": ["standard-webhooks"], "additionalProperties": false,
                    ],
                    HMACSignDraft.section.schema,
                ]
            ], sections: [HMACSignDraft.section.note]
        ) { node, checker in
            if let entry = node.entry(of: "standard-webhooks") {
                if let other = node.entries?.first(where: { $0.key.raw != "standard-webhooks" }) {
                    checker.report(
                        "config/conflict", at: other.key.at,
                        "\"\(other.key.raw ?? "")\" does not go with \"standard-webhooks\"",
                        hint: "keep one way to sign")
                }
                return Shape<SecretName>.secret.read(entry.value, checker).map { .standardWebhooks($0) }
            }
            var draft = HMACSignDraft()
            guard HMACSignDraft.section.read(node, into: &draft, checker), let algorithm = draft.algorithm,
                let secret = draft.secret
            else { return nil }
            return .hmac(algorithm, secret, header: draft.header, prefix: draft.prefix, encoding: draft.encoding)
        }
    }
}

/// A name or user beside a secret.
struct NamedSecret: Sendable {
    var name = ""
    var secret: SecretName?

    static let basic = Section<NamedSecret>(
        title: "a basic sign-in", summary: "HTTP basic authentication (RFC 7617).",
        fields: [
            Field("username", .looseText, \.name, isRequired: true, "User name, without a colon."),
            Field("password", .secret, \.secret, isRequired: true, "Name of the secret that holds the password."),
        ])

    static let header = Section<NamedSecret>(
        title: "a secret header", summary: "A header whose value is the secret.",
        fields: [
            Field("name", .headerName, \.name, isRequired: true, "Header name."),
            Field("secret", .secret, \.secret, isRequired: true, "Name of the secret."),
        ])
}

struct HMACSignDraft: Sendable {
    var algorithm: SignatureSpec.Algorithm?
    var secret: SecretName?
    var header = "X-Hookswitch-Signature"
    var prefix = ""
    var encoding = SignatureSpec.Encoding.hex

    static let section = Section<HMACSignDraft>(
        title: "a way to sign",
        summary: "An HMAC over the body in a header of its own; or {standard-webhooks: SECRET}.",
        fields: [
            Field("hmac", .hmacAlgorithm, \.algorithm, isRequired: true, "Hash of the HMAC."),
            Field("secret", .secret, \.secret, isRequired: true, "Name of the secret that holds the key."),
            Field(
                "header", .headerName, \.header, default: "X-Hookswitch-Signature", "Header that carries the signature."
            ),
            Field("prefix", .text, \.prefix, default: "none", "Text before the signature, such as sha256=."),
            Field("encoding", .word, \.encoding, default: "hex", "How the signature is written."),
        ])
}
