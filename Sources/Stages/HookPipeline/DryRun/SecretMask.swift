// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver

/// Takes what comes from secrets out of a request that is shown: names stand where values and signatures were.
struct SecretMask {
    enum Signatures { case hidden, shown }

    private var headers: [String: String] = [:]

    init(_ destination: DestinationSpec, signatures: Signatures = .hidden) {
        switch destination.auth {
        case .bearer(let name): self.headers["authorization"] = "Bearer ‹\(name)›"
        case .basic(let username, let password): self.headers["authorization"] = "Basic ‹\(username) and \(password)›"
        case .header(let header, let name): self.headers[header.lowercased()] = "‹\(name)›"
        case nil: break
        }
        guard signatures == .hidden else { return }
        switch destination.sign {
        case .standardWebhooks(let name): self.headers["webhook-signature"] = "v1,‹signed with \(name)›"
        case .hmac(_, let name, let header, let prefix, _):
            self.headers[header.lowercased()] = "\(prefix)‹signed with \(name)›"
        case nil: break
        }
    }

    func masked(_ request: OutboundRequest) -> OutboundRequest {
        OutboundRequest(
            method: request.method, url: request.url,
            headers: request.headers.map { ($0.name, self.headers[$0.name] ?? $0.value) }, body: request.body,
            signedWith: request.signedWith)
    }
}

/// The keys of one destination in a dry run: the real one for a signature that is to be shown, where it can be read;
/// test keys for everything else. Credentials are never real, so a request may go to another address than its own.
struct SigningKeys: SecretReading {
    private let signing: SecretName?
    private let real: [Secret]
    private let asks: Bool

    init(_ destination: DestinationSpec, real: (any SecretReading)?) {
        let name = destination.sign?.secret
        self.signing = name
        self.asks = real != nil
        // A key that is a credential as well stays out: the signature is not worth it.
        let isCredential = name.map { destination.auth?.secrets.contains($0) ?? false } ?? false
        self.real = isCredential ? [] : name.flatMap { real?.values(of: $0) } ?? []
    }

    var mask: SecretMask.Signatures { self.asks ? .shown : .hidden }

    /// Which key signs; nil where the destination has none.
    var signature: DryRunReport.Signature? {
        self.signing.map { DryRunReport.Signature(key: $0, isTestKey: self.asks ? self.real.isEmpty : nil) }
    }

    func values(of name: SecretName) -> [Secret] {
        name == self.signing && !self.real.isEmpty ? self.real : TestSecrets().values(of: name)
    }
}

extension SignSpec {
    /// The secret that signs.
    var secret: SecretName {
        switch self {
        case .standardWebhooks(let name): name
        case .hmac(_, let name, _, _, _): name
        }
    }
}

extension DestinationSpec.Auth {
    var secrets: [SecretName] {
        switch self {
        case .bearer(let name), .basic(_, let name), .header(_, let name): [name]
        }
    }
}
