// SPDX-License-Identifier: Apache-2.0
// Lua line by line, in the sandbox that scripts run in: same library, same budgets, same lossless JSON. Names that a line
// sets stay for the next one; everything else is as in a call of a script.
package import HookCore
import LuaBridge

/// Evaluates lines over one event.
///
/// - Isolation: confined to the thread that made it.
package final class ScriptConsole {
    /// What a line came to.
    package enum Outcome: Sendable, Equatable {
        /// The values of an expression, or what statements returned, each as JSON (or the name of its type).
        case values([String])
        /// The text is the beginning of something longer.
        case incomplete
        case failure(message: String, place: String?)
    }

    package struct Answer: Sendable {
        package let outcome: Outcome
        package let steps: Int
        /// What the line logged or printed.
        package let lines: [String]
        /// A budget was spent: names that lines have set are gone.
        package let isRenewed: Bool
    }

    /// Why a project's scripts cannot be used.
    package struct Failure: Error, Sendable {
        package let diagnostics: [Diagnostic]
    }

    private static let chunk = "line"
    private static let bytesMax = 1 << 20

    private let set: ScriptSet
    private let script: String?
    private let context: CallContext
    private let arguments: CallArguments
    private var loaded: LoadedScripts
    /// Names that lines set, over the script's and the shared ones.
    private var names: LuaReference

    /// - Parameter script: `scripts/chat.lua`, whose functions can be called by name.
    package init(
        _ files: ProjectFiles, script: String?, revision: RevisionID, secrets: any SecretReading
    ) throws(Failure) {
        let (set, diagnostics) = ScriptSet.compile(files: files, scripts: [])
        guard let set else { throw Failure(diagnostics: diagnostics) }
        self.set = set
        self.script = script
        self.context = CallContext(secrets: secrets)
        self.arguments = CallArguments(revision: revision, isTest: true)
        do throws(LuaFailure) {
            (self.loaded, self.names) = try Self.load(set, script, self.context, self.arguments)
        } catch {
            throw Failure(diagnostics: [Diagnostic("script/load", at: nil, error.message)])
        }
    }

    private static func load(
        _ set: ScriptSet, _ script: String?, _ context: CallContext, _ arguments: CallArguments
    ) throws(LuaFailure) -> (LoadedScripts, LuaReference) {
        let loaded = try LoadedScripts(context: context, limits: set.limits)
        try arguments.attach(to: loaded.state)
        for file in set.files { _ = try loaded.load(file) }
        try loaded.freeze()
        let names = try loaded.state.makeEnvironment()
        if let script { try loaded.offer(script, in: names) }
        return (loaded, names)
    }

    /// Evaluates one line, or several that belong together.
    package func evaluate(_ text: String, event: Event) -> Answer {
        let chance = CallChance(event: event.id, route: "repl")
        self.context.begin(CallContext.Current(now: event.time, chance: chance, data: event.data))
        defer { self.context.end() }
        self.loaded.state.seedRandom(chance.generatorSeed)
        self.arguments.subject = CallArguments.Subject(event: event, route: "repl", destination: nil)
        defer { self.arguments.subject = nil }
        var steps = 0
        var outcome: Outcome
        do throws(LuaFailure) {
            guard let function = try self.compile(text) else { return self.answer(.incomplete, 0) }
            let result = try self.run(function, event)
            (outcome, steps) = (.values(result.values), result.steps)
        } catch {
            steps = self.loaded.state.stepsUsed
            outcome = .failure(
                message: error.message,
                place: error.place.flatMap { $0.chunk == Self.chunk ? nil : "\($0.chunk):\($0.line)" })
        }
        guard self.loaded.state.isPoisoned else { return self.answer(outcome, steps) }
        do throws(LuaFailure) {
            (self.loaded, self.names) = try Self.load(self.set, self.script, self.context, self.arguments)
        } catch {
            outcome = .failure(message: error.message, place: nil)
        }
        return self.answer(outcome, steps, isRenewed: true)
    }

    private func answer(_ outcome: Outcome, _ steps: Int, isRenewed: Bool = false) -> Answer {
        let lines = self.context.lines.map { line in
            line.message + (line.fields.isEmpty ? "" : "  " + line.fields.joined(separator: " "))
        }
        return Answer(outcome: outcome, steps: steps, lines: lines, isRenewed: isRenewed)
    }

    /// An expression, else statements; nil where the text ends too early.
    private func compile(_ text: String) throws(LuaFailure) -> LuaFunction? {
        let head = "local event, ctx = ...; "
        do throws(LuaFailure) {
            return try self.load(head + "return " + text + "\n")
        } catch {
            do throws(LuaFailure) {
                return try self.load(head + text + "\n")
            } catch {
                if error.message.hasSuffix("<eof>") || error.message.hasSuffix("'<eof>'") { return nil }
                throw error
            }
        }
    }

    private func load(_ source: String) throws(LuaFailure) -> LuaFunction {
        try self.loaded.state.load(chunk: Self.chunk, source: Array(source.utf8), environment: self.names)
    }

    private func run(_ function: LuaFunction, _ event: Event) throws(LuaFailure) -> (values: [String], steps: Int) {
        var outcome: Result<[String], LuaFailure> = .success([])
        let text = event.data?.bytes ?? []
        let nodes = event.data?.nodes ?? []
        // Its last bytes are padding, which the bridge does not read.
        let tape = unsafe nodes.span.bytes
        let steps = try self.loaded.state.call(
            function, prepared: self.arguments.prepared, text: text.span, tape: tape
        ) { results in
            do throws(LuaFailure) {
                outcome = .success(try Self.values(results, event))
            } catch {
                outcome = .failure(error)
            }
        }
        return (try outcome.get(), steps)
    }

    private static func values(_ results: LuaResults, _ event: Event) throws(LuaFailure) -> [String] {
        var values: [String] = []
        for place in 0..<results.count {
            switch results.kind(place + 1) {
            case .nil, .none: values.append("nil")
            case .function: values.append("function")
            case .handle, .other:
                values.append(results.handle(place + 1, of: HostFunctions.manyHandle) == nil ? "userdata" : "many")
            default:
                switch try results.json(at: place + 1, path: "value", limit: Self.bytesMax) {
                case .unchanged: values.append(String(decoding: event.body, as: UTF8.self))
                case .bytes(let bytes): values.append(String(decoding: bytes, as: UTF8.self))
                }
            }
        }
        return values
    }
}
