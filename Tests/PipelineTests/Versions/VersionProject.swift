// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookPipeline

/// A project in which orders have three versions, and two subscribers pin one each.
enum VersionProject {
    static let routes = """
        version: 1
        events:
          order.created:
            link: https://docs.example/orders
            versions:
              1: {schema: schemas/order.1.json, deprecated: 2026-06-30, sunset: 2027-06-30}
              2: {schema: schemas/order.2.json}
              3: {current: true, link: "https://docs.example/orders/3"}
            convert:
              - {from: 1, to: 2, script: orders.lua#up2}
              - {from: 2, to: 3, script: orders.lua#up3}
              - {from: 3, to: 2, script: orders.lua#down2}
              - {from: 2, to: 1, script: orders.lua#down1}
        secrets: {shop: {env: SHOP}}
        sources:
          shop:
            path: /in/shop
            verify: {token: {header: Authorization, scheme: Bearer, secret: shop}}
            event: {type: {data: type}, id: {data: id}, version: {header: X-Webhook-Version}}
            dedupe: {key: id, within: 24h}
        policies: {slow: {retry: {delays: [1h]}}}
        destinations:
          erp: {url: "http://127.0.0.1:9/erp", policy: slow}
          archive: {url: "http://127.0.0.1:9/archive", policy: slow}
        subscribers:
          acme:
            endpoints: {main: {url: "http://127.0.0.1:9/acme", policy: slow}}
            subscriptions: [{events: "order.*", version: 1, to: main}]
          globex:
            endpoints: {hook: {url: "http://127.0.0.1:9/globex", policy: slow}}
            subscriptions: [{events: order.created, version: 2, to: hook}]
        routes:
          to-erp: {event: order.created@3, match: {data.cents: {gte: 100}}, transform: orders.lua#erp, to: erp}
          to-archive: {event: "order.*", to: archive}
          to-subscribers: {event: order.created@2, to: {subscribers: all}}
        """

    static let script = """
        function up2(data, ctx)
          count("converted", 1, {to = ctx.to})
          return {id = data.id, type = data.type, price = math.tointeger(data.price)}
        end
        function up3(data)
          return {id = data.id, type = data.type, cents = data.price * 100}
        end
        function down2(data)
          return {id = data.id, type = data.type, price = data.cents // 100}
        end
        function down1(data)
          return {id = data.id, type = data.type, price = tostring(data.price)}
        end
        function erp(event)
          return {order = event.data.id, cents = event.data.cents, version = event.version}
        end
        """

    static let schemas = [
        "routes/schemas/order.1.json":
            #"{"type":"object","required":["id","price"],"properties":{"id":{},"type":{},"price":{"type":"string"}},"additionalProperties":false}"#,
        "routes/schemas/order.2.json":
            #"{"type":"object","required":["id","price"],"properties":{"id":{},"type":{},"price":{"type":"integer"}},"additionalProperties":false}"#,
    ]

    static func files(_ edits: [(old: String, new: String)] = [], tests: String = "") -> [(path: String, text: String)]
    {
        var texts = ["routes/orders.yaml": self.routes, "scripts/orders.lua": self.script]
        for edit in edits {
            for path in texts.keys { texts[path] = texts[path]?.replacing(edit.old, with: edit.new) }
        }
        if !tests.isEmpty { texts["routes/orders.test.yaml"] = "version: 1\ntests:\n" + tests }
        return (texts.map { ($0.key, $0.value) } + self.schemas.map { ($0.key, $0.value) }).sorted { $0.0 < $1.0 }
    }

    static func revision(_ edits: [(old: String, new: String)] = [], tests: String = "") throws -> Revision {
        let files = ProjectFiles(
            self.files(edits, tests: tests).map { ProjectFiles.File(path: $0.path, bytes: Array($0.text.utf8)) })
        let compiler = RevisionCompiler(environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())
        let outcome = compiler.compile(files)
        return try #require(outcome.revision, "\(outcome.diagnostics)")
    }

    static func event(_ version: Int?, _ body: String, type: String = "order.created") throws -> Event {
        let bytes = Array(body.utf8)
        return Event(
            id: EventID(time: WallTime(milliseconds: 1_767_225_600_000), random: 1), source: "shop", type: type,
            version: version, time: WallTime(milliseconds: 1_767_225_600_000), body: bytes,
            data: try JSONDocument(parsing: bytes))
    }
}
