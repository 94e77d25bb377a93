// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import hookswitch

/// `hookswitch init`: what it writes passes everything that the program can say of it.
@Suite struct InitTests {
    private static func isGood(_ folder: String) throws {
        let check = try hookswitch("check", "--deny-warnings", "--project", folder)
        #expect(check.code == 0, "\(check.out)\(check.err)")
        let test = try hookswitch("test", "-o", "json", "--project", folder)
        #expect(test.code == 0, "\(test.out)")
        #expect(try test.json.at("passed")?.intValue ?? 0 > 1)
        let format = try hookswitch("fmt", "--check", "--project", folder)
        #expect(format.code == 0, "\(format.out)")
    }

    @Test func `there is a starter for each preset`() throws {
        let reference = try hookswitch("init", "x", "--from", "no-such-preset")
        #expect(reference.code == 64)
        let listed = reference.err.split(separator: "presets: ").last.map {
            $0.split(whereSeparator: { ", \n".contains($0) }).map(String.init)
        }
        #expect(listed == Starter.all.map(\.preset))
    }

    @Test(arguments: Starter.all.map(\.preset)) func `a project from one preset is good`(_ preset: String) throws {
        let project = try Project()
        let done = try hookswitch("init", project.folder, "--from", preset)
        #expect(done.code == 0, "\(done.err)")
        try Self.isGood(project.folder)
        let route = try project.read("routes/\(preset).yaml")
        #expect(route.hasPrefix("# yaml-language-server: $schema=../.hookswitch/route.schema.json\n"))
        #expect(try JSONValue(parsing: Array(project.read(".hookswitch/route.schema.json").utf8))["$schema"] != nil)
    }

    @Test func `a project from all presets at once is good`() throws {
        let project = try Project()
        let all = Starter.all.map(\.preset).joined(separator: ", ")
        #expect(try hookswitch("init", project.folder, "--from", all).code == 0)
        try Self.isGood(project.folder)
        // Another time: the names are taken.
        let again = try hookswitch("init", project.folder, "--from", "github")
        #expect(again.code == 64)
        #expect(again.err.contains("\"github\" already"))
    }

    @Test func `the examples are good, and nothing is overwritten`() throws {
        let project = try Project([".luacheckrc": "mine"])
        #expect(try hookswitch("init", project.folder).code == 0)
        try Self.isGood(project.folder)
        #expect(try project.read(".luacheckrc") == "mine")
        try project.write("routes/github.yaml", "version: 1\n")
        try project.write(".hookswitch/route.schema.json", "old")
        let again = try hookswitch("init", project.folder)
        #expect(again.code == 0)
        #expect(try project.read("routes/github.yaml") == "version: 1\n")
        #expect(try project.read(".hookswitch/route.schema.json").contains("draft-07"))
    }

    @Test func `a misspelt preset is an error that knows better`() throws {
        let done = try hookswitch("init", "/tmp/never-made", "--from", "github,strpe")
        #expect(done.code == 64)
        #expect(done.err.contains("did you mean \"stripe\"?"), "\(done.err)")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/never-made"))
    }
}

/// `hookswitch new`.
@Suite struct NewTests {
    @Test func `a project grows piece by piece and stays good`() throws {
        let project = try Project()
        let run = { (arguments: [String]) in
            let done = try hookswitch(["new"] + arguments + ["--project", project.folder])
            #expect(done.code == 0, "\(arguments): \(done.err)")
            #expect(done.err.contains("next: "))
        }
        try run(["source", "shop", "--preset", "github"])
        try run(["destination", "chat", "--url", "https://chat.example.internal/{data.room}"])
        try run(["script", "chat"])
        try run(["route", "to-chat", "--event", "github.push", "--to", "chat", "--transform", "chat.lua#transform"])
        try run(["source", "lab", "--preset", "gitlab", "--file", "routes/shop.yaml"])
        try run(["destination", "audit", "--url", "http://127.0.0.1:9/a", "--unsigned", "--file", "routes/chat.yaml"])
        try run([
            "route", "all", "--event", "*", "--source", "lab", "--to", "chat", "--to", "audit", "--file",
            "routes/more/all.yaml",
        ])
        try run(["test", "it-works", "--route", "all"])
        let check = try hookswitch("check", "--deny-warnings", "--project", project.folder)
        #expect(check.code == 0, "\(check.out)")
        #expect(try hookswitch("fmt", "--check", "--project", project.folder).code == 0)
        let test = try hookswitch("test", "--project", project.folder)
        #expect(test.code == 0, "\(test.out)")
        #expect(test.out.contains("it works"))
        #expect(
            try project.read("routes/more/all.yaml").hasPrefix("# yaml-language-server: $schema=../../.hookswitch/"))
        #expect(try project.read("routes/it-works.test.yaml").contains("- to: audit"))
    }

    @Test func `an addition keeps the comments and entries of its file`() throws {
        let project = try Project.shop()
        let text = "# mine\nversion: 1\n\n# all of them\nroutes:\n  # one\n  one: {event: a, to: plain}  # here\n"
        try project.write("routes/mine.yaml", text)
        let done = try hookswitch(
            "new", "route", "two", "--event", "b", "--to", "plain", "--file", "routes/mine.yaml", "--project",
            project.folder)
        #expect(done.code == 0, "\(done.err)")
        #expect(try project.read("routes/mine.yaml") == text + "  two:\n    event: b\n    to: plain\n")
    }

    @Test func `a test is made of what the route asks for`() throws {
        let project = try Project.shop()
        let done = try hookswitch("new", "test", "big", "--route", "created", "--project", project.folder)
        #expect(done.code == 0, "\(done.err)")
        let text = try project.read("routes/big.test.yaml")
        #expect(text.contains("total: 10") || text.contains("\"total\": 10"), "\(text)")
        #expect(text.contains("- to: shaped"))
    }

    static let refused: [(arguments: [String], words: String, code: Int32)] = [
        (["source", "shop"], "is there already", 64),
        (["source", "Shop!"], "is no name of a source", 64),
        (["source", "x", "--preset", "githb"], "did you mean \"github\"", 64),
        (["destination", "plain", "--url", "http://x"], "is there already", 64),
        (["destination", "x", "--url", "ftp://x"], "nothing was written", 78),
        (["route", "created", "--event", "a", "--to", "plain"], "is there already", 64),
        (["route", "x", "--event", "a", "--to", "plian"], "did you mean \"plain\"", 78),
        (["route", "x", "--event", "a", "--to", "plain", "--file", "../x.yaml"], "is no route file", 64),
        (["script", "shape"], "is there already", 64),
        (["script", "../shape"], "is no name of a script", 64),
        (["test", "x", "--route", "creatd"], "did you mean \"created\"", 64),
    ]

    @Test(arguments: Self.refused.indices) func `what would be wrong is not written`(_ place: Int) throws {
        let one = Self.refused[place]
        let project = try Project.shop()
        let before = try FileManager.default.subpathsOfDirectory(atPath: project.folder)
        let done = try hookswitch(["new"] + one.arguments + ["--project", project.folder])
        #expect(done.code == one.code, "\(done.err)")
        #expect(done.err.contains(one.words), "\(done.err)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: project.folder).sorted() == before.sorted())
    }
}

/// `hookswitch config schema`.
@Suite struct EditorFileTests {
    @Test func `classes follow the catalogue`() throws {
        let schema = """
            {"type": "object", "required": ["id", "lines"], "properties": {
              "id": {"type": "string", "description": "Number of the order."},
              "state": {"enum": ["open", "paid"]}, "note": {"type": ["string", "null"]},
              "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
              "shipping": {"type": "object", "properties": {"country": {"type": "string"}}}},
             "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string"}, "parent": {"$ref": "#/$defs/line"}}}}}
            """
        let project = try Project.shop(
            "http://127.0.0.1:9",
            [
                "routes/events.yaml":
                    "version: 1\nevents:\n  order.created:\n    summary: An order\n    versions: {2: {schema: schemas/o.json}}\n",
                "routes/schemas/o.json": schema,
            ])
        let done = try hookswitch("config", "schema", "--lua", "--project", project.folder)
        #expect(done.code == 0, "\(done.err)")
        for line in [
            "---@class hookswitch.event.order.created.v2: hookswitch.event",
            "---@field data hookswitch.data.order.created.v2", "---@field id string Number of the order.",
            "---@field state? \"open\"|\"paid\"", "---@field note? string|hookswitch.null",
            "---@field lines hookswitch.data.order.created.v2.lines.item.line[]",
            "---@field country? string",
        ] {
            #expect(done.out.split(separator: "\n").contains(Substring(line)), "\(line)\n\(done.out)")
        }
    }

    @Test func `files are written where they are asked for`() throws {
        let project = try Project.shop()
        let out = project.path("out")
        let done = try hookswitch("config", "schema", "--lua", "--out", out, "--project", project.folder)
        #expect(done.code == 0)
        for name in [
            ".hookswitch/lua/hookswitch.d.lua", ".hookswitch/lua/catalogue.d.lua", ".luarc.json", ".luacheckrc",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(out)/\(name)"), "\(name)")
        }
        // Settings may be the user's; definitions are ours, and are written anew where they are not as they should be.
        try project.write("out/.luarc.json", "{}")
        try project.write("out/.hookswitch/lua/catalogue.d.lua", "-- old")
        let again = try hookswitch("config", "schema", "--lua", "--out", out, "--project", project.folder)
        #expect(again.err.contains("kept ") && again.err.contains(".luarc.json"))
        #expect(again.out == "wrote .hookswitch/lua/catalogue.d.lua\n", "\(again)")
        #expect(try project.read("out/.luarc.json") == "{}")
    }

    @Test func `both schemas are printed`() throws {
        #expect(try hookswitch("config", "schema").json.at("properties")?["routes"] != nil)
        #expect(try hookswitch("config", "schema", "--settings").json.at("properties")?["listen"] != nil)
    }
}
