// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookTransform

/// The scripts of the shipped examples, on real and typical events.
@Suite struct ExampleScriptTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let script: Int
        let event: String
        let result: String
        var testDescription: String { self.name }
    }

    static let uses: [ScriptSpec] =
        [
            ("chat.lua", "release_message"), ("chat.lua", "push_message"), ("stripe.lua", "entry"),
            ("stripe.lua", "receipt"),
            ("stripe.lua", "risk"), ("orders.lua", "to_erp"),
        ].map { ScriptSpec(role: .transform, body: .function(file: $0.0, name: $0.1), mark: ScriptFixture.mark) }
        + [ScriptSpec(role: .filter, body: .function(file: "orders.lua", name: "is_big"), mark: ScriptFixture.mark)]

    /// The folder of this checkout.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    static func compile() throws -> (ScriptSet?, [Diagnostic]) {
        let names = ["chat.lua", "stripe.lua", "orders.lua", "lib/money.lua"]
        let files = try names.map { name in
            let path = Self.root.appendingPathComponent("scripts/\(name)")
            return ProjectFiles.File(path: "scripts/\(name)", bytes: Array(try Foundation.Data(contentsOf: path)))
        }
        return ScriptSet.compile(files: ProjectFiles(files), scripts: Self.uses)
    }

    static func worker() throws -> ScriptWorker {
        let (set, diagnostics) = try Self.compile()
        return ScriptWorker(
            try #require(set, "\(diagnostics)"), revision: ScriptFixture.sha, secrets: FixedSecrets(values: [:]),
            signals: Signals(), environment: .live)
    }

    @Test func `all of them load, and all are used`() throws {
        let (set, diagnostics) = try Self.compile()
        #expect(set != nil)
        #expect(diagnostics.isEmpty, "\(diagnostics)")
    }

    static let invoice =
        #"{"id":"evt_1","livemode":true,"data":{"object":{"id":"in_1","customer":"cus_1","amount_paid":1200,"currency":"eur","customer_email":"ada@example.com","number":"A-17"}}}"#
    static let refund =
        #"{"id":"evt_2","livemode":true,"data":{"object":{"id":"ch_1","customer":"cus_1","amount":1200,"amount_refunded":5,"currency":"usd","receipt_email":null}}}"#
    static let large =
        #"{"livemode":true,"data":{"object":{"id":"in_2","charge":"ch_9","amount_paid":2500000,"currency":"jpy","customer_email":null,"billing_reason":"manual"}}}"#
    static let order =
        #"{"id":"A-1","total_cents":1200000,"lines":[{"sku":"x","qty":1.0}],"shipping":{"country":"DE"}}"#

    static let cases: [Case] = [
        Case(
            name: "release", script: 0,
            event:
                #"{"release":{"tag_name":"v2.1.0","html_url":"https://g/r"},"repository":{"full_name":"acme/rocket"}}"#,
            result: #"{"text":"acme/rocket v2.1.0 is out: https://g/r"}"#),
        Case(
            name: "push", script: 1,
            event:
                #"{"ref":"refs/heads/main","deleted":false,"compare":"https://g/c","pusher":{"name":"ada"},"commits":[{"message":"One"},{"message":"Two\n\nmore"}],"repository":{"full_name":"acme/rocket"}}"#,
            result: #"{"text":"acme/rocket: 2 commits on main by ada: Two (https://g/c)"}"#),
        Case(
            name: "entry of an invoice", script: 2, event: invoice,
            result: #"{"account":"cus_1","amount":"12.00","currency":"eur","external_id":"in_1","livemode":true}"#),
        Case(
            name: "entry of a refund", script: 2, event: refund,
            result: #"{"account":"cus_1","amount":"-0.05","currency":"usd","external_id":"ch_1","livemode":true}"#),
        Case(
            name: "receipt", script: 3, event: invoice,
            result: #"{"amount":"12.00","subject":"Your receipt A-17","to":"ada@example.com"}"#),
        Case(
            name: "risk of a small invoice", script: 4, event: invoice,
            result: #"{"amount_paid":1200,"charge":"in_1","score":0}"#),
        Case(
            name: "risk of a large one", script: 4, event: large,
            result: #"{"amount_paid":2500000,"charge":"ch_9","score":100}"#),
        Case(
            name: "amounts without minor units", script: 2, event: large,
            result: #"{"amount":"2500000","currency":"jpy","external_id":"in_2","livemode":true}"#),
        Case(
            name: "order", script: 5, event: order,
            result: #"{"country":"DE","lines":[{"sku":"x","qty":1.0}],"order_no":"A-1","total":"12000.00"}"#),
        Case(
            name: "order without lines", script: 5, event: #"{"id":"A-2","total_cents":7,"shipping":{"country":"SE"}}"#,
            result: #"{"country":"SE","lines":[],"order_no":"A-2","total":"0.07"}"#),
    ]

    @Test(arguments: cases)
    func transforms(_ example: Case) throws {
        let result = try Self.worker().transform(
            ScriptID(example.script), event: .made(example.event), route: "r", destination: "d")
        #expect(result.text == example.result)
    }

    @Test func `a deleted branch and a customer without address are dropped`() throws {
        let worker = try Self.worker()
        let push = try worker.transform(ScriptID(1), event: .made(#"{"deleted":true}"#), route: "r", destination: "d")
        #expect(push == .drop(reason: "the branch was deleted"))
        let receipt = try worker.transform(ScriptID(3), event: .made(Self.refund), route: "r", destination: "d")
        #expect(receipt == .drop(reason: "the customer left no address"))
    }

    @Test func `big orders are big`() throws {
        let worker = try Self.worker()
        #expect(try worker.verdict(of: ScriptID(6), for: .made(Self.order), route: "r") == .holds)
        #expect(
            try worker.verdict(of: ScriptID(6), for: .made(#"{"total_cents":999999}"#), route: "r")
                == .fails(reason: nil))
    }
}

/// 340 real webhooks of GitHub.
@Suite struct RealPayloadTests {
    static let events: [(type: String, body: [UInt8])] = {
        let shared = ProcessInfo.processInfo.environment["HOOKSWITCH_SHARED"] ?? "../shared"
        guard let file = FileManager.default.contents(atPath: "\(shared)/data/github-webhooks/events.jsonl") else {
            print("skipped: \(shared)/data/github-webhooks/events.jsonl is not there; set HOOKSWITCH_SHARED")
            return []
        }
        return file.split(separator: 0x0A).compactMap { line in
            // A line that is no JSON would show as a wrong count below.
            guard let document = try? JSONDocument(parsing: Array(line)),
                let type = document.find(["event"]).flatMap({ document.string(of: $0) }),
                let body = document.find(["body"])
            else { return nil }
            return (type, Array(document.text(of: body)))
        }
    }()

    static func event(_ sample: (type: String, body: [UInt8]), id: Int) throws -> Event {
        Event(
            id: EventID(time: WallTime(milliseconds: 1_767_225_600_000), random: UInt64(id) << 20), source: "github",
            type: "github.\(sample.type)", time: WallTime(milliseconds: 1_767_225_600_000), body: sample.body,
            data: try JSONDocument(parsing: sample.body))
    }

    @Test(.enabled(if: !events.isEmpty))
    func `what a script leaves alone keeps its bytes`() throws {
        let source = """
            function f(event) return event.data end
            function whole(event) return {all = event.data} end
            function walked(event)
              local function walk(v) if type(v) == "table" then for _, x in pairs(v) do walk(x) end end end
              walk(event.data)
              return {all = event.data}
            end
            function repeated(event) local c = copy(event.data) return {all = c} end
            """
        let names = ["f", "whole", "walked", "repeated"]
        let specs = names.map {
            ScriptSpec(role: .transform, body: .function(file: "t.lua", name: $0), mark: ScriptFixture.mark)
        }
        let fixture = try ScriptFixture(["t.lua": source], specs)
        let worker = fixture.worker()
        #expect(Self.events.count == 340)
        for (place, sample) in Self.events.enumerated() {
            let event = try Self.event(sample, id: place)
            #expect(try fixture.transform(event, worker) == .unchanged(contentType: nil, nil))
            for script in 1...3 {
                let result = try worker.transform(ScriptID(script), event: event, route: "r", destination: "d")
                guard case .body(let bytes, _, _) = result else { Issue.record("no body"); continue }
                let expected = Array(#"{"all":"#.utf8) + sample.body + Array("}".utf8)
                if script < 3 {
                    #expect(bytes == expected, "\(names[script]) \(sample.type)")
                } else {
                    #expect(
                        try JSONValue(parsing: bytes) == JSONValue(parsing: expected), "\(names[script]) \(sample.type)"
                    )
                }
            }
        }
        #expect(worker.statesMade == 1)
    }

    @Test(.enabled(if: !events.isEmpty))
    func `the same call gives the same result and steps in one state and in a fresh one`() throws {
        let source =
            "function f(event) local n = 0 for k, v in pairs(event.data) do n = n + #k end return {n, rand(), uuid(), event.data} end"
        let fixture = try ScriptFixture(source)
        let worker = fixture.worker()
        for (place, sample) in Self.events.enumerated() where place % 10 == 0 {
            let event = try Self.event(sample, id: place)
            let first = try fixture.transform(event, worker)
            let steps = worker.lastCall?.steps
            #expect(try fixture.transform(event, worker) == first)
            let fresh = fixture.worker()
            #expect(try fixture.transform(event, fresh) == first)
            #expect(fresh.lastCall?.steps == steps)
        }
    }
}
