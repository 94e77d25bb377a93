// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

@Suite struct PresetTests {
    static func source(_ yaml: String) throws -> SourceSpec {
        let loaded = load("secrets: {key: {env: KEY}, next: {env: NEXT}}\nsources:\n  mine: \(yaml)\n")
        #expect(loaded.codes == [])
        return try #require(loaded.configuration.sources.first)
    }

    static func signature(_ yaml: String) throws -> SignatureSpec {
        guard case .signature(let spec) = try self.source(yaml).verify else { throw Unexpected() }
        return spec
    }

    struct Unexpected: Error {}

    @Test(arguments: Presets.all.map(\.name)) func `a preset needs a path and a secret, and no more`(_ name: String)
        throws
    {
        let source = try Self.source("{preset: \(name), path: /in, secret: key}")
        #expect(source.preset == name)
        let loaded = load("secrets: {key: {env: KEY}}\nsources: {mine: {preset: \(name), path: /in}}\n")
        #expect(loaded.places == ["source/missing-secret 3:18"])
    }

    @Test func `GitHub`() throws {
        let spec = try Self.signature("{preset: github, path: /in, secrets: [key, next]}")
        #expect(
            spec.headers == ["X-Hub-Signature-256"] && spec.layout == .single(prefix: "sha256=")
                && spec.signed == [.body])
        #expect(spec.secrets == ["key", "next"] && spec.encoding == .hex && spec.algorithm == .hmacSHA256)
        let source = try Self.source("{preset: github, path: /in, secret: key}")
        #expect(
            source.event.type == .header("X-GitHub-Event", prefix: "github.")
                && source.event.id == .header("X-GitHub-Delivery"))
        #expect(source.dedupe?.key == .eventID && source.dedupe?.within == .seconds(3 * 86_400))
    }

    @Test func `Stripe`() throws {
        let spec = try Self.signature("{preset: stripe, path: /in, secret: key}")
        #expect(spec.layout == .list(separator: UInt8(ascii: ","), joiner: UInt8(ascii: "="), key: "v1"))
        #expect(spec.signed == [.timestamp, .literal("."), .body] && spec.keyDecoding == .utf8)
        #expect(spec.timestamp == .init(place: .entry("t"), unit: .seconds, tolerance: .seconds(300)))
    }

    @Test func `Slack`() throws {
        let source = try Self.source("{preset: slack, path: /in, secret: key}")
        #expect(source.challenge == .echo(field: ["type"], equals: "url_verification", answer: ["challenge"]))
        #expect(
            source.event.type == .data(["event", "type"], prefix: "slack.")
                && source.event.typeDefault == "slack.unknown")
        guard case .signature(let spec) = source.verify else { throw Unexpected() }
        #expect(
            spec.signed == [.literal("v0:"), .timestamp, .literal(":"), .body] && spec.layout == .single(prefix: "v0="))
    }

    @Test func `Standard Webhooks`() throws {
        let spec = try Self.signature("{preset: standard-webhooks, path: /in, secret: key}")
        #expect(
            spec.headers == ["webhook-signature", "svix-signature"] && spec.idHeaders == ["webhook-id", "svix-id"])
        #expect(
            spec.keyDecoding == .whsec && spec.encoding == .base64
                && spec.signed == [.id, .literal("."), .timestamp, .literal("."), .body])
    }

    @Test func `GitLab and Shopify normalise their types`() throws {
        let gitlab = try Self.source("{preset: gitlab, path: /in, secret: key}")
        #expect(gitlab.event.typeIsNormalised && gitlab.event.type == .header("X-Gitlab-Event", prefix: "gitlab."))
        guard case .token(let token) = gitlab.verify else { throw Unexpected() }
        #expect(token.header == "X-Gitlab-Token" && token.secrets == ["key"])
        #expect(try Self.signature("{preset: shopify, path: /in, secret: key}").encoding == .base64)
    }

    @Test func `own keys lie over the preset`() throws {
        let source = try Self.source(
            "{preset: stripe, path: /in, secret: key, verify: {hmac: {timestamp: {entry: t, tolerance: 1m}}}, event: {type: {data: kind}}, dedupe: {key: id, within: 1h}}"
        )
        guard case .signature(let spec) = source.verify else { throw Unexpected() }
        #expect(
            spec.timestamp?.tolerance == .seconds(60) && spec.headers == ["Stripe-Signature"] && spec.secrets == ["key"]
        )
        #expect(
            source.event.type == .data(["kind"]) && source.event.id == .data(["id"])
                && source.dedupe?.within == .seconds(3600))
    }

    @Test func `another check replaces the preset's`() throws {
        guard
            case .token(let token) = try Self.source(
                "{preset: github, path: /in, verify: {token: {header: X, secret: next}}}"
            ).verify
        else { throw Unexpected() }
        #expect(token.secrets == ["next"])
        guard case .none = try Self.source("{preset: github, path: /in, verify: none}").verify else {
            throw Unexpected()
        }
    }
}
