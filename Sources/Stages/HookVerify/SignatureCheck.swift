// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// The signature engine: one set of parameters, one path.
///
/// Missing, malformed and wrong signatures take the same steps: the codes of all keys are computed over the received
/// bytes, every candidate is compared with every code in constant time, and nothing is left early.
struct SignatureCheck: Sendable {
    enum Part: Sendable {
        case literal([UInt8])
        case body, timestamp, id, method, path
    }

    private let algorithm: SignatureSpec.Algorithm
    private let headers: [String]
    private let reader: SignatureReader
    private let signed: [Part]
    private let timestamp: SignatureSpec.Timestamp?
    private let idHeaders: [String]
    private let failureStatus: Int
    private let keys: PreparedKeys

    init(_ spec: SignatureSpec, secrets: any SecretReading) {
        self.algorithm = spec.algorithm
        self.headers = spec.headers.map { $0.lowercased() }
        self.reader = SignatureReader(layout: spec.layout, encoding: spec.encoding)
        self.signed = spec.signed.map(Self.part)
        self.timestamp = spec.timestamp.map(Self.lowered)
        self.idHeaders = spec.idHeaders.map { $0.lowercased() }
        self.failureStatus = spec.failureStatus
        let algorithm = spec.algorithm.mac
        let decoding = spec.keyDecoding
        self.keys = PreparedKeys(spec.secrets, secrets: secrets) { text in
            guard let key = KeyText.decode(text, as: decoding) else { return nil }
            return algorithm.map { .mac(MAC($0, key: key)) } ?? (key.count == 32 ? .bytes(key) : nil)
        }
    }

    static func part(_ part: SignatureSpec.Part) -> Part {
        switch part {
        case .literal(let text): .literal(Array(text.utf8))
        case .body: .body
        case .timestamp: .timestamp
        case .id: .id
        case .method: .method
        case .path: .path
        }
    }

    private static func lowered(_ timestamp: SignatureSpec.Timestamp) -> SignatureSpec.Timestamp {
        guard case .header(let name) = timestamp.place else { return timestamp }
        var lowered = timestamp
        lowered.place = .header(name.lowercased())
        return lowered
    }

    func check(_ accepted: Accepted, now: WallTime) throws(VerifyFailure) {
        let keys = try self.keys.current()
        let text = Self.first(of: self.headers, in: accepted.headers) ?? []
        let stamp = self.stampText(text, accepted.headers)
        let id = Self.first(of: self.idHeaders, in: accepted.headers)
        var candidates = self.reader.signatures(in: text)
        // Something is always compared, so that a request without a signature costs what a wrong one costs.
        if candidates.isEmpty { candidates = [[UInt8](repeating: 0, count: self.algorithm.length)] }
        let parts = self.signed.map { part -> ArraySlice<UInt8> in
            switch part {
            case .literal(let bytes): bytes[...]
            case .body: accepted.body[...]
            case .timestamp: stamp ?? []
            case .id: id ?? []
            case .method: Array(accepted.method.utf8)[...]
            case .path: Array(accepted.path.utf8)[...]
            }
        }
        let isSigned = Self.matches(candidates, keys: keys, parts: parts)
        let isWhole = (self.timestamp == nil || stamp != nil) && (id != nil || !self.needsID)
        guard isSigned && isWhole else { throw .signature(status: self.failureStatus) }
        // Told apart only here, behind a good signature: a forger learns nothing from it.
        guard self.isInTime(stamp, now: now) else { throw .timestamp(status: self.failureStatus) }
    }

    private var needsID: Bool {
        self.signed.contains { if case .id = $0 { true } else { false } }
    }

    private static func first(of names: [String], in headers: HeaderBlock) -> ArraySlice<UInt8>? {
        for name in names { if let value = headers.first(name) { return value } }
        return nil
    }

    private func stampText(_ signature: ArraySlice<UInt8>, _ headers: HeaderBlock) -> ArraySlice<UInt8>? {
        switch self.timestamp?.place {
        case .header(let name): headers.first(name)
        case .entry(let key): self.reader.entry(key, in: signature)
        case nil: nil
        }
    }

    private func isInTime(_ stamp: ArraySlice<UInt8>?, now: WallTime) -> Bool {
        guard let timestamp = self.timestamp else { return true }
        guard let stamp, let age = StampText.age(of: stamp, unit: timestamp.unit, now: now) else { return false }
        return age <= UInt64(clamping: timestamp.tolerance.milliseconds)
    }

    private static func matches(
        _ candidates: [[UInt8]], keys: [PreparedKey.Use], parts: [ArraySlice<UInt8>]
    ) -> Bool {
        var hits = 0
        for key in keys {
            switch key {
            case .mac(let mac):
                let code = mac.code(parts)
                for candidate in candidates where constantTimeEqual(candidate, code) { hits += 1 }
            case .bytes(let publicKey):
                let message = Array(parts.joined())
                for candidate in candidates
                where Ed25519.isValid(signature: candidate, message: message, publicKey: publicKey) { hits += 1 }
            }
        }
        return hits > 0
    }
}

extension SignatureSpec.Algorithm {
    /// Nil for Ed25519.
    var mac: MAC.Algorithm? {
        switch self {
        case .hmacMD5: .md5
        case .hmacSHA1: .sha1
        case .hmacSHA256: .sha256
        case .hmacSHA384: .sha384
        case .hmacSHA512: .sha512
        case .ed25519: nil
        }
    }

    /// Bytes of a signature.
    var length: Int {
        switch self {
        case .hmacMD5: 16
        case .hmacSHA1: 20
        case .hmacSHA256: 32
        case .hmacSHA384: 48
        case .hmacSHA512, .ed25519: 64
        }
    }
}
