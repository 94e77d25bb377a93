// SPDX-License-Identifier: Apache-2.0
import HookCrypto
import Testing

/// Published vectors of what HookCrypto offers.
@Suite struct CryptoVectors {
    static let text = Array("what do ya want for nothing?".utf8)

    /// RFC 2202 (MD5, SHA-1) and RFC 4231 (SHA-2), test case 2: key `Jefe`.
    static let codes: [(MAC.Algorithm, String)] = [
        (.md5, "750c783e6ab0b503eaa86e310a5db738"),
        (.sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            .sha384,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        ),
        (
            .sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
    ]

    @Test(arguments: codes) func `HMAC`(_ algorithm: MAC.Algorithm, _ expected: String) {
        let mac = MAC(algorithm, key: Array("Jefe".utf8))
        #expect(Hex.text(mac.code(Self.text)) == expected)
        #expect(Hex.text(mac.code([Self.text[..<5], Self.text[5..<5], Self.text[5...]])) == expected)
    }

    @Test func `SHA-256 of FIPS 180-4's abc`() {
        #expect(
            Hex.text(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `Ed25519 of RFC 8032, test 2`() throws {
        let seed = try #require(
            Hex.decode(Array("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb".utf8)))
        let key = try #require(
            Hex.decode(Array("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c".utf8)))
        let signature = try #require(
            Hex.decode(
                Array(
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
                        .utf8)))
        #expect(Ed25519.isValid(signature: signature, message: [0x72], publicKey: key))
        #expect(!Ed25519.isValid(signature: signature, message: [0x73], publicKey: key))
        #expect(!Ed25519.isValid(signature: Array(signature.dropLast()), message: [0x72], publicKey: key))
        #expect(!Ed25519.isValid(signature: signature, message: [0x72], publicKey: []))
        let made = try #require(Ed25519.sign([0x72], seed: seed))
        #expect(Ed25519.isValid(signature: made, message: [0x72], publicKey: key))
        #expect(Ed25519.sign([0x72], seed: [1]) == nil)
    }

    /// RFC 4648, section 10.
    static let base64: [(String, String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: base64) func `base 64`(_ plain: String, _ encoded: String) {
        #expect(Base64.text(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
        let bare = encoded.filter { $0 != "=" }
        #expect(Base64.text(Array(plain.utf8), .url) == bare)
        #expect(Base64.decode(Array(bare.utf8)) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "Z=g=", "Zm9v=", "Zm 9v", "Zm9v\n", "Zm9-", "====", "Zm9vZ"])
    func `texts that are no base 64`(_ text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test(arguments: ["0", "0g", "0x", " 0", "00 "])
    func `texts that are no hexadecimal`(_ text: String) {
        #expect(Hex.decode(Array(text.utf8)) == nil)
    }

    @Test func `every byte survives both encodings`() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Base64.decode(Base64.encode(all)) == all)
        #expect(Base64.decode(Base64.encode(all, .url), .url) == all)
    }

    @Test func `constant-time comparison compares`() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [0, 2, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 3]))
        #expect(constantTimeEqual([], []))
    }
}
