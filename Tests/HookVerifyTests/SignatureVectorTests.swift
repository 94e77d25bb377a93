// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookVerify
import Testing

/// Published vectors, and vectors of senders' schemes computed by an independent program.
@Suite struct SignatureVectors {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let spec: SignatureSpec
        let secret: String
        let headers: [(String, String)]
        let body: String
        let at: Int64
        var testDescription: String { self.name }

        init(
            _ name: String, _ spec: SignatureSpec, _ secret: String, _ headers: [(String, String)], _ body: String,
            at: Int64 = 1_700_000_000
        ) {
            (self.name, self.spec, self.secret, self.headers, self.body, self.at) = (
                name, spec, secret, headers, body, at
            )
        }
    }

    static let derived = #"{"id":"evt_1","type":"test"}"#
    static let slackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    static let form = ("Content-Type", "application/x-www-form-urlencoded")
    static let text = ("Content-Type", "text/plain")

    static let cases: [Case] = [
        Case(
            "GitHub's documentation", Layouts.github, "It's a Secret to Everybody",
            [text, ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")],
            "Hello, World!"),
        Case(
            "GitHub's, in upper case", Layouts.github, "It's a Secret to Everybody",
            [text, ("X-Hub-Signature-256", "sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17")],
            "Hello, World!"),
        Case(
            "Slack's documentation", Layouts.slack, "8f742231b10e8888abcd99yyyzzz85a5",
            [
                form, ("X-Slack-Request-Timestamp", "1531420618"),
                ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ], slackBody, at: 1_531_420_618),
        Case(
            "Standard Webhooks, shared secret", Layouts.standard("v1", .hmacSHA256),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ], #"{"test": 2432232314}"#, at: 1_614_265_330),
        Case(
            "Standard Webhooks, without the secret's prefix, among others", Layouts.standard("v1", .hmacSHA256),
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,AAAA v2,x v1a,zz v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,!!"),
            ], #"{"test": 2432232314}"#, at: 1_614_265_330),
        Case(
            "Standard Webhooks, Ed25519", Layouts.standard("v1a", .ed25519),
            "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                (
                    "webhook-signature",
                    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
                ),
            ], #"{"test": 2432232314}"#, at: 1_614_265_330),
        Case(
            "Stripe's layout", Layouts.stripe, "topsecret",
            [
                (
                    "Stripe-Signature",
                    "t=1700000000,v1=6d04ace89db494b5c0866da194d35971ad69cf3da9ae7ef3dcb0a7f990b2a56a,v0=00"
                )
            ], derived),
        Case(
            "Stripe's layout with an old signature before the good one", Layouts.stripe, "topsecret",
            [
                (
                    "Stripe-Signature",
                    "t=1700000000, v1=00, v1=6d04ace89db494b5c0866da194d35971ad69cf3da9ae7ef3dcb0a7f990b2a56a"
                )
            ], derived),
        Case(
            "Shopify's layout", Layouts.plain(.hmacSHA256, .base64), "topsecret",
            [("X-Signature", "RIOr1jauqv6pCJ+dO0OgDPMAMNn22YOOUGAxJ0kgfok=")], derived),
        Case(
            "base 64 of the URL alphabet", Layouts.plain(.hmacSHA256, .base64url), "topsecret",
            [("X-Signature", "RIOr1jauqv6pCJ-dO0OgDPMAMNn22YOOUGAxJ0kgfok")], derived),
        Case(
            "HMAC-SHA256 in hexadecimal", Layouts.plain(.hmacSHA256, .hex), "topsecret",
            [("X-Signature", "4483abd636aeaafea9089f9d3b43a00cf30030d9f6d9838e5060312749207e89")], derived),
        Case(
            "HMAC-SHA1 in hexadecimal", Layouts.plain(.hmacSHA1, .hex), "topsecret",
            [("X-Signature", "eb3f80b67b81c34bfbc1aaa47dd16f31518ded48")], derived),
        Case(
            "HMAC-SHA1 in base 64", Layouts.plain(.hmacSHA1, .base64), "topsecret",
            [("X-Signature", "6z+AtnuBw0v7waqkfdFvMVGN7Ug=")], derived),
        Case(
            "HMAC-SHA512 in hexadecimal", Layouts.plain(.hmacSHA512, .hex), "topsecret",
            [
                (
                    "X-Signature",
                    "b0c3b997ece37cf2ba7520109aa17e20063f2410aa7ce8e5fee5faf8606490943e1e9f57268ebc6e1b7888b4045529871283fc108786ebfc71257b74e9600751"
                )
            ], derived),
        Case(
            "a key in hexadecimal", Layouts.plain(.hmacSHA256, .hex, .hex), "746f70736563726574",
            [("X-Signature", "4483abd636aeaafea9089f9d3b43a00cf30030d9f6d9838e5060312749207e89")], derived),
        Case(
            "a key in base 64", Layouts.plain(.hmacSHA256, .hex, .base64), "dG9wc2VjcmV0",
            [("X-Signature", "4483abd636aeaafea9089f9d3b43a00cf30030d9f6d9838e5060312749207e89")], derived),
        // Python: hmac.new(b"topsecret", body, "md5").hexdigest(), and "sha384".
        Case(
            "HMAC-MD5 in hexadecimal", Layouts.plain(.hmacMD5, .hex), "topsecret",
            [("X-Signature", "9e4bd179ea0d192a22ba5406720dda82")], derived),
        Case(
            "HMAC-SHA384 in hexadecimal", Layouts.plain(.hmacSHA384, .hex), "topsecret",
            [
                (
                    "X-Signature",
                    "5b236084e1c03f7a0fc4ad9b5036e86bcbbb528ebf740925557e4e37d0655410a98e970c9ef3a80a4baf810901c8a5ef"
                )
            ], derived),
    ]

    @Test(arguments: cases) func `a good signature passes`(_ example: Case) {
        let accepted = request(example.headers, body: example.body)
        #expect(
            outcome(check(source(.signature(example.spec)), example.secret, accepted, at: example.at)) == "verified")
    }

    @Test(arguments: cases) func `a changed body, another key and a changed signature do not`(_ example: Case) {
        let source = source(.signature(example.spec))
        let changed = request(example.headers, body: example.body + " ")
        #expect(outcome(check(source, example.secret, changed, at: example.at)) == "verify/signature")
        let whole = request(example.headers, body: example.body)
        let wrongKey =
            example.spec.algorithm == .ed25519 ? "whpk_" + String(repeating: "A", count: 43) + "=" : "dG9wc2VjcmV1"
        if example.spec.keyDecoding != .hex {
            #expect(outcome(check(source, wrongKey, whole, at: example.at)) == "verify/signature")
        }
        let bare = request([], body: example.body)
        #expect(outcome(check(source, example.secret, bare, at: example.at)) == "verify/signature")
    }
}
