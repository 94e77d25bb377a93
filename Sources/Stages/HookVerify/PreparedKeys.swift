// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import Synchronization

/// A secret that is ready for use.
struct PreparedKey: Sendable {
    enum Use: Sendable {
        case mac(MAC)
        /// Ed25519 public key, or the bytes of a credential.
        case bytes([UInt8])
    }

    let text: [UInt8]
    /// Nil where the text cannot be decoded as the source says.
    let use: Use?
}

/// The keys of one check. A key is decoded and prepared once per value of its secret; the values are asked for on
/// every use, so that rotation is picked up without a reload.
final class PreparedKeys: Sendable {
    private let names: [SecretName]
    private let secrets: any SecretReading
    private let prepare: @Sendable ([UInt8]) -> PreparedKey.Use?
    private let cache = Mutex<[PreparedKey]>([])

    init(
        _ names: [SecretName], secrets: any SecretReading, prepare: @escaping @Sendable ([UInt8]) -> PreparedKey.Use?
    ) {
        self.names = names
        self.secrets = secrets
        self.prepare = prepare
    }

    /// Every usable key, at least one.
    func current() throws(VerifyFailure) -> [PreparedKey.Use] {
        var texts: [[UInt8]] = []
        for name in self.names {
            for value in self.secrets.values(of: name) {
                let text = value.reveal()
                // An empty secret is a missing one: everybody knows it.
                if !text.isEmpty { texts.append(text) }
            }
        }
        if texts.isEmpty { throw .secretMissing }
        let usable = self.prepared(texts)
        if usable.isEmpty { throw .secretMalformed }
        return usable
    }

    private func prepared(_ texts: [[UInt8]]) -> [PreparedKey.Use] {
        let cached = self.cache.withLock { $0 }
        if cached.count == texts.count, zip(cached, texts).allSatisfy({ $0.text == $1 }) {
            return cached.compactMap(\.use)
        }
        let fresh = texts.map { text in
            cached.first { $0.text == text } ?? PreparedKey(text: text, use: self.prepare(text))
        }
        self.cache.withLock { $0 = fresh }
        return fresh.compactMap(\.use)
    }
}

/// How the text of a secret becomes a key.
enum KeyText {
    /// Prefixes of Standard Webhooks 1.0.0: shared secret, public key, private key.
    private static let prefixes = ["whsec_", "whpk_", "whsk_"].map { Array($0.utf8) }

    /// Nil where the text is not of that form, or holds no byte.
    static func decode(_ text: [UInt8], as decoding: SignatureSpec.KeyDecoding) -> [UInt8]? {
        let key: [UInt8]?
        switch decoding {
        case .utf8: key = text
        case .hex: key = Hex.decode(text)
        case .base64: key = Base64.decode(text)
        case .whsec:
            let prefix = self.prefixes.first { text.starts(with: $0) } ?? []
            key = Base64.decode(text[prefix.count...])
        }
        return key?.isEmpty == false ? key : nil
    }
}
