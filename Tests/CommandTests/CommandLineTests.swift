// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// What holds for every command: help, exit codes, where things are printed.
@Suite struct CommandLineTests {
    static let commands = [
        "", "demo", "init", "serve", "check", "dry-run", "test", "status", "events", "events list", "events get",
        "events replay", "deliveries", "deliveries list", "deliveries get", "deliveries retry", "deliveries cancel",
        "dead",
        "dead list", "dead groups", "dead redrive", "dead discard", "dead export", "held", "held list", "held replay",
        "held discard", "reload", "config", "config status", "config show", "config schema", "send", "listen", "help",
        "completion", "version",
    ]

    @Test(arguments: Self.commands)
    func `every command explains itself on stdout`(_ command: String) throws {
        let done = try hookswitch(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(done.code == 0)
        #expect(done.out.contains("USAGE:"))
        #expect(done.err.isEmpty)
    }

    struct Ending: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let code: Int32
        var testDescription: String { "\(self.arguments.joined(separator: " ")) → \(self.code)" }
    }

    static let endings = [
        Ending(arguments: ["frobnicate"], code: 64),
        Ending(arguments: ["check", "--frobnicate"], code: 64),
        Ending(arguments: ["dry-run", "x.json"], code: 64),
        Ending(arguments: ["dry-run", "x.json", "--source", "a", "--type", "b"], code: 64),
        Ending(arguments: ["dry-run", "x.json", "--type", "order.created@x"], code: 64),
        Ending(arguments: ["serve", "--ingest", "nowhere"], code: 64),
        Ending(arguments: ["serve", "--admin", "127.0.0.1:99999"], code: 64),
        Ending(arguments: ["send", "x.json"], code: 64),
        Ending(arguments: ["completion", "tcsh"], code: 64),
        Ending(arguments: ["demo", "--for", "soon"], code: 64),
        Ending(arguments: ["demo", "--rate", "0"], code: 64),
        Ending(arguments: ["listen", "nowhere"], code: 64),
        Ending(arguments: ["listen", "--answer", "99"], code: 64),
        Ending(arguments: ["help", "no/such-code"], code: 64),
        Ending(arguments: ["check", "--project", "/dev/null/project"], code: 65),
        Ending(arguments: ["test", "--project", "/dev/null/project"], code: 65),
        Ending(arguments: ["config", "show", "--project", "/dev/null/project"], code: 65),
        Ending(arguments: ["dry-run", "/nonexistent.json", "--type", "a"], code: 65),
        Ending(arguments: ["init", "/dev/null/folder"], code: 65),
        Ending(arguments: ["status", "--token-file", "/dev/null/project"], code: 65),
        Ending(arguments: ["serve", "--project", "/tmp/hookswitch-no-such-project"], code: 78),
        Ending(arguments: ["status"], code: 69),
        Ending(arguments: ["events", "list"], code: 69),
        Ending(arguments: ["dead", "export"], code: 69),
        Ending(arguments: ["held", "replay"], code: 69),
        Ending(arguments: ["config", "status"], code: 69),
        Ending(arguments: ["reload"], code: 69),
    ]

    @Test(arguments: Self.endings)
    func `what goes wrong is said on stderr and by the exit code`(_ ending: Ending) throws {
        let done = try hookswitch(ending.arguments, environment: ["HOOKSWITCH_SERVER": "http://127.0.0.1:1"])
        #expect(done.code == ending.code, "\(done.err)")
        #expect(done.out.isEmpty, "\(done.out)")
        #expect(done.err.lowercased().contains("error: "), "\(done.err)")
    }

    @Test func `the version is one line`() throws {
        let plain = try hookswitch("--version")
        #expect(plain.code == 0 && plain.out.split(separator: "\n").count == 1)
        #expect(try hookswitch("version").out == plain.out)
        #expect(try hookswitch("version", "-o", "json").json.text("schema") == "hookswitch/version@1")
    }

    @Test func `help explains every code that it lists`() throws {
        let listed = try hookswitch("help").out.components(separatedBy: "CODES").last?.split(separator: "\n") ?? []
        let codes = listed.dropFirst().compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(codes.count > 40)
        #expect(Set(codes).count == codes.count, "each code once")
        let one = try hookswitch("help", "route/unknown-destination", "-o", "json").json
        #expect(one.text("schema") == "hookswitch/code@1" && one.text("explanation")?.isEmpty == false)
        #expect(try hookswitch("help", "dry-run").out.contains("USAGE:"))
        let near = try hookswitch("help", "unknown-destination")
        #expect(near.code == 64 && near.err.contains("route/unknown-destination"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completion scripts know the commands`(_ shell: String) throws {
        let script = try hookswitch("completion", shell)
        #expect(script.code == 0)
        for word in ["dry-run", "redrive", "hookswitch"] { #expect(script.out.contains(word)) }
    }

    @Test func `a new project is checked, tested and shown`() throws {
        let project = try Project()
        let folder = project.path("new")
        #expect(try hookswitch("init", folder).code == 0)
        let again = try hookswitch("init", folder)
        #expect(again.code == 0 && again.out.isEmpty && again.err.contains("kept"))
        #expect(try hookswitch("check", "--deny-warnings", "--project", folder).code == 0)
        let tests = try hookswitch("test", "--coverage", folder: folder)
        #expect(
            tests.code == 0 && tests.out.contains(" 0 failed") && tests.out.contains("100.0 %"),
            "\(tests.out)")
        let shown = try hookswitch("config", "show", "-o", "json", folder: folder).json
        #expect(shown.text("schema") == "hookswitch/project@1" && shown.list("routes").count >= 5)
        #expect(try hookswitch("config", "schema", folder: folder).json.text("$schema") != nil)
    }

    @Test func `a configuration with errors is refused by what needs a good one`() throws {
        let project = try Project.shop(
            "http://127.0.0.1:9", ["routes/bad.yaml": "version: 1\nroutes:\n  bad: {event: x.y, to: nowhere}\n"])
        for arguments in [["test"], ["config", "show"], ["dry-run", "-", "--type", "x.y"], ["serve"]] {
            let done = try hookswitch(
                arguments + ["--project", project.folder], input: "{}", environment: Project.secrets)
            #expect(done.code == 78, "\(arguments): \(done.err)")
            #expect(done.err.contains("routes/bad.yaml:3:"), "\(done.err)")
        }
    }

    @Test func `colour is for terminals and for whoever asks`() throws {
        let project = try Project.shop()
        let run = { (more: [String], environment: [String: String]) in
            try hookswitch(
                ["dry-run", "-", "--type", "order.created", "--project", project.folder] + more, input: "{}",
                environment: environment
            ).out.contains("\u{1B}[")
        }
        #expect(try run([], [:]) == false)
        #expect(try run(["--color", "always"], [:]) == true)
        #expect(try run([], ["FORCE_COLOR": "1"]) == true)
        #expect(try run([], ["FORCE_COLOR": "1", "NO_COLOR": "1"]) == false)
    }
}
