// SPDX-License-Identifier: Apache-2.0
// `verify:`: the parameters of the signature engine, as files and presets write them.

internal import HookCore
internal import YAMLBridge

/// `hmac:` or `ed25519:` while it is read.
struct SignatureDraft: Sendable {
    var algorithm = SignatureSpec.Algorithm.hmacSHA256
    var headers: [String] = []
    var prefix: String?
    var list: ListDraft?
    var encoding = SignatureSpec.Encoding.hex
    var keyDecoding = SignatureSpec.KeyDecoding.utf8
    var signed: [SignatureSpec.Part] = [.body]
    var timestamp: TimestampDraft?
    var idHeaders: [String] = []
    var secrets: [SecretName] = []
    var failureStatus = 401

    static let shared: [Field<SignatureDraft>] = [
        Field("header", .headerName, "Header that carries the signature.") { $0.headers = [$1] },
        Field("headers", .list(of: .headerName), \.headers, "Headers tried in order; the first that is there counts."),
        Field("prefix", .text, \.prefix, default: "none", "Text before the signature, such as sha256=."),
        Field("list", .section(ListDraft.section, from: ListDraft()), \.list, "The header holds a list of signatures."),
        Field("encoding", .word, \.encoding, default: "hex", "How the signature is written."),
        Field("key", .word, \.keyDecoding, default: "utf8", "How the text of the secret becomes a key."),
        Field(
            "signed", .signedTemplate, \.signed, default: "\"{body}\"",
            "What is signed: text with {body}, {timestamp}, {id}, {method}, {path}."),
        Field(
            "timestamp", .section(TimestampDraft.section, from: TimestampDraft()), \.timestamp,
            "Where the time of signing stands."),
        Field("id_header", .oneOrMore(.headerName), \.idHeaders, "Header that holds the {id}."),
        Field("failure", .choice(["401", "403"]), default: "401", "Status of the answer to a wrong signature.") {
            $0.failureStatus = $1 == "403" ? 403 : 401
        },
    ]

    static let secretFields: [Field<SignatureDraft>] = [
        Field("secret", .secret, "Name of the secret that holds the key.") { $0.secrets = [$1] },
        Field("secrets", .list(of: .secret), \.secrets, "Names of several secrets, any of which may pass."),
    ]

    static let hmac = Section<SignatureDraft>(
        title: "an HMAC check", summary: "A keyed hash over the request (RFC 2104).",
        fields: [Field("algorithm", .hmacAlgorithm, \.algorithm, default: "sha256", "Hash of the HMAC.")] + Self.shared
            + Self.secretFields)

    static let ed25519 = Section<SignatureDraft>(
        title: "an Ed25519 check", summary: "A public-key signature over the request (RFC 8032).",
        fields: Self.shared + [
            Field("public_key", .oneOrMore(.secret), \.secrets, "Name of the secret that holds the public key.")
        ])

    /// Reads the section and checks what needs more than one key.
    static func read(
        _ section: Section<SignatureDraft>, _ algorithm: SignatureSpec.Algorithm?, _ entry: YAMLNode.Entry,
        _ checker: Checker
    ) -> SignatureSpec? {
        var draft = SignatureDraft()
        guard section.read(entry.value, into: &draft, checker) else { return nil }
        let isComplete = draft.check(entry, secretKey: algorithm == nil ? "secret" : "public_key", checker)
        guard isComplete else { return nil }
        return SignatureSpec(
            algorithm: algorithm ?? draft.algorithm, headers: draft.headers, layout: draft.layout, signed: draft.signed,
            encoding: draft.encoding, keyDecoding: draft.keyDecoding, secrets: draft.secrets,
            timestamp: draft.timestamp?.spec, idHeaders: draft.idHeaders, failureStatus: draft.failureStatus)
    }

    private var layout: SignatureSpec.Layout {
        self.list.map { .list(separator: $0.separator, joiner: $0.joiner, key: $0.key) }
            ?? .single(prefix: self.prefix ?? "")
    }

    private func check(_ entry: YAMLNode.Entry, secretKey: String, _ checker: Checker) -> Bool {
        let node = entry.value
        var problems = 0
        func report(_ code: String, _ message: String, _ hint: String, at key: String? = nil) {
            problems += 1
            checker.report(code, at: key.flatMap { node.value(of: $0)?.at } ?? entry.key.at, message, hint: hint)
        }
        let names = [secretKey, "secrets"].contains { node.entry(of: $0) != nil }
        if !names {
            report("source/missing-secret", "the check names no secret", "\(secretKey): NAME, declared below secrets:")
        }
        if self.headers.isEmpty && node.entry(of: "header") == nil && node.entry(of: "headers") == nil {
            report("config/missing-key", "the check names no header", "header: X-Signature-256")
        }
        if self.prefix != nil && self.list != nil {
            report("config/conflict", "\"prefix\" and \"list\" exclude each other", "keep one", at: "prefix")
        }
        if self.signed.contains(.timestamp) && self.timestamp == nil && node.entry(of: "timestamp") == nil {
            report(
                "source/signed", "{timestamp} is signed, but nothing says where it stands",
                "timestamp: {header: X-Timestamp}", at: "signed")
        }
        if self.signed.contains(.id) && self.idHeaders.isEmpty && node.entry(of: "id_header") == nil {
            report(
                "source/signed", "{id} is signed, but nothing says where it stands", "id_header: webhook-id",
                at: "signed")
        }
        if !self.signed.contains(.body) {
            report(
                "source/signed", "the body is not signed, so anybody may change it", "signed: \"{timestamp}.{body}\"",
                at: "signed")
        }
        if case .entry = self.timestamp?.spec?.place, self.list == nil {
            report(
                "source/signed", "\"entry\" needs a header with a list",
                "list: {separator: \",\", joiner: \"=\", key: v1}", at: "timestamp")
        }
        return problems == 0
    }
}

/// `list:` of a signature header.
struct ListDraft: Sendable {
    var separator = UInt8(ascii: ",")
    var joiner = UInt8(ascii: "=")
    var key = "v1"

    static let section = Section<ListDraft>(
        title: "a list layout", summary: "Entries between separators, each key, joiner, value: t=1,v1=abc.",
        fields: [
            Field("separator", .oneByte, \.separator, default: "\",\"", "One character between entries."),
            Field("joiner", .oneByte, \.joiner, default: "\"=\"", "One character between key and value."),
            Field("key", .text, \.key, default: "v1", "Key of the entries that hold signatures; others are skipped."),
        ])
}

/// `timestamp:` of a signature.
struct TimestampDraft: Sendable {
    var header: String?
    var entry: String?
    var unit = SignatureSpec.Timestamp.Unit.seconds
    var tolerance: Duration = .seconds(300)

    static let section = Section<TimestampDraft>(
        title: "a timestamp", summary: "Where the time of signing stands, and how old it may be.",
        fields: [
            Field("header", .headerName, \.header, "Header that holds it."),
            Field("entry", .text, \.entry, "Key of the list entry that holds it."),
            Field("unit", .word, \.unit, default: "s", "s, ms, or iso8601."),
            Field(
                "tolerance", .duration(.seconds(1) ... .seconds(86_400)), \.tolerance, default: "5m",
                "Largest distance from now, either way."),
        ])

    var spec: SignatureSpec.Timestamp? {
        let place: SignatureSpec.TimestampPlace
        if let header = self.header {
            place = .header(header)
        } else if let entry = self.entry {
            place = .entry(entry)
        } else {
            return nil
        }
        return SignatureSpec.Timestamp(place: place, unit: self.unit, tolerance: self.tolerance)
    }
}

extension Shape {
    static var headerName: Shape<String> {
        Shape<String>("a header name", example: "X-Signature-256", schema: ["type": "string", "pattern": "^[^ :]+$"]) {
            node, checker in
            guard case .string(let text) = node.scalar, HTTPToken.isToken(text) else {
                checker.reportType(node, expected: "a header name", example: "X-Signature-256")
                return nil
            }
            return text
        }
    }

    static var oneByte: Shape<UInt8> {
        Shape<UInt8>("one character", example: "\",\"", schema: ["type": "string", "minLength": 1, "maxLength": 1]) {
            node, checker in
            guard let text = node.raw, text.utf8.count == 1, let byte = text.utf8.first else {
                checker.reportType(node, expected: "one ASCII character", example: "\",\"")
                return nil
            }
            return byte
        }
    }

    static var hmacAlgorithm: Shape<SignatureSpec.Algorithm> {
        let all = SignatureSpec.Algorithm.allCases.filter { $0 != .ed25519 }
        let words = Shape<String>.choice(all.map(\.rawValue))
        return Shape<SignatureSpec.Algorithm>(words.expects, example: "sha256", schema: words.schema) { node, checker in
            words.read(node, checker).flatMap { SignatureSpec.Algorithm(rawValue: $0) }
        }
    }

    /// `{timestamp}.{body}`.
    static var signedTemplate: Shape<[SignatureSpec.Part]> {
        let names = "{id}, {timestamp}, {body}, {method}, {path}"
        return Shape<[SignatureSpec.Part]>(
            "text with \(names)", example: "\"{timestamp}.{body}\"", schema: ["type": "string"]
        ) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let parts = SignatureSpec.Part.parts(of: text), !parts.isEmpty else {
                checker.report(
                    "source/signed", at: node.at, "\"\(text)\" is no template of what is signed",
                    hint: "holes are \(names)")
                return nil
            }
            return parts
        }
    }
}

extension SignatureSpec.Part {
    /// Nil where a hole is unknown or open.
    static func parts(of text: String) -> [SignatureSpec.Part]? {
        let holes: [(String, SignatureSpec.Part)] = [
            ("{body}", .body), ("{timestamp}", .timestamp), ("{id}", .id), ("{method}", .method), ("{path}", .path),
        ]
        var parts: [SignatureSpec.Part] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if let (name, part) = holes.first(where: { rest.starts(with: $0.0.utf8) }) {
                parts.append(part)
                rest = rest.dropFirst(name.utf8.count)
            } else {
                let literal = rest.prefix { $0 != UInt8(ascii: "{") }
                guard first != UInt8(ascii: "{"), !literal.contains(UInt8(ascii: "}")) else { return nil }
                parts.append(.literal(String(decoding: literal, as: UTF8.self)))
                rest = rest.dropFirst(literal.count)
            }
        }
        return parts
    }
}
