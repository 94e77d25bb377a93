// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// Values for every secret, made from its name: tests and the demo need no real ones, and print none.
///
/// 64 hexadecimal digits are a good key in each decoding that a source may ask for: text, hex, base 64, `whsec_`.
package struct TestSecrets: SecretReading {
    package init() {}

    package func values(of name: SecretName) -> [Secret] {
        [Secret(Hex.encode(Digest.sha256(Array("hookswitch test secret \(name.text)".utf8))))]
    }
}
