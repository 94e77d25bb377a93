// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// `token:` while it is read.
struct TokenDraft: Sendable {
    var header: String?
    var scheme = ""
    var secrets: [SecretName] = []

    static let section = Section<TokenDraft>(
        title: "a token check", summary: "A shared value in a header, compared in constant time.",
        fields: [
            Field("header", .headerName, \.header, isRequired: true, "Header that carries the token."),
            Field("scheme", .text, \.scheme, default: "none", "Word before the token, such as Bearer."),
            Field("secret", .secret, "Name of the secret.") { $0.secrets = [$1] },
            Field("secrets", .list(of: .secret), \.secrets, "Names of several secrets, any of which may pass."),
        ])
}

extension Shape {
    static var verify: Shape<VerifySpec> {
        let kinds = ["token", "basic", "hmac", "ed25519"]
        let title = "a check"
        let example = "{hmac: {header: X-Signature-256, secret: NAME}}"
        return Shape<VerifySpec>(
            title, example: example,
            schema: [
                "anyOf": [
                    ["enum": ["none"]],
                    [
                        "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                        "properties": [
                            "token": TokenDraft.section.schema, "basic": NamedSecret.basic.schema,
                            "hmac": SignatureDraft.hmac.schema, "ed25519": SignatureDraft.ed25519.schema,
                        ],
                    ],
                ]
            ],
            sections: [
                TokenDraft.section.note, NamedSecret.basic.note, SignatureDraft.hmac.note, SignatureDraft.ed25519.note,
            ]
        ) { node, checker in
            if node.raw == "none" { return VerifySpec.none }
            guard let entry = OneOf.key(node, of: kinds, title: title, example: example, checker) else { return nil }
            switch entry.key.raw {
            case "token": return self.tokenCheck(entry, checker)
            case "basic":
                var draft = NamedSecret()
                guard NamedSecret.basic.read(entry.value, into: &draft, checker), let secret = draft.secret else {
                    return nil
                }
                return .basic(username: draft.name, password: secret)
            case "hmac": return SignatureDraft.read(SignatureDraft.hmac, nil, entry, checker).map { .signature($0) }
            default: return SignatureDraft.read(SignatureDraft.ed25519, .ed25519, entry, checker).map { .signature($0) }
            }
        }
    }

    private static func tokenCheck(_ entry: YAMLNode.Entry, _ checker: Checker) -> VerifySpec? {
        var draft = TokenDraft()
        guard TokenDraft.section.read(entry.value, into: &draft, checker), let header = draft.header else { return nil }
        guard ["secret", "secrets"].contains(where: { entry.value.entry(of: $0) != nil }) else {
            checker.report(
                "source/missing-secret", at: entry.key.at, "the check names no secret",
                hint: "secret: NAME, declared below secrets:")
            return nil
        }
        return .token(TokenSpec(header: header, scheme: draft.scheme, secrets: draft.secrets))
    }
}
