// SPDX-License-Identifier: Apache-2.0
import Foundation
import FoundationXML
import HookCore
import Testing

/// `explain` and `graph` on the built executable.
@Suite struct ExplainCommandTests {
    @Test func `a route is told from the files`() throws {
        let project = try Project.shop()
        let done = try hookswitch("explain", "created", folder: project.folder)
        #expect(done.code == 0, "\(done.err)")
        for words in [
            "created  routes/routes.yaml:4", "events of type order.created", "data.total is at least 10",
            "→ shaped: POST http://127.0.0.1:9/shaped", "shape.lua#shape (scripts/shape.lua:1)",
            "signs in with bearer token bearer", "signed with signing",
            "4 attempts over about 150 ms, first retry after 50 ms, then the same again, then a dead letter",
        ] { #expect(done.out.contains(words), "\(words) is missing in:\n\(done.out)") }
        expectNoSecret(done.out)
        let json = try hookswitch("explain", "created", "--json", folder: project.folder).json
        #expect(json.text("schema") == "hookswitch/explain@1" && json.text("kind") == "route")
        #expect(json.text("targets.0.destination") == "shaped" && json.list("sources").count == 1)
        let wrong = try hookswitch("explain", "creatd", folder: project.folder)
        #expect(wrong.code == 64 && wrong.err.contains("did you mean \"created\""))
        #expect(try hookswitch("explain", "evt_1", folder: project.folder).code == 64)
    }

    @Test func `an event is explained under the revision that routed it`() throws {
        let sink = try Sink()
        defer { sink.close() }
        sink.script("/shaped", [503])
        let project = try Project.shop(sink.url)
        let server = try Server(project, ["--admin", "127.0.0.1:0"])
        let id = try #require(try server.send("A-1", total: 12).json.text("id"))
        try sink.wait("/shaped", 2)
        try server.until("both attempts are recorded", "/api/v1/events/\(id)") {
            $0.list("deliveries_list").allSatisfy { $0.text("state") == "delivered" }
        }
        let first = try server.ask("explain", id)
        #expect(first.text("schema") == "hookswitch/explain@1" && first.text("kind") == "event")
        #expect(first.at("revision.running") == .bool(true) && first.list("differs").isEmpty)
        // Today's files send it nowhere; the explanation is that of then.
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 1000")
        _ = try server.ask("reload")
        let done = try server.run(["explain", id, "--project", project.folder])
        #expect(done.code == 0, "\(done.err)")
        for words in [
            "order.created from shop, sender's id A-1", "another one runs today", "MATCHED created",
            "✓ data.total gte 10", "NOT MATCHED pushes", "created → shaped  delivered", "1  20", "503 after",
            "200 after",
        ] { #expect(done.out.contains(words), "\(words) is missing in:\n\(done.out)") }
        expectNoSecret(done.out)
        #expect(!done.out.contains("NOT AS IT WAS"))
        let revision = try server.ask("explain", id).text("revision.id") ?? ""
        let kept = try HTTP.get(server.admin, "/api/v1/config/revisions/\(revision)").json
        #expect(kept.text("schema") == "hookswitch/revision@1" && kept.list("files").count == 4)
        #expect(try HTTP.get(server.admin, "/api/v1/config/revisions/none").status == 404)
        try self.saves(id, server, project)
        #expect(try server.stop() == 0)
    }

    /// The event as a file goes the same way again.
    private func saves(_ id: String, _ server: Server, _ project: Project) throws {
        let path = project.path("saved.json")
        #expect(try server.run(["events", "save", id, "--out", path]).code == 0)
        let saved = try JSONValue(parsing: Array(try project.read("saved.json").utf8))
        #expect(saved.text("schema") == "hookswitch/event@1" && saved.text("id") == id && saved.at("fates") == nil)
        expectNoSecret(try project.read("saved.json"))
        let again = try hookswitch("dry-run", "saved.json", "-o", "json", folder: project.folder).json
        #expect(again.text("event.id") == id && again.at("deliveries")?.intValue == 1)
        #expect(try server.run(["events", "save", "evt_01m8bqvs6em3dg7sb27rjac000", "--out", "-"]).code == 1)
    }

    @Test func `the graph is drawn in five ways`() throws {
        let project = try Project.shop()
        let text = try hookswitch("graph", folder: project.folder)
        #expect(text.code == 0 && text.out.contains("shop  /in/shop") && text.out.contains("→ shaped  shape.lua#shape"))
        #expect(try hookswitch("graph", "-o", "mermaid", folder: project.folder).out.hasPrefix("flowchart LR\n"))
        #expect(try hookswitch("graph", "--json", folder: project.folder).json.text("schema") == "hookswitch/graph@1")
        let cut = try hookswitch("graph", "--route", "pushes", "-o", "json", folder: project.folder).json
        #expect(cut.list("nodes").count == 3 && cut.list("edges").count == 2)
        #expect(
            try hookswitch("graph", "--source", "shup", folder: project.folder).err.contains("did you mean \"shop\""))
        let svg = try hookswitch("graph", "-o", "svg", folder: project.folder)
        let parser = XMLParser(data: Data(svg.out.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }

    @Test func `Graphviz and XML take labels with everything in them`() throws {
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "routes/odd.yaml": #"""
                version: 1
                routes:
                  odd:
                    event: "a.\\\"b<&>'`"
                    match: {'data."x|y]\""': "]] \" \\ <b> & # ; \u0007 -->"}
                    to: plain

                """#
            ])
        let svg = try hookswitch("graph", "-o", "svg", folder: project.folder)
        #expect(svg.code == 0 && XMLParser(data: Data(svg.out.utf8)).parse(), "\(svg.err)\(svg.out)")
        let dot = try hookswitch("graph", "-o", "dot", folder: project.folder)
        #expect(dot.out.hasPrefix("digraph hookswitch {"))
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/dot") else {
            print("skipped: no /usr/bin/dot (Debian package graphviz)")
            return
        }
        try project.write("graph.dot", dot.out)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/dot")
        process.arguments = ["-Tsvg", project.path("graph.dot"), "-o", project.path("graph.svg")]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try project.read("graph.svg").contains("<svg"))
    }
}
