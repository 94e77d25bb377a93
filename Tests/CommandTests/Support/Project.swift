// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A project folder of its own, removed with the last reference to it.
final class Project: Sendable {
    let folder: String
    /// Secrets whose values must never be seen anywhere.
    static let secrets = [
        "GITHUB_WEBHOOK_SECRET": "It's a Secret to Everybody", "STRIPE_WEBHOOK_SECRET": "whsec_marker5tripe",
        "SHOP_TOKEN": "marker-shop-token-4711", "SIGNING": "marker-signing-key-4711", "BEARER": "marker-bearer-4711",
        "ADMIN_TOKEN": "marker-admin-4711",
    ]

    init(_ files: [String: String] = [:]) throws {
        var template = Array("/tmp/hookswitch-command-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no temporary folder: \(errno)") }
        self.folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for name in ["routes", "scripts"] { try self.makeFolder(name) }
        for (path, text) in files { try self.write(path, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    func path(_ name: String) -> String { "\(self.folder)/\(name)" }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: self.path(name), withIntermediateDirectories: true)
    }

    /// Replaces a file by a rename, as editors do.
    func write(_ name: String, _ text: String) throws {
        try self.makeFolder((name as NSString).deletingLastPathComponent)
        try text.write(toFile: self.path(name), atomically: true, encoding: .utf8)
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: self.path(name), encoding: .utf8) }

    func replace(_ name: String, _ old: String, _ new: String) throws {
        let text = try self.read(name)
        guard text.contains(old) else { throw TestFailure("\(name) does not hold \(old)") }
        try self.write(name, text.replacingOccurrences(of: old, with: new))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self.path(name)) }
}

extension Project {
    /// The project that most tests run: three sources, and destinations at the sink.
    static func shop(_ sink: String = "http://127.0.0.1:9", _ more: [String: String] = [:]) throws -> Project {
        try Project(
            [
                "routes/sources.yaml": Self.sources, "routes/routes.yaml": Self.routes,
                "routes/destinations.yaml": Self.destinations(sink), "scripts/shape.lua": Self.script,
            ].merging(more) { $1 })
    }

    private static let sources = """
        version: 1
        secrets:
          github_webhook: {env: GITHUB_WEBHOOK_SECRET}
          stripe_webhook: {env: STRIPE_WEBHOOK_SECRET}
          shop_token: {env: SHOP_TOKEN}
          signing: {env: SIGNING}
          bearer: {env: BEARER}
        sources:
          github: {preset: github, path: /in/github, secret: github_webhook}
          stripe: {preset: stripe, path: /in/stripe, secret: stripe_webhook}
          shop:
            path: /in/shop
            verify: {token: {header: Authorization, scheme: Bearer, secret: shop_token}}
            event: {type: {data: type}, id: {data: id}}
            dedupe: {key: id, within: 24h}

        """

    static let routes = """
        version: 1
        routes:
          every-order: {event: "order.*", to: plain}
          created:
            event: order.created
            match: {data.total: {gte: 10}}
            transform: shape.lua#shape
            to: shaped
          pushes: {event: github.push, to: plain}
          payments: {event: "stripe.*", to: plain}
          fragile: {event: fragile.thing, transform: shape.lua#fragile, to: fragile}

        """

    static func destinations(_ sink: String) -> String {
        """
        version: 1
        policies:
          quick: {timeout: 5s, retry: {delays: [50ms, 50ms, 50ms], jitter: none}, retry_on: [network, 5xx]}
        destinations:
          plain: {url: "\(sink)/plain", policy: quick}
          shaped: {url: "\(sink)/shaped", policy: quick, sign: {hmac: sha256, secret: signing}, auth: {bearer: bearer}}
          fragile: {url: "\(sink)/fragile", policy: quick}

        """
    }

    static let script = """
        function shape(event, ctx)
          return {order = event.data.id, total = event.data.total}
        end

        function fragile(event, ctx)
          return {name = event.data.missing.name}
        end

        """
}
