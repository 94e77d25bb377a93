// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

/// One fault each, in a project that is otherwise right.
@Suite struct SectionFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let yaml: String
        let codes: [String]
        var testDescription: String { self.yaml }

        init(_ yaml: String, _ codes: String...) {
            self.yaml = yaml
            self.codes = codes
        }
    }

    static let base = """
        version: 1
        secrets: {key: {env: KEY}, other: {env: OTHER}}
        sources: {shop: {path: /in/shop, verify: none}}
        destinations: {chat: {url: "https://chat.example/x"}}
        policies: {calm: {timeout: 1m}}
        routes: {all: {to: chat}}
        """

    static let sources: [Case] = [
        Case("{path: /a, verify: none}"), Case("{path: /a}", "source/no-verify"),
        Case("{path: /a, verify: nothing}", "config/type"),
        Case("{path: /a, verify: {}}", "config/type"), Case("{path: /a, verify: {hamc: {}}}", "config/unknown-key"),
        Case(
            "{path: /a, verify: {token: {header: X, secret: key}, basic: {username: u, password: key}}}",
            "config/conflict"),
        Case("{path: /a, verify: {token: {header: X}}}", "source/missing-secret"),
        Case("{path: /a, verify: {token: {secret: key}}}", "config/missing-key"),
        Case("{path: /a, verify: {basic: {username: u, password: key}}}"),
        Case("{path: /a, verify: {basic: {username: u, password: kee}}}", "secret/unknown"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key}}}"),
        Case("{path: /a, verify: {hmac: {secret: key}}}", "config/missing-key"),
        Case("{path: /a, verify: {hmac: {header: X, secrets: [key, other], algorithm: sha1, prefix: 'sha1='}}}"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, algorithm: ed25519}}}", "config/type"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, prefix: a, list: {}}}}", "config/conflict"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, signed: '{id}.{body}'}}}", "source/signed"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, signed: '{boddy}'}}}", "source/signed"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, signed: 'static'}}}", "source/signed"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, timestamp: {entry: t}}}}", "source/signed"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, failure: 403}}}"),
        Case("{path: /a, verify: {hmac: {header: X, secret: key, failure: 200}}}", "config/type"),
        Case(
            "{path: /a, verify: {ed25519: {header: X, public_key: key, signed: '{timestamp}{body}', timestamp: {header: T}}}}"
        ),
        Case("{path: /a, verify: {ed25519: {header: X}}}", "source/missing-secret"),
        Case("{path: a, verify: none}", "config/type"), Case("{path: '/a?b', verify: none}", "config/type"),
        Case("{path: /livez, verify: none}", "source/path"), Case("{path: /in/shop, verify: none}", "source/path"),
        Case("{path: /a, verify: none, secret: key}", "config/conflict"),
        Case("{path: /a, preset: github, secret: key}"),
        Case("{path: /a, preset: github, secret: kex}", "secret/unknown"),
        Case("{path: /a, preset: github}", "source/missing-secret"),
        Case("{path: /a, preset: githab, secret: key}", "source/preset"),
        Case("{path: /a, preset: github, verify: none}"),
        Case("{path: /a, preset: github, verify: {token: {header: X, secret: key}}}"),
        Case("{path: /a, preset: github, secrets: [key, other]}"),
        Case("{path: /a, preset: slack, secret: key, dedupe: off}"),
        Case("{path: /a, verify: none, event: {type: {header: X, data: y}}}", "config/conflict"),
        Case("{path: /a, verify: none, event: {type: {prefix: x}}}", "config/missing-key"),
        Case("{path: /a, verify: none, event: {type: order.created}}"),
        Case("{path: /a, verify: none, event: {version: {header: X, default: two}}}", "config/type"),
        Case("{path: /a, verify: none, dedupe: {key: {header: X-Id}}}"),
        Case("{path: /a, verify: none, dedupe: {key: id}}", "source/dedupe"),
        Case("{path: /a, verify: none, limits: {body: 0B}}", "config/range"),
        Case("{path: /a, verify: none, limits: {body: 10}}", "config/type"),
        Case("{path: /a, verify: none, allow_ips: []}", "config/empty-list"),
        Case("{path: /a, verify: none, validate: maybe}", "config/type"),
        Case("[a]", "config/type"), Case("", "config/type"), Case("{path: [/a], verify: none}", "config/type"),
    ]

    static let destinations: [Case] = [
        Case("{url: 'https://a.example'}"), Case("{url: 'http://127.0.0.1:8080/x?y={data.z}'}"),
        Case("{url: 'https://[::1]:8443/'}"),
        Case("{url: ftp://a.example}", "destination/url"), Case("{url: 'https://u:p@a.example'}", "destination/url"),
        Case("{url: 'https://'}", "destination/url"), Case("{url: 'https://a.example:0/'}", "destination/url"),
        Case("{url: 'https://a.example:99999/'}", "destination/url"),
        Case("{url: 'https://a.example/#x'}", "destination/url"),
        Case("{url: 'https://{data.host}/'}", "destination/url"),
        Case("{url: 'https://a.example/{host}'}", "destination/url"),
        Case("{url: 'https://a.example/{data.x'}", "destination/url"),
        Case("{url: 'https://bücher.example/'}", "destination/url"),
        Case("{url: \"https://a.example/\\r\\nX: y\"}", "destination/url"), Case("{url: 12}", "config/type"),
        Case("{url: 'https://a.example', headers: {X-A: '{data.a}', X-B: 2}}"),
        Case("{url: 'https://a.example', headers: {X-A: \"a\\r\\nb\"}}", "template/syntax"),
        Case("{url: 'https://a.example', headers: {'X A': b}}", "destination/header"),
        Case("{url: 'https://a.example', headers: {Host: b}}", "destination/header"),
        Case("{url: 'https://a.example', auth: {bearer: key}}"),
        Case("{url: 'https://a.example', auth: {bearer: no-such}}", "secret/unknown"),
        Case("{url: 'https://a.example', auth: {bearer: key, header: {name: X, secret: key}}}", "config/conflict"),
        Case("{url: 'https://a.example', auth: {header: {name: X-Key, secret: key}}}"),
        Case("{url: 'https://a.example', auth: key}", "config/type"),
        Case("{url: 'https://a.example', sign: {standard-webhooks: key}}"),
        Case("{url: 'https://a.example', sign: {hmac: sha256}}", "config/missing-key"),
        Case("{url: 'https://a.example', sign: {hmac: sha3, secret: key}}", "config/type"),
        Case("{url: 'https://a.example', sign: {standard-webhooks: key, secret: key}}", "config/conflict"),
        Case("{url: 'https://a.example', policy: calm, timeout: 2s}"),
        Case("{url: 'https://a.example', policy: {extends: calm, timeout: 2s}}"),
        Case("{url: 'https://a.example', policy: {extends: clam}}", "policy/unknown"),
        Case("{url: 'https://a.example', tls: {verify: false}}"),
        Case("{url: 'https://a.example', retry: {delays: []}}", "config/empty-list"),
        Case("{url: 'https://a.example', retry: {first: 2h, max: 1h}}", "config/conflict"),
        Case("{url: 'https://a.example', retry: {factor: 0.5}}", "config/range"),
        Case("{url: 'https://a.example', retry: {factor: nan}}", "config/range"),
        Case("{url: 'https://a.example', success: [2xx, 304], retry_on: [network, 5xx]}"),
        Case("{url: 'https://a.example', success: [6xx]}", "config/type"),
        Case("{url: 'https://a.example', timeout: 99999999999999999d}", "config/type"),
        Case("{url: 'https://a.example', timeout: 5}", "config/type"),
        Case("{url: 'https://a.example', enabled: false}", "config/not-yet"),
        Case("{url: 'https://a.example', batch: {count: 10}}", "config/not-yet"),
        Case("{url: 'https://a.example', x-team: blue}"),
        Case("{url: 'https://a.example', '<<': {timeout: 1s}}", "config/unknown-key"),
    ]

    static let routes: [Case] = [
        Case("{to: chat}"), Case("{to: [chat, {destination: chat, when: data.a == 1}]}"),
        Case("{to: []}", "config/empty-list"), Case("{}", "route/no-target"),
        Case("{to: chat, switch: [{else: true, to: chat}]}", "config/conflict"), Case("{to: {}}", "config/missing-key"),
        Case("{to: {destination: chet}}", "route/unknown-destination"),
        Case("{to: {subscribers: all}}"),
        Case("{to: {subscribers: acme}}", "subscriber/unknown"),
        Case("{to: {subscribers: all, destination: chat}}", "config/conflict"),
        Case("{to: chat, on: order.created}", "config/unknown-key"),
        Case("{to: chat, on_error: retry}", "config/type"),
        Case("{to: chat, transform: a.lua#f, lua: 'return 1'}", "config/conflict"),
        Case("{to: chat, transform: ../a.lua#f}", "route/script"),
        Case("{to: chat, transform: {lua: 'return 1'}}"), Case("{to: chat, filter: a.lua#1f}", "route/script"),
        Case("{to: chat, when: ''}"), Case("{to: chat, when: [a]}", "config/type"),
        Case("{switch: []}", "config/empty-list"),
        Case("{switch: [{else: true, match: {data.a: 1}, to: chat}]}", "config/conflict"),
        Case("{switch: [{to: chat}]}", "route/case-without-condition"),
        Case(
            "{switch: [{case: a, match: {data.a: 1}, to: chat}, {case: a, else: true, to: chat}]}",
            "config/duplicate-name"),
        Case("{switch: [{match: {data.a: 1}}]}", "config/missing-key"),
        Case("{switch: [{case: Big One, else: true, to: chat}]}", "config/name"),
        Case("{event: '@2', to: chat}", "route/event"), Case("{event: [], to: chat}", "config/empty-list"),
        Case("{source: [shop], to: chat}"), Case("{source: shap, to: chat}", "route/unknown-source"),
        Case("{enabled: 'yes', to: chat}", "config/type"), Case("{emit: 'x.*', to: chat}", "route/event"),
        Case("{delay: 5m, to: chat}", "config/unknown-key"), Case("{renamed_from: old, to: chat}", "config/not-yet"),
        Case("{to: chat, to: chat}", "yaml/duplicate-key"),
    ]

    static func check(_ example: Case, _ kind: String) {
        let loaded = ConfigLoader.load(
            project([
                "routes/base.yaml": Self.base, "routes/main.yaml": "version: 1\n\(kind):\n  mine: \(example.yaml)\n",
            ]))
        #expect(loaded.codes == example.codes, "\(loaded.diagnostics.map(\.message))")
        #expect(loaded.diagnostics.allSatisfy { $0.mark?.file == "routes/main.yaml" && $0.mark?.line == 3 })
    }

    @Test(arguments: sources) func `a source`(_ example: Case) { Self.check(example, "sources") }
    @Test(arguments: destinations) func `a destination`(_ example: Case) { Self.check(example, "destinations") }
    @Test(arguments: routes) func `a route`(_ example: Case) { Self.check(example, "routes") }

    static let settings: [Case] = [
        Case(""), Case("listen: {ingest: '0.0.0.0:80', admin: '[::1]:0'}"),
        Case("listen: {ingest: ':80'}", "config/type"), Case("listen: {ingest: 'a:70000'}", "config/type"),
        Case("tokens: [key]"), Case("tokens: [kye]", "secret/unknown"),
        Case("retention: {payload: 7d, event: 30d, dedupe: 24h}"), Case("retention: {payload: 1s}", "config/range"),
        Case("limits: {body: 10MiB, connections: 100}"), Case("limits: {body: 10Mib}", "config/type"),
        Case("store: {postgres: x}", "config/unknown-key"), Case("tracing: {endpoint: x}", "config/not-yet"),
        Case("shutdown_grace: 30s\nshutdown_grace: 40s", "yaml/duplicate-key"), Case("version: 2", "config/range"),
    ]

    @Test(arguments: settings) func `the settings of the process`(_ example: Case) {
        let loaded = ConfigLoader.load(project(["routes/base.yaml": Self.base, "hookswitch.yaml": example.yaml]))
        #expect(loaded.codes == example.codes, "\(loaded.diagnostics.map(\.message))")
    }

    @Test func `settings reach the specs`() throws {
        let yaml =
            "listen: {ingest: '127.0.0.1:0'}\nretention: {dedupe: 2h}\nstore: {sqlite: a.db, reserve: 1MiB}\ntokens: [key]\nlimits: {json_depth: 10}\n"
        let server = ConfigLoader.load(project(["routes/base.yaml": Self.base, "hookswitch.yaml": yaml])).configuration
            .server
        #expect(
            server.ingestListen == "127.0.0.1:0" && server.adminListen == "127.0.0.1:8081" && server.storePath == "a.db"
        )
        #expect(
            server.retention.dedupe == .seconds(7200) && server.adminTokens == ["key"]
                && server.ingest.jsonDepthMax == 10)
    }

    @Test func `a file that cannot be read hides no other and brings no consequences`() {
        let loaded = ConfigLoader.load(
            project([
                "routes/a.yaml": "version: 1\ndestinations: {chat: [",
                "routes/b.yaml": "version: 1\nroutes: {r: {to: chat, event: []}}\n",
            ]))
        #expect(loaded.codes == ["yaml/syntax", "config/empty-list"])
    }

    @Test func `a script knows where its code starts`() throws {
        let yaml = """
            destinations: {a: {url: "https://a.example"}}
            routes:
              one: {to: a, when: data.x == 1, transform: s.lua#f}
              two:
                to: {destination: a, filter: s.lua#g}
                transform: s.lua#f
              three:
                to: a
                lua: |
                  return {x = 1}

            """
        let loaded = load(yaml)
        #expect(loaded.codes == [])
        #expect(
            loaded.configuration.scripts.map { "\($0.role) \($0.label) \($0.mark.line):\($0.mark.column)" }.sorted()
                == [
                    "filter routes/main.yaml:4 4:22", "filter s.lua#g 6:34", "transform routes/main.yaml:11 11:1",
                    "transform s.lua#f 4:46",
                ])
        #expect(loaded.configuration.route("two")?.transform == loaded.configuration.route("one")?.transform)
    }

    @Test func `nothing at all is an empty configuration`() {
        #expect(ConfigLoader.load(ProjectFiles([])).codes == [])
        #expect(ConfigLoader.load(project(["routes/a.yaml": "# nothing\n"])).codes == [])
        #expect(ConfigLoader.load(project(["routes/a.yaml": "- 1\n"])).codes == ["config/type"])
        #expect(ConfigLoader.load(project(["routes/a.yaml": "x-a: 1\n"])).codes == ["config/missing-key"])
    }
}
