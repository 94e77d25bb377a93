// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch diff`, on real repositories.
@Suite struct DiffCommandTests {
    private static let tests = """
        version: 1
        tests:
          an order:
            event: {type: order.created, source: shop, data: {id: A-1, type: order.created, total: 12}}
            expect: {deliveries: [{to: plain}, {to: shaped}]}
          a push:
            request: {source: github, sign: true, headers: {X-GitHub-Event: push}, body: {ref: refs/heads/main}}
            expect: {deliveries: [{to: plain}]}

        """

    private func repository(_ folder: String = "") throws -> Repository {
        let project = try Project.shop("http://127.0.0.1:9", ["routes/routes.test.yaml": Self.tests])
        let repository = try Repository(project)
        try repository.commit("first")
        return repository
    }

    @Test func `a change in the work tree is shown, and only then is the exit code one`() throws {
        let repository = try self.repository()
        let same = try repository.diff("HEAD", "--exit-code")
        #expect(same.code == 0 && same.out.contains("nothing changes: 3 deliveries"), "\(same)")
        try repository.project.replace("routes/routes.yaml", "gte: 10", "gte: 20")
        let before = try repository.git("status", "--porcelain")
        let changed = try repository.diff("main", "--exit-code")
        #expect(changed.code == 1 && changed.err.contains("compared 2 events"), "\(changed)")
        #expect(changed.out.contains("- 1 delivery  route created → shaped (now not matched)"), "\(changed.out)")
        #expect(changed.out.contains("~ route created: match"), "\(changed.out)")
        #expect(try repository.diff("main").code == 0)
        let coloured = try repository.diff("main", "--color", "always").out
        #expect(coloured.contains("\u{1B}[2me.g. ") && !coloured.contains("·["), "\(coloured)")
        #expect(try repository.git("status", "--porcelain") == before)
    }

    @Test func `two commits compare whatever the work tree says, and the other way round`() throws {
        let repository = try self.repository()
        try repository.project.replace("scripts/shape.lua", "order = ", "number = ")
        try repository.commit("second")
        try repository.project.write("routes/routes.yaml", "no yaml: [")
        let json = try repository.diff("HEAD~1", "HEAD", "-o", "json").json
        #expect(json.text("schema") == "hookswitch/diff@1" && json.at("identical") == .bool(false))
        #expect(json.at("deliveries.before")?.intValue == 3 && json.at("deliveries.changed")?.intValue == 1)
        let group = try #require(json.list("groups").first)
        #expect(group.text("kind") == "changed" && group.text("route") == "created" && group.text("what") == "body")
        let paths = group.list("example.diff").map { "\($0.text("op") ?? "") \($0.text("path") ?? "")" }
        #expect(paths == ["add number", "remove order"])
        #expect(group.text("example.event.label") == "test \"an order\"")
        let back = try repository.diff("HEAD", "HEAD~1", "--json").json
        #expect(back.at("deliveries.changed")?.intValue == 1)
        // The broken files on disk are refused as such.
        let broken = try repository.diff("HEAD")
        #expect(broken.code == 78 && broken.err.contains("work tree:") && broken.err.contains("routes/routes.yaml:"))
    }

    @Test func `markdown is a table with examples folded away, and nothing escapes from it`() throws {
        let repository = try self.repository()
        try repository.project.replace(
            "scripts/shape.lua", "order = event.data.id",
            #"order = "</details>|```"#
                + #"<img src=x>""#)
        let text = try repository.diff("main", "-o", "markdown").out
        #expect(text.hasPrefix("### Hookswitch") && text.contains("| ✏️ | 1 | created | shaped | body changed |"))
        #expect(text.contains("````text\n"), "\(text)")
        let outside = text.components(separatedBy: "````")
        let prose = stride(from: 0, to: outside.count, by: 2).map { outside[$0] }.joined()
        #expect(!prose.contains("<img") && prose.components(separatedBy: "</details>").count == 3, "\(prose)")
    }

    @Test func `what is no revision is refused with a hint`() throws {
        let repository = try self.repository()
        try repository.git("branch", "feature")
        let typo = try repository.diff("featur")
        #expect(typo.code == 64 && typo.err.contains("did you mean \"feature\"?"), "\(typo)")
        #expect(try repository.diff("--", "-x").code == 64)
        let outside = try Project.shop()
        let none = try hookswitch("diff", "main", folder: outside.folder)
        #expect(none.code == 65 && none.err.contains("is in no git repository"), "\(none)")
        let noGit = try hookswitch(
            ["diff", "main"], environment: ["PATH": "/nowhere"], folder: repository.project.folder)
        #expect(noGit.code == 65 || noGit.err.contains("is not installed"), "\(noGit)")
        let empty = try repository.diff("main", "--events", "routes")
        #expect(empty.code == 65 && empty.err.contains("holds no saved events"), "\(empty)")
        #expect(try repository.diff("main", "--events", "recorded:x").code == 64)
        #expect(try repository.diff("main", "--events", "absent").code == 65)
    }

    @Test func `folders are revisions too, and no repository is needed`() throws {
        let old = try Project.shop("http://127.0.0.1:9", ["routes/routes.test.yaml": Self.tests])
        let new = try Project.shop("http://127.0.0.1:9", ["routes/routes.test.yaml": Self.tests])
        try new.replace("routes/routes.yaml", "pushes: {event: github.push", "pushes: {event: github.pull")
        let done = try hookswitch("diff", old.folder, new.folder, "-o", "json")
        #expect(try done.json.list("groups").first?.text("what") == "now not matched", "\(done)")
        #expect(try done.json.at("unmatched.after")?.intValue == 1)
    }

    @Test func `a project in a subfolder, links, odd names and hidden files are read as on disk`() throws {
        let project = try Project()
        let shop = try Project.shop("http://127.0.0.1:9", ["routes/routes.test.yaml": Self.tests])
        try FileManager.default.createDirectory(atPath: project.path("deploy"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: shop.folder, toPath: project.path("deploy/a b"))
        let inner = "deploy/a b"
        try project.write("shared/more.yaml", "version: 1\nroutes:\n  linked: {event: order.created, to: plain}\n")
        try FileManager.default.createSymbolicLink(
            atPath: project.path("\(inner)/routes/linked.yaml"), withDestinationPath: "../../../shared/more.yaml")
        try project.write(
            "\(inner)/routes/sub folder/ö \"x\".yaml", "version: 1\nroutes:\n  odd: {event: x.y, to: plain}\n")
        try project.write("\(inner)/routes/.hidden.yaml", "no yaml: [")
        let repository = try Repository(project)
        try repository.commit()
        let folder = project.path(inner)
        let same = try repository.diff("HEAD", "--json", folder: folder)
        #expect(try same.json.at("identical") == .bool(true) && same.json.list("configuration").isEmpty, "\(same)")
        #expect(try same.json.text("old.revision") == same.json.text("new.revision"))
        let named = try repository.diff("HEAD", "--project", inner, "--json")
        #expect(try named.json.text("old.revision") == same.json.text("new.revision"), "\(named)")
        // A link out of the repository cannot be read at a commit.
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/routes/out.yaml", withDestinationPath: "\(shop.folder)/routes/routes.yaml")
        try repository.commit()
        let outside = try repository.diff("HEAD", folder: folder)
        #expect(outside.code == 65 && outside.err.contains("leads out of the repository"), "\(outside)")
    }

    @Test func `a submodule is read where it is checked out, and asked for where it is not`() throws {
        let library = try Repository(
            try Project(["extra.yaml": "version: 1\nroutes:\n  library: {event: order.created, to: plain}\n"]))
        try library.commit()
        let repository = try self.repository()
        try repository.git("submodule", "add", "-q", library.project.folder, "routes/library")
        try repository.commit()
        let same = try repository.diff("HEAD", "--json")
        #expect(try same.json.at("identical") == .bool(true), "\(same)")
        #expect(try same.json.text("old.revision") == same.json.text("new.revision"))
        try repository.project.remove("routes/library")
        let missing = try repository.diff("HEAD")
        #expect(missing.code == 65 && missing.err.contains("git submodule update --init"), "\(missing)")
    }

    @Test func `saved events of folders, lines and stdin`() throws {
        let repository = try self.repository()
        try repository.project.replace("routes/routes.yaml", "gte: 10", "gte: 20")
        let event = #"{"schema":"hookswitch/event@1","type":"order.created","source":"x","data":{"id":"A","total":15}}"#
        try repository.project.write("events/one.json", event)
        try repository.project.write("events/deep/many.ndjson", "\(event)\n\n\(event)\n")
        try repository.project.write("events/fixture.json", #"{"id":"A","total":15}"#)
        let folder = try repository.diff("main", "--events", "events", "--json")
        #expect(try folder.json.at("events.count")?.intValue == 3, "\(folder)")
        #expect(try folder.json.at("deliveries.vanished")?.intValue == 3 && folder.err.contains("1 files are no saved"))
        let input = try hookswitch(
            ["diff", "main", "--events", "-", "--json"], input: event + "\n", folder: repository.project.folder)
        #expect(try input.json.at("events.count")?.intValue == 1, "\(input)")
        try repository.project.write("events/deep/many.ndjson", "\(event)\n{\n")
        let broken = try repository.diff("main", "--events", "events")
        #expect(broken.code == 65 && broken.err.contains("many.ndjson:2 is no saved event"), "\(broken)")
    }

    @Test func `recorded traffic of a running router, and the configuration that it runs`() throws {
        let project = try Project.shop()
        let server = try Server(project, ["--no-watch"])
        for number in 0..<7 { #expect(try server.send("A-\(number)", total: number * 5).status == 202) }
        let running = server.ready.text("revision") ?? ""
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 20")
        let done = try server.run(["diff", "running", "--project", project.folder, "--events", "recorded:1d", "--json"])
        let json = try done.json
        #expect(json.at("events.count")?.intValue == 7 && json.at("deliveries.vanished")?.intValue == 2, "\(done)")
        #expect(json.text("old.revision") == running && json.text("old.name") == "running")
        #expect(json.list("groups").first?.text("example.event.label")?.hasPrefix("evt_") == true)
        let few = try server.run(["diff", "running", "--project", project.folder, "--events", "recorded:3", "--json"])
        #expect(try few.json.at("events.count")?.intValue == 3)
        #expect(try server.ask("reload").text("result") == "accepted")
        let kept = try server.run(
            ["diff", "running:\(running)", "running", "--project", project.folder, "--events", "recorded", "--json"])
        #expect(try kept.json.at("deliveries.vanished")?.intValue == 2, "\(kept)")
        let unknown = try server.run(["diff", "running:000000000000", "--project", project.folder])
        #expect(unknown.code == 1 && unknown.err.contains("is kept"), "\(unknown)")
    }
}
