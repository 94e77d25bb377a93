// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import HookVerify
import Testing

/// Every usual mistake, made on purpose, is named.
@Suite struct SignatureDiagnosisTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let spec: SignatureSpec
        /// Nil: the request passes and nothing is wrong.
        let mistake: String?
        let isValid: Bool
        let headers: [(String, String)]
        let body: String
        var secrets = ["topsecret"]
        var others: [String: String] = [:]
        var at: Int64 = 1_700_000_000
        var query = ""
        var testDescription: String { self.name }

        init(
            _ name: String, _ spec: SignatureSpec, _ mistake: String?, isValid: Bool = false,
            _ headers: [(String, String)], _ body: String, change: (inout Case) -> Void = { _ in }
        ) {
            (self.name, self.spec, self.mistake, self.isValid) = (name, spec, mistake, isValid)
            (self.headers, self.body) = (headers + [("Content-Type", "application/json")], body)
            change(&self)
        }
    }

    static let compact = #"{"id":"evt_1","type":"test","n":[1,2.50],"url":"https://x.example/ä"}"#
    static let pretty = """
        {
          "id": "evt_1",
          "type": "test",
          "n": [
            1,
            2.50
          ],
          "url": "https://x.example/ä"
        }
        """
    static let php = #"{"id":"evt_1","type":"test","n":[1,2.50],"url":"https:\/\/x.example\/\u00e4"}"#
    static let python = #"{"id": "evt_1", "type": "test", "n": [1, 2.50], "url": "https://x.example/\u00e4"}"#

    static func hex(_ message: String, _ key: String = "topsecret", _ hash: MAC.Algorithm = .sha256) -> String {
        Hex.text(MAC(hash, key: Array(key.utf8)).code(Array(message.utf8)))
    }

    static func base64(_ message: String, key: [UInt8]) -> String {
        Base64.text(MAC(.sha256, key: key).code(Array(message.utf8)))
    }

    static func github(_ signed: String, _ key: String = "topsecret") -> [(String, String)] {
        [("X-Hub-Signature-256", "sha256=" + Self.hex(signed, key))]
    }

    static func stripe(_ signed: String, stamp: String = "1700000000") -> [(String, String)] {
        [("Stripe-Signature", "t=\(stamp),v1=\(Self.hex(signed))")]
    }

    static let whsec = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let standard = Layouts.standard("v1", .hmacSHA256)

    static func standard(_ signed: String, key: [UInt8]? = nil, id: String = "msg_1") -> [(String, String)] {
        [
            ("webhook-id", id), ("webhook-timestamp", "1700000000"),
            ("webhook-signature", "v1," + Self.base64(signed, key: key ?? Base64.decode(Array(Self.whsec.utf8)) ?? [])),
        ]
    }

    static let path = SignatureSpec(
        algorithm: .hmacSHA256, headers: ["X-Signature"], signed: [.method, .path, .body], secrets: ["s"])

    static let cases: [Case] = [
        Case("nothing is wrong", Layouts.github, nil, isValid: true, Self.github(compact), compact),
        // The body.
        Case(
            "compact JSON was signed, indented came", Layouts.github, "body-reserialised", Self.github(compact), pretty),
        Case(
            "indented JSON was signed, compact came", Layouts.github, "body-reserialised", Self.github(pretty), compact),
        Case("PHP's JSON was signed", Layouts.github, "body-reserialised", Self.github(php), compact),
        Case("Python's JSON was signed", Layouts.github, "body-reserialised", Self.github(python), compact),
        Case("a line break was added", Layouts.github, "trailing-newline-added", Self.github(compact), compact + "\n"),
        Case("a CR LF was added", Layouts.github, "trailing-newline-added", Self.github(compact), compact + "\r\n"),
        Case("a line break was lost", Layouts.github, "trailing-newline-removed", Self.github(compact + "\n"), compact),
        Case("a CR LF was lost", Layouts.github, "trailing-newline-removed", Self.github(compact + "\r\n"), compact),
        Case(
            "LF became CR LF", Layouts.github, "line-breaks", Self.github(pretty), pretty.replacing("\n", with: "\r\n")),
        Case(
            "CR LF became LF", Layouts.github, "line-breaks", Self.github(pretty.replacing("\n", with: "\r\n")), pretty),
        // The key.
        Case("the previous secret", Layouts.github, "old-secret", isValid: true, Self.github(compact, "old"), compact) {
            $0.secrets = ["topsecret", "old"]
        },
        Case("another source's secret", Layouts.github, "other-secret", Self.github(compact, "theirs"), compact) {
            $0.others = ["shop": "theirs"]
        },
        Case("a secret with a space behind it", Layouts.github, "key-decoding", Self.github(compact), compact) {
            $0.secrets = ["topsecret "]
        },
        Case(
            "whsec_ was kept", Self.standard, "key-decoding",
            Self.standard("msg_1.1700000000.\(compact)", key: Array("whsec_\(whsec)".utf8)), compact
        ) { $0.secrets = ["whsec_\(whsec)"] },
        Case(
            "whsec_ was cut and the rest not decoded", Self.standard, "key-decoding",
            Self.standard("msg_1.1700000000.\(compact)", key: Array(whsec.utf8)), compact
        ) { $0.secrets = ["whsec_\(whsec)"] },
        Case(
            "a hexadecimal key was decoded", Layouts.github, "key-decoding",
            [("X-Hub-Signature-256", "sha256=" + Hex.text(MAC(.sha256, key: [0xAB, 0xCD]).code(Array(compact.utf8))))],
            compact
        ) { $0.secrets = ["abcd"] },
        Case("there is no secret", Layouts.github, "secret-missing", Self.github(compact), compact) { $0.secrets = [] },
        Case("a secret that is no base 64", Self.standard, "secret-malformed", Self.standard("x"), compact) {
            $0.secrets = ["whsec_!!"]
        },
        // The header.
        Case("no header", Layouts.github, "header-missing", [], compact),
        Case("another header", Layouts.github, "header-name", [("X-Signature", Self.hex(compact))], compact),
        Case("no prefix", Layouts.github, "prefix", [("X-Hub-Signature-256", Self.hex(compact))], compact),
        Case(
            "a prefix in upper case", Layouts.github, "prefix",
            [("X-Hub-Signature-256", "SHA256=" + Self.hex(compact))],
            compact),
        Case(
            "another encoding", Layouts.github, "encoding",
            [("X-Hub-Signature-256", "sha256=" + Self.base64(compact, key: Array("topsecret".utf8)))], compact),
        Case(
            "another hash", Layouts.github, "algorithm",
            [("X-Hub-Signature-256", "sha256=" + Self.hex(compact, "topsecret", .sha1))], compact),
        Case(
            "another key of the list", Layouts.stripe, "prefix",
            [("Stripe-Signature", "t=1700000000,v0=" + Self.hex("1700000000.\(compact)"))], compact),
        // What is signed.
        Case("only the body is signed", Layouts.stripe, "signed-parts", Self.stripe(compact), compact),
        Case("a colon instead of a dot", Layouts.stripe, "signed-order", Self.stripe("1700000000:\(compact)"), compact),
        Case(
            "timestamp before id", Self.standard, "signed-order", Self.standard("1700000000.msg_1.\(compact)"), compact
        ) { $0.secrets = ["whsec_\(whsec)"] },
        Case(
            "no timestamp", Layouts.stripe, "timestamp-missing",
            [("Stripe-Signature", "v1=" + Self.hex("1700000000.\(compact)"))], compact),
        Case(
            "no id", Self.standard, "id-missing",
            Array(Self.standard("msg_1.1700000000.\(compact)").dropFirst()), compact
        ) { $0.secrets = ["whsec_\(whsec)"] },
        // Time.
        Case("signed an hour ago", Layouts.stripe, "clock", Self.stripe("1700000000.\(compact)"), compact) {
            $0.at = 1_700_003_600
        },
        Case("signed an hour ahead", Layouts.stripe, "clock", Self.stripe("1700000000.\(compact)"), compact) {
            $0.at = 1_699_996_400
        },
        Case(
            "milliseconds for seconds", Layouts.stripe, "timestamp-unit",
            Self.stripe("1700000000000.\(compact)", stamp: "1700000000000"), compact),
        // The URL.
        Case(
            "a proxy cut the path", Self.path, "url",
            [("X-Signature", Self.hex("POST/hooks/in/test\(compact)")), ("X-Forwarded-Prefix", "/hooks")], compact),
        Case(
            "the sender signed the whole URL", Self.path, "url",
            [("X-Signature", Self.hex("POSThttps://hooks.example/in/test\(compact)")), ("Host", "hooks.example")],
            compact),
        Case(
            "the sender signed the query too", Self.path, "url",
            [("X-Signature", Self.hex("POST/in/test?a=b\(compact)"))], compact
        ) {
            $0.query = "a=b"
        },
        // Two at once, and none of them.
        Case(
            "indented, and with another secret", Layouts.github, "other-secret", Self.github(compact, "theirs"), pretty
        ) { $0.others = ["shop": "theirs"] },
        Case("something else", Layouts.github, "unexplained", Self.github("another body"), compact),
    ]

    static func diagnosis(_ one: Case) -> SignatureDiagnosis {
        SignatureDiagnosis(
            request(one.headers, body: one.body, query: one.query), source(.signature(one.spec)),
            secrets: [.init(name: "s", values: one.secrets.map { Secret(Array($0.utf8)) })],
            others: one.others.map { .init(name: SecretName($0.key), values: [Secret(Array($0.value.utf8))]) },
            now: WallTime(milliseconds: one.at * 1000))
    }

    @Test(arguments: Self.cases) func `a mistake made on purpose is named`(_ one: Case) throws {
        let diagnosis = Self.diagnosis(one)
        let codes = diagnosis.mistakes.map(\.code)
        #expect(diagnosis.isValid == one.isValid, "\(codes)")
        if let mistake = one.mistake {
            #expect(codes.contains(mistake), "\(codes)")
            #expect(mistake == "unexplained" || !codes.contains("unexplained"))
        } else {
            #expect(codes == [])
        }
        #expect(diagnosis.mistakes.allSatisfy { !$0.hint.isEmpty && !$0.message.isEmpty })
    }

    /// A secret, or a signature that would pass, is worth having.
    @Test(arguments: Self.cases) func `neither a secret nor a whole signature is told`(_ one: Case) throws {
        let diagnosis = Self.diagnosis(one)
        let words =
            diagnosis.mistakes.flatMap { [$0.message, $0.hint] } + diagnosis.steps.map(\.detail)
            + diagnosis.expectedPrefixes
        for secret in one.secrets + Array(one.others.values) where secret.count > 5 {
            for text in words { #expect(!text.contains(secret)) }
        }
        #expect(diagnosis.expectedPrefixes.allSatisfy { $0.count <= SignatureDiagnosis.shownCharacters })
    }

    static let tokens: [(name: String, headers: [(String, String)], mistake: String?)] = [
        ("right", [("Authorization", "Bearer topsecret")], nil),
        ("missing", [], "header-missing"),
        ("without its scheme", [("Authorization", "topsecret")], "scheme"),
        ("with another scheme", [("Authorization", "Token topsecret")], "scheme"),
        ("in another header", [("X-Token", "topsecret")], "header-name"),
        ("of another source", [("Authorization", "Bearer theirs")], "other-secret"),
        ("with a space", [("Authorization", "Bearer topsecret\u{9}")], "white-space"),
        ("in upper case", [("Authorization", "Bearer TOPSECRET")], "case"),
        ("something else", [("Authorization", "Bearer wrong")], "unexplained"),
    ]

    @Test(arguments: Self.tokens.indices) func `mistakes with tokens are named`(_ place: Int) {
        let one = Self.tokens[place]
        let diagnosis = SignatureDiagnosis(
            request(one.headers, body: "{}"),
            source(.token(TokenSpec(header: "Authorization", scheme: "Bearer", secrets: ["s"]))),
            secrets: [.init(name: "s", values: [Secret(Array("topsecret".utf8))])],
            others: [.init(name: "o", values: [Secret(Array("theirs".utf8))])],
            now: WallTime(milliseconds: 1_700_000_000_000))
        #expect(diagnosis.mistakes.map(\.code) == one.mistake.map { [$0] } ?? [], "\(one.name)")
        #expect(diagnosis.isValid == (one.mistake == nil))
    }
}
