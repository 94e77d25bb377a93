// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `emit` and `aggregate` in route tests, dry runs, explanations, graphs and checks.
@Suite struct EmitTests {
    private static func project(_ routes: String, tests: String = "", sink: String = "http://127.0.0.1:9") throws
        -> Project
    {
        try Project([
            "routes/main.yaml": """
            version: 1
            sources:
              shop: {path: /in/shop, verify: none, event: {type: {data: type}, id: {data: id}}}
            destinations:
              one: {url: "\(sink)/one"}
              two: {url: "\(sink)/two"}
            routes:
            \(routes)

            """,
            "routes/main.test.yaml": "version: 1\n" + tests,
            "scripts/s.lua": """
            function double(event, ctx) return {n = event.data.n * 2} end
            function both(event, ctx) return many {{n = 1}, {n = 2}} end
            function none(event, ctx) return drop("not ours") end
            function broken(event, ctx) return {n = event.data.gone.x} end
            function digest(events, ctx)
              local ids, total = array {}, 0
              for _, event in ipairs(events) do
                table.insert(ids, event.data.id)
                total = total + event.data.total_cents
              end
              return {customer_id = ctx.window.key, orders = ids, total_cents = total}
            end

            """,
        ])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let routes: String
        let test: String
        var says: String?
        var testDescription: String { self.name }
    }

    private static let digestRoutes = """
          order-digest:
            event: order.created@2
            aggregate: {key: data.customer_id, close: {idle: 2m, after: 10m, count: 500}, script: s.lua#digest}
            emit: order.digest@1
          digests: {event: order.digest@1, to: two}
        """

    static let cases: [Case] = [
        Case(
            name: "two orders of one customer become one digest two minutes later", routes: digestRoutes,
            test: """
                    clock: 2026-01-01T12:00:00Z
                    only: [order-digest, digests]
                    steps:
                      - event: {type: order.created@2, data: {id: A-1, customer_id: C1, total_cents: 100, shipping: {country: SE}}}
                      - advance: 30s
                      - event: {type: order.created@2, data: {id: A-2, customer_id: C1, total_cents: 250, shipping: {country: SE}}}
                      - advance: 2m
                    expect:
                      emitted:
                        - {type: order.digest@1, data: {customer_id: C1, orders: [A-1, A-2], total_cents: 350}}
                      deliveries: [{to: two, version: 1, contains: {total_cents: 350}}]
                """),
        Case(
            name: "a window that is not due yet has sent nothing", routes: digestRoutes,
            test: """
                    steps:
                      - event: {type: order.created@2, data: {id: A-1, customer_id: C1, total_cents: 100}}
                      - advance: 119s
                    expect: {emitted: [], deliveries: [], held: []}
                """),
        Case(
            name: "after bounds a key that stays busy", routes: digestRoutes,
            test: "    steps:\n"
                + String(
                    repeating:
                        "      - event: {type: order.created@2, data: {id: A, customer_id: C1, total_cents: 1}}\n"
                        + "      - advance: 61s\n",
                    count: 10) + "    expect: {emitted: [{type: order.digest@1, contains: {total_cents: 10}}]}"),
        Case(
            name: "a wrong digest says where", routes: digestRoutes,
            test: """
                    steps:
                      - event: {type: order.created@2, data: {id: A-1, customer_id: C1, total_cents: 100}}
                      - advance: 2m
                    expect: {emitted: [{type: order.digest@1, contains: {total_cents: 5}}]}
                """, says: "data of order.digest@1.total_cents"),
        Case(
            name: "emit and to stand together",
            routes: "  r: {event: a, transform: s.lua#double, to: one, emit: b}\n"
                + "  s: {event: b, to: two}",
            test: "    event: {type: a, data: {n: 3}}\n"
                + "    expect: {emitted: [{type: b, data: {n: 6}}], "
                + "deliveries: [{to: one, body: {n: 6}}, {to: two, body: {n: 6}}]}"),
        Case(
            name: "without a transform the data goes on as it is",
            routes: "  r: {event: a, emit: b@3}\n  s: {event: b@3, to: two}",
            test: "    event: {type: a, data: {n: 3}}\n"
                + "    expect: {emitted: [{type: b@3, data: {n: 3}}], "
                + "deliveries: [{to: two, body: {n: 3}, version: 3}]}"),
        Case(
            name: "many makes several",
            routes: "  r: {event: a, transform: s.lua#both, emit: b}\n  s: {event: b, to: two}",
            test: "    event: {type: a, data: {}}\n"
                + "    expect: {emitted: [{type: b, data: {n: 2}}, {type: b, data: {n: 1}}], "
                + "deliveries: [{to: two}, {to: two}]}"),
        Case(
            name: "a dropped result emits nothing", routes: "  r: {event: a, transform: s.lua#none, emit: b}",
            test: "    event: {type: a, data: {}}\n    expect: {emitted: [], held: []}"),
        Case(
            name: "a failing transform is held", routes: "  r: {event: a, transform: s.lua#broken, emit: b}",
            test: "    event: {type: a, data: {}}\n    expect: {emitted: [], held: [r]}"),
        Case(
            name: "a circle ends after eight hops", routes: "  r: {event: a, emit: a}",
            test: "    event: {type: a, data: {}}\n"
                + "    check: assert(#emitted == 8 and held[1].code == 'emit/too-many-hops')"),
        Case(
            name: "a switch emits where a case fires",
            routes: """
                  r:
                    event: a
                    switch:
                      - {case: big, match: {data.n: {gte: 10}}, transform: s.lua#double, to: one}
                    emit: b
                """,
            test: """
                    steps:
                      - event: {type: a, data: {n: 10}}
                      - event: {type: a, data: {n: 1}}
                    expect: {emitted: [{type: b, data: {n: 20}}], deliveries: [{to: one}]}
                """),
        Case(
            name: "built-ins need no Lua",
            routes: """
                  c: {event: a, aggregate: {key: data.k, close: {count: 2, after: 1h}, with: collect}, emit: c}
                  l: {event: a, aggregate: {key: data.k, close: {count: 2, after: 1h}, with: last}, emit: l}
                  n: {event: a, aggregate: {key: [data.k, type], close: {count: 2, after: 1h}, with: count}, emit: n}
                  s: {event: a, aggregate: {key: data.k, close: {count: 2, after: 1h}, with: {sum: data.x}}, emit: s}
                """,
            test: """
                    steps:
                      - event: {type: a, data: {k: 1.0, x: 0.1}}
                      - event: {type: a, data: {k: 1, x: 0.2}}
                    expect:
                      emitted:
                        - {type: c, data: {key: 1, count: 2, items: [{k: 1.0, x: 0.1}, {k: 1, x: 0.2}]}}
                        - {type: l, data: {k: 1, x: 0.2}}
                        - {type: n, data: {key: [1, a], count: 2}}
                        - {type: s, data: {key: 1, count: 2, sum: 0.3}}
                """),
        Case(
            name: "targets and transform are for what the window becomes",
            routes: """
                  r:
                    event: a
                    aggregate: {key: data.k, close: {count: 2, after: 1h}, with: {sum: data.n}}
                    to:
                      - {destination: one, match: {data.sum: {gte: 10}}}
                      - {destination: two, match: {data.sum: {lt: 10}}}
                """,
            test: """
                    steps:
                      - event: {type: a, data: {k: x, n: 4}}
                      - event: {type: a, data: {k: x, n: 9}}
                    expect: {deliveries: [{to: one, body: {key: x, count: 2, sum: 13}}]}
                """),
    ]

    @Test(arguments: Self.cases) func holds(_ example: Case) throws {
        let project = try Self.project(example.routes, tests: "tests:\n  it:\n\(example.test)\n")
        let done = try hookswitch("test", folder: project.folder)
        if let says = example.says {
            #expect(done.code == 1 && done.out.contains(says), "\(done)")
        } else {
            #expect(done.code == 0, "\(done.out)\(done.err)")
        }
    }

    @Test func `a dry run shows what would be emitted, with the ids that the router gives`() throws {
        let sink = try Sink()
        let project = try Self.project(
            """
              r: {event: a, transform: s.lua#double, emit: b}
              s: {event: b, to: two}
              w: {event: a, aggregate: {key: data.n, close: {idle: 2m, after: 10m}, with: count}, to: one}
            """, sink: sink.url)
        let server = try Server(project)
        let answer = try HTTP.post(
            server.ingest, "/in/shop", [("content-type", "application/json")], #"{"type":"a","id":"x","n":4}"#)
        let id = try #require(try answer.json.text("id"))
        let live = try server.ask("events", "get", id)
        try project.write("event.json", live.encodedText)
        let dry = try hookswitch("dry-run", "event.json", "-o", "json", folder: project.folder).json
        #expect(dry.text("emitted.0.event.id") == live.text("emitted.0.id"))
        #expect(dry.text("emitted.0.event.type") == "b" && dry.at("emitted.0.data.n")?.intValue == 8)
        #expect(dry.at("deliveries")?.intValue == 1)
        let routes = dry.list("routes")
        #expect(routes.first { $0.text("name") == "w" }?.at("windows.0.key")?.intValue == 4)
        #expect(routes.first { $0.text("name") == "r" }?.text("emits.0.type") == "b")
        let text = try hookswitch("dry-run", "event.json", folder: project.folder).out
        for words in [
            "⇒ emits b", "EMITTED b", "joins the window 4", "2 min after its last event, or at the latest 10 min",
        ] {
            #expect(text.contains(words), "\(words) is missing in \(text)")
        }
        // A replay of an emitted event is of its type still, whatever its source would say of the body.
        let child = live.text("emitted.0.id") ?? ""
        let again = try server.ask("events", "replay", child).text("event_id") ?? ""
        #expect(try server.ask("events", "get", again).text("type") == "b")
    }

    @Test func `explain and graph know what is emitted and collected`() throws {
        let project = try Self.project(Self.digestRoutes)
        let story = try hookswitch("explain", "order-digest", folder: project.folder).out
        for words in ["by data.customer_id", "2 min after its last event", "order.digest@1: taken by digests"] {
            #expect(story.contains(words), "\(words) is missing in \(story)")
        }
        let graph = try hookswitch("graph", folder: project.folder).out
        #expect(graph.contains("⇒ order.digest@1  (digests)"), "\(graph)")
        let json = try hookswitch("graph", "-o", "json", folder: project.folder).json
        #expect(
            json.list("edges").contains { $0.text("to") == "route/digests" && $0.text("event") == "order.digest@1" })
    }

    @Test(arguments: [
        ("  r: {event: a, emit: a}", "route/emit-circle"),
        ("  r: {event: a, emit: b}\n  s: {event: b, emit: a}", "route/emit-circle"),
        ("  r: {event: a, transform: s.lua#none, emit: a}", ""), ("  r: {event: a, match: {data.n: 1}, emit: a}", ""),
        ("  r: {event: a@1, emit: a@2}", ""),
        (
            "  r: {event: a, aggregate: {key: data.k, close: {count: 5}, with: count}, emit: b}",
            "route/window-never-closes"
        ),
        (
            "  r: {event: a, aggregate: {key: data.k, close: {after: 1m}, with: cuont}, emit: b}", "config/type"
        ),
        ("  r: {event: a, aggregate: {key: k, close: {after: 1m}, with: count}, emit: b}", "match/path"),
        ("  r: {event: a, aggregate: {key: data.k, close: {after: 1m}}, emit: b}", "config/missing-key"),
    ])
    func `a check says what cannot end well`(_ routes: String, _ code: String) throws {
        let project = try Self.project(routes)
        let done = try hookswitch("check", "-o", "json", folder: project.folder)
        let codes = Set(try done.json.list("diagnostics").compactMap { $0.text("code") })
        let expected = [
            "route/emit-circle", "route/window-never-closes", "config/type", "match/path", "config/missing-key",
        ]
        #expect(codes.intersection(expected) == (code.isEmpty ? [] : [code]), "\(codes)")
    }
}

extension JSONValue {
    fileprivate var encodedText: String { String(decoding: self.encoded(), as: UTF8.self) }
}
