// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline
import HookTransform
import HookVerify

struct Repl: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A Lua prompt in the sandbox of scripts, with an event loaded.",
        discussion: """
            Values are printed as JSON, as they would be sent. With a script its functions can be called by name:

              hookswitch repl chat.lua --event release.json --type github.release
              > release_message(event, ctx)
              {"text":"acme/rocket v2.1.0 is out: …"}

            Lines are read from a pipe as well, without a prompt.
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "A script of the project: chat.lua.")
    var script: String?

    @Option(name: .long, help: "A file with the body, or a saved event.")
    var event: String?

    @Option(name: .long, help: ArgumentHelp("Type of the event.", valueName: "type@version"))
    var type = "example"

    @Option(name: .long, help: "Source of the event.")
    var source = "repl"

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
    var header: [String] = []

    @Option(name: .long, help: "The query of the request.")
    var query = ""

    func run() throws {
        let files: ProjectFiles
        do throws(ProjectReadFailure) {
            files = try Project.read(self.projectOptions.project)
        } catch {
            // A prompt without a script needs no project.
            if self.script != nil { throw Console.fail("\(error)", .unreadable) }
            files = ProjectFiles([])
        }
        var prompt = ReplPrompt(
            options: self, files: files, script: try self.script.map { try self.path(of: $0, files) },
            event: try self.loadEvent(self.event))
        try prompt.run()
    }

    /// `chat.lua`, `chat` and `scripts/chat.lua` name the same file.
    private func path(of script: String, _ files: ProjectFiles) throws -> String {
        var name = script.hasPrefix("./") ? String(script.dropFirst(2)) : script
        if !name.hasSuffix(".lua") { name += ".lua" }
        let path = name.hasPrefix("scripts/") ? name : "scripts/\(name)"
        guard files[path] == nil else { return path }
        let known = files.files.map(\.path).filter { $0.hasSuffix(".lua") }
        let near = NearestName.to(path, among: known)
        throw Console.fail(
            "the project has no script \(path)",
            hint: near.map { "did you mean \($0)?" } ?? "scripts: \(known.joined(separator: ", "))", .unreadable)
    }

    func loadEvent(_ path: String?) throws -> Event {
        let bytes = try path.map { try Console.readFile($0) } ?? Array("{}".utf8)
        let now = Environment.live.wall()
        if SavedEvent.isSaved(bytes) {
            do throws(SavedEvent.Failure) {
                return try SavedEvent(parsing: bytes, now: now).event
            } catch {
                throw Console.fail("\(path ?? ""): \(error)", .unreadable)
            }
        }
        let data: JSONDocument
        do throws(JSONFailure) {
            data = try JSONDocument(parsing: bytes)
        } catch {
            throw Console.fail("\(path ?? ""): \(error.reason.rawValue) (byte \(error.offset))", .unreadable)
        }
        let parts = self.type.split(separator: "@", maxSplits: 1).map(String.init)
        let headers = try HeaderArguments.parse(self.header).map { ($0.name.lowercased(), $0.value) }
        return Event(
            id: EventID(time: now, random: 0), source: SourceName(self.source), type: parts.first ?? "example",
            version: parts.count > 1 ? Int(parts[1]) : nil, time: now, query: self.query, headers: HeaderBlock(headers),
            contentType: "application/json", body: bytes, data: data)
    }
}

/// One run of the prompt.
struct ReplPrompt {
    private static let help = """
        An expression is printed as JSON; statements run. event and ctx are there as in a script, anew in each line:
        what is kept of event beyond a line must be copied, x = copy(event.data).
          :event FILE   load another event
          :reload       read the scripts again
          :steps        show what each line costs, or stop showing it
          :help, :quit
        """

    private let options: Repl
    private let script: String?
    private let style: Style
    private let isTerminal = isatty(STDIN_FILENO) == 1
    private var files: ProjectFiles
    private var event: Event
    private var showsSteps = false

    init(options: Repl, files: ProjectFiles, script: String?, event: Event) {
        self.options = options
        self.files = files
        self.script = script
        self.event = event
        self.style = options.outputOptions.style
        self.showsSteps = self.isTerminal
    }

    mutating func run() throws {
        var console = try self.console()
        if self.isTerminal { Console.note("Lua 5.4 in the sandbox of scripts; :help says more") }
        var pending = ""
        while true {
            self.prompt(pending.isEmpty ? "> " : ">> ")
            guard let line = readLine() else { break }
            if pending.isEmpty, line.trimmingSpaces.hasPrefix(":") {
                switch self.command(line.trimmingSpaces) {
                case .done: break
                case .quit: return
                case .reload: if let fresh = self.reloaded() { console = fresh }
                }
                continue
            }
            if pending.isEmpty && line.trimmingSpaces.isEmpty { continue }
            pending += (pending.isEmpty ? "" : "\n") + line
            let answer = console.evaluate(pending, event: self.event)
            if case .incomplete = answer.outcome { continue }
            self.print(answer)
            pending = ""
        }
        if self.isTerminal { Console.out("") }
        if !pending.isEmpty { self.fail("the input ends inside: \(pending)", place: nil) }
    }

    private func prompt(_ text: String) {
        guard self.isTerminal else { return }
        Console.out(bytes: Array(text.utf8))
    }

    private func console() throws -> ScriptConsole {
        do throws(ScriptConsole.Failure) {
            return try ScriptConsole(
                self.files, script: self.script, revision: RevisionID("repl"), secrets: TestSecrets())
        } catch {
            ProjectLoading.explain(error.diagnostics, self.files, self.options.outputOptions.messageStyle)
            throw Console.fail("the scripts cannot be loaded", .refused)
        }
    }

    // MARK: Commands

    private enum Next { case done, quit, reload }

    private mutating func command(_ line: String) -> Next {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch words[0] {
        case ":quit", ":q", ":exit": return .quit
        case ":reload": return .reload
        case ":steps":
            self.showsSteps.toggle()
            Console.note("steps are \(self.showsSteps ? "shown" : "not shown")")
        case ":help": Console.note(Self.help)
        case ":event" where words.count == 2:
            // What is wrong with the file has been said; the old event stays.
            if let event = try? self.options.loadEvent(words[1].trimmingSpaces) {
                self.event = event
                Console.note("event: \(event.type), \(event.body.count) bytes")
            }
        case ":event":
            Console.note("event: \(self.event.type), \(self.event.body.count) bytes; :event FILE loads another")
        default:
            let near = NearestName.to(words[0], among: [":help", ":event", ":reload", ":steps", ":quit"])
            Console.note(
                "error: \"\(words[0])\" is no command" + (near.map { "; did you mean \($0)?" } ?? "; see :help"))
        }
        return .done
    }

    /// The scripts as they are now; nil, and everything as before, where they cannot be used.
    private mutating func reloaded() -> ScriptConsole? {
        let before = self.files
        do {
            self.files = try Project.read(self.options.projectOptions.project)
            let console = try self.console()
            Console.note("reloaded")
            return console
        } catch let failure as ProjectReadFailure {
            Console.note("error: \(failure)")
        } catch {
            // It has been said what is wrong.
            self.files = before
        }
        return nil
    }

    // MARK: Printing

    private func print(_ answer: ScriptConsole.Answer) {
        if self.options.outputOptions.format != .text { return Console.out(self.json(answer)) }
        for line in answer.lines { Console.out(self.style.dim("log: \(Printable.text(line))")) }
        switch answer.outcome {
        case .values(let values): for value in values { Console.out(Printable.lines(value)) }
        case .failure(let message, let place): self.fail(message, place: place)
        case .incomplete: break
        }
        if answer.isRenewed { Console.note("the state was made anew: names that lines had set are gone") }
        if self.showsSteps { Console.note(self.style.dim("\(answer.steps) steps")) }
    }

    private func fail(_ message: String, place: String?) {
        Console.note("error: \(Printable.lines(message))" + (place.map { " at \($0)" } ?? ""))
    }

    private func json(_ answer: ScriptConsole.Answer) -> JSONValue {
        var values: [JSONValue] = []
        var error: JSONValue = .null
        switch answer.outcome {
        case .values(let texts):
            // A function or nil has no JSON.
            values = texts.map { (try? JSONValue(parsing: Array($0.utf8))) ?? .null }
        case .failure(let message, let place): error = ["message": .string(message), "place": .text(place)]
        case .incomplete: break
        }
        return [
            "schema": "hookswitch/repl@1", "values": .array(values), "error": error, "steps": .int(answer.steps),
            "log": .array(answer.lines.map { .string($0) }),
        ]
    }
}
