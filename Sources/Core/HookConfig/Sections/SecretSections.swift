// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `secrets:` entry while it is read.
struct SecretDraft: Sendable {
    var providers: [SecretSpec.Provider] = []
    var previous: PreviousDraft?

    static let providerFields: [Field<SecretDraft>] = [
        Field("env", .text, "Environment variable that holds the value.") { $0.providers.append(.environment($1)) },
        Field("file", .text, "File that holds the value; a change counts without a reload.") {
            $0.providers.append(.file($1))
        },
        Field("credential", .text, "File in $CREDENTIALS_DIRECTORY (systemd.exec, LoadCredential=).") {
            $0.providers.append(.credential($1))
        },
    ]

    static let provider = Section<SecretDraft>(
        title: "a secret", summary: "Where a value comes from.", fields: Self.providerFields)

    static let section = Section<SecretDraft>(
        title: "a secret", summary: "A name for a value that never enters a file, a script or a log.",
        fields: Self.providerFields + [
            Field("previous", .previousSecret, \.previous, "The value before the last rotation, still accepted.")
        ])

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> SecretSpec? {
        var draft = SecretDraft()
        let node = entry.value
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        guard let provider = Self.only(draft.providers, node, at: entry.key.at, checker) else { return nil }
        let previous: SecretSpec.Provider? =
            switch (draft.previous, provider) {
            case (nil, _): nil
            case (.text(let text), .environment): .environment(text)
            case (.text(let text), .file): .file(text)
            case (.text(let text), .credential): .credential(text)
            case (.provider(let provider), _): provider
            }
        return SecretSpec(name: SecretName(name), provider: provider, previous: previous, mark: entry.key.at)
    }

    static func only(
        _ providers: [SecretSpec.Provider], _ node: YAMLNode, at mark: Mark, _ checker: Checker
    ) -> SecretSpec.Provider? {
        if providers.count == 1 { return providers[0] }
        let kinds = ["env", "file", "credential"].compactMap { node.entry(of: $0)?.key }
        if kinds.count > 1 {
            checker.report(
                "config/conflict", at: kinds[1].at,
                "\"\(kinds[0].raw ?? "")\" and \"\(kinds[1].raw ?? "")\" exclude each other",
                hint: "keep one")
        } else if kinds.isEmpty {
            checker.report(
                "config/missing-key", at: mark, "the secret does not say where its value is",
                hint: "env, file or credential")
        }
        return nil
    }
}

/// `previous:`: a text of the same kind as the secret, or a provider of its own.
enum PreviousDraft: Sendable {
    case text(String)
    case provider(SecretSpec.Provider)
}

extension Shape {
    static var previousSecret: Shape<PreviousDraft> {
        Shape<PreviousDraft>(
            "where the value before comes from", example: "/run/secrets/key.old",
            schema: ["anyOf": [["type": "string"], SecretDraft.provider.schema]]
        ) { node, checker in
            if node.entries == nil { return Shape<String>.text.read(node, checker).map { .text($0) } }
            var draft = SecretDraft()
            guard SecretDraft.provider.read(node, into: &draft, checker) else { return nil }
            return SecretDraft.only(draft.providers, node, at: node.at, checker).map { .provider($0) }
        }
    }
}
