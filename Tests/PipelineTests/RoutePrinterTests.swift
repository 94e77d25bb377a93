// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTransform
import Testing

@testable import HookPipeline

@Suite struct RoutePrinterTests {
    private static let compiler = RevisionCompiler(
        environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())

    private static func revision(_ route: String, script: String = "function f(e, c) return true end") throws
        -> Revision
    {
        let world = """
            version: 1
            sources: {shop: {path: /in, verify: none}, forge: {path: /f, verify: none}}
            destinations: {one: {url: "http://127.0.0.1:9/"}, two: {url: "http://127.0.0.1:9/"}}
            routes:
              r: {\(route)}

            """
        let outcome = Self.compiler.compile(
            ProjectFiles([
                .init(path: "routes/a.yaml", bytes: Array(world.utf8)),
                .init(path: "scripts/s.lua", bytes: Array((script + "\nfunction g(e, c) return e.data end\n").utf8)),
            ]))
        return try #require(outcome.revision, "\(route): \(outcome.diagnostics.map(\.message))")
    }

    /// Each differs from every other one, and every field of a route makes a difference somewhere.
    static let routes =
        [
            "to: one, aggregate: {key: data.a, close: {after: 1m}, with: count}",
            "to: one, aggregate: {key: data.b, close: {after: 1m}, with: count}",
            "to: one, aggregate: {key: [data.a, data.b], close: {after: 1m}, with: count}",
            "to: one, aggregate: {key: data.a, close: {after: 2m}, with: count}",
            "to: one, aggregate: {key: data.a, close: {idle: 1m}, with: count}",
            "to: one, aggregate: {key: data.a, close: {after: 1m, count: 5}, with: count}",
            "to: one, aggregate: {key: data.a, close: {after: 1m, bytes: 5B}, with: count}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, with: last}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, with: collect}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, with: {sum: data.a}}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, with: {sum: data.b}}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, on_missing: drop, with: count}",
            "to: one, aggregate: {key: data.a, close: {after: 1m}, script: s.lua#g}",
            "to: one, emit: a.b", "to: one, emit: a.b@1", "to: one, emit: a.c@1", "emit: a.b",
            "to: one", "to: two", "to: [one, two]", "to: [two, one]", "to: one, enabled: false",
            "to: one, on_error: drop",
            "to: one, event: a", "to: one, event: a@1", "to: one, event: [a, b]", "to: one, source: shop",
            "to: one, source: forge", "to: one, filter: s.lua#f", "to: one, transform: s.lua#g",
            "to: one, when: data.a",
            "to: one, when: data.b", "to: one, lua: return event.data", "to: {destination: one, match: {data.a: 1}}",
            "to: {destination: one, filter: s.lua#f}", "to: {destination: one, transform: s.lua#g}",
            "switch: [{case: x, match: {data.a: 1}, to: one}]", "switch: [{case: y, match: {data.a: 1}, to: one}]",
            "switch: [{case: x, match: {data.a: 2}, to: one}]", "switch: [{case: x, when: data.a, to: one}]",
            "switch: [{case: x, match: {data.a: 1}, transform: s.lua#g, to: one}]",
            "to: one, pick: data.a", "to: one, pick: data.b", "to: one, omit: data.a", "to: one, rename: {data.a: b}",
            "to: one, set: {data.a: b}", "to: one, set: {data.a: \"{data.b}\"}", "to: one, set: {data.a: 1}",
            "to: one, set: {data.a: \"x {data.b}\"}", "to: one, set: {data.a: \"x {{data.b}}\"}",
            "to: one, format: form",
            "to: one, format: xml", "to: {destination: one, pick: data.a, omit: data.a.b}",
            "switch: [{case: x, match: {data.a: 1}, to: [one, two]}]", "switch: [{else: true, to: one}]",
            "to: one, split: data.a", "to: one, split: data.b", "to: one, split: data",
            "to: one, split: {path: data.a, parent: true}", "to: one, split: {path: data.a, parent: p}",
            "to: one, deliver_after: 1s", "to: one, deliver_after: 2s", "to: one, deliver_at: data.a",
            "to: one, deliver_at: data.b", "to: [{destination: one, deliver_after: 1s}, two]",
        ]
        + [
            "data.a: 1", "data.a: \"1\"", "data.a: 1.5", "data.a: true", "data.a: false", "data.a: null", "data.b: 1",
            "headers.a: \"1\"", "data.a.b: 1", "data.\"a.b\": 1", "data.a: {not: 1}", "data.a: [1, 2]",
            "data.a: [2, 1]",
            "data.a: {prefix: x}", "data.a: {suffix: x}", "data.a: {contains: x}", "data.a: {glob: x}",
            "data.a: {iequals: x}", "data.a: x", "data.a: {gt: 1}", "data.a: {gte: 1}", "data.a: {lt: 1}",
            "data.a: {between: [1, 2]}", "data.a: {exists: true}", "data.a: {exists: false}",
            "data.a: {cidr: 10.0.0.0/8}",
            "data.a: {cidr: 10.0.0.0/9}", "data.a: {any: {x: 1}}", "data.a: {all: {x: 1}}", "data.a: {none: {x: 1}}",
            "data.a: {any: {eq: 1}}", "data.a: {gt: 1, lt: 5}", "not: {data.a: 1}",
            "any_of: [{data.a: 1}, {data.b: 1}]", "all_of: [{data.a: 1}, {data.b: 1}]", "data.a: \"\u{E9}\"",
            "data.a: \"e\u{301}\"", "data.a: 18446744073709551615",
        ].map { "to: one, match: {\($0)}" }

    @Test func `routes print alike where reflection sees the same, and only there`() throws {
        let seen = try Self.routes.map { text in
            let revision = try Self.revision(text)
            let route = try #require(revision.configuration.routes.first)
            let printer = SpecPrinter(revision: revision)
            return (text, RoutePrinter(scripts: printer.scripts).bytes(of: route), printer.digest(route))
        }
        for one in seen {
            for other in seen where one.0 != other.0 {
                #expect(one.1 != other.1, "\(one.0) and \(other.0)")
                #expect(one.2 != other.2, "\(one.0) and \(other.0)")
            }
            let (_, again, _) = try {
                let revision = try Self.revision("\n    " + one.0)
                let route = try #require(revision.configuration.routes.first)
                return (0, RoutePrinter(scripts: SpecPrinter(revision: revision).scripts).bytes(of: route), 0)
            }()
            #expect(again == one.1, "only the place differs: \(one.0)")
        }
    }

    /// A field that is added to a route, a target or a case must be printed as well: then this list changes.
    @Test func `no field is forgotten`() throws {
        func labels(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
        let route = try #require(Self.revision("switch: [{else: true, to: one}]").configuration.routes.first)
        #expect(
            labels(route) == [
                "name", "mark", "isEnabled", "events", "sources", "match", "scripts", "transform", "targets", "onError",
                "split", "enrich", "emit", "aggregate",
            ])
        guard case .cases(let cases) = route.targets else { return #expect(Bool(false)) }
        let part = try #require(cases.first)
        #expect(labels(part) == ["name", "mark", "match", "scripts", "transform", "targets"])
        #expect(
            try labels(#require(part.targets.first)) == [
                "destination", "mark", "match", "scripts", "transform", "due", "audience", "version", "output",
            ])
    }

    /// As routes above.
    static let destinations = [
        "url: \"http://a/\"", "url: \"http://b/\"", "url: \"http://a/x\"", "url: \"http://a/{data.x}\"", "method: PUT",
        "headers: {a: b}", "headers: {a: c}", "query: {a: b}", "auth: {bearer: key}", "auth: {bearer: other}",
        "auth: {basic: {username: u, password: key}}", "sign: {standard-webhooks: key}",
        "policy: {timeout: 5s}", "policy: {connect_timeout: 1s}", "policy: {concurrency: 3}",
        "policy: {dead_letter: drop}", "policy: {success: [200]}", "policy: {retry_on: [500]}",
        "policy: {retry_on: [network, 500]}", "policy: {retry: {attempts: 3}}", "policy: {retry: {jitter: none}}",
        "policy: {retry: {first: 1s}}", "policy: {retry: {factor: 3}}", "policy: {retry: {max: 2h}}",
        "format: form", "format: xml", "compress: gzip", "compress: {min: 2KiB}",
        "policy: {retry: {give_up_after: 2h}}", "policy: {retry: {delays: [1s, 2s]}}",
    ]

    @Test func `destinations print alike where reflection sees the same, and only there`() throws {
        let seen = try Self.destinations.map { text in
            let more = text.hasPrefix("url") ? text : "url: \"http://a/\", \(text)"
            let world = """
                version: 1
                secrets: {key: {env: K}, other: {env: L}}
                destinations: {d: {\(more)}}

                """
            let outcome = Self.compiler.compile(
                ProjectFiles([.init(path: "routes/a.yaml", bytes: Array(world.utf8))]))
            let revision = try #require(outcome.revision, "\(text): \(outcome.diagnostics.map(\.message))")
            let destination = try #require(revision.configuration.destinations.first)
            return (
                text, DestinationPrinter.bytes(of: destination), SpecPrinter(revision: revision).digest(destination)
            )
        }
        for one in seen {
            for other in seen where one.0 != other.0 {
                #expect(one.1 != other.1, "\(one.0) and \(other.0)")
                #expect(one.2 != other.2, "\(one.0) and \(other.0)")
            }
        }
        func labels(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
        let spec = DestinationSpec(
            name: "d", mark: Mark(file: "f", line: 1, column: 1),
            url: URLTemplate(origin: "", path: Template(parts: [])), policy: PolicySpec(name: "p"))
        #expect(
            labels(spec) == [
                "name", "mark", "url", "method", "headers", "query", "auth", "sign", "policy", "format", "gzipBytesMin",
                "verifiesTLS", "egress",
            ])
        #expect(
            labels(spec.policy) == [
                "name", "timeout", "connectTimeout", "retry", "success", "retryOn", "concurrency", "deadLetter",
                "responseBytesMax",
            ])
        #expect(labels(spec.policy.retry) == ["attempts", "schedule", "jitter", "giveUpAfter"])
    }

    @Test func `a script counts with what it requires, and no more`() throws {
        func prints(_ files: [String: String]) throws -> [[UInt8]] {
            let world = """
                version: 1
                destinations: {one: {url: "http://127.0.0.1:9/"}}
                routes: {a: {to: one, transform: a.lua#f}, b: {to: one, transform: b.lua#f}, c: {to: one, when: data.x}}

                """
            let all = ["routes/a.yaml": world].merging(files) { $1 }
            let outcome = Self.compiler.compile(
                ProjectFiles(all.map { .init(path: $0.key, bytes: Array($0.value.utf8)) }))
            let revision = try #require(outcome.revision, "\(outcome.diagnostics)")
            return revision.scripts.prints(of: revision.configuration.scripts)
        }
        let files = [
            "scripts/a.lua": "local m = require 'lib.m'\nfunction f(e, c) return m.x end\n",
            "scripts/b.lua": "function f(e, c) return 1 end\n", "scripts/lib/m.lua": "return require 'lib.n'\n",
            "scripts/lib/n.lua": "return {x = 1}\n",
        ]
        let before = try prints(files)
        let deep = try prints(files.merging(["scripts/lib/n.lua": "return {x = 2}\n"]) { $1 })
        #expect(deep[0] != before[0] && deep[1] == before[1] && deep[2] == before[2])
        let own = try prints(files.merging(["scripts/b.lua": "function f(e, c) return 2 end\n"]) { $1 })
        #expect(own[0] == before[0] && own[1] != before[1] && own[2] == before[2])
    }
}
