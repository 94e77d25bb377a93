// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

extension CallContext {
    /// The early exit that this failure is, where it is one and was not caught on the way.
    func exit(by failure: LuaFailure) -> Exit? {
        guard failure.kind == .runtime, let exit = self.exit, failure.message.hasSuffix(exit.message) else {
            return nil
        }
        return exit
    }
}

extension ScriptFailure {
    /// Longest message that is kept, in bytes: it goes into the store, the log and lists.
    static let messageBytesMax = 2000

    /// A failed call in the words of the code registry.
    init(_ failure: LuaFailure, script: String, exit: CallContext.Exit?) {
        let place = failure.place.map { "\($0.chunk):\($0.line)" }
        let traceback = failure.traceback.map { frame in
            frame.function.isEmpty
                ? "\(frame.chunk):\(frame.line)" : "\(frame.chunk):\(frame.line) in \(frame.function)"
        }
        if case .fail(let reason)? = exit {
            self.init(code: "script/failed", script: script, message: reason, place: place, traceback: traceback)
            return
        }
        var message = failure.message
        if message.utf8.count > Self.messageBytesMax {
            message = String(decoding: message.utf8.prefix(Self.messageBytesMax), as: UTF8.self) + "…"
        }
        self.init(
            code: Self.code(of: failure.kind), script: script, message: message, place: place, traceback: traceback)
    }

    private static func code(of kind: LuaFailure.Kind) -> String {
        switch kind {
        case .syntax: "script/syntax"
        case .runtime: "script/runtime"
        case .steps: "script/budget-steps"
        case .memory: "script/budget-memory"
        case .wall: "script/budget-wall"
        case .result: "script/result-path"
        }
    }
}
