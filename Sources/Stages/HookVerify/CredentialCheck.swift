// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// A static token or HTTP basic credentials (RFC 7617): bytes that must stand in a header.
struct CredentialCheck: Sendable {
    private enum Form: Sendable {
        case token
        /// User name and colon, which stand before the password.
        case basic(user: [UInt8])
    }

    private let header: String
    /// Lower case, with one space at its end; empty for the bare value.
    private let scheme: [UInt8]
    private let form: Form
    private let keys: PreparedKeys
    private let failure: VerifyFailure

    init(_ spec: TokenSpec, secrets: any SecretReading) {
        self.header = spec.header.lowercased()
        self.scheme = Self.schemeBytes(spec.scheme)
        self.form = .token
        self.keys = PreparedKeys(spec.secrets, secrets: secrets) { .bytes($0) }
        self.failure = .credentials(scheme: spec.scheme.isEmpty ? "Token" : Self.word(spec.scheme))
    }

    init(username: String, password: SecretName, secrets: any SecretReading) {
        self.header = "authorization"
        self.scheme = Self.schemeBytes("basic")
        self.form = .basic(user: Array(username.utf8) + [UInt8(ascii: ":")])
        self.keys = PreparedKeys([password], secrets: secrets) { .bytes($0) }
        self.failure = .credentials(scheme: "Basic realm=\"hookswitch\", charset=\"UTF-8\"")
    }

    private static func word(_ scheme: String) -> String { scheme.hasSuffix(" ") ? String(scheme.dropLast()) : scheme }

    private static func schemeBytes(_ scheme: String) -> [UInt8] {
        scheme.isEmpty ? [] : Array(self.word(scheme).lowercased().utf8) + [0x20]
    }

    func check(_ accepted: Accepted) throws(VerifyFailure) {
        let keys = try self.keys.current()
        let presented = self.presented(accepted.headers)
        var hits = 0
        for case .bytes(let secret) in keys {
            let expected =
                switch self.form {
                case .token: secret
                case .basic(let user): user + secret
                }
            if constantTimeEqual(presented ?? [UInt8](repeating: 0, count: expected.count), expected), presented != nil
            {
                hits += 1
            }
        }
        if hits == 0 { throw self.failure }
    }

    private func presented(_ headers: HeaderBlock) -> [UInt8]? {
        guard let value = headers.first(self.header), value.count >= self.scheme.count else { return nil }
        let start = value.prefix(self.scheme.count).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        guard start == self.scheme else { return nil }
        let rest = value.dropFirst(self.scheme.count)
        switch self.form {
        case .token: return Array(rest)
        case .basic: return Base64.decode(rest)
        }
    }
}
