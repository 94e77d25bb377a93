// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import HookVerify
import Testing

@Suite struct SignatureRules {
    struct Window: Sendable, CustomTestStringConvertible {
        let name: String
        let stamp: String
        let unit: SignatureSpec.Timestamp.Unit
        let outcome: String
        var testDescription: String { self.name }
    }

    /// Now is 1,700,000,000 s; the tolerance is 300 s.
    static let windows: [Window] = [
        Window(name: "now", stamp: "1700000000", unit: .seconds, outcome: "verified"),
        Window(name: "300 s old", stamp: "1699999700", unit: .seconds, outcome: "verified"),
        Window(name: "301 s old", stamp: "1699999699", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "300 s ahead", stamp: "1700000300", unit: .seconds, outcome: "verified"),
        Window(name: "301 s ahead", stamp: "1700000301", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "the largest number", stamp: "9223372036854775807", unit: .seconds, outcome: "verify/timestamp"),
        Window(
            name: "beyond the largest number", stamp: "9223372036854775808", unit: .seconds, outcome: "verify/timestamp"
        ),
        Window(
            name: "forty digits", stamp: String(repeating: "9", count: 40), unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "negative", stamp: "-1", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "with a sign", stamp: "+1700000000", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "a fraction", stamp: "1700000000.0", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "not a number", stamp: "yesterday", unit: .seconds, outcome: "verify/timestamp"),
        Window(name: "milliseconds", stamp: "1700000300000", unit: .milliseconds, outcome: "verified"),
        Window(name: "a millisecond too far", stamp: "1700000300001", unit: .milliseconds, outcome: "verify/timestamp"),
        Window(
            name: "milliseconds, largest", stamp: "9223372036854775807", unit: .milliseconds,
            outcome: "verify/timestamp"),
        Window(name: "RFC 3339", stamp: "2023-11-14T22:13:20Z", unit: .rfc3339, outcome: "verified"),
        Window(name: "RFC 3339, too old", stamp: "2023-11-14T22:08:19Z", unit: .rfc3339, outcome: "verify/timestamp"),
        Window(name: "RFC 3339, malformed", stamp: "2023-13-14T22:13:20Z", unit: .rfc3339, outcome: "verify/timestamp"),
    ]

    @Test(arguments: windows) func `a good signature counts inside its window only`(_ window: Window) {
        var spec = Layouts.slack
        spec.timestamp = .init(place: .header("X-Slack-Request-Timestamp"), unit: window.unit)
        let code = MAC(.sha256, key: Array("k".utf8)).code(Array("v0:\(window.stamp):{}".utf8))
        let accepted = request(
            [("X-Slack-Request-Timestamp", window.stamp), ("X-Slack-Signature", "v0=" + Hex.text(code))], body: "{}")
        #expect(outcome(check(source(.signature(spec)), "k", accepted)) == window.outcome)
    }

    static let good = "6d04ace89db494b5c0866da194d35971ad69cf3da9ae7ef3dcb0a7f990b2a56a"
    static let malformed: [String] = [
        "", ",", "=", "t", "t=", "v1", "v1=", "t=1700000000", "t=1700000000,v1", "t=1700000000,v1=", "v1=\(good)",
        "t=1700000000,v2=\(good)", "t=1700000000,v1=\(good)00", "t=1700000000,v1=\(good.dropLast())",
        "t=1700000000,v1=\(good.dropLast())g", "t=1700000000;v1=\(good)", "t=1700000000,V1=\(good)",
        "t=1700000001,v1=\(good)", "t=1700000000,v1==\(good)", "t=,t=1700000000,v1=\(good)",
        "t=1700000000," + String(repeating: "v1=00,", count: 32) + "v1=\(good)",
        String(repeating: "x=1,", count: 128) + "t=1700000000,v1=\(good)",
    ]

    @Test(arguments: malformed) func `malformed lists are one and the same refusal`(_ header: String) {
        let accepted = request([("Stripe-Signature", header)], body: SignatureVectors.derived)
        guard case .refused(let failure) = check(source(.signature(Layouts.stripe)), "topsecret", accepted) else {
            Issue.record("accepted")
            return
        }
        let none = request([], body: SignatureVectors.derived)
        guard case .refused(let missing) = check(source(.signature(Layouts.stripe)), "topsecret", none) else {
            Issue.record("accepted without a signature")
            return
        }
        #expect(failure == missing)
    }

    @Test func `thirty-two signatures are read and no more`() {
        let header = "t=1700000000," + String(repeating: "v1=00,", count: 31) + "v1=\(Self.good)"
        let accepted = request([("Stripe-Signature", header)], body: SignatureVectors.derived)
        #expect(outcome(check(source(.signature(Layouts.stripe)), "topsecret", accepted)) == "verified")
    }

    @Test func `rotation is picked up without a new plan`() {
        let secrets = FixedSecrets(["s": ["old"]])
        let verify = Verify(sources: [source(.signature(Layouts.plain(.hmacSHA256, .hex)))], secrets: secrets)
        let now = WallTime(milliseconds: 0)
        func outcome(signedWith key: String) -> String {
            let code = Hex.text(MAC(.sha256, key: Array(key.utf8)).code(Array("{}".utf8)))
            return HookVerifyTests.outcome(verify.check(request([("x-signature", code)], body: "{}"), now: now))
        }
        #expect(outcome(signedWith: "old") == "verified")
        secrets.rotate("s", to: ["new", "old"])
        #expect(outcome(signedWith: "old") == "verified")
        #expect(outcome(signedWith: "new") == "verified")
        secrets.rotate("s", to: ["new"])
        #expect(outcome(signedWith: "old") == "verify/signature")
        #expect(outcome(signedWith: "new") == "verified")
        secrets.rotate("s", to: [""])
        #expect(outcome(signedWith: "") == "verify/secret-missing")
        secrets.rotate("s", to: [])
        #expect(outcome(signedWith: "new") == "verify/secret-missing")
    }

    @Test func `a secret that cannot be decoded refuses everything`() {
        let spec = Layouts.plain(.hmacSHA256, .hex, .hex)
        guard case .refused(let failure) = check(source(.signature(spec)), "not hex", request([], body: "{}")) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.code == "verify/secret-malformed")
        #expect(failure.status == 503)
    }

    @Test func `the refusal has the status that the source says`() {
        var spec = Layouts.github
        spec.failureStatus = 403
        guard case .refused(let failure) = check(source(.signature(spec)), "k", request([], body: "{}")) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.status == 403)
        #expect(failure.authenticate == nil)
    }

    static let specs: [VerifySpec] = [
        .none, .signature(Layouts.github), .signature(Layouts.slack), .signature(Layouts.stripe),
        .signature(Layouts.plain(.hmacMD5, .base64url)), .signature(Layouts.plain(.hmacSHA512, .base64)),
        .token(TokenSpec(header: "X-Gitlab-Token", secrets: ["s"])),
        .token(TokenSpec(header: "Authorization", scheme: "Bearer", secrets: ["s"])),
        .basic(username: "user", password: "s"),
    ]

    @Test(arguments: specs.indices) func `a test signature is accepted by the checks that it is made for`(_ index: Int)
        throws
    {
        let source = source(Self.specs[index])
        let now = WallTime(milliseconds: 1_700_000_000_123)
        let headers = try TestSignature.sign(
            .init(path: source.path, body: Array("{}".utf8)), spec: source, secret: Secret(Array("k".utf8)), now: now)
        let accepted = request(headers.map { ($0.name, $0.value) }, body: "{}")
        let verify = Verify(sources: [source], secrets: FixedSecrets(["s": ["k"]]))
        #expect(outcome(verify.check(accepted, now: now)) == "verified")
    }

    @Test func `Standard Webhooks test signatures round-trip with both algorithms`() throws {
        let privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
        let publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
        let shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for (key, algorithm, signing, checking) in [
            ("v1", SignatureSpec.Algorithm.hmacSHA256, shared, shared), ("v1a", .ed25519, privateKey, publicKey),
        ] {
            let source = source(.signature(Layouts.standard(key, algorithm)))
            let now = WallTime(milliseconds: 1_614_265_330_000)
            let headers = try TestSignature.sign(
                .init(path: "/", body: Array("{}".utf8)), spec: source, secret: Secret(Array(signing.utf8)), now: now)
            let accepted = request(headers.map { ($0.name, $0.value) }, body: "{}")
            #expect(outcome(check(source, checking, accepted, at: 1_614_265_330)) == "verified")
        }
    }
}
