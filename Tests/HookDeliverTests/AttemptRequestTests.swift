// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import Testing

@testable import HookDeliver

@Suite struct AttemptRequestTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let keys: [String]
        let signature: String
        var testDescription: String { self.name }
    }

    // The published vectors of Standard Webhooks: id `msg_p5j…`, timestamp 1614265330.
    static let symmetric = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    static let vectors = [
        Vector(
            name: "a whsec_ key signs with v1", keys: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], signature: symmetric),
        Vector(name: "the prefix may be missing", keys: ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], signature: symmetric),
        Vector(
            name: "two keys give two signatures",
            keys: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            signature: "\(symmetric) \(symmetric)"),
    ]

    @Test(arguments: vectors)
    func signs(_ vector: Vector) throws {
        let signature = try StandardWebhooks.signatures(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8),
            keys: vector.keys.map { Array($0.utf8) }, named: "key")
        #expect(signature == vector.signature)
    }

    @Test func `a whsk_ key signs with v1a, good under its public key`() throws {
        let key = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let text = try StandardWebhooks.signatures(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body, keys: [Array(key.utf8)],
            named: "key")
        let publicKey = try #require(Base64.decode(Array("1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=".utf8)))
        let message = Array("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.".utf8) + body
        let ours = try #require(Base64.decode(Array(text.dropFirst(4).utf8)))
        #expect(text.hasPrefix("v1a,"))
        // The library signs with fresh chance, so the bytes differ from the published ones; both must verify.
        #expect(Ed25519.isValid(signature: ours, message: message, publicKey: publicKey))
        let published = "hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        let theirs = try #require(Base64.decode(Array(published.utf8)))
        #expect(Ed25519.isValid(signature: theirs, message: message, publicKey: publicKey))
    }

    struct URLCase: Sendable, CustomTestStringConvertible {
        let name: String
        var path: [Template.Part] = [.literal("/orders/"), .field(FieldPath(.data, ["region"]))]
        var fields: [(path: String, value: String)] = []
        var override: String?
        var query: [(name: String, value: String)] = []
        /// Nil: the dead letter's reason is `failure`.
        var url: String?
        var failure: String?
        var testDescription: String { self.name }
    }

    static let urls = [
        URLCase(name: "a value fills its hole", fields: [("data.region", "eu")], url: "https://erp.example/orders/eu"),
        URLCase(
            name: "a value cannot leave its segment", fields: [("data.region", "a/../b?c#d é")],
            url: "https://erp.example/orders/a%2F..%2Fb%3Fc%23d%20%C3%A9"),
        URLCase(name: "dots cannot go up", fields: [("data.region", "..")], failure: DeliveryReason.templateMissing),
        URLCase(name: "a missing value is no empty one", failure: DeliveryReason.templateMissing),
        URLCase(
            name: "a script's path replaces it, query is added", override: "/x?a=1", query: [("b c", "2&3")],
            url: "https://erp.example/x?a=1&b%20c=2%263"),
        URLCase(
            name: "bytes that no URL holds are encoded", override: "/a b\u{7F}\r\n#f",
            url: "https://erp.example/a%20b%7F%0D%0A%23f"),
        URLCase(name: "a path without slash is refused", override: "x", failure: DeliveryReason.requestInvalid),
    ]

    @Test(arguments: urls)
    func renders(_ example: URLCase) {
        var overrides = RequestOverrides()
        overrides.fields = example.fields
        overrides.path = example.override
        overrides.query = example.query
        let plan = DestinationPlan(Fixture.destination(path: example.path))
        let ticket = Fixture.ticket(request: overrides)
        do throws(DeliverFailure) {
            let request = try AttemptRequest.render(
                ticket, plan, attempt: 1, now: Fixture.start, secrets: FixedSecrets())
            #expect(request.url == example.url)
        } catch {
            #expect(error.refusal == example.failure)
            #expect(example.url == nil)
        }
    }

    @Test func `every delivery carries identity, and nothing may replace it`() throws {
        var spec = Fixture.destination()
        spec.sign = .standardWebhooks("key")
        spec.auth = .bearer("token")
        spec.headers = [("X-One", Template(parts: [.literal("1")])), ("Webhook-Id", Template(parts: [.literal("no")]))]
        var overrides = RequestOverrides()
        overrides.method = "PUT"
        overrides.headers = [
            ("Authorization", "no"), ("Host", "no"), ("Content-Length", "0"), ("X-One", "2"), ("User-Agent", "no"),
            ("Content-Type", "text/plain"),
        ]
        let secrets = FixedSecrets(all: ["key": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "token": ["t0k"]])
        let ticket = Fixture.ticket(request: overrides)
        let request = try AttemptRequest.render(
            ticket, DestinationPlan(spec), attempt: 1, now: Fixture.start, secrets: secrets)
        let headers = Dictionary(grouping: request.headers, by: \.name).mapValues { $0.map(\.value) }
        #expect(request.method == "PUT")
        #expect(headers["webhook-id"] == [ticket.id.description])
        #expect(headers["webhook-timestamp"] == ["1767268800"])
        #expect(headers["webhook-signature"]?.first?.hasPrefix("v1,") == true)
        #expect(headers["authorization"] == ["Bearer t0k"])
        #expect(headers["user-agent"] == ["hookswitch/\(HookswitchVersion.text)"])
        #expect(headers["content-type"] == ["text/plain"])
        #expect(headers["x-one"] == ["2"])
        #expect(headers["host"] == nil && headers["content-length"] == nil)
        #expect(request.signedWith == "key")
    }

    @Test func `a retry differs in time and signature alone`() throws {
        var spec = Fixture.destination()
        spec.sign = .standardWebhooks("key")
        let secrets = FixedSecrets(all: ["key": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]])
        let plan = DestinationPlan(spec)
        let first = try AttemptRequest.render(Fixture.ticket(), plan, attempt: 1, now: Fixture.start, secrets: secrets)
        let second = try AttemptRequest.render(
            Fixture.ticket(attempts: 1), plan, attempt: 2, now: Fixture.start + .seconds(5), secrets: secrets)
        #expect(first.body == second.body)
        let differing = zip(first.headers, second.headers).filter { $0.1 != $1.1 }.map(\.0.name)
        #expect(differing == ["webhook-timestamp", "webhook-signature"])
    }

    @Test func `a large body goes as gzip, signed as it is sent, the same on every attempt`() throws {
        var spec = Fixture.destination()
        spec.sign = .hmac(.hmacSHA256, "key", header: "X-Sig", prefix: "", encoding: .hex)
        spec.gzipBytesMin = 100
        spec.headers = [("Content-Encoding", Template(parts: [.literal("no")]))]
        let secrets = FixedSecrets(all: ["key": ["k"]])
        let plan = DestinationPlan(spec)
        func render(_ body: String, _ attempt: Int) throws -> OutboundRequest {
            try AttemptRequest.render(
                Fixture.ticket(body: body, attempts: attempt - 1), plan, attempt: attempt, now: Fixture.start,
                secrets: secrets)
        }
        func header(_ name: String, _ request: OutboundRequest) -> String? {
            request.headers.first { $0.name == name }?.value
        }
        let large = "{\"text\":\"\(String(repeating: "x", count: 200))\"}"
        let request = try render(large, 1)
        #expect(header("content-encoding", request) == "gzip")
        #expect(request.body.starts(with: [0x1F, 0x8B]) && request.body.count < large.utf8.count)
        #expect(header("x-sig", request) == Hex.text(MAC(.sha256, key: Array("k".utf8)).code(request.body)))
        let again = try render(large, 2)
        #expect(again.body == request.body && header("x-sig", again) == header("x-sig", request))
        let small = try render("{}", 1)
        #expect(small.body == Array("{}".utf8) && header("content-encoding", small) == nil)
    }

    struct SecretCase: Sendable, CustomTestStringConvertible {
        let name: String
        var sign: SignSpec?
        var auth: DestinationSpec.Auth?
        var value: String?
        var testDescription: String { self.name }
    }

    static let unusable = [
        SecretCase(name: "a missing signing key", sign: .standardWebhooks("s"), value: nil),
        SecretCase(name: "an empty signing key", sign: .standardWebhooks("s"), value: ""),
        SecretCase(name: "a signing key that is no base 64", sign: .standardWebhooks("s"), value: "whsec_?MARKER"),
        SecretCase(name: "a private key of the wrong length", sign: .standardWebhooks("s"), value: "whsk_MARKERAA"),
        SecretCase(
            name: "a missing HMAC key",
            sign: .hmac(.hmacSHA256, "s", header: "X-Sig", prefix: "sha256=", encoding: .hex), value: nil),
        SecretCase(name: "a missing token", auth: .bearer("s"), value: nil),
        SecretCase(name: "a token with a line break", auth: .header("X-Key", "s"), value: "MARKER\r\nX-Evil: 1"),
        SecretCase(name: "a missing password", auth: .basic(username: "u", password: "s"), value: nil),
    ]

    @Test(arguments: unusable)
    func `is never sent without`(_ example: SecretCase) {
        var spec = Fixture.destination()
        spec.sign = example.sign
        spec.auth = example.auth
        let secrets = FixedSecrets(all: example.value.map { ["s": [$0]] } ?? [:])
        do throws(DeliverFailure) {
            _ = try AttemptRequest.render(
                Fixture.ticket(), DestinationPlan(spec), attempt: 1, now: Fixture.start, secrets: secrets)
            Issue.record("rendered")
        } catch {
            #expect(error.kind == .secret)
            #expect(error.refusal == nil)
            #expect(error.result.outcome == .config)
            #expect(!error.detail.contains("MARKER"))
        }
    }

    @Test func `a custom HMAC stands in its own header`() throws {
        var spec = Fixture.destination()
        spec.sign = .hmac(.hmacSHA256, "s", header: "X-Sig", prefix: "sha256=", encoding: .hex)
        let secrets = FixedSecrets(all: ["s": ["secret"]])
        let request = try AttemptRequest.render(
            Fixture.ticket(body: #"{"a": "z"}"#), DestinationPlan(spec), attempt: 1, now: Fixture.start,
            secrets: secrets)
        let value = request.headers.first { $0.name == "x-sig" }?.value
        #expect(value == "sha256=f417af3a21bd70379b5796d5f013915e7029f62c580fb0f500f59a35a6f04c89")
    }
}
