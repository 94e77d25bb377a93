// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// The language of `tests:`, one entry at a time: what holds, and what the same says where it does not.
@Suite struct RouteTestLanguageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Below the name of the test, indented by four.
        let yaml: String
        /// Nil: it passes. Else what the failure says.
        var says: String?
        var testDescription: String { self.name }
    }

    private static let event = "    event: {type: order.created, source: shop, data: {id: A-1, total: 12}}\n"
    private static let request = "request: {source: shop, sign: true, body: {type: order.created, id: A-7, total: 12}}"

    static let cases: [Case] = [
        Case(
            name: "a step has expectations of its own",
            yaml: """
                    steps:
                      - \(request)
                        expect: {status: 202, duplicate: false, deliveries: [{to: plain}, {to: shaped}]}
                      - advance: 23h
                      - \(request)
                        expect: {status: 200, duplicate: true, deliveries: []}
                      - advance: 2h
                      - \(request)
                        expect: {status: 202, duplicate: false}
                    expect: {deliveries: [{to: plain}, {to: shaped}, {to: plain}, {to: shaped}]}
                """),
        Case(
            name: "a step says which one failed",
            yaml: """
                    steps:
                      - \(request)
                      - \(request)
                        expect: {status: 202}
                """, says: "t.test.yaml:7:26: step 2: status"),
        Case(
            name: "attempts of a step count from the step",
            yaml: """
                    responses: {plain: [503, {status: 503, retry_after: 7}, refused, timeout]}
                    steps:
                      - advance: 1m
                      - event: {type: github.push, data: {}}
                        expect: {attempts: {plain: [0s, 5s, 12s, 17s]}, dead_letters: [plain]}
                    expect: {attempts: {plain: [60s, 65s, 72s, 77s], shaped: []}}
                """),
        Case(
            name: "retry_after moves the next attempt",
            yaml: event + "    responses: {shaped: [{status: 429, retry_after: 30}, 200]}\n"
                + "    expect: {attempts: {shaped: [0s, 30s]}}"),
        Case(
            name: "a check holds",
            yaml: event + """
                    check: |
                      assert(#deliveries == 2 and #held == 0 and status == nil and not unmatched)
                      assert(deliveries[1].to == "plain" and deliveries[1].route == "every-order")
                      assert(attempts.shaped[1] == 0 and #dead_letters == 0 and #emitted == 0)
                      assert(deliveries[2].headers["content-type"] == "application/json")
                      for _, delivery in ipairs(result.deliveries) do assert(delivery.method == "POST") end
                """),
        Case(
            name: "a check fails at its line",
            yaml: event + """
                    check: |
                      assert(#deliveries == 2)
                      error("the total is " .. deliveries[2].body.total)
                """, says: "t.test.yaml:7:7: check"),
        Case(
            name: "a check in expect that returns false fails with its reason",
            yaml: event + "    expect: {check: 'return steps > 1000000, \"too cheap\"'}", says: "found too cheap"),
        Case(
            name: "a check may be a function of a file", yaml: event + "    check: checks.lua#two_deliveries"),
        Case(
            name: "a function of a file fails at its place",
            yaml: event + "    check: checks.lua#none", says: "scripts/checks.lua:6:"),
        Case(name: "too many steps", yaml: event + "    max_steps: 3", says: "t.test.yaml:5:16: max_steps"),
        Case(
            name: "an event that no route emits",
            yaml: event + "    expect: {emitted: [{type: order.digest@1, data: {id: 1}}]}",
            says: "expected one order.digest@1, found none"),
        Case(name: "nothing was emitted", yaml: event + "    expect: {emitted: []}"),
        Case(
            name: "method and URL of the request",
            yaml: event
                + "    expect: {deliveries: [{to: plain, method: POST, url: \"http://127.0.0.1:9/plain\"}, {to: shaped}]}"
        ),
        Case(
            name: "another URL",
            yaml: event + "    expect: {deliveries: [{to: plain}, {to: shaped, url: \"http://127.0.0.1:9/x\"}]}",
            says: "url of shaped"),
        Case(
            name: "the version that goes out",
            yaml: event + "    expect: {deliveries: [{to: plain, version: 2}, {to: shaped}]}", says: "version of plain"),
        Case(
            name: "contains names what is missing",
            yaml: event
                + "    expect: {deliveries: [{to: plain}, {to: shaped, contains: {order: A-1, more: {deep: 1}}}]}",
            says: "body of shaped.more"),
        Case(
            name: "a delivery that fits is not taken away by one that does not",
            yaml: event + "    only: created\n    expect: {deliveries: [{to: shaped, body: {x: 1}}, {to: shaped}]}",
            says: "expected one to shaped, found shaped"),
    ]

    @Test(arguments: cases)
    func holds(_ example: Case) throws {
        let checks = """
            function two_deliveries(result)
              return #result.deliveries == 2
            end

            function none(result)
              assert(#result.deliveries == 0, "there are deliveries")
            end

            """
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "routes/t.test.yaml": "version: 1\ntests:\n  it:\n\(example.yaml)\n", "scripts/checks.lua": checks,
            ])
        try project.replace("routes/destinations.yaml", "[50ms, 50ms, 50ms]", "[5s, 5s, 5s]")
        try project.replace("routes/destinations.yaml", "retry_on: [network, 5xx]", "retry_on: [network, 429, 5xx]")
        // The file of checks is used by some cases only.
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == (example.says == nil ? 0 : 1), "\(done.out)\(done.err)")
        if let says = example.says { #expect(done.out.contains(says), "\(done.out)\(done.err)") }
    }

    @Test func `a script that remembers is found, and shown with its two results`() throws {
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "routes/t.test.yaml": """
                version: 1
                tests:
                  it:
                    event: {type: order.created, source: shop, data: {id: A-1, total: 12}}
                    expect: {deliveries: [{to: plain}, {to: shaped}]}

                """
            ])
        // Upvalues are the one thing that freezing does not reach.
        try project.write(
            "scripts/shape.lua",
            """
            local count = 0
            function shape(event, ctx)
              count = count + 1
              return {count = count}
            end

            function fragile(event, ctx)
              return event.data
            end

            """)
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == 1)
        for words in ["determinism: the body of shaped", "-{\"count\":1}", "+{\"count\":2}", "the same Lua state"] {
            #expect(done.out.contains(words), "\(words) in:\n\(done.out)")
        }
    }

    @Test(arguments: [
        ("a test without an expectation", "    event: {type: order.created}", "config/missing-key", 4),
        (
            "a step with two actions",
            "    steps: [{advance: 5s, event: {type: order.created}}]\n    check: return true", "test/input", 4
        ),
        (
            "a golden file outside",
            "    event: {type: order.created}\n    expect: {deliveries: [{to: plain, golden: ../../x}]}", "test/file", 5
        ),
        (
            "attempts at nobody", "    event: {type: order.created}\n    expect: {attempts: {plan: [0s]}}",
            "test/unknown-name", 5
        ),
        (
            "a check that is no Lua", "    event: {type: order.created}\n    check: |\n      assert(\n",
            "script/syntax", 6
        ),
        (
            "a check without its function", "    event: {type: order.created}\n    check: shape.lua#shap",
            "script/missing-function", 5
        ),
    ])
    func `what cannot be meant is said at its line`(_ name: String, _ yaml: String, _ code: String, _ line: Int) throws
    {
        let project = try Project.shop(
            "http://127.0.0.1:9", ["routes/t.test.yaml": "version: 1\ntests:\n  it:\n\(yaml)\n"])
        let done = try hookswitch("check", "-o", "json", "--project", project.folder)
        #expect(done.code == 1, "\(name): \(done.out)")
        let found = try done.json.list("diagnostics").filter { $0.text("code") == code }
        #expect(
            found.contains { $0.at("line")?.intValue == line || $0.at("line")?.intValue == line + 1 }, "\(done.out)")
    }
}
