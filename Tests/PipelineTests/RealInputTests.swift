// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookPipeline
import Synchronization
import Testing

/// Recorded GitHub payloads through all six stages over real sockets.
@Suite struct RealInputTests {
    struct Payload: Sendable {
        let event: String
        let body: [UInt8]
    }

    static func payloads() throws -> [Payload]? {
        let shared = ProcessInfo.processInfo.environment["HOOKSWITCH_SHARED"] ?? "../shared"
        guard let lines = try? FileSystem.read("\(shared)/data/github-webhooks/events.jsonl") else { return nil }
        return try lines.split(separator: 0x0A).map { line in
            let document = try JSONDocument(parsing: Array(line))
            let event = try #require(document.member("event".utf8, of: 0))
            let body = try #require(document.member("body".utf8, of: 0))
            return Payload(event: try #require(document.string(of: event)), body: Array(document.text(of: body)))
        }
    }

    static func files(port: Int) -> [(path: String, text: String)] {
        [
            (
                "routes/all.yaml",
                """
                version: 1
                secrets:
                  github_webhook: {env: GITHUB_WEBHOOK_SECRET}
                sources:
                  github: {preset: github, path: /in/github, secret: github_webhook}
                destinations:
                  raw: {url: "http://127.0.0.1:\(port)/raw"}
                  shaped: {url: "http://127.0.0.1:\(port)/shaped"}
                routes:
                  everything: {event: "github.*", to: raw}
                  summary: {event: "github.*", transform: summary.lua#summary, to: shaped}
                """
            ),
            (
                "scripts/summary.lua",
                """
                function summary(event, ctx)
                  return {
                    type = event.type,
                    action = get(event.data, "action", null),
                    sender = get(event.data, "sender.login", null),
                    repository = event.data.repository,
                  }
                end
                """
            ),
        ]
    }

    @Test(.timeLimit(.minutes(3)))
    func `every recorded payload is accepted, delivered byte for byte and transformed as written`() async throws {
        guard let payloads = try Self.payloads() else {
            print("skipped: HOOKSWITCH_SHARED has no recorded payloads")
            return
        }
        let sink = RecordingSink()
        let sent = Mutex<[String: Int]>([:])
        try await sink.run { port in
            try await withRouter(Self.files(port: port)) { router in
                for (number, payload) in payloads.enumerated() {
                    let (status, answer) = try await router.post(
                        payload.body, to: "github",
                        headers: [("X-GitHub-Event", payload.event), ("X-GitHub-Delivery", "real-\(number)")])
                    #expect(status == 202, "\(payload.event): \(answer.text)")
                    let id = try #require(answer["id"]?.stringValue)
                    sent.withLock { $0[id] = number }
                }
                await sink.wait(for: payloads.count * 2)
            }
        }
        let numbers = sent.withLock { $0 }
        #expect(numbers.count == payloads.count)
        for delivery in sink.deliveries {
            let event = try #require(DeliveryID(delivery.id)?.event)
            let payload = payloads[try #require(numbers[event.description])]
            if delivery.path == "/raw" {
                #expect(delivery.body == payload.body)
            } else {
                #expect(try JSONComparison.isEqual(JSONValue(parsing: delivery.body), Self.summary(of: payload)))
            }
        }
        #expect(Set(sink.deliveries.map(\.id)).count == payloads.count * 2)
    }

    /// What the script should have made, computed without it.
    private static func summary(of payload: Payload) throws -> JSONValue {
        let data = try JSONValue(parsing: payload.body)
        var members: [JSONValue.Member] = [
            .init("type", .string("github.\(payload.event)")),
            .init("action", data["action"] ?? .null),
            .init("sender", data["sender"]?["login"] ?? .null),
        ]
        if let repository = data["repository"] { members.append(.init("repository", repository)) }
        return .object(members)
    }
}
