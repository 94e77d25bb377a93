// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookVerify
import Testing

/// A router with versions: what senders hear, what is counted, what is held and comes free again.
@Suite(.timeLimit(.minutes(2)))
struct VersionServerTests {
    private static func send(
        _ version: String?, _ body: String, to router: RouterProcess
    ) async throws -> Egress.Answer {
        let source = try #require(router.revision.configuration.source("shop"))
        let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
        let headers =
            [(name: "content-type", value: "application/json")]
            + (version.map { [(name: "x-webhook-version", value: $0)] } ?? [])
        let bytes = Array(body.utf8)
        let signature = try TestSignature.sign(
            TestSignature.Request(path: source.path, headers: headers, body: bytes), spec: source, secret: secret,
            now: Environment.live.wall())
        return try await Egress.fetch(
            OutboundRequest(
                method: "POST", url: "http://\(router.ingestAddress)\(source.path)", headers: headers + signature,
                body: bytes, signedWith: nil))
    }

    private static func uses(_ router: RouterProcess) async throws -> [String] {
        try await router.versionUsage.report(with: router.store).map { use in
            let who =
                switch use.key.party {
                case .sender(let source): "\(source) sends"
                case .receiver(let destination, let route): "\(destination) gets by \(route)"
                }
            return "\(who) \(use.key.type)@\(use.key.version.text) \(use.count)"
        }
    }

    @Test func `who sends and gets which version is counted, once it is durable`() async throws {
        try await withRouter(VersionProject.files()) { router in
            for (version, id) in [("1", "A"), ("1", "B"), ("1", "B"), ("9", "C"), (nil, "D")] {
                let body = #"{"id":"\#(id)","type":"order.created","price":"0"}"#
                #expect(try await Self.send(version, body, to: router).status < 300)
            }
            #expect(try await Self.send("1", #"{"id":"E","type":"made.up"}"#, to: router).status == 202)
            let expected = [
                "shop sends order.created@1 2", "shop sends order.created@none 1",
                "shop sends order.created@undeclared 1",
                "acme/main gets by to-subscribers order.created@1 2",
                "archive gets by to-archive order.created@1 2", "archive gets by to-archive order.created@none 1",
                "archive gets by to-archive order.created@undeclared 1",
                "globex/hook gets by to-subscribers order.created@2 2",
            ]
            #expect(try await Self.uses(router) == expected)
            try await router.versionUsage.flush(to: router.store)
            #expect(router.versionUsage.pending.isEmpty)
            #expect(try await Self.uses(router) == expected, "the same once it is written down")
            let series = router.signals.counters.filter { $0.0.metric == .eventVersions }
                .map { "\($0.0.labels.joined(separator: " ")) \($0.1)" }.sorted()
            #expect(
                series == [
                    "shop order.created 1 2", "shop order.created none 1", "shop order.created undeclared 1",
                ])
        }
    }

    @Test func `a held event comes free when the converter is repaired`() async throws {
        let broken = [(old: "cents = data.price * 100", new: "cents = data.preis * 100")]
        try await withRouter(VersionProject.files(broken)) { router, folder in
            let answer = try await Self.send("2", #"{"id":"A","type":"order.created","price":5}"#, to: router)
            #expect(answer.status == 202)
            let held = try await router.store.held(HeldFilter(), page: PageRequest()).items
            #expect(held.map { "\($0.route) \($0.failure.script)" } == ["to-erp orders.lua#up3"])
            let repairs = Repairs(router: router)
            await #expect(throws: RepairFailure.self) { try await repairs.replayHeld(held[0].id) }
            try FileSystem.writeAtomically(Array(VersionProject.script.utf8), to: "\(folder)/scripts/orders.lua")
            _ = await router.reloader.reload(.api)
            let deliveries = try await repairs.replayHeld(held[0].id)
            #expect(deliveries.count == 1)
            let delivery = try #require(try await router.store.delivery(deliveries[0]))
            #expect(delivery.row.destination == "erp")
            #expect(try await router.store.held(HeldFilter(), page: PageRequest()).items.isEmpty)
        }
    }
}
