// SPDX-License-Identifier: Apache-2.0
// The one door to cryptography. swift-crypto (BoringSSL) does the work; nothing else of ours imports it.
import Crypto

/// Plain digests.
package enum Digest {
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }
}

/// HMAC (RFC 2104) with a key that is kept ready.
package struct MAC: Sendable {
    package enum Algorithm: Sendable { case md5, sha1, sha256, sha384, sha512 }

    private let algorithm: Algorithm
    private let key: SymmetricKey

    package init(_ algorithm: Algorithm, key: [UInt8]) {
        self.algorithm = algorithm
        self.key = unsafe key.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
    }

    /// The code of the parts one after the other, without joining them first.
    package func code(_ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        switch self.algorithm {
        case .md5: self.run(Insecure.MD5.self, parts)
        case .sha1: self.run(Insecure.SHA1.self, parts)
        case .sha256: self.run(SHA256.self, parts)
        case .sha384: self.run(SHA384.self, parts)
        case .sha512: self.run(SHA512.self, parts)
        }
    }

    package func code(_ bytes: [UInt8]) -> [UInt8] { self.code([bytes[...]]) }

    private func run<H: HashFunction>(_: H.Type, _ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        var mac = HMAC<H>(key: self.key)
        for part in parts { unsafe part.withUnsafeBytes { unsafe mac.update(data: $0) } }
        return Array(mac.finalize())
    }
}

/// Ed25519 (RFC 8032).
package enum Ed25519 {
    /// Whether the signature (64 bytes) of the message is good under the public key (32 bytes).
    package static func isValid(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            // A malformed key can verify nothing; the caller answers as for a wrong signature.
            return false
        }
        return key.isValidSignature(signature, for: message)
    }

    /// Signs with a 32-byte seed; nil where the seed has another length.
    package static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8]? {
        // A malformed seed is reported by the caller as a bad key.
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        return (try? key.signature(for: message)).map(Array.init)
    }
}

/// Whether two byte strings are equal, in time that depends on the length alone.
package func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
}
