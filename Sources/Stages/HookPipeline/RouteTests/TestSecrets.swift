// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// Values for every secret, made from its name: tests and the demo need no real ones, and print none.
///
/// 64 hexadecimal digits are a good key in each decoding that a source may ask for: text, hex, base 64, `whsec_`.
package struct TestSecrets: SecretReading {
    private let known: Set<SecretName>?

    /// A value for every name.
    package init() { self.known = nil }

    /// Values for the names of a configuration only: a misspelt name must fail in a dry run as it would live.
    package init(for configuration: Configuration) { self.known = Set(configuration.secrets.map(\.name)) }

    package func values(of name: SecretName) -> [Secret] {
        if let known, !known.contains(name) { return [] }
        return [Secret(Hex.encode(Digest.sha256(Array("hookswitch test secret \(name.text)".utf8))))]
    }
}
