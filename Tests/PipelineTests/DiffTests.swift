// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookTestKit
import Testing

/// What a change of the configuration does, over events.
@Suite struct DiffTests {
    static let files: [String: String] = [
        "routes/a.yaml": """
        version: 1
        sources:
          shop: {path: /in/shop, verify: none, event: {type: {data: type}, id: {data: id}}}
        destinations:
          erp: {url: "http://erp.example/orders/{data.region}"}
          audit: {url: "http://audit.example/log"}
        routes:
          orders:
            event: order.created
            match: {data.total: {gte: 10}}
            transform: shape.lua#order
            to: erp
          everything: {event: "order.*", to: audit}
          picky: {event: order.paid, filter: shape.lua#picky, transform: shape.lua#order, to: audit}
        """,
        "scripts/shape.lua": """
        local money = require "lib.money"
        function order(event, ctx)
          return {id = event.data.id, total = money.text(event.data.total)}
        end
        function picky(event, ctx)
          return event.data.total > 50, "too small"
        end
        """,
        "scripts/lib/money.lua": """
        return {text = function(n) return string.format("%.2f", n) end}
        """,
    ]

    /// An edit of something that is not there.
    struct Misfit: Error { let edit: String }

    static func revision(_ edits: [(file: String, old: String, new: String)] = []) throws -> Revision {
        var files = Self.files
        for edit in edits {
            let text = try #require(files[edit.file])
            guard edit.old.isEmpty || text.contains(edit.old) else { throw Misfit(edit: edit.old) }
            files[edit.file] = edit.old.isEmpty ? text + edit.new : text.replacing(edit.old, with: edit.new)
        }
        let project = ProjectFiles(files.map { ProjectFiles.File(path: $0.key, bytes: Array($0.value.utf8)) })
        let compiler = RevisionCompiler(
            environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())
        let outcome = compiler.compile(project)
        return try #require(outcome.revision, "\(outcome.diagnostics)")
    }

    static func event(_ number: Int, type: String = "order.created", total: Int, region: String = "eu") throws
        -> RecordedEvent
    {
        let text = """
            {"schema":"hookswitch/event@1","source":"shop","headers":{"content-type":"application/json"},
            "time":"2026-01-01T00:00:00Z","data":{"type":"\(type)","id":"A-\(number)","total":\(total),"region":"\(region)"}}
            """
        return RecordedEvent(try SavedEvent(parsing: Array(text.utf8), now: WallTime(milliseconds: 0)))
    }

    static func report(
        _ old: Revision, _ new: Revision, _ events: [RecordedEvent], threads: Int = 1
    ) -> DiffReport {
        let run = DiffRun(BehaviourDiff(from: old, to: new), threads: threads)
        run.feed(events)
        return run.finish()
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let edits: [(file: String, old: String, new: String)]
        /// `kind count route destination what`
        let groups: [String]
        var testDescription: String { self.name }

        init(_ name: String, _ file: String, _ old: String, _ new: String, _ groups: [String]) {
            self.name = name
            self.edits = [(file, old, new)]
            self.groups = groups
        }
    }

    private static let routes = "routes/a.yaml"

    static let changes: [Change] = [
        .init("a comment", routes, "", "# nothing\n", []),
        .init("a line more in a script", "scripts/shape.lua", "local money", "-- says what\nlocal money", []),
        .init(
            "a wider match", routes, "gte: 10", "gte: 5", ["appeared 1 orders erp: was not matched"]),
        .init(
            "a narrower match", routes, "gte: 10", "gte: 70",
            ["vanished 1 orders erp: now not matched"]),
        .init(
            "another body", "scripts/shape.lua", "id = event.data.id", "order = event.data.id",
            ["changed 2 orders erp: body", "changed 1 picky audit: body"]),
        .init(
            "a module that a script requires", "scripts/lib/money.lua", "%.2f", "%.1f",
            ["changed 2 orders erp: body", "changed 1 picky audit: body"]),
        .init(
            "the URL of a destination", routes, "audit.example/log", "audit.example/v2/log",
            ["changed 5 everything audit: url", "changed 1 picky audit: url"]),
        .init(
            "a header of a destination", routes, #"audit: {url: "http://audit.example/log"}"#,
            #"audit: {url: "http://audit.example/log", headers: {X-Kind: "{type}"}}"#,
            ["changed 5 everything audit: header x-kind", "changed 1 picky audit: header x-kind"]),
        .init(
            "a new route", routes, "routes:\n", "routes:\n  more: {event: order.paid, to: erp}\n",
            ["appeared 2 more erp: new route"]),
        .init(
            "a route that is gone", routes, #"  everything: {event: "order.*", to: audit}"#, "",
            [
                "vanished 5 everything audit: route removed", "event 1 - -: matched → unmatched",
            ]),
        .init(
            "a route that is switched off", routes, #"{event: "order.*", to: audit}"#,
            #"{enabled: false, event: "order.*", to: audit}"#,
            ["vanished 5 everything audit: route disabled", "event 1 - -: matched → unmatched"]),
        .init(
            "another target", routes, "    to: erp", "    to: [erp, audit]",
            ["appeared 2 orders audit: new target"]),
        .init(
            "a script that fails", "scripts/shape.lua", "event.data.total > 50", "event.data.absent.total > 50",
            [
                "vanished 1 picky audit: now held (script/runtime)",
                "fate 1 picky -: filtered → held (script/runtime)",
            ]),
        .init(
            "a stricter filter", "scripts/shape.lua", "> 50", "> 500",
            ["vanished 1 picky audit: now filtered"]),
        .init(
            "another reason", "scripts/shape.lua", "too small", "not enough",
            ["fate 1 picky -: filtered: another reason"]),
        .init(
            "another type", routes, "type: {data: type}", #"type: {data: type, prefix: "v2."}"#,
            [
                "vanished 5 everything audit: now not matched", "vanished 2 orders erp: now not matched",
                "vanished 1 picky audit: now not matched", "event 5 - -: mapped otherwise: type",
                "event 5 - -: matched → unmatched", "fate 1 picky -: filtered → not matched",
            ]),
        .init(
            "another path of the source", routes, "path: /in/shop", "path: /in/store", []),
    ]

    static func events() throws -> [RecordedEvent] {
        [
            try self.event(1, total: 7), try self.event(2, total: 60), try self.event(3, total: 700),
            try self.event(4, type: "order.paid", total: 10), try self.event(5, type: "order.paid", total: 100),
        ]
    }

    @Test(arguments: changes) func `each change shows what it does, and nothing else`(_ change: Change) throws {
        let report = Self.report(try Self.revision(), try Self.revision(change.edits), try Self.events())
        let found = report.groups.map { group in
            "\(group.key.kind.rawValue) \(group.count) \(group.key.route?.text ?? "-") "
                + "\(group.key.destination?.text ?? "-"): \(group.key.what)"
        }
        #expect(found.sorted() == change.groups.sorted())
        #expect(report.events == 5 && report.isEmpty == change.groups.isEmpty)
        Self.expectSums(report)
    }

    /// Every delivery of either side is alike, changed, or on that side only.
    static func expectSums(_ report: DiffReport) {
        #expect(report.before.deliveries == report.alike + report.count(.changed) + report.count(.vanished))
        #expect(report.after.deliveries == report.alike + report.count(.changed) + report.count(.appeared))
    }

    @Test func `a source that is gone refuses what it took`() throws {
        let new = try Self.revision([(Self.routes, "shop: {path", "store: {path")])
        let report = Self.report(try Self.revision(), new, try Self.events())
        #expect(report.after.refused == 5 && report.after.deliveries == 0)
        #expect(report.groups.contains { $0.key.what == "accepted → refused (http/unknown-path)" && $0.count == 5 })
    }

    @Test func `the example shows both requests, and no secret`() throws {
        let signed = try Self.revision([
            (
                Self.routes, #"audit: {url: "http://audit.example/log"}"#,
                #"audit: {url: "http://audit.example/log", auth: {bearer: key}}"#
            ), (Self.routes, "sources:", "secrets:\n  key: {env: KEY}\nsources:"),
        ])
        let report = Self.report(try Self.revision(), signed, try Self.events())
        let group = try #require(report.groups.first { $0.key.route == "everything" })
        #expect(group.key.what == "header authorization")
        #expect(group.example.before?.outbound?.headers.contains { $0.name == "authorization" } == false)
        #expect(
            group.example.after?.outbound?.headers.first { $0.name == "authorization" }?.value == "Bearer ‹key›")
    }

    @Test func `a body with its keys in another order is said to be the same value`() throws {
        let old = try Self.revision([
            (
                "scripts/shape.lua", "return {id = event.data.id, total = money.text(event.data.total)}",
                "return object{{\"a\", 1}, {\"b\", 2}}"
            )
        ])
        let new = try Self.revision([
            (
                "scripts/shape.lua", "return {id = event.data.id, total = money.text(event.data.total)}",
                "return object{{\"b\", 2}, {\"a\", 1}}"
            )
        ])
        let report = Self.report(old, new, try Self.events())
        let example = try #require(report.groups.first).example
        #expect(example.isSameValue && example.bodyDifferences.isEmpty)
    }

    @Test func `deliveries of one event compare as a set, whatever their order`() throws {
        let line = "return {id = event.data.id, total = money.text(event.data.total)}"
        let old = try Self.revision([("scripts/shape.lua", line, "return many{{n = 1}, {n = 2}, {n = 3}}")])
        let turned = try Self.revision([("scripts/shape.lua", line, "return many{{n = 3}, {n = 1}, {n = 2}}")])
        #expect(Self.report(old, turned, try Self.events()).isEmpty)
        let fewer = try Self.revision([("scripts/shape.lua", line, "return many{{n = 3}, {n = 1}}")])
        let report = Self.report(old, fewer, [try Self.event(1, total: 20)])
        #expect(report.groups.map(\.key.what) == ["one less"] && report.alike == 3)
    }

    /// What is alike runs once; that must not change what is found.
    @Test func `random changes add up, turned round they are mirrored, and threads do not matter`() throws {
        let random = SeededRandom(seed: 11)
        var events: [RecordedEvent] = []
        for number in 0..<400 {
            let total = Int(random.next() % 1000)
            let type = ["order.created", "order.paid", "order.gone", "other"][Int(random.next() % 4)]
            events.append(
                try Self.event(number, type: type, total: total, region: random.next() % 2 == 0 ? "eu" : ".."))
        }
        var compared = 0
        for _ in 0..<20 {
            // Some edits do not go together; then another dozen does.
            let edits = Self.changes.filter { _ in random.next() % 5 == 0 }.flatMap(\.edits)
            guard
                let new = try? Self.revision(
                    edits.reduce(into: []) { list, edit in
                        if !list.contains(where: { $0.old == edit.old }) { list.append(edit) }
                    })
            else { continue }
            let old = try Self.revision()
            let report = Self.report(old, new, events)
            compared += 1
            Self.expectSums(report)
            let back = Self.report(new, old, events)
            #expect(back.count(.appeared) == report.count(.vanished))
            #expect(back.count(.changed) == report.count(.changed) && back.alike == report.alike)
            #expect(back.before == report.after && back.after == report.before)
            #expect(Self.report(old, old, events).before == report.before)
            #expect(Self.report(new, new, events).after == report.after)
            let name = DiffReport.Name(text: "x", revision: RevisionID("x"), gitCommit: nil)
            let one = report.json(from: name, to: name, events: "")
            #expect(Self.report(old, new, events, threads: 3).json(from: name, to: name, events: "") == one)
        }
        #expect(compared > 5)
    }
}
