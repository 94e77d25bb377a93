// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

/// Checks over a whole project: what is said, and what is not.
@Suite struct LintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let yaml: String
        let codes: [String]
        init(_ yaml: String, _ codes: String...) {
            self.yaml = yaml
            self.codes = codes
        }
        var testDescription: String { self.yaml }
    }

    static let schema = """
        {"type": "object", "required": ["id", "kind"], "additionalProperties": false,
         "properties": {
           "id": {"type": "string"}, "kind": {"enum": ["new", "old"]}, "flag": {"type": "boolean"},
           "total": {"type": "integer", "minimum": 0, "exclusiveMaximum": 100},
           "ratio": {"type": ["number", "null"]}, "free": {}, "open": {"type": "object"},
           "tags": {"type": "array", "items": {"type": "string"}},
           "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
           "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "string"}}}]},
           "by_name": {"type": "object", "patternProperties": {"^x": {}}},
           "self": {"$ref": "#"}, "far": {"$ref": "other.json"}},
         "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}}}}
        """
    static let base = """
        version: 1
        events:
          thing:
            versions: {1: {schema: thing.json}, 2: {schema: other.json}, 3: {current: true}}
            convert:
              - {from: 1, to: 2, script: t.lua#f}
              - {from: 2, to: 1, script: t.lua#f}
              - {from: 2, to: 3, script: t.lua#f}
              - {from: 3, to: 2, script: t.lua#f}
          alike: {versions: {1: {schema: thing.json}}}
        sources: {shop: {path: /in/shop, verify: none, event: {type: {data: type}}}}
        destinations: {chat: {url: "https://chat.example/hook"}, bin: {url: "https://bin.example/{data.id}"}}
        routes: {all: {to: [chat, bin]}}

        """

    static func findings(_ yaml: String, beside others: [String: String] = [:]) -> [Diagnostic] {
        let files = project(
            [
                "routes/base.yaml": Self.base, "routes/thing.json": Self.schema,
                "routes/other.json": #"{"type": "object", "properties": {"id": {"type": "string"}, "more": {}}}"#,
                "routes/main.yaml": "version: 1\n" + yaml,
            ].merging(others) { $1 })
        let loaded = ConfigLoader.load(files)
        return DiagnosticList.arranged(loaded.findings + ProjectLint.findings(files, loaded))
    }

    static func check(_ example: Case, _ yaml: String) {
        let found = Self.findings(yaml)
        #expect(found.map(\.code) == example.codes, "\(found.map(\.message))")
    }

    // MARK: Against a schema

    static let conditions: [Case] = [
        Case("{data.id: x}"), Case("{data.idd: x}", "schema/unknown-path"), Case("{data.id.x: 1}"),
        Case("{data.id: 1}", "schema/type"), Case("{data.id: {gt: 1}}", "schema/type"),
        Case("{data.flag: \"true\"}", "schema/type"),
        Case("{data.kind: new}"), Case("{data.kind: [new, nwe]}", "schema/value"), Case("{data.kind: {prefix: n}}"),
        Case("{data.kind: {prefix: x}}", "schema/value"), Case("{data.kind: {not: nwe}}", "schema/value"),
        Case("{data.total: {gte: 100}}", "schema/value"), Case("{data.total: {gte: 99}}"),
        Case("{data.total: -1}", "schema/value"),
        Case("{data.ratio: null}"), Case("{data.ratio: 1.5}"), Case("{data.ratio: x}", "schema/type"),
        Case("{data.free: 1, data.free.x: 2}"), Case("{data.open.anything: 1}"), Case("{data.by_name.xyz: 1}"),
        Case("{data.tags: a}"), Case("{data.tags: 1}", "schema/type"), Case("{data.tags: {any: {prefix: a}}}"),
        Case("{data.lines.sku: A-1}"), Case("{data.lines.sky: A-1}", "schema/unknown-path"),
        Case("{data.lines: {any: {sku: a, count: {gt: 2}}}}"),
        Case("{data.lines: {any: {sku: a, cuont: 2}}}", "schema/unknown-path"),
        Case("{data.lines: {any: {count: x}}}", "schema/type"), Case("{data.id: {any: {eq: a}}}", "schema/type"),
        Case("{data.either: x}"), Case("{data.either.a: x}"), Case("{data.either.b: x}", "schema/unknown-path"),
        Case("{data.self.self.id: x}"), Case("{data.self.self.idd: x}", "schema/unknown-path"), Case("{data.far.a: 1}"),
        Case("{data.id: {exists: false}}", "match/never"), Case("{data.id: {exists: true}}", "match/always"),
        Case("{data.flag: {exists: false}}"), Case("{data.self.id: {exists: false}}"),
        Case("{all_of: [{data.total: {gt: 5}}, {data.total: {lt: 3}}]}", "match/contradiction"),
        Case("{all_of: [{data.tags: a}, {data.tags: b}]}"),
        Case("{all_of: [{data.id: a}, {data.id: b}]}", "match/contradiction"),
        Case("{any_of: [{data.id: a}, {data.id: b}]}"), Case("{type: other, headers.x: 1}", "match/never"),
        Case("{not: {data.idd: 1}}", "schema/unknown-path"),
    ]

    @Test(arguments: conditions) func `a condition against the schema`(_ example: Case) {
        Self.check(example, "routes: {r: {event: thing@1, match: \(example.yaml), to: chat}}")
    }

    static let routes: [Case] = [
        // Only what holds for every event that comes.
        Case("{event: thing, match: {data.nothing: 1}, to: chat}"),
        Case("{event: 'th*', match: {data.nothing: 1}, to: chat}"),
        Case("{event: [thing@1, thing@2], match: {data.more: 1}, to: chat}"),
        Case("{event: [thing@1, thing@2], match: {data.mroe: 1}, to: chat}", "schema/unknown-path"),
        Case("{event: [thing@1, elsewhere], match: {data.nothing: 1}, to: chat}"),
        Case("{match: {data.nothing: 1}, to: chat}"),
        Case("{event: alike, match: {data.nothing: 1}, to: chat}", "schema/unknown-path"),
        Case("{event: thing@3, match: {data.nothing: 1}, to: chat}"),
        Case("{event: thign, to: chat}", "route/unknown-event"), Case("{event: nowhere.near, to: chat}"),
        Case("{event: thing@1, to: {destination: chat, match: {data.idd: 1}}}", "schema/unknown-path"),
        Case(
            "{event: thing@1, match: {data.id: a}, switch: [{case: x, match: {data.id: b}, to: chat}]}",
            "match/contradiction"),
        // Steps, where they see the event itself.
        Case("{event: thing@1, to: {destination: chat, pick: [data.idd]}}", "schema/unknown-path"),
        Case("{event: thing@1, split: data.lines, pick: [data.line_no], to: chat}"),
        Case(
            "{event: thing@1, aggregate: {key: data.id, close: {after: 1m}, with: collect}, pick: [data.items], to: chat}"
        ),
        // Cases.
        Case("{switch: [{match: {data.a: 1}, to: chat}, {match: {data.a: 1}, to: bin}]}", "route/unreachable-case"),
        Case(
            "{switch: [{match: {data.a: {gt: 1}}, to: chat}, {match: {data.a: {gt: 2}}, to: bin}]}",
            "route/unreachable-case"),
        Case("{switch: [{match: {data.a: {gt: 2}}, to: chat}, {match: {data.a: {gt: 1}}, to: bin}]}"),
        Case(
            "{switch: [{match: {data.a: [1, 2]}, to: chat}, {match: {data.a: 2, data.b: 3}, to: bin}]}",
            "route/unreachable-case"),
        Case("{match: {data.a: 1}, switch: [{match: {data.a: 1}, to: chat}, {else: true, to: bin}]}"),
        Case(
            "{match: {data.a: 1}, switch: [{match: {data.a: 1}, to: chat}, {match: {data.b: 1}, to: bin}]}",
            "route/unreachable-case"),
        Case("{switch: [{when: data.a, match: {data.a: 1}, to: chat}, {match: {data.a: 1}, to: bin}]}"),
        Case(
            "{switch: [{match: {data.a: {not: [1, 2]}}, to: chat}, {match: {data.a: {not: [1, 2, 3]}}, to: bin}]}",
            "route/unreachable-case"),
        Case("{switch: [{match: {data.a: {not: [1, 2]}}, to: chat}, {match: {data.a: {not: 1}}, to: bin}]}"),
        // Lists.
        Case("{event: [x.y, x.z, x.y], to: chat}", "match/redundant"),
        Case("{event: ['x.*', x.y], to: chat}", "match/redundant"),
        Case("{event: [x.y, x.y@2], to: chat}", "match/redundant"), Case("{event: [x.y@1, x.y@2], to: chat}"),
        Case("{event: ['x.*', y.x], to: chat}"), Case("{source: [shop, shop], to: chat}", "match/redundant"),
        // Targets.
        Case("{event: x.y, to: [chat, chat]}", "route/duplicate-target"),
        Case("{event: x.y, to: [chat, {destination: chat, match: {data.a: 1}}]}"),
        Case("{event: x.y, to: [chat, {destination: chat, transform: a.lua#f}]}"),
        // The same as the route of the base.
        Case("{to: [chat, bin]}", "route/duplicate"), Case("{to: [bin, chat]}", "route/duplicate"), Case("{to: chat}"),
        Case("{enabled: false, to: [chat, bin]}"), Case("{on_error: drop, to: [chat, bin]}"),
    ]

    @Test(arguments: routes) func `a route`(_ example: Case) { Self.check(example, "routes: {mine: \(example.yaml)}") }

    // MARK: Tests of one path

    static let pairs: [Case] = [
        Case("{gt: 10, lt: 5}", "match/contradiction"), Case("{gt: 10, lte: 10}", "match/contradiction"),
        Case("{gte: 10, lte: 10}"),
        Case("{between: [1, 5], gt: 5}", "match/contradiction"), Case("{between: [1, 5], gte: 5}"),
        Case("{eq: 3, gt: 5}", "match/contradiction"), Case("{eq: 7, gt: 5}"),
        Case("{in: [1, 2], gt: 5}", "match/contradiction"),
        Case("{in: [1, 7], gt: 5}"), Case("{eq: abc, prefix: b}", "match/contradiction"), Case("{eq: abc, prefix: a}"),
        Case("{eq: abc, glob: 'a*c'}"), Case("{eq: abc, glob: 'a*b'}", "match/contradiction"),
        Case("{prefix: ab, suffix: cd}"), Case("{prefix: [a, b], eq: c}", "match/contradiction"),
        Case("{prefix: a, gt: 5}", "match/contradiction"), Case("{prefix: a, contains: b, suffix: c}"),
        Case("{in: [a, b], not_in: [a, b]}", "match/never"), Case("{in: [a, b], not_in: [a]}"),
        Case("{eq: 'a', iequals: 'A'}"), Case("{eq: 'a', iequals: 'b'}", "match/contradiction"),
        Case("{eq: 1.0, gte: 1}"),
        Case("[a, b, a]", "match/redundant"), Case("[1, 1.0]", "match/redundant"), Case("[1, \"1\"]"),
        Case("{not: [a, a]}", "match/redundant"), Case("{suffix: [.gz, .tar.gz]}", "match/redundant"),
        Case("[x, {prefix: x}]", "match/redundant"), Case("[{gt: 5}, {gt: 3}]", "match/redundant"),
        Case("[{gt: 5}, {lt: 3}]"),
        Case("{glob: ['a*', 'a*']}", "match/redundant"), Case("{not_in: [a, b]}"),
    ]

    @Test(arguments: pairs) func `tests of one path`(_ example: Case) {
        Self.check(example, "routes: {r: {event: x.y, match: {data.a: \(example.yaml)}, to: chat}}")
    }

    // MARK: Names and times

    static let projects: [Case] = [
        Case("secrets: {key: {env: KEY}}", "config/unused"), Case("policies: {calm: {timeout: 5s}}", "config/unused"),
        Case("policies: {calm: {timeout: 5s}, calmer: {extends: calm}}", "config/unused"),
        Case("policies: {standard: {timeout: 5s}}"),
        Case("destinations: {d: {url: 'https://d.example'}}", "config/unused"),
        Case(
            "secrets: {key: {env: KEY}}\nroutes: {r: {event: a.b, lua: 'return {x = hmac(\"key\", event.raw)}', to: chat}}"
        ),
        Case(
            "destinations: {d: {url: 'https://d.example'}}\nroutes: {r: {to: {destination: dd}}}",
            "route/unknown-destination"),
        Case(
            "sources: {g: {preset: github, path: /g, secret: k}}\nsecrets: {k: {env: K}}\nroutes: {r: {source: g, event: github.push, to: chat}}"
        ),
        Case(
            "sources: {g: {preset: github, path: /g, secret: k}}\nsecrets: {k: {env: K}}\nroutes: {r: {source: g, event: git.push, to: chat}}",
            "route/unsent-event"),
        Case("sources: {g: {path: /g, verify: none}}\nroutes: {r: {source: g, event: g, to: chat}}"),
        Case(
            "sources: {g: {path: /g, verify: none}}\nroutes: {r: {source: g, event: h, to: chat}}", "route/unsent-event"
        ),
        Case("sources: {g: {path: /g, verify: none}}\nroutes: {r: {event: h, to: chat}}"),
        Case(
            "sources: {g: {preset: github, path: /g, secret: k, dedupe: {key: id, within: 1d}}}\nsecrets: {k: {env: K}}",
            "source/dedupe-window"),
        Case(
            "sources: {g: {preset: github, path: /g, secret: k, dedupe: {key: id, within: 3d}}}\nsecrets: {k: {env: K}}"
        ),
        Case(
            "sources: {g: {preset: gitlab, path: /g, secret: k, dedupe: {key: id, within: 1s}}}\nsecrets: {k: {env: K}}"
        ),
        Case(
            "policies: {p: {retry: {delays: [1h, 2h], give_up_after: 2h}}}\ndestinations: {d: {url: 'https://d.example', policy: p}}\nroutes: {r: {event: a.b, to: d}}",
            "policy/give-up"),
        Case(
            "destinations: {d: {url: 'https://d.example', retry: {attempts: 40}}}\nroutes: {r: {event: a.b, to: d}}",
            "policy/give-up"),
        Case("destinations: {d: {url: 'https://d.example', retry: {attempts: 20}}}\nroutes: {r: {event: a.b, to: d}}"),
        Case(
            "destinations: {d: {url: 'https://d.example', timeout: 1s, connect_timeout: 2s}}\nroutes: {r: {event: a.b, to: d}}",
            "policy/timeouts"),
        Case("destinations: {d: {url: 'https://d.example', timeout: 1s}}\nroutes: {r: {event: a.b, to: d}}"),
        Case(
            "destinations: {d: {url: 'https://d.example/{data.idd}'}}\nroutes: {r: {event: thing@1, to: d}}",
            "schema/unknown-path"),
        Case(
            "destinations: {d: {url: 'https://d.example/{data.idd}'}}\nroutes: {r: {event: thing@1, to: d}, s: {event: x.y, to: d}}"
        ),
    ]

    @Test(arguments: projects) func `names and times of a project`(_ example: Case) {
        Self.check(example, example.yaml)
    }

    @Test func `a stop that is shorter than an attempt is said where it is set`() {
        let yaml = "destinations: {d: {url: 'https://d.example', timeout: 30s}}\nroutes: {r: {event: a.b, to: d}}"
        #expect(Self.findings(yaml).map(\.code) == [])
        let found = Self.findings(yaml, beside: ["hookswitch.yaml": "shutdown_grace: 20s\n"])
        #expect(found.map(\.code) == ["policy/timeouts"])
        #expect(found.first?.notes.first?.mark?.file == "hookswitch.yaml")
    }

    @Test func `a source that no route names`() {
        let files = project([
            "routes/main.yaml": """
            version: 1
            sources: {a: {path: /a, verify: none}, b: {path: /b, verify: none}}
            destinations: {chat: {url: "https://chat.example/hook"}}
            routes: {r: {source: a, to: chat}}

            """
        ])
        let loaded = ConfigLoader.load(files)
        #expect(ProjectLint.findings(files, loaded).map(\.code) == ["source/unrouted"])
    }

    @Test func `a schema that branches into itself ends, and says nothing`() {
        let branches = ##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": {"$ref": "#"}}}"##
        let endless = Self.findings(
            "events: {e: {versions: {1: {schema: endless.json}}}}\nroutes: {r: {event: e@1, match: {data.a.a.b: 1}, to: chat}}",
            beside: ["routes/endless.json": branches])
        // It is refused as a schema, and nothing more is said of the condition.
        #expect(Set(endless.map(\.code)) == ["schema/invalid"])
    }

    @Test func `a file that cannot be read may use any name`() {
        let found = Self.findings("secrets: {key: {env: KEY}}", beside: ["routes/z.yaml": "a: ["])
        #expect(found.map(\.code) == ["yaml/syntax"])
    }
}
