// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import HookVerify
import Synchronization

/// Secrets that a test can rotate.
final class FixedSecrets: SecretReading {
    private let values: Mutex<[SecretName: [String]]>

    init(_ values: [SecretName: [String]]) { self.values = Mutex(values) }

    func values(of name: SecretName) -> [Secret] {
        self.values.withLock { $0[name] ?? [] }.map { Secret(Array($0.utf8)) }
    }

    func rotate(_ name: SecretName, to values: [String]) { self.values.withLock { $0[name] = values } }
}

let mark = Mark(file: "routes/test.yaml", line: 1, column: 1)

func source(_ verify: VerifySpec, change: (inout SourceSpec) -> Void = { _ in }) -> SourceSpec {
    var source = SourceSpec(name: "test", path: "/in/test", verify: verify, mark: mark)
    change(&source)
    return source
}

func request(
    _ headers: [(String, String)], body: String, peer: CIDR? = nil, query: String = "", at: Int64 = 1_700_000_000
) -> Accepted {
    Accepted(
        id: EventID(time: WallTime(milliseconds: at * 1000), random: 7), source: "test",
        receivedAt: WallTime(milliseconds: at * 1000), method: "POST", path: "/in/test", query: query,
        headers: HeaderBlock(headers), body: Array(body.utf8), peer: peer)
}

/// `verified`, `challenge`, or the code of the refusal.
func outcome(_ verdict: VerifyVerdict) -> String {
    switch verdict {
    case .verified: "verified"
    case .batch: "batch"
    case .challenge: "challenge"
    case .refused(let failure): failure.code
    }
}

func check(_ source: SourceSpec, _ secret: String, _ request: Accepted, at second: Int64 = 1_700_000_000)
    -> VerifyVerdict
{
    Verify(sources: [source], secrets: FixedSecrets(["s": [secret]]))
        .check(request, now: WallTime(milliseconds: second * 1000))
}

func verified(_ verdict: VerifyVerdict) -> Verified? {
    if case .verified(let verified) = verdict { verified } else { nil }
}

/// Signature layouts of well-known senders.
enum Layouts {
    static let github = SignatureSpec(
        algorithm: .hmacSHA256, headers: ["X-Hub-Signature-256"], layout: .single(prefix: "sha256="), secrets: ["s"])
    static let slack = SignatureSpec(
        algorithm: .hmacSHA256, headers: ["X-Slack-Signature"], layout: .single(prefix: "v0="),
        signed: [.literal("v0:"), .timestamp, .literal(":"), .body], secrets: ["s"],
        timestamp: .init(place: .header("X-Slack-Request-Timestamp")))
    static let stripe = SignatureSpec(
        algorithm: .hmacSHA256, headers: ["Stripe-Signature"],
        layout: .list(separator: UInt8(ascii: ","), joiner: UInt8(ascii: "="), key: "v1"),
        signed: [.timestamp, .literal("."), .body], secrets: ["s"], timestamp: .init(place: .entry("t")))
    static func standard(_ key: String, _ algorithm: SignatureSpec.Algorithm) -> SignatureSpec {
        SignatureSpec(
            algorithm: algorithm, headers: ["webhook-signature", "svix-signature"],
            layout: .list(separator: 0x20, joiner: UInt8(ascii: ","), key: key),
            signed: [.id, .literal("."), .timestamp, .literal("."), .body], encoding: .base64, keyDecoding: .whsec,
            secrets: ["s"], timestamp: .init(place: .header("webhook-timestamp")), idHeaders: ["webhook-id", "svix-id"])
    }
    static func plain(
        _ algorithm: SignatureSpec.Algorithm, _ encoding: SignatureSpec.Encoding,
        _ key: SignatureSpec.KeyDecoding = .utf8
    ) -> SignatureSpec {
        SignatureSpec(
            algorithm: algorithm, headers: ["X-Signature"], encoding: encoding, keyDecoding: key, secrets: ["s"])
    }
}
