// SPDX-License-Identifier: Apache-2.0
package import HookCore
import LuaBridge

/// Why an assertion of a test does not hold.
package struct CheckFailure: Error, Sendable, Equatable {
    package let message: String
    /// File and line, where known; for inline code a line of the route file.
    package let file: String?
    package let line: Int?
}

/// Runs the assertions of tests, in a sandbox of their own: nothing of them is in the state that runs the scripts.
///
/// - Isolation: confined to the thread that calls it first, which must also drop it.
package final class CheckWorker {
    private let set: ScriptSet
    private var loaded: LoadedScripts?

    package init(_ set: ScriptSet) { self.set = set }

    /// Runs one assertion. It fails where it raises an error, or returns false with or without a reason.
    ///
    /// - Parameters:
    ///   - check: an index into ``Configuration/checks``.
    ///   - result: what the code finds as `result`, its members as names of their own too.
    package func run(_ check: ScriptID, on result: JSONValue) throws(CheckFailure) {
        do throws(LuaFailure) {
            let loaded = try self.load()
            let function = try self.function(of: check, in: loaded)
            defer { if loaded.state.isPoisoned { self.loaded = nil } }
            let document: JSONDocument
            do throws(JSONFailure) {
                document = try JSONDocument(parsing: result.encoded(), limits: Self.limits)
            } catch {
                throw LuaFailure(.runtime, "the result cannot be handed over: \(error.reason.rawValue)")
            }
            let verdict = try loaded.state.call(
                function,
                arguments: {
                    $0.pushJSON(document.bytes, nodes: document.nodes, named: "result", mayRepeatKeys: true)
                },
                results: { results throws(LuaFailure) -> String? in
                    guard results.kind(1) == .boolean, results.boolean(1) == false else { return nil }
                    return results.string(2) ?? "the check returned false"
                }
            ).value
            if let verdict { throw LuaFailure(.runtime, verdict) }
        } catch {
            throw CheckFailure(message: error.message, file: error.place?.chunk, line: error.place?.line)
        }
    }

    /// Bodies of deliveries stand in the result, each with its own limits already.
    private static let limits = JSONLimits(depthMax: 256, duplicateKeys: .last)

    private func load() throws(LuaFailure) -> LoadedScripts {
        if let loaded = self.loaded { return loaded }
        let context = CallContext(secrets: NoSecrets())
        let loaded = try LoadedScripts(context: context, limits: self.set.limits)
        for file in self.set.files { _ = try loaded.load(file) }
        try loaded.freeze()
        self.loaded = loaded
        return loaded
    }

    private func function(of check: ScriptID, in loaded: LoadedScripts) throws(LuaFailure) -> LuaFunction {
        guard self.set.checks.indices.contains(check.index) else {
            throw LuaFailure(.runtime, "there is no such check")
        }
        switch self.set.checks[check.index].code {
        case .inline(let code): return try loaded.compile(code)
        case .function(let path, let name):
            guard let function = try loaded.export(name, of: path) else {
                throw LuaFailure(.runtime, "\(path) has no function \(name)")
            }
            return function
        }
    }
}

/// Stands in where no secret may be read: checking runs no calls, and an assertion has no business with secrets.
struct NoSecrets: SecretReading {
    func values(of name: SecretName) -> [Secret] { [] }
}
