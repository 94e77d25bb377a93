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

/// HMAC (RFC 2104). The key is hashed once; each code starts from a copy of that state.
package struct MAC: Sendable {
    package enum Algorithm: Sendable { case md5, sha1, sha256, sha384, sha512 }

    private enum Keyed: Sendable {
        case md5(HMAC<Insecure.MD5>)
        case sha1(HMAC<Insecure.SHA1>)
        case sha256(HMAC<SHA256>)
        case sha384(HMAC<SHA384>)
        case sha512(HMAC<SHA512>)
    }

    private let keyed: Keyed

    package init(_ algorithm: Algorithm, key bytes: [UInt8]) {
        let key = unsafe bytes.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
        self.keyed =
            switch algorithm {
            case .md5: .md5(HMAC(key: key))
            case .sha1: .sha1(HMAC(key: key))
            case .sha256: .sha256(HMAC(key: key))
            case .sha384: .sha384(HMAC(key: key))
            case .sha512: .sha512(HMAC(key: key))
            }
    }

    // HOT: once per signature, in and out.
    /// The code of the parts one after the other, without joining them first.
    package func code(_ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        switch self.keyed {
        case .md5(let mac): Self.finish(mac, parts)
        case .sha1(let mac): Self.finish(mac, parts)
        case .sha256(let mac): Self.finish(mac, parts)
        case .sha384(let mac): Self.finish(mac, parts)
        case .sha512(let mac): Self.finish(mac, parts)
        }
    }

    package func code(_ bytes: [UInt8]) -> [UInt8] { self.code([bytes[...]]) }

    private static func finish<H: HashFunction>(_ keyed: HMAC<H>, _ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        var mac = keyed
        for part in parts { unsafe part.withUnsafeBytes { unsafe mac.update(data: $0) } }
        return unsafe mac.finalize().withUnsafeBytes { unsafe Array($0) }
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
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for place in left.indices { difference |= left[place] ^ right[place] }
    return difference == 0
}
