// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver

/// Takes what comes from secrets out of a request that is shown: names stand where values and signatures were.
struct SecretMask {
    private var headers: [String: String] = [:]

    init(_ destination: DestinationSpec) {
        switch destination.auth {
        case .bearer(let name): self.headers["authorization"] = "Bearer ‹\(name)›"
        case .basic(let username, let password): self.headers["authorization"] = "Basic ‹\(username) and \(password)›"
        case .header(let header, let name): self.headers[header.lowercased()] = "‹\(name)›"
        case nil: break
        }
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
