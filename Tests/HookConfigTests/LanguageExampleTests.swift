// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookConfig

/// A project that uses the whole language, later versions included.
@Suite struct LanguageExampleTests {
    static let folder = packageRoot.appendingPathComponent("Tests/GoldenTests/cases/language")
    static let files = project(at: folder, below: ["routes"])

    @Test func `only what belongs to later versions is reported`() throws {
        let loaded = ConfigLoader.load(Self.files)
        #expect(Set(loaded.codes) == ["config/not-yet"])
        let text = DiagnosticRenderer(files: Self.files).render(loaded.diagnostics)
        let expected = Self.folder.appendingPathComponent("expected.txt")
        if ProcessInfo.processInfo.environment["HOOKSWITCH_GOLDEN"] == "write" {
            try text.write(to: expected, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: expected, encoding: .utf8) == text)
    }

    @Test func `the order route is read as written`() throws {
        let configuration = ConfigLoader.load(Self.files).configuration
        let route = try #require(configuration.route("order-to-erp"))
        #expect(route.events == [EventPattern(type: "order.created", version: 2)])
        guard case .cases(let cases) = route.targets else {
            Issue.record("no cases")
            return
        }
        #expect(cases.map(\.name) == ["big", "eu", "rest"])
        #expect(cases.map { $0.targets.map(\.destination.text) } == [["erp-priority", "fraud"], ["erp-eu"], ["erp"]])
        #expect(cases.map { $0.match == nil } == [false, false, true])
        #expect(route.transform.map { configuration.scripts[$0.index].label } == "orders.lua#to_erp")
    }

    @Test func `a policy inherits and a destination overrides`() throws {
        let configuration = ConfigLoader.load(Self.files).configuration
        let chat = try #require(configuration.destination("chat"))
        #expect(
            chat.policy.retry == RetrySpec(attempts: 4, schedule: .delays([.seconds(1), .seconds(5), .seconds(30)])))
        #expect(chat.policy.deadLetter == .drop)
        #expect(chat.policy.timeout == .seconds(10))
        let erp = try #require(configuration.destination("erp"))
        #expect(erp.sign == .hmac(.hmacSHA256, "erp_key", header: "X-Hookswitch-Signature", prefix: "", encoding: .hex))
        #expect(erp.url.origin == "https://erp.example.internal")
        #expect(erp.url.path.fields == [FieldPath(.data, ["region"])])
        let secret = try #require(configuration.secrets.first { $0.name == "erp_key" })
        #expect(secret.previous == .file("/run/secrets/erp_key.old"))
    }

    @Test func `a source maps, limits and deduplicates`() throws {
        let shop = try #require(ConfigLoader.load(Self.files).configuration.source("shop"))
        #expect(shop.event.type == .data(["type"]))
        #expect(shop.event.version == .header("X-Webhook-Version"))
        #expect(shop.event.versionDefault == 2)
        #expect(shop.bodyBytesMax == 1024 * 1024)
        #expect(shop.dedupe?.within == .seconds(86_400))
        #expect(shop.allowedAddresses.map(\.prefix) == [112])
        guard case .token(let token) = shop.verify else {
            Issue.record("no token")
            return
        }
        #expect(token.header == "Authorization" && token.scheme == "Bearer" && token.secrets == ["shop_token"])
    }

    @Test func `a test has steps, answers and a clock`() throws {
        let tests = ConfigLoader.load(Self.files).configuration.tests
        let retried = try #require(tests.first { $0.name == "a 503 is retried and a 400 is not" })
        #expect(retried.responses.first?.answers.count == 3)
        #expect(retried.expect.attempts.first?.at == [.zero, .seconds(5), .seconds(15)])
        #expect(retried.expect.deadLetters == [])
        let digest = try #require(tests.first { $0.name.hasPrefix("two orders") })
        #expect(digest.clock == WallTime(rfc3339: "2026-01-01T12:00:00Z"))
        #expect(digest.steps.count == 4)
    }
}
