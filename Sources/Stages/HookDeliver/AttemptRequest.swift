// SPDX-License-Identifier: Apache-2.0
// From a ticket and its destination to the request of one attempt. Body and `webhook-id` are the same on every attempt;
// time and signature are the attempt's own.
package import HookCore
import HookCrypto
import HookFormats

/// Renders the request of one attempt.
package enum AttemptRequest {
    /// The request of attempt `attempt` (from 1, over all redrives) at `now`.
    ///
    /// - Errors: ``DeliverFailure``; nothing is ever sent unsigned or without its credentials.
    package static func render(
        _ ticket: DeliveryTicket, _ plan: DestinationPlan, attempt: Int, now: WallTime, secrets: any SecretReading
    ) throws(DeliverFailure) -> OutboundRequest {
        let overrides = ticket.request ?? RequestOverrides()
        let url = try URLRendering.url(plan, overrides)
        // The same bytes give the same member, so every attempt sends the same; the signature is over what is sent.
        let packed = plan.gzipBytesMin.flatMap { $0 <= ticket.body.count ? ContentEncoding.gzip(ticket.body) : nil }
        let body = packed ?? ticket.body
        var headers: [(name: String, value: String)] = [
            ("content-type", ticket.contentType), ("user-agent", "hookswitch/\(HookswitchVersion.text)"),
            ("webhook-id", ticket.id.description), ("webhook-timestamp", String(now.seconds)),
        ]
        if packed != nil { headers.append(("content-encoding", "gzip")) }
        let signature = try Self.signature(ticket, body, plan.sign, timestamp: now.seconds, secrets)
        headers += signature.headers
        for (name, template) in plan.headers {
            try Self.set(name, URLRendering.text(template, overrides), in: &headers, plan)
        }
        for (name, value) in overrides.headers { try Self.set(name, value, in: &headers, plan) }
        if let auth = plan.auth { headers.append(try Self.credentials(auth, secrets)) }
        return OutboundRequest(
            method: overrides.method ?? plan.method, url: url, headers: headers, body: body,
            signedWith: signature.key)
    }

    /// Sets a header from a template or script; reserved names are left as they are.
    private static func set(
        _ name: String, _ value: String, in headers: inout [(name: String, value: String)], _ plan: DestinationPlan
    ) throws(DeliverFailure) {
        let name = name.lowercased()
        if plan.reservedHeaders.contains(name) { return }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw DeliverFailure(.request, "the value of header \(name) holds a control character")
        }
        if let place = headers.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            headers[place].value = value
        } else {
            headers.append((name, value))
        }
    }
}

// MARK: - Credentials

extension AttemptRequest {
    static func credentials(_ auth: DestinationSpec.Auth, _ secrets: any SecretReading)
        throws(DeliverFailure) -> (name: String, value: String)
    {
        switch auth {
        case .bearer(let name):
            return ("authorization", "Bearer \(try Self.headerText(name, secrets))")
        case .basic(let username, let password):
            let key = try Self.current(password, secrets)
            return ("authorization", "Basic \(Base64.text(Array("\(username):".utf8) + key))")
        case .header(let header, let name):
            return (header.lowercased(), try Self.headerText(name, secrets))
        }
    }

    private static func current(_ name: SecretName, _ secrets: any SecretReading) throws(DeliverFailure) -> [UInt8] {
        guard let value = secrets.values(of: name).first?.reveal(), !value.isEmpty else {
            throw DeliverFailure(.secret, "secret \(name) cannot be read")
        }
        return value
    }

    private static func headerText(_ name: SecretName, _ secrets: any SecretReading) throws(DeliverFailure) -> String {
        let bytes = try Self.current(name, secrets)
        guard bytes.allSatisfy({ $0 > 0x1F && $0 < 0x7F }) else {
            throw DeliverFailure(.secret, "secret \(name) holds bytes that a header cannot carry")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - Signatures

extension AttemptRequest {
    private typealias Signature = (headers: [(name: String, value: String)], key: SecretName?)

    private static func signature(
        _ ticket: DeliveryTicket, _ body: [UInt8], _ sign: SignSpec?, timestamp: Int64, _ secrets: any SecretReading
    ) throws(DeliverFailure) -> Signature {
        switch sign {
        case nil:
            return ([], nil)
        case .standardWebhooks(let name):
            let keys = try Self.keys(name, secrets)
            let value = try StandardWebhooks.signatures(
                id: ticket.id.description, timestamp: timestamp, body: body, keys: keys, named: name)
            return ([("webhook-signature", value)], name)
        case .hmac(let algorithm, let name, let header, let prefix, let encoding):
            let key = try Self.current(name, secrets)
            let code = try Self.code(algorithm, key, body, named: name)
            return ([(header.lowercased(), prefix + Self.text(code, encoding))], name)
        }
    }

    private static func keys(_ name: SecretName, _ secrets: any SecretReading) throws(DeliverFailure) -> [[UInt8]] {
        let keys = secrets.values(of: name).map { $0.reveal() }.filter { !$0.isEmpty }
        if keys.isEmpty { throw DeliverFailure(.secret, "secret \(name) cannot be read") }
        return keys
    }

    private static func code(
        _ algorithm: SignatureSpec.Algorithm, _ key: [UInt8], _ body: [UInt8], named name: SecretName
    ) throws(DeliverFailure) -> [UInt8] {
        switch algorithm {
        case .hmacMD5: return MAC(.md5, key: key).code(body)
        case .hmacSHA1: return MAC(.sha1, key: key).code(body)
        case .hmacSHA256: return MAC(.sha256, key: key).code(body)
        case .hmacSHA384: return MAC(.sha384, key: key).code(body)
        case .hmacSHA512: return MAC(.sha512, key: key).code(body)
        case .ed25519:
            guard let seed = StandardWebhooks.seed(key), let signature = Ed25519.sign(body, seed: seed) else {
                throw DeliverFailure(.secret, "secret \(name) is no Ed25519 key")
            }
            return signature
        }
    }

    private static func text(_ code: [UInt8], _ encoding: SignatureSpec.Encoding) -> String {
        switch encoding {
        case .hex: Hex.text(code)
        case .base64: Base64.text(code)
        case .base64url: Base64.text(code, .url)
        }
    }
}
