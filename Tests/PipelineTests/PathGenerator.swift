// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit

/// Random projects and requests from one small world of types and values, so that they meet often: conditions, cases,
/// fan-out, every kind of script result, templates, headers, content types, signatures, forms, doubled keys.
struct PathGenerator {
    struct Request: Sendable {
        let source: SourceName
        let headers: [(name: String, value: String)]
        let query: String
        let body: [UInt8]
    }

    private var random: SeededRandom
    private static let types = ["order.created", "order.paid", "order.closed", "user.made", "ping"]
    /// What no route asks for.
    private static let sentTypes = Self.types + ["never.routed"]
    private static let transforms = [
        "same", "touched", "picked", "chance", "two", "asked", "maybe_drop", "maybe_fail", "crash", "words", "empty",
        "bytes",
    ]
    private static let conditions = [
        "data.n: {gte: 50}", "data.n: {lt: 20}", "data.kind: [a, b]", "data.kind: {prefix: a}", "data.flag: true",
        "data.tags: {contains: x}", "data.note: {exists: false}", "headers.x-region: {iequals: EU}", "query.q: \"1\"",
        "data.items.price: {gt: 3}", "any_of: [{data.kind: c}, {data.n: {between: [10, 30]}}]", "not: {data.kind: b}",
        "data.nested.deep: {exists: true}", "data.name: {suffix: é}",
    ]

    init(seed: UInt64) { self.random = SeededRandom(seed: seed) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }
    private mutating func pick<Item>(_ items: [Item]) -> Item {
        items[Int.random(in: 0..<items.count, using: &self.random)]
    }

    // MARK: Project

    mutating func files(port: Int, routes count: Int) -> [(path: String, text: String)] {
        var text = "version: 1\nroutes:\n"
        for number in 0..<count { text += self.route(number) }
        return [
            ("routes/world.yaml", Self.world.replacing("PORT", with: "\(port)")), ("routes/routes.yaml", text),
            ("scripts/made.lua", Self.script),
        ]
    }

    private mutating func route(_ number: Int) -> String {
        var lines = ["  route-\(number):", "    event: \(self.pick(Self.types + ["order.*", "\"*.made\""]))"]
        if self.chance(50) { lines.append("    match: {\(self.matches(1...2))}") }
        if self.chance(15) {
            lines.append("    when: \(self.pick(["data.n == nil or data.n % 3 ~= 0", "data.kind ~= 'a'"]))")
        }
        if self.chance(10) { lines.append("    filter: made.lua#\(self.pick(["is_big", "bad_filter"]))") }
        if self.chance(60) { lines.append("    transform: made.lua#\(self.pick(Self.transforms))") }
        if self.chance(40) { lines.append("    on_error: \(self.pick(["hold", "drop", "pass"]))") }
        if self.chance(5) { lines.append("    enabled: false") }
        if self.chance(30) {
            lines.append("    switch:")
            for place in 0...Int.random(in: 0...1, using: &self.random) {
                lines.append("      - case: case-\(place)")
                lines.append("        match: {\(self.matches(1...1))}")
                lines.append("        to: \(self.targets())")
            }
            lines += ["      - case: rest", "        else: true", "        to: \(self.targets())"]
        } else {
            lines.append("    to: \(self.targets())")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func matches(_ count: ClosedRange<Int>) -> String {
        var seen: [String] = []
        for _ in 0..<Int.random(in: count, using: &self.random) {
            let condition = self.pick(Self.conditions)
            let key = condition.prefix { $0 != ":" }
            if !seen.contains(where: { $0.hasPrefix(key) }) { seen.append(condition) }
        }
        return seen.joined(separator: ", ")
    }

    private mutating func targets() -> String {
        let targets = (0..<Int.random(in: 1...2, using: &self.random)).map { _ -> String in
            var parts = ["destination: \(self.pick(["plain", "templated", "hashed", "standard", "secret"]))"]
            if self.chance(30) { parts.append("transform: made.lua#\(self.pick(Self.transforms))") }
            if self.chance(20) { parts.append("match: {\(self.matches(1...1))}") }
            if self.chance(10) { parts.append("when: data.n ~= 7") }
            return "{\(parts.joined(separator: ", "))}"
        }
        return "[\(targets.joined(separator: ", "))]"
    }

    // MARK: Requests

    mutating func request(_ number: Int) -> Request {
        let query = self.chance(30) ? "q=1&name=a%20b" : ""
        var headers: [(name: String, value: String)] = []
        if self.chance(30) { headers.append(("x-region", self.pick(["EU", "eu", "US"]))) }
        let body = self.body(number)
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0:
            headers.append(("content-type", "application/x-www-form-urlencoded"))
            headers.append(("x-type", self.pick(Self.sentTypes)))
            let form = "payload=\(PercentCoding.encode(body))&other=1"
            return Request(source: "typed", headers: headers, query: query, body: Array(form.utf8))
        case 1:
            headers.append(("content-type", "text/plain; charset=utf-8"))
            headers.append(("x-type", self.pick(Self.sentTypes)))
            return Request(
                source: "typed", headers: headers, query: query, body: Array("line 1\nline \(number)\n".utf8))
        case 2:
            headers.append(("content-type", "application/json"))
            let source: SourceName = self.chance(50) ? "last" : "shop"
            return Request(
                source: source, headers: headers, query: query,
                body: Array(#"{"type":"order.created","n":1,"n":60,"id":"\#(number)"}"#.utf8))
        default:
            headers.append(("content-type", self.pick(["application/json", "application/vnd.shop+json"])))
            return Request(source: "shop", headers: headers, query: query, body: Array(body.utf8))
        }
    }

    private mutating func body(_ number: Int) -> String {
        var members = ["\"type\":\"\(self.pick(Self.sentTypes))\"", "\"id\": \"id-\(number)\""]
        if self.chance(80) {
            members.append("\"n\":\(self.pick(["0", "7", "12", "12.50", "55", "1e2", "9007199254740993"]))")
        }
        if self.chance(70) { members.append("\"kind\":\"\(self.pick(["a", "ab", "b", "c"]))\"") }
        if self.chance(50) { members.append("\"flag\" : \(self.pick(["true", "false", "null"]))") }
        if self.chance(40) { members.append("\"tags\":[\"x\",\"\(self.pick(["y", "z"]))\"]") }
        if self.chance(40) { members.append("\"items\":[{\"price\":\(self.pick(["1", "5"]))},{\"price\":2}]") }
        if self.chance(40) { members.append("\"name\":\"\(self.pick(["caf\\u00e9", "Zoë", "a b/c", "é"]))\"") }
        if self.chance(30) { members.append("\"nested\":{\"deep\":[],\"empty\":{}}") }
        if self.chance(5) { return "{\(members.joined(separator: ","))" }
        return "{\(members.joined(separator: self.pick([",", ", ", ",\n "])))}"
    }
}

extension PathGenerator {
    private static let world = """
        version: 1
        secrets:
          shop: {env: SHOP}
          key: {env: KEY}
          token: {env: TOKEN}
        sources:
          shop:
            path: /in/shop
            verify: {token: {header: Authorization, scheme: Bearer, secret: shop}}
            event: {type: {data: type}, id: {data: id}}
          last:
            path: /in/last
            verify: {hmac: {header: X-Signature, secret: shop}}
            event: {type: {data: type}, id: {data: id}}
            limits: {duplicate_keys: last}
          typed:
            path: /in/typed
            verify: none
            event: {type: {header: X-Type}, id: {header: X-Id}}
        destinations:
          plain: {url: "http://127.0.0.1:PORT/plain"}
          templated:
            url: "http://127.0.0.1:PORT/t/{type}/{data.kind}?id={id}"
            headers: {X-Source: "{source}", X-Kind: "kind {data.kind}"}
            query: {n: "{data.n}"}
          hashed: {url: "http://127.0.0.1:PORT/hashed", method: PUT, sign: {hmac: sha256, secret: key, prefix: "v0="}}
          standard: {url: "http://127.0.0.1:PORT/standard", sign: {standard-webhooks: key}, auth: {bearer: token}}
          secret: {url: "http://127.0.0.1:PORT/secret", auth: {header: {name: X-Api-Key, secret: token}}}

        """

    private static let script = #"""
        function same(event, ctx) return event.data end

        function touched(event, ctx)
          local d = event.data
          if d == nil then return {raw = event.raw} end
          d.seen = ctx.route
          d.kind = nil
          return d
        end

        function picked(event, ctx)
          return pick(event.data or {}, "id", "n", "name", "items"), {headers = {["X-Route"] = ctx.route}}
        end

        function chance(event, ctx)
          return {id = uuid(), named = uuid("x"), roll = rand(1, 1000), at = now(), event = event.id, time = event.time}
        end

        function two(event, ctx)
          return many {{n = 1, id = event.id}, {body = {n = 2, data = event.data or null}, request = {path = "/two?x=1"}}}
        end

        function asked(event, ctx)
          return event.data, {method = "PATCH", query = {a = "1 2&3", b = event.type}, headers = {["x-note"] = "n"}}
        end

        function maybe_drop(event, ctx)
          local n = event.data and opt(event.data.n) or 1
          if n > 20 then return drop("too many") end
          return {n = n}
        end

        function maybe_fail(event, ctx)
          if event.data and event.data.kind == "b" then return fail("no b") end
          return {ok = true}
        end

        function crash(event, ctx) return event.data.missing.field end

        function words(event, ctx)
          return "event " .. event.type .. "\nof " .. event.source, {content_type = "text/plain; charset=utf-8"}
        end

        function empty(event, ctx) return many {} end

        function bytes(event, ctx)
          return hex.decode("00ff10c3"), {content_type = "application/octet-stream"}
        end

        function is_big(event, ctx)
          local n = event.data and opt(event.data.n)
          if n == nil then return false, "no number" end
          return n > 10
        end

        function bad_filter(event, ctx)
          if event.type == "ping" then return nil end
          return true
        end
        """#
}
