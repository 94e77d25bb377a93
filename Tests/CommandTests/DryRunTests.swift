// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch dry-run`: which routes, why not the others, what would be sent.
@Suite struct DryRunTests {
    private static let order = #"{"type":"order.created","id":"A-1","total":3}"#

    private func dryRun(
        _ project: Project, _ arguments: String..., input: String = DryRunTests.order
    ) throws -> Finished {
        try hookswitch(
            ["dry-run", "-", "--project", project.folder] + arguments, input: input, environment: Project.secrets)
    }

    @Test func `text says what matched, what did not and why, and the request`() throws {
        let project = try Project.shop()
        let done = try self.dryRun(project, "--source", "shop", "--sign")
        #expect(done.code == 0 && done.err.isEmpty)
        let order = [
            "ingest ", "verify ", "route ", "transform ", "store ", "deliver ", "MATCHED every-order",
            "NOT MATCHED created",
            "NOT MATCHED ", "WOULD SEND to plain", "POST http://127.0.0.1:9/plain", "webhook-id: dlv_",
            "nothing was sent",
        ]
        var rest = done.out[...]
        for words in order {
            guard let range = rest.range(of: words) else {
                Issue.record("\"\(words)\" is missing or out of order in:\n\(done.out)")
                return
            }
            rest = rest[range.upperBound...]
        }
        #expect(done.out.contains("data.total gte 10"))
        #expect(done.out.contains("found 3"), "\(done.out)")
    }

    @Test func `JSON carries every route, its conditions, the difference and the request`() throws {
        let project = try Project.shop()
        let body = #"{"type":"order.created","id":"A-1","total":30}"#
        let result = try self.dryRun(project, "--type", "order.created", "-o", "json", input: body).json
        #expect(result.text("schema") == "hookswitch/dry-run@1")
        #expect(result.at("deliveries")?.intValue == 2 && result.at("sent")?.intValue == 0)
        #expect(result.text("event.type") == "order.created" && result.at("event.bytes")?.intValue == body.utf8.count)
        #expect(result.text("revision")?.isEmpty == false && result.at("timing_us.route")?.intValue != nil)
        #expect(result.list("routes").count == 5)
        let route = try #require(result.list("routes").first { $0.text("name") == "created" })
        #expect(route.at("matched") == .bool(true) && route.text("at")?.hasPrefix("routes/routes.yaml:4:") == true)
        let condition = try #require(route.list("conditions").last)
        #expect(condition.text("path") == "data.total" && condition.text("op") == "gte")
        #expect(condition.at("want")?.intValue == 10 && condition.at("got")?.intValue == 30)
        let target = try #require(route.list("targets").first)
        #expect(target.text("destination") == "shaped" && target.at("send") == .bool(true))
        #expect(target.text("transform.script") == "shape.lua#shape" && target.at("transform.steps")?.intValue ?? 0 > 0)
        #expect(target.list("diff").contains { $0.text("op") == "add" && $0.text("path") == "order" })
        #expect(target.at("request.body")?.text == #"{"order":"A-1","total":30}"#)
        #expect(target.text("request.signed_with") == "signing")
        let other = try #require(result.list("routes").first { $0.text("name") == "pushes" })
        #expect(other.at("matched") == .bool(false))
        #expect(other.text("because.want") == "github.push" && other.text("because.got") == "order.created")
    }

    @Test func `the body is taken from a file or from stdin, and must be JSON for an event`() throws {
        let project = try Project.shop("http://127.0.0.1:9", ["order.json": Self.order])
        let fromFile = try hookswitch(
            "dry-run", "order.json", "--source", "shop", "-o", "json", folder: project.folder)
        #expect(try fromFile.json.at("deliveries")?.intValue == 1)
        let broken = try self.dryRun(project, "--type", "order.created", input: "{")
        #expect(broken.code == 65 && broken.err.contains("byte 1"))
        #expect(try self.dryRun(project, "--source", "nowhere").code == 64)
        #expect(try self.dryRun(project, "--type", "order.created", "--route", "nope").code == 64)
    }

    @Test func `headers decide the type of a GitHub event, and no match can be a failure`() throws {
        let project = try Project.shop()
        let push = try self.dryRun(
            project, "--source", "github", "--sign", "-H", "X-GitHub-Event: push", "-H", "X-GitHub-Delivery: d",
            "--expect-match")
        #expect(push.code == 0, "\(push.err)")
        let star = try self.dryRun(
            project, "--source", "github", "-H", "X-GitHub-Event: star", "-H", "X-GitHub-Delivery: d", "--expect-match")
        #expect(star.code == 1 && star.out.contains("MATCHED nothing"))
        let one = try self.dryRun(project, "--type", "order.created", "--route", "created", "-o", "json").json
        #expect(one.list("routes").map { $0.text("name") } == ["created"])
        let bad = try self.dryRun(project, "--source", "github", "-H", "nonsense")
        #expect(bad.code == 64)
    }

    @Test func `a script that fails is held, with its place`() throws {
        let project = try Project.shop()
        let done = try self.dryRun(project, "--type", "fragile.thing", "--steps")
        #expect(done.out.contains("HELD") && done.out.contains("shape.lua:6"), "\(done.out)")
        let result = try self.dryRun(project, "--type", "fragile.thing", "-o", "json").json
        let route = try #require(result.list("routes").first { $0.text("name") == "fragile" })
        #expect(route.text("held.code") == "script/runtime", "\(route)")
        #expect(result.at("deliveries")?.intValue == 0)
    }

    @Test func `no secret is seen in any form`() throws {
        let project = try Project.shop()
        let body = #"{"type":"order.created","id":"A-1","total":30}"#
        for format in ["text", "json"] {
            for source in ["shop", "github", "stripe"] {
                let done = try self.dryRun(
                    project, "--source", source, "--sign", "-o", format, "-H", "X-GitHub-Event: push",
                    "-H", "X-GitHub-Delivery: d", input: body)
                expectNoSecret(done.out + done.err)
            }
        }
    }
}

/// What else an event may be than one body, and the one form that sends.
@Suite struct DryRunInputTests {
    private static let saved =
        #"{"schema":"hookswitch/event@1","id":"evt_01m8bqvs6em3dg7sb27rjac000","type":"order.created","source":"away","data":{"id":"A-1","total":30}}"#

    @Test func `a saved event says itself what it is`() throws {
        let project = try Project.shop("http://127.0.0.1:9", ["saved.json": Self.saved])
        let result = try hookswitch("dry-run", "saved.json", "-o", "json", folder: project.folder).json
        #expect(result.text("event.id") == "evt_01m8bqvs6em3dg7sb27rjac000" && result.text("event.source") == "away")
        #expect(result.at("deliveries")?.intValue == 2)
        let other = try hookswitch(
            "dry-run", "saved.json", "--type", "order.paid", "-o", "json", folder: project.folder
        ).json
        #expect(other.text("event.type") == "order.paid" && other.at("event.bytes")?.intValue == 23)
        try project.write("broken.json", Self.saved.replacingOccurrences(of: "data", with: "dada"))
        let broken = try hookswitch("dry-run", "broken.json", folder: project.folder)
        #expect(broken.code == 65 && broken.err.contains("payload"), "\(broken.err)")
        let bare = try hookswitch("dry-run", "-", input: "{}", folder: project.folder)
        #expect(bare.code == 64 && bare.err.contains("--source NAME"))
    }

    @Test func `a saved request is read again as its source reads it`() throws {
        let saved =
            #"{"schema":"hookswitch/event@1","source":"github","headers":{"X-GitHub-Event":"push","X-GitHub-Delivery":"d"},"body":"{\"ref\":\"x\"}"}"#
        let project = try Project.shop("http://127.0.0.1:9", ["saved.json": saved])
        let result = try hookswitch("dry-run", "saved.json", "--sign", "-o", "json", folder: project.folder).json
        #expect(result.text("event.type") == "github.push" && result.at("event.checked") == .bool(true))
        #expect(result.text("event.sender_id") == "d" && result.at("deliveries")?.intValue == 1)
    }

    @Test func `a refusal is a report too`() throws {
        let project = try Project.shop()
        let text = try hookswitch("dry-run", "-", "--source", "shop", input: "{", folder: project.folder)
        #expect(text.code == 1 && text.out.contains("REFUSED with 400 [json/invalid]"), "\(text.out)")
        let done = try hookswitch(
            "dry-run", "-", "--source", "shop", "-o", "json", input: "{", folder: project.folder)
        let result = try done.json
        #expect(
            done.code == 1 && result.text("refused.code") == "json/invalid" && result.text("refused.stage") == "verify")
        #expect(result.at("routes") == .array([]) && result.at("sent")?.intValue == 0)
        try project.write(
            "hookswitch.yaml", "version: 1\n")
        try project.replace("routes/sources.yaml", "dedupe:", "limits: {body: 1KiB}\n    dedupe:")
        let large = "\"" + String(repeating: "x", count: 2000) + "\""
        let big = try hookswitch("dry-run", "-", "--source", "shop", "-o", "json", input: large, folder: project.folder)
        #expect(try big.json.text("refused.stage") == "ingest" && big.json.at("refused.status")?.intValue == 413)
    }

    @Test func `a body that is no JSON is compared line by line`() throws {
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "routes/text.yaml":
                    "version: 1\nroutes:\n  text: {event: note, transform: text.lua#second, to: plain}\n",
                "scripts/text.lua": """
                function second(event, ctx)
                  return "one\\n2\\nthree\\n", {content_type = "text/plain"}
                end
                """,
            ])
        let done = try hookswitch(
            "dry-run", "-", "--type", "note", "-H", "content-type: text/plain", input: "one\ntwo\nthree\n",
            folder: project.folder)
        #expect(
            done.code == 0 && done.out.contains("  @@ -1,3 +1,3 @@\n   one\n  -two\n  +2\n   three\n"),
            "\(done.out)\(done.err)")
        #expect(done.out.contains("\n  one\n  2\n  three\n"))
    }

    @Test func `against sends what the destinations would get, without credentials`() throws {
        let sink = try Sink()
        defer { sink.close() }
        let project = try Project.shop("http://127.0.0.1:9")
        let done = try hookswitch(
            ["dry-run", "-", "--type", "order.created", "--against", "\(sink.url)/bin/", "--sign", "-o", "json"],
            input: #"{"id":"A-1","total":30}"#, environment: Project.secrets, folder: project.folder)
        let result = try done.json
        #expect(done.code == 0 && result.at("sent")?.intValue == 2, "\(done.out)\(done.err)")
        #expect(result.list("answers").allSatisfy { $0.at("status")?.intValue == 200 })
        let shaped = try #require(sink.received("/bin/shaped").first)
        #expect(shaped.text == #"{"order":"A-1","total":30}"#)
        #expect(shaped.headers["authorization"]?.hasPrefix("Bearer ") == true)
        #expect(shaped.headers["authorization"]?.contains(Project.secrets["BEARER"] ?? "") == false)
        let shown = result.list("routes").first { $0.text("name") == "created" }?.at("targets.0.request")
        let signature = shown?.list("headers").first { $0.text("name") == "x-hookswitch-signature" }?.text("value")
        #expect(shown?.at("test_key") == .bool(false) && signature == shaped.headers["x-hookswitch-signature"])
        let nowhere = try hookswitch(
            "dry-run", "-", "--type", "order.paid", "--against", "http://127.0.0.1:9", input: "{}",
            folder: project.folder)
        #expect(nowhere.code == 69 && nowhere.out.contains("0 of 1 sent"), "\(nowhere.out)")
        #expect(
            try hookswitch("dry-run", "-", "--type", "a", "--against", "ftp://x", input: "{}", folder: project.folder)
                .code == 64)
    }

    @Test func `many events come to a line each, or to a summary`() throws {
        let lines = [
            #"{"type":"order.created","id":"1","total":30}"#, "", #"{"type":"fragile.thing"}"#, #"{"type":"none"}"#,
            "{",
        ]
        let project = try Project.shop("http://127.0.0.1:9", ["events.jsonl": lines.joined(separator: "\n")])
        let done = try hookswitch(
            "dry-run", "events.jsonl", "--source", "shop", "-o", "ndjson", folder: project.folder)
        let rows = try done.out.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(done.code == 1 && rows.count == 4, "\(done.out)\(done.err)")
        #expect(rows[0].list("routes") == ["every-order", "created"] && rows[0].at("deliveries")?.intValue == 2)
        #expect(rows[1].list("held") == ["fragile"] && rows[2].list("routes").isEmpty)
        #expect(rows[3].text("refused") == "json/invalid" && rows[3].at("line")?.intValue == 4)
        let summary = try hookswitch(
            "dry-run", "-", "--ndjson", "--source", "shop", "-o", "json", input: lines[0] + "\n" + lines[0],
            folder: project.folder
        ).json
        #expect(summary.at("events")?.intValue == 2 && summary.at("deliveries")?.intValue == 4)
        #expect(summary.list("routes").map { $0.at("events")?.intValue } == [2, 2])
        let saved = try hookswitch("dry-run", "-", "--ndjson", input: Self.saved + "\n", folder: project.folder)
        #expect(saved.code == 0 && saved.out.contains("1 events, 2 deliveries"), "\(saved.out)\(saved.err)")
        let empty = try hookswitch("dry-run", "-", "--ndjson", "--type", "a", input: "", folder: project.folder)
        #expect(empty.code == 65)
    }

    @Test func `far misses are counted, not listed`() throws {
        let routes = (0..<30).map { "  r\($0): {event: other.\($0), to: plain}" }.joined(separator: "\n")
        let project = try Project.shop("http://127.0.0.1:9", ["routes/many.yaml": "version: 1\nroutes:\n\(routes)\n"])
        let done = try hookswitch("dry-run", "-", "--type", "none", input: "{}", folder: project.folder)
        #expect(done.out.contains("NOT MATCHED: 15 more"), "\(done.out)")
        let all = try hookswitch("dry-run", "-", "--type", "none", "--all", input: "{}", folder: project.folder)
        #expect(all.out.contains("NOT MATCHED r29") && !all.out.contains("more, further"))
    }
}

/// No marker secret: neither in clear, nor in base 64, nor in hexadecimal digits.
func expectNoSecret(_ text: String, _ location: SourceLocation = #_sourceLocation) {
    for (name, secret) in Project.secrets {
        let hex = secret.utf8.map { String(format: "%02x", $0) }.joined()
        // Without its end, which depends on what follows.
        let base64 = String(Data(secret.utf8).base64EncodedString().prefix(secret.utf8.count / 3 * 4))
        for form in [secret, hex, base64] {
            #expect(!text.lowercased().contains(form.lowercased()), "\(name) is seen", sourceLocation: location)
        }
    }
}
