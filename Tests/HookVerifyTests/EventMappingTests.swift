// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookVerify
import Testing

@Suite struct CredentialRules {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let spec: VerifySpec
        let header: (String, String)?
        let isGood: Bool
        var testDescription: String { self.name }
    }

    static let bearer = VerifySpec.token(TokenSpec(header: "Authorization", scheme: "Bearer", secrets: ["s"]))
    static let bare = VerifySpec.token(TokenSpec(header: "X-Token", secrets: ["s"]))
    static let basic = VerifySpec.basic(username: "Aladdin", password: "s")

    /// The secret is `open sesame`.
    static let cases: [Case] = [
        Case(name: "a bare token", spec: bare, header: ("x-token", "open sesame"), isGood: true),
        Case(name: "a longer token", spec: bare, header: ("x-token", "open sesame!"), isGood: false),
        Case(name: "a shorter token", spec: bare, header: ("x-token", "open sesam"), isGood: false),
        Case(name: "an empty token", spec: bare, header: ("x-token", ""), isGood: false),
        Case(name: "no token", spec: bare, header: nil, isGood: false),
        Case(name: "a bearer token", spec: bearer, header: ("authorization", "Bearer open sesame"), isGood: true),
        Case(
            name: "a scheme in lower case", spec: bearer, header: ("authorization", "bearer open sesame"), isGood: true),
        Case(name: "a scheme left off", spec: bearer, header: ("authorization", "open sesame"), isGood: false),
        Case(name: "another scheme", spec: bearer, header: ("authorization", "Basic open sesame"), isGood: false),
        Case(
            name: "RFC 7617's example", spec: basic, header: ("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            isGood: true),
        Case(
            name: "another user", spec: basic, header: ("authorization", "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            isGood: false),
        Case(name: "no base 64", spec: basic, header: ("authorization", "Basic !!!"), isGood: false),
        Case(name: "nothing behind the scheme", spec: basic, header: ("authorization", "Basic "), isGood: false),
    ]

    @Test(arguments: cases) func `credentials`(_ example: Case) {
        let accepted = request(example.header.map { [$0] } ?? [], body: "{}")
        let verdict = check(source(example.spec), "open sesame", accepted)
        #expect(outcome(verdict) == (example.isGood ? "verified" : "verify/credentials"))
    }

    @Test(arguments: cases.filter(\.isGood)) func `no event carries the credentials on`(_ example: Case) throws {
        let header = try #require(example.header)
        let accepted = request([("x-a", "1"), header, ("x-b", "2"), header], body: "{}")
        let live = try #require(verified(check(source(example.spec), "open sesame", accepted)))
        let verify = Verify(sources: [source(example.spec)], secrets: FixedSecrets(["s": ["open sesame"]]))
        let replayed = try #require(verified(verify.admit(accepted)))
        for event in [live.event, replayed.event] {
            #expect(event.headers == HeaderBlock([("x-a", "1"), ("x-b", "2")]))
        }
    }

    @Test func `addresses outside the list are refused before anything else`() {
        let source = source(Self.bare) {
            $0.allowedAddresses = ["10.0.0.0/8", "2001:db8::/32"].compactMap { CIDR($0) }
        }
        let token = [("x-token", "open sesame")]
        for (address, expected) in [
            ("10.255.255.255", "verified"), ("11.0.0.0", "verify/address"), ("9.255.255.255", "verify/address"),
            ("2001:db8:ffff::1", "verified"), ("2001:db9::", "verify/address"), ("::a00:1", "verify/address"),
        ] {
            let verdict = check(source, "open sesame", request(token, body: "{}", peer: CIDR(address)))
            #expect(outcome(verdict) == expected, "\(address)")
        }
        #expect(outcome(check(source, "open sesame", request(token, body: "{}", peer: nil))) == "verify/address")
    }
}

@Suite struct EventMappingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let contentType: String?
        let body: String
        let outcome: String
        var offset: Int?
        var hasData = false
        var testDescription: String { self.name }
    }

    static let bodies: [Case] = [
        Case(name: "JSON", contentType: "application/json", body: "{}", outcome: "verified", hasData: true),
        Case(
            name: "JSON with a parameter", contentType: "Application/JSON; charset=utf-8", body: "[]",
            outcome: "verified", hasData: true),
        Case(
            name: "a JSON suffix", contentType: "application/vnd.shop+json", body: "{}", outcome: "verified",
            hasData: true),
        Case(name: "text/json", contentType: "text/json", body: "1", outcome: "verified", hasData: true),
        Case(name: "no type, JSON", contentType: nil, body: "{}", outcome: "verified", hasData: true),
        Case(name: "no type, text", contentType: nil, body: "hello", outcome: "verified"),
        Case(name: "text", contentType: "text/plain", body: "{", outcome: "verified", hasData: true),
        Case(name: "bytes", contentType: "image/png", body: "{", outcome: "verified"),
        Case(
            name: "a form", contentType: "application/x-www-form-urlencoded", body: "a=b", outcome: "verified",
            hasData: true),
        Case(
            name: "a form with a payload", contentType: "application/x-www-form-urlencoded",
            body: "payload=%7B%22a%22%3A+1%7D", outcome: "verified", hasData: true),
        Case(
            name: "a form with a bad payload", contentType: "application/x-www-form-urlencoded", body: "payload=%7B",
            outcome: "json/invalid", offset: 1),
        Case(
            name: "no JSON", contentType: "application/json", body: #"{"a": nul}"#, outcome: "json/invalid", offset: 9),
        Case(name: "an empty body", contentType: "application/json", body: "", outcome: "json/invalid", offset: 0),
        Case(
            name: "a key that stands twice", contentType: "application/json", body: #"{"a":1,"a":2}"#,
            outcome: "json/duplicate-key", offset: 7),
        Case(
            name: "too deep", contentType: "application/json", body: String(repeating: "[", count: 65),
            outcome: "json/too-deep", offset: 64),
    ]

    @Test(arguments: bodies) func `the content type decides what a body is`(_ example: Case) {
        let accepted = request(example.contentType.map { [("content-type", $0)] } ?? [], body: example.body)
        let verdict = check(source(.none), "", accepted)
        #expect(outcome(verdict) == example.outcome)
        if case .refused(let failure) = verdict {
            #expect(failure.status == 400)
            #expect(failure.offset == example.offset)
        }
        if let event = verified(verdict)?.event {
            #expect((event.data != nil) == example.hasData)
            #expect(event.body == Array(example.body.utf8))
        }
    }

    @Test func `the signature is checked before the body is looked at`() {
        let accepted = request([("content-type", "application/json")], body: "{")
        #expect(outcome(check(source(.signature(Layouts.github)), "k", accepted)) == "verify/signature")
    }

    @Test func `duplicate keys are taken where the source allows them`() {
        let source = source(.none) {
            $0.duplicateKeys = .last
            $0.event.id = .data(["id"])
        }
        #expect(verified(check(source, "", request([], body: #"{"id":1,"id":2}"#)))?.event.senderID == "2")
    }

    @Test func `a request becomes an event as the source maps it`() throws {
        let source = source(.none) {
            $0.event.type = .header("X-GitHub-Event", prefix: "github.")
            $0.event.id = .header("X-GitHub-Delivery")
            $0.event.version = .query("v")
            $0.event.subject = .data(["repository", "full_name"])
            $0.dedupe = DedupeSpec(key: .eventID, within: .seconds(60))
        }
        let accepted = request(
            [("X-GitHub-Event", "release"), ("X-GitHub-Delivery", "d-1")],
            body: #"{"repository":{"full_name":"octo/\u0063at"}}"#, query: "x=1&v=2")
        let made = try #require(verified(check(source, "", accepted)))
        #expect(made.event.type == "github.release")
        #expect(made.event.senderID == "d-1")
        #expect(made.event.version == 2)
        #expect(made.event.subject == "octo/cat")
        #expect(made.dedupe == .init(key: Array("test\u{0}d-1".utf8), within: .seconds(60)))
    }

    @Test func `defaults stand in for what is missing`() throws {
        let plain = try #require(verified(check(source(.none), "", request([], body: "{}"))))
        #expect(plain.event.type == "test")
        #expect(plain.event.version == nil)
        #expect(plain.dedupe == nil)
        let source = source(.none) {
            $0.event.type = .data(["type"], prefix: "a.")
            $0.event.typeDefault = "b"
            $0.event.version = .data(["version"])
            $0.event.versionDefault = 3
            $0.dedupe = DedupeSpec(key: .value(.data(["missing"])), within: .seconds(1))
        }
        let made = try #require(verified(check(source, "", request([], body: "{}"))))
        #expect(made.event.type == "b")
        #expect(made.event.version == 3)
        #expect(made.dedupe == nil)
    }

    static let types: [(String, Bool)] = [
        ("push", true), ("Push Hook", true), ("", false), (" push", false), ("push ", false), ("p\u{e4}sh", false),
        ("a\u{1}b", false), (String(repeating: "a", count: 200), true), (String(repeating: "a", count: 201), false),
    ]

    @Test(arguments: types) func `types are short and printable`(_ type: String, _ isGood: Bool) {
        let source = source(.none) { $0.event.type = .header("X-Type") }
        #expect(
            outcome(check(source, "", request([("x-type", type)], body: "{}"))) == (isGood ? "verified" : "event/type"))
    }

    @Test(arguments: [
        ("1", "verified"), ("-1", "event/version"), ("v1", "event/version"), ("1234567890", "event/version"),
    ])
    func `versions are numbers`(_ version: String, _ expected: String) {
        let source = source(.none) { $0.event.version = .header("X-Version") }
        #expect(outcome(check(source, "", request([("x-version", version)], body: "{}"))) == expected)
    }

    @Test func `Slack's handshake is answered only behind a good signature`() throws {
        let body = #"{"type":"url_verification","challenge":"3eZbrw1a","token":"x"}"#
        let source = source(.signature(Layouts.slack)) {
            $0.challenge = .echo(field: ["type"], equals: "url_verification", answer: ["challenge"])
        }
        let now = WallTime(milliseconds: 1_700_000_000_000)
        let headers = try TestSignature.sign(
            .init(path: "/", body: Array(body.utf8)), spec: source, secret: Secret(Array("k".utf8)), now: now)
        let signed = request(headers.map { ($0.name, $0.value) }, body: body)
        guard case .challenge(let reply) = check(source, "k", signed) else {
            Issue.record("not a handshake")
            return
        }
        #expect(reply.body == Array("3eZbrw1a".utf8))
        #expect(outcome(check(source, "k", request([], body: body))) == "verify/signature")
    }
}
