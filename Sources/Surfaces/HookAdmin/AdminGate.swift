// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Decides who may use the admin listener.
///
/// With tokens every request to `/api` and `/metrics` must carry one. Without tokens the listener is on loopback only,
/// and a browser must not be tricked into using it: the Host must be a loopback name (DNS rebinding), and a request
/// that changes something must not come from another origin (CSRF).
struct AdminGate: Sendable {
    let tokens: [SecretName]
    let secrets: @Sendable () -> any SecretReading

    struct Asked {
        let path: String
        let changesSomething: Bool
        let host: String?
        let origin: String?
        let authorization: String?
    }

    func check(_ asked: Asked) throws(AdminProblem) {
        // Probes carry no credentials and learn nothing but that the process turns.
        if asked.path == "/livez" || asked.path == "/readyz" { return }
        if self.tokens.isEmpty {
            try self.checkLoopback(asked)
        } else {
            try self.checkToken(asked.authorization)
        }
    }

    private func checkToken(_ authorization: String?) throws(AdminProblem) {
        let text = Array((authorization ?? "").utf8)
        let scheme = Array("bearer ".utf8)
        let isBearer = text.prefix(scheme.count).elementsEqual(scheme, by: { $0 | 0x20 == $1 | 0x20 })
        let given = isBearer ? Array(text.dropFirst(scheme.count)) : []
        var isKnown = false
        for name in self.tokens {
            for secret in self.secrets().values(of: name) where !given.isEmpty {
                // No early end: the time must not tell which token was nearly right.
                if constantTimeEqual(Digest.sha256(given), Digest.sha256(secret.reveal())) { isKnown = true }
            }
        }
        guard isKnown else { throw .unauthorized }
    }

    private func checkLoopback(_ asked: Asked) throws(AdminProblem) {
        guard let host = asked.host, Self.isLoopback(Self.name(of: host)) else {
            throw .forbidden("Without tokens the admin listener answers to loopback names only.")
        }
        if asked.changesSomething, let origin = asked.origin, origin != "http://\(host)" {
            throw .forbidden("The request comes from another origin.")
        }
    }

    /// The host without its port.
    static func name(of host: String) -> String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }

    static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
