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
