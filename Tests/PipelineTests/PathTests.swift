// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Testing

/// The whole path over loopback: what a sender hears, and what the store then knows.
@Suite struct PathTests {
    static let files: [(path: String, text: String)] = [
        (
            "routes/shop.yaml",
            """
            version: 1
            secrets:
              shop: {env: SHOP}
            sources:
              shop:
                path: /in/shop
                verify: {token: {header: Authorization, scheme: Bearer, secret: shop}}
                event: {type: {data: type}, id: {data: id}}
                dedupe: {key: id, within: 24h}
            destinations:
              nowhere: {url: "http://127.0.0.1:9/", policy: {extends: standard, retry: {delays: [1h]}}}
            routes:
              orders:
                event: order.created
                match: {data.total: {gte: 10}}
                to: nowhere
              broken:
                event: order.broken
                transform: broken.lua#explode
                to: nowhere
              picky:
                event: order.created
                when: data.total > 1000
                to: nowhere
            """
        ),
        ("scripts/broken.lua", "function explode(event, ctx)\n  return event.data.missing.field\nend\n"),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let status: Int
        let fates: [String]
        let deliveries: Int
        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case(
            name: "a match is delivered, a filter says no",
            body: #"{"type":"order.created","id":"1","total":50}"#, status: 202,
            fates: ["orders matched", "picky filtered"], deliveries: 1),
        Case(
            name: "nothing matches and the event is kept", body: #"{"type":"order.paid","id":"2"}"#, status: 202,
            fates: [],
            deliveries: 0),
        Case(
            name: "a script that fails holds the event", body: #"{"type":"order.broken","id":"3"}"#, status: 202,
            fates: ["broken held"], deliveries: 0),
        Case(
            name: "a doubled key is refused", body: #"{"type":"order.created","type":"x","id":"4"}"#, status: 400,
            fates: [],
            deliveries: 0),
    ]

    @Test(arguments: cases) func `each event has one visible fate per route`(_ example: Case) async throws {
        try await withRouter(Self.files) { router in
            let (status, answer) = try await router.post(Array(example.body.utf8), to: "shop", headers: [])
            #expect(status == example.status, "\(answer.text)")
            guard status == 202 else { return }
            let id = try #require(EventID(answer["id"]?.stringValue ?? ""))
            let event = try #require(try await router.store.event(id))
            #expect(event.row.fates.map { "\($0.route) \($0.kind.rawValue)" }.sorted() == example.fates)
            #expect(event.deliveries.count == example.deliveries)
            #expect(event.body == Array(example.body.utf8))
        }
    }

    @Test func `the second event with one id is answered with the first`() async throws {
        try await withRouter(Self.files) { router in
            let body = Array(#"{"type":"order.created","id":"same","total":50}"#.utf8)
            let first = try await router.post(body, to: "shop", headers: [])
            let second = try await router.post(body, to: "shop", headers: [])
            #expect((first.status, second.status) == (202, 200))
            #expect(first.answer["id"] == second.answer["id"])
            #expect(second.answer["duplicate"] == true)
        }
    }

    struct TypeCase: Sendable, CustomTestStringConvertible {
        let preset: String
        let header: String
        let value: String
        let type: String
        var testDescription: String { "\(self.preset) \(self.value) is \(self.type)" }
    }

    static let types: [TypeCase] = [
        TypeCase(preset: "github", header: "X-GitHub-Event", value: "pull_request", type: "github.pull_request"),
        TypeCase(preset: "gitlab", header: "X-Gitlab-Event", value: "Push Hook", type: "gitlab.push.hook"),
        TypeCase(preset: "shopify", header: "X-Shopify-Topic", value: "orders/create", type: "shopify.orders.create"),
    ]

    @Test(arguments: types) func `presets name types so that patterns can meet them`(_ example: TypeCase) async throws {
        let text = """
            version: 1
            secrets:
              key: {env: KEY}
            sources:
              sender: {preset: \(example.preset), path: /in, secret: key}
            """
        try await withRouter([("routes/a.yaml", text)]) { router in
            let (status, answer) = try await router.post(
                Array("{}".utf8), to: "sender", headers: [(example.header, example.value)])
            #expect(status == 202, "\(answer.text)")
            let id = try #require(EventID(answer["id"]?.stringValue ?? ""))
            #expect(try await router.store.event(id)?.row.type == example.type)
        }
    }
}
