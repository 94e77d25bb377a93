// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Testing

/// Routes, policies and conditions in words, and the graph that they make.
@Suite struct StoryTests {
    static let files: [(path: String, text: String)] = [
        (
            "routes/shop.yaml",
            """
            version: 1
            secrets:
              hook: {env: HOOK}
              token: {env: TOKEN}
            sources:
              github: {preset: github, path: /in/github, secret: hook}
              shop:
                path: /in/shop
                verify: none
                event: {type: {data: type}, id: {data: id}}
                dedupe: {key: id, within: 24h}
            destinations:
              chat: {url: "https://chat.example/{data.room}", auth: {bearer: token}}
              erp: {url: "https://erp.example/in", sign: {hmac: sha256, secret: hook}}
              idle: {url: "https://idle.example/"}
            routes:
              release:
                event: github.release
                match: {data.action: published, any_of: [{data.a: {gte: 3}}, {not: {data.b: [x, y]}}]}
                transform: chat.lua#message
                to: chat
              order:
                event: order.created@2
                switch:
                  - {case: big, match: {data.total: {gte: 1000}}, to: [erp, {destination: chat, when: data.n > 1}]}
                  - {case: rest, else: true, to: erp}
                on_error: drop
              off: {event: order.paid, to: erp, enabled: false}
              anything: {event: "*", match: {data.x: {exists: false}}, to: erp}
            tests:
              a release is told:
                event: {type: github.release, data: {action: published, room: x, a: 4}}
                only: [release]
                expect: {deliveries: [{to: chat}]}
            """
        ),
        (
            "scripts/chat.lua",
            "local M = {}\n\n-- message\nfunction message(event, ctx)\n  return {text = event.type}\nend\n"
        ),
    ]

    static func revision() throws -> Revision {
        let files = ProjectFiles(
            self.files.map { ProjectFiles.File(path: $0.path, bytes: Array($0.text.utf8)) })
        let compiler = RevisionCompiler(environment: .live, projectFolder: "/", secretOverride: TestSecrets())
        let outcome = compiler.compile(files)
        return try #require(outcome.revision, "\(outcome.diagnostics)")
    }

    private func lines(_ name: RouteName) throws -> [String: [String]] {
        let story = try #require(RouteStory(name, in: try Self.revision()))
        return Dictionary(uniqueKeysWithValues: story.sections.map { ($0.title, $0.lines) })
    }

    @Test func `a route says what it takes, asks, runs, sends, and which test knows it`() throws {
        let lines = try self.lines("release")
        #expect(lines["takes"] == ["events of type github.release"])
        #expect(
            lines["from"] == [
                "github: POST /in/github, hmac sha256 over body in X-Hub-Signature-256, duplicates told by id within 3 d"
            ])
        #expect(
            lines["when"] == [
                "data.action is \"published\"", "any of these holds:", "  data.a is at least 3",
                "  not: data.b is one of \"x\" or \"y\"",
            ])
        let target = try #require(lines["sends to"])
        #expect(target[0] == "→ chat: POST https://chat.example/{data.room}")
        #expect(target[1] == "    body made by chat.lua#message (scripts/chat.lua:4)")
        #expect(target[2] == "    signs in with bearer token token")
        #expect(
            target[3].hasPrefix(
                "    policy standard: 12 attempts over about 2 h 25 min, first retry after 5 s, then 10 s"))
        #expect(
            target[4]
                == "    if nothing answers, attempts at 0 ms, 5 s, 15 s, 35 s, 1 min 15 s, 2 min 35 s, … after the event came in"
        )
        #expect(lines["on error"]?.first?.hasPrefix("hold") == true)
        #expect(lines["tests"] == ["a release is told  routes/shop.yaml:31"])
        #expect(lines["table"]?.first?.hasPrefix("found by type (equal)") == true, "\(lines["table"] ?? [])")
    }

    @Test func `cases, switched-off routes and routes without a key are told`() throws {
        let order = try self.lines("order")
        #expect(order["takes"] == ["events of type order.created, version 2"])
        #expect(order["from"]?.first?.contains("duplicates told by id within 1 d") == true)
        #expect(order["case big"]?.contains("  data.total is at least 1000") == true)
        #expect(order["case big"]?.contains { $0.hasPrefix("    only if Lua says yes to: data.n > 1") } == true)
        #expect(order["case rest"]?.first == "otherwise")
        #expect(order["tests"]?.first?.hasPrefix("none") == true)
        #expect(try self.lines("off")["table"] == ["not in the table: the route is switched off"])
        #expect(try RouteStory("nope", in: Self.revision()) == nil)
        let json = try #require(RouteStory("order", in: try Self.revision())).json
        #expect(json["schema"] == "hookswitch/explain@1" && json["on_error"] == "drop")
        #expect(json["targets"]?.arrayValue?.count == 3 && json["cases"]?.arrayValue?.count == 2)
        #expect(json["targets"]?.arrayValue?.first?["secrets"] == ["hook"])
    }

    static let policies: [(attempts: Int, schedule: RetrySpec.Schedule, jitter: RetrySpec.Jitter, words: String)] = [
        (
            1, .exponential(first: .seconds(5), factor: 2, max: .seconds(60)), .none,
            "1 attempt, no retry; then a dead letter"
        ),
        (
            2, .exponential(first: .seconds(5), factor: 2, max: .seconds(60)), .none,
            "2 attempts over about 5 s, first retry after 5 s, then a dead letter"
        ),
        (
            9, .delays([.milliseconds(50), .milliseconds(50), .milliseconds(50)]), .none,
            "4 attempts over about 150 ms, first retry after 50 ms, then the same again, then a dead letter"
        ),
        (
            9, .delays([.seconds(1), .seconds(5), .seconds(30)]), .full,
            "4 attempts over about 36 s, first retry after 1 s, then 5 s, 30 s (each wait drawn from 0 to that), then a dead letter"
        ),
        (
            20, .exponential(first: .seconds(3600), factor: 2, max: .seconds(86_400)), .equal,
            "6 attempts over about 1 d, first retry after 1 h, then 2 h, 4 h, 8 h, 9 h (each wait drawn from half of that to all), then a dead letter"
        ),
    ]

    @Test(arguments: policies)
    func `a policy is told in words`(
        _ example: (attempts: Int, schedule: RetrySpec.Schedule, jitter: RetrySpec.Jitter, words: String)
    ) {
        var policy = PolicySpec(name: "p")
        policy.retry = RetrySpec(attempts: example.attempts, schedule: example.schedule, jitter: example.jitter)
        #expect(PolicyWords(policy).retries == example.words)
    }

    // MARK: Graph

    @Test func `the tree shows what leads where, and what leads nowhere`() throws {
        let tree = RouteGraph(try Self.revision()).tree
        #expect(tree.first == "github  /in/github, preset github")
        #expect(
            tree.contains(
                "├─ release  github.release · data.action is \"published\" · (data.a is at least 3 or not (data.b is one of \"x\" or \"y\"))"
            ), "\(tree)")
        #expect(tree.contains("│  └─ → chat  chat.lua#message"))
        #expect(tree.contains { $0.hasSuffix("→ erp  big: data.total is at least 1000") })
        #expect(tree.contains("(no route)") && tree.contains("   idle  https://idle.example/"))
        #expect(tree.contains { $0.contains("off  order.paid · switched off") })
    }

    @Test func `a cut keeps what hangs together`() throws {
        var cut = RouteGraph.Cut()
        cut.destination = "chat"
        let graph = RouteGraph(try Self.revision(), cut: cut)
        #expect(
            graph.routes.map(\.name.text) == ["release", "order"] && graph.destinations.map(\.name.text) == ["chat"])
        #expect(graph.routes.allSatisfy { $0.targets.allSatisfy { $0.destination == "chat" } })
        cut.source = "github"
        #expect(RouteGraph(try Self.revision(), cut: cut).routes.map(\.name.text) == ["release"])
        cut.route = "order"
        #expect(RouteGraph(try Self.revision(), cut: cut).routes.isEmpty)
    }

    @Test func `sources are joined to the routes that they can feed`() throws {
        let graph = RouteGraph(try Self.revision())
        let feeds = Dictionary(uniqueKeysWithValues: graph.routes.map { ($0.name.text, $0.sources.map(\.text)) })
        #expect(feeds["release"] == ["github"] && feeds["order"] == ["shop"])
        #expect(feeds["anything"] == ["github", "shop"])
    }

    @Test func `each line of Mermaid is a node or an arrow, whatever labels hold`() throws {
        let lines = RouteGraph(try Self.revision()).mermaid
        #expect(lines.first == "flowchart LR")
        for line in lines.dropFirst() {
            let isNode =
                line.wholeMatch(of: #/\s\s[srd]\d+(\(\["|\["|\[\[")[^"\[\]]*("\]\)|"\]|"\]\])/#) != nil
            let isArrow = line.wholeMatch(of: #/\s\s[sr]\d+ -->(\|"[^"|]*"\|)? [rd]\d+/#) != nil
            #expect(isNode || isArrow, "\(line)")
        }
        #expect(lines.contains { $0.contains("#34;published#34;") })
    }

    @Test func `JSON has every edge between nodes that are there`() throws {
        let graph = RouteGraph(try Self.revision()).json
        let ids = Set((graph["nodes"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue })
        let edges = graph["edges"]?.arrayValue ?? []
        #expect(
            graph["schema"] == "hookswitch/graph@1" && ids.count == 9 && edges.count == 11,
            "\(ids.count) \(edges.count)")
        for edge in edges {
            #expect(ids.contains(edge["from"]?.stringValue ?? "") && ids.contains(edge["to"]?.stringValue ?? ""))
        }
    }
}
