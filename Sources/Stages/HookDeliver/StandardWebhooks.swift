// SPDX-License-Identifier: Apache-2.0
// Signing as Standard Webhooks 1.0.0 says (github.com/standard-webhooks/standard-webhooks, spec): the signed content is
// `id.timestamp.body`; `v1` is HMAC-SHA256, `v1a` Ed25519, both in base 64.
package import HookCore
import HookCrypto

/// The `webhook-signature` header.
package enum StandardWebhooks {
    private static let symmetricPrefix = Array("whsec_".utf8)
    private static let privatePrefix = Array("whsk_".utf8)

    /// One signature per key, separated by spaces: during a rotation the receiver may know either.
    package static func signatures(
        id: String, timestamp: Int64, body: [UInt8], keys: [[UInt8]], named name: SecretName
    ) throws(DeliverFailure) -> String {
        let head = Array("\(id).\(timestamp).".utf8)
        var signatures: [String] = []
        for key in keys {
            guard let signature = Self.signature(head: head, body: body, key: key) else {
                throw DeliverFailure(
                    .secret, "secret \(name) is neither base 64 behind whsec_ nor an Ed25519 key behind whsk_")
            }
            signatures.append(signature)
        }
        return signatures.joined(separator: " ")
    }

    private static func signature(head: [UInt8], body: [UInt8], key: [UInt8]) -> String? {
        if key.starts(with: Self.privatePrefix) {
            guard let seed = Self.seed(key), let signature = Ed25519.sign(head + body, seed: seed) else { return nil }
            return "v1a,\(Base64.text(signature))"
        }
        let text = key.starts(with: Self.symmetricPrefix) ? key.dropFirst(Self.symmetricPrefix.count) : key[...]
        guard let bytes = Base64.decode(text), !bytes.isEmpty else { return nil }
        return "v1,\(Base64.text(MAC(.sha256, key: bytes).code([head[...], body[...]])))"
    }

    /// The 32-byte seed behind `whsk_`, which is followed by the public key in the longer form; nil where it is none.
    static func seed(_ key: [UInt8]) -> [UInt8]? {
        let text = key.starts(with: Self.privatePrefix) ? key.dropFirst(Self.privatePrefix.count) : key[...]
        guard let bytes = Base64.decode(text), bytes.count == 32 || bytes.count == 64 else { return nil }
        return Array(bytes.prefix(32))
    }
}
