// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// A request exactly as it leaves: what `dry-run` prints is what is sent.
package struct OutboundRequest: Sendable {
    package let method: String
    package let url: String
    /// Names in lower case, in the order of the wire.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// The secret that signed it, by name; nil where it is not signed.
    package let signedWith: SecretName?

    package init(
        method: String, url: String, headers: [(name: String, value: String)], body: [UInt8], signedWith: SecretName?
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.signedWith = signedWith
    }
}
