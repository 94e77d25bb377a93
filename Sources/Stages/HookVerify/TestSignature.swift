// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookCrypto

/// Makes the headers that a source's checks ask for: the inverse of stage 2, for test events.
package enum TestSignature {
    /// A request that is to be signed.
    package struct Request: Sendable {
        package var method: String
        /// Path without the query.
        package var path: String
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package init(
            method: String = "POST", path: String, headers: [(name: String, value: String)] = [], body: [UInt8]
        ) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
        }
    }

    /// Why a request cannot be signed.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case secretMissing
        case keyMalformed
        /// Ed25519 is checked with a public key and signed with a private one.
        case privateKeyNeeded

        package var description: String {
            switch self {
            case .secretMissing: "the source's secret cannot be read"
            case .keyMalformed: "the source's secret does not have the form that the source says"
            case .privateKeyNeeded:
                "an Ed25519 source needs the sender's private key (32 or 64 bytes) to sign a test event"
            }
        }
    }

    /// The headers to add to `request`, so that `spec` accepts it at `now`.
    ///
    /// - `secret`: the first secret of the source; for Ed25519 the private key, as `whsk_…`, seed or seed and public key.
    /// - `id`: the message id where the layout signs one and the request does not carry it yet.
    package static func sign(
        _ request: Request, spec: SourceSpec, secret: Secret?, now: WallTime, id: String = "msg_test"
    ) throws(Failure) -> [(name: String, value: String)] {
        if case .none = spec.verify { return [] }
        guard let text = secret?.reveal(), !text.isEmpty else { throw .secretMissing }
        switch spec.verify {
        case .none: return []
        case .token(let token):
            let scheme = token.scheme.isEmpty || token.scheme.hasSuffix(" ") ? token.scheme : token.scheme + " "
            return [(token.header, scheme + String(decoding: text, as: UTF8.self))]
        case .basic(let username, _):
            return [("authorization", "Basic " + Base64.text(Array(username.utf8) + [UInt8(ascii: ":")] + text))]
        case .signature(let signature):
            return try self.sign(request, signature, text, now, id)
        }
    }

    private static func sign(
        _ request: Request, _ spec: SignatureSpec, _ text: [UInt8], _ now: WallTime, _ freshID: String
    ) throws(Failure) -> [(name: String, value: String)] {
        guard let key = KeyText.decode(text, as: spec.keyDecoding) else { throw .keyMalformed }
        var headers: [(name: String, value: String)] = []
        var id = spec.idHeaders.lazy.compactMap { self.header($0, of: request) }.first
        if id == nil, spec.signed.contains(.id), let name = spec.idHeaders.first {
            id = freshID
            headers.append((name, freshID))
        }
        let stamp = spec.timestamp.map { self.stamp($0.unit, now) } ?? ""
        if case .header(let name)? = spec.timestamp?.place { headers.append((name, stamp)) }
        let message = self.message(spec.signed, request, stamp: stamp, id: id ?? "")
        let signature: [UInt8]
        if let algorithm = spec.algorithm.mac {
            signature = MAC(algorithm, key: key).code(message)
        } else {
            guard key.count == 32 || key.count == 64, let made = Ed25519.sign(message, seed: Array(key.prefix(32)))
            else {
                throw .privateKeyNeeded
            }
            signature = made
        }
        if let name = spec.headers.first {
            headers.append((name, self.headerText(spec, self.encode(signature, spec.encoding), stamp)))
        }
        return headers
    }

    private static func header(_ name: String, of request: Request) -> String? {
        request.headers.first { $0.name.lowercased().utf8.elementsEqual(name.lowercased().utf8) }?.value
    }

    private static func stamp(_ unit: SignatureSpec.Timestamp.Unit, _ now: WallTime) -> String {
        switch unit {
        case .seconds: "\(now.seconds)"
        case .milliseconds: "\(now.milliseconds)"
        case .rfc3339: now.rfc3339
        }
    }

    private static func message(
        _ parts: [SignatureSpec.Part], _ request: Request, stamp: String, id: String
    ) -> [UInt8] {
        parts.reduce(into: []) { message, part in
            switch part {
            case .literal(let text): message += text.utf8
            case .body: message += request.body
            case .timestamp: message += stamp.utf8
            case .id: message += id.utf8
            case .method: message += request.method.utf8
            case .path: message += request.path.utf8
            }
        }
    }

    private static func encode(_ signature: [UInt8], _ encoding: SignatureSpec.Encoding) -> String {
        switch encoding {
        case .hex: Hex.text(signature)
        case .base64: Base64.text(signature)
        case .base64url: Base64.text(signature, .url)
        }
    }

    private static func headerText(_ spec: SignatureSpec, _ signature: String, _ stamp: String) -> String {
        switch spec.layout {
        case .single(let prefix): return prefix + signature
        case .list(let separator, let joiner, let key):
            let joint = String(UnicodeScalar(joiner))
            let entry = key + joint + signature
            guard case .entry(let name)? = spec.timestamp?.place else { return entry }
            return name + joint + stamp + String(UnicodeScalar(separator)) + entry
        }
    }
}
