// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch repl` over a pipe.
@Suite struct ReplTests {
    @Test func `lines of a pipe are evaluated, and errors end nothing`() throws {
        let project = try Project.shop()
        try project.write("event.json", #"{"id": "A-1", "total": 12.50}"#)
        let input = """
            shape(event, ctx)
            event.data.missing.name
            if event.data.total > 10 then
              return "big"
            end
            :steps
            event.type
            :event nowhere.json
            :quit
            "never"

            """
        let done = try hookswitch(
            "repl", "shape.lua", "--event", project.path("event.json"), "--type", "order.created@2", "--project",
            project.folder, input: input)
        #expect(done.code == 0)
        #expect(done.out == "{\"order\":\"A-1\",\"total\":12.5}\n\"big\"\n\"order.created\"\n", "\(done.out)")
        #expect(done.err.contains("error: "))
        #expect(done.err.contains("steps are shown"))
        #expect(done.err.contains(" steps"))
        #expect(done.err.contains("nowhere.json"))
    }

    @Test func `scripts are read again`() throws {
        let project = try Project.shop()
        let process = try ChildProcess(["repl", "shape", "--project", project.folder, "-o", "ndjson"])
        process.feed(Array("shape({data = {id = 1}})\n:reload\n1\n".utf8))
        #expect(try process.wait() == 0)
        let lines = try process.out.lines.map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(lines.first?.text("schema") == "hookswitch/repl@1")
        #expect(lines.map { $0.list("values").first?.text } == [#"{"order":1}"#, "1"])
        #expect(process.err.text.contains("reloaded"))
    }

    @Test func `it needs no project, and knows the names of scripts`() throws {
        let project = try Project.shop()
        let done = try hookswitch("repl", "--project", "/nowhere", input: "1 + 1\n")
        #expect(done.code == 0 && done.out == "2\n")
        let wrong = try hookswitch("repl", "shpae.lua", "--project", project.folder, input: "")
        #expect(wrong.code == 65)
        #expect(wrong.err.contains("did you mean scripts/shape.lua?"), "\(wrong.err)")
    }

    @Test func `a text that never ends is an error at the end`() throws {
        let done = try hookswitch("repl", "--project", "/nowhere", input: "x = {\n")
        #expect(done.err.contains("the input ends inside"))
    }
}

/// `hookswitch debug-signature`.
@Suite struct DebugSignatureTests {
    private static let secret = "It's a Secret to Everybody"
    private static let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    private static func request(_ signature: String, _ body: String) -> String {
        "POST /in/github HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nX-GitHub-Event: push\r\n"
            + "X-Hub-Signature-256: \(signature)\r\n\r\n\(body)"
    }

    @Test func `a raw request that passes`() throws {
        let project = try Project.shop()
        try project.write("request.http", Self.request(Self.good, "Hello, World!"))
        let done = try hookswitch(
            "debug-signature", "github", project.path("request.http"), "--project", project.folder, "-o", "json",
            environment: Project.secrets)
        #expect(done.code == 0, "\(done.out)\(done.err)")
        let result = try done.json
        #expect(result.text("schema") == "hookswitch/debug-signature@1")
        #expect(result.text("verdict") == "valid")
        #expect(result.list("mistakes").isEmpty)
        #expect(result.text("signed") == "Hello, World!")
    }

    @Test func `mistakes are named, and nothing secret is shown`() throws {
        let project = try Project.shop()
        let request = Self.request(Self.good, "Hello, World!\n")
        for format in ["text", "json"] {
            let done = try hookswitch(
                "debug-signature", "github", "-", "--project", project.folder, "-o", format, input: request,
                environment: Project.secrets)
            #expect(done.code == 1)
            #expect(done.out.contains("trailing-newline-added"), "\(done.out)")
            for secret in Project.secrets.values { #expect(!(done.out + done.err).contains(secret)) }
        }
    }

    @Test func `a body with headers, a time, and a secret of its own`() throws {
        let project = try Project.shop()
        try project.write("body.json", #"{"id":"evt_1","type":"test"}"#)
        try project.write("secret", "topsecret\n")
        let arguments = [
            "debug-signature", "stripe", "--body", project.path("body.json"), "-H",
            "Stripe-Signature: t=1700000000,v1=6d04ace89db494b5c0866da194d35971ad69cf3da9ae7ef3dcb0a7f990b2a56a",
            "--secret-file", project.path("secret"), "--project", project.folder,
        ]
        let good = try hookswitch(arguments + ["--at", "2023-11-14T22:13:30Z"])
        #expect(good.code == 0, "\(good.out)")
        #expect(good.out.contains("VALID"))
        let late = try hookswitch(arguments + ["--at", "1700009999"])
        #expect(late.code == 1)
        #expect(late.out.contains("clock: it was signed 9999 s away"), "\(late.out)")
    }

    @Test func `what cannot be read is an error of its own`() throws {
        let project = try Project.shop()
        #expect(try hookswitch("debug-signature", "github", "-", "--project", project.folder, input: "no").code == 65)
        #expect(try hookswitch("debug-signature", "githb", "-", "--project", project.folder, input: "").code == 64)
        #expect(try hookswitch("debug-signature", "github", "--project", project.folder).code == 64)
        #expect(
            try hookswitch("debug-signature", "github", "-", "--at", "noon", "--project", project.folder).code == 64)
    }
}
