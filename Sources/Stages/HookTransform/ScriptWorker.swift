// SPDX-License-Identifier: Apache-2.0
package import HookCore
import LuaBridge

/// Runs the scripts of one set, for stage 3 (conditions) and stage 4 (transforms).
///
/// The Lua state is made at the first call and thrown away after a budget was spent; the next call makes a new one.
///
/// - Isolation: confined to the thread that calls it first, which must also drop it. One per thread and ``ScriptSet``.
package final class ScriptWorker: ConditionScripts {
    private let set: ScriptSet
    private let revision: RevisionID
    private let mode: ScriptMode
    private let clock: @Sendable () -> Duration
    private let context: CallContext
    private var signals: ScriptSignals
    private var loaded: LoadedScripts?
    /// By ``ScriptID/index``; nil until first used.
    private var functions: [LuaFunction?] = []

    /// How often a Lua state was made.
    package private(set) var statesMade = 0
    /// The call that ended last, also where it failed; nil before the first.
    package private(set) var lastCall: ScriptCall?
    /// Under ``ScriptMode/test``, every call since ``takeCalls()``.
    private var calls: [ScriptCall] = []
    /// Of the event seen last: it is usually seen by several scripts in a row.
    private var texts: (event: EventID, time: WallTime, texts: CallArguments.Texts)?

    /// - Parameter revision: what scripts see as `ctx.revision`.
    /// - Parameter secrets: for `hmac`; scripts never see a value.
    package init(
        _ set: ScriptSet, revision: RevisionID, mode: ScriptMode = .live, secrets: any SecretReading, signals: Signals,
        environment: Environment
    ) {
        self.set = set
        self.revision = revision
        self.mode = mode
        self.clock = environment.now
        self.context = CallContext(secrets: secrets)
        self.signals = ScriptSignals(signals, clock: environment.now)
    }

    // MARK: Calls

    /// The calls under ``ScriptMode/test`` since the last time, in order; none under ``ScriptMode/live``.
    package func takeCalls() -> [ScriptCall] {
        defer { self.calls = [] }
        return self.calls
    }

    /// Asks a filter or a `when` expression.
    package func verdict(
        of script: ScriptID, for event: Event, route: RouteName
    ) throws(ScriptFailure) -> ConditionVerdict {
        let isExpression: Bool
        if case .inline(let code)? = self.entry(script)?.code {
            isExpression = code.isExpression
        } else {
            isExpression = false
        }
        let outcome = try self.run(script, event, route, nil) { results throws(LuaFailure) in
            ResultReading.verdict(results, isExpression: isExpression)
        }
        switch outcome {
        case .value(let verdict): return verdict
        // A condition that drops says no.
        case .dropped(let reason): return .fails(reason: reason)
        }
    }

    /// Runs a transform for one target.
    package func transform(
        _ script: ScriptID, event: Event, route: RouteName, destination: DestinationName
    ) throws(ScriptFailure) -> TransformResult {
        let bytesMax = max(self.set.limits.bodyBytesMax, event.body.count + 65_536)
        let outcome = try self.run(script, event, route, destination) { results throws(LuaFailure) in
            try ResultReading.transform(results, event: event, bytesMax: bytesMax)
        }
        switch outcome {
        case .value(let result): return result
        case .dropped(let reason): return .drop(reason: reason)
        }
    }

    private enum Outcome<Value> {
        case value(Value)
        case dropped(reason: String)
    }

    /// What reading the results came to: the value, or why the results cannot be used.
    private func run<Value>(
        _ script: ScriptID, _ event: Event, _ route: RouteName, _ destination: DestinationName?,
        read: (LuaResults) throws(LuaFailure) -> Result<Value, ResultRefusal>
    ) throws(ScriptFailure) -> Outcome<Value> {
        let label = self.set.label(of: script)
        let began = self.clock()
        var steps = 0
        self.context.reset()
        do throws(ScriptFailure) {
            defer {
                let call = ScriptCall(
                    script: label, route: route, destination: destination, steps: steps, duration: self.clock() - began,
                    lines: self.context.lines)
                self.finish(call, event)
            }
            let (function, loaded) = try self.function(of: script, label)
            let chance = CallChance(event: event.id, route: route)
            self.context.begin(CallContext.Current(now: event.time, chance: chance))
            loaded.state.seedRandom(chance.generatorSeed)
            let result: Result<Value, ResultRefusal>
            do throws(LuaFailure) {
                let arguments = CallArguments(
                    event: event, texts: self.texts(of: event), route: route, destination: destination,
                    revision: self.revision, isTest: self.mode == .test)
                (result, steps) = try loaded.state.call(function, arguments: arguments.push) {
                    results throws(LuaFailure) in
                    try read(results)
                }
            } catch {
                steps = loaded.state.stepsUsed
                if loaded.state.isPoisoned { self.discard() }
                if case .drop(let reason)? = self.context.exit(by: error) { return .dropped(reason: reason) }
                throw ScriptFailure(error, script: label, exit: self.context.exit(by: error))
            }
            switch result {
            case .success(let value): return .value(value)
            case .failure(let refusal): throw ScriptFailure(code: refusal.code, script: label, message: refusal.message)
            }
        } catch {
            if self.mode == .live { self.signals.failed(error, event: event.id, route: route) }
            throw error
        }
    }

    private func finish(_ call: ScriptCall, _ event: Event) {
        self.lastCall = call
        switch self.mode {
        case .test: self.calls.append(call)
        case .live:
            self.signals.record(route: call.route, duration: call.duration, steps: call.steps)
            self.signals.log(call.lines, event: event.id, route: call.route, script: call.script)
            self.signals.count(self.context.counts)
        }
        self.context.end()
    }

    private func texts(of event: Event) -> CallArguments.Texts {
        if let known = self.texts, known.event == event.id, known.time == event.time { return known.texts }
        let texts = CallArguments.Texts(event)
        self.texts = (event.id, event.time, texts)
        return texts
    }

    // MARK: State

    private func entry(_ script: ScriptID) -> ScriptSet.Entry? {
        self.set.entries.indices.contains(script.index) ? self.set.entries[script.index] : nil
    }

    private func discard() {
        self.functions = []
        self.loaded = nil
    }

    private func function(of script: ScriptID, _ label: String) throws(ScriptFailure) -> (LuaFunction, LoadedScripts) {
        do throws(LuaFailure) {
            let loaded = try self.load()
            if self.functions.indices.contains(script.index), let function = self.functions[script.index] {
                return (function, loaded)
            }
            throw LuaFailure(.runtime, "the script is not there")
        } catch {
            // Checking has loaded the same files before: only a lack of memory or time leads here.
            self.discard()
            throw ScriptFailure(code: "script/load", script: label, message: error.message)
        }
    }

    private func load() throws(LuaFailure) -> LoadedScripts {
        if let loaded = self.loaded { return loaded }
        self.statesMade += 1
        let loaded = try LoadedScripts(context: self.context, limits: self.set.limits)
        for file in self.set.files { _ = try loaded.load(file) }
        self.functions = []
        for entry in self.set.entries {
            switch entry.code {
            case .function(let path, let name): self.functions.append(try loaded.export(name, of: path))
            case .inline(let code): self.functions.append(try loaded.compile(code))
            }
        }
        try loaded.freeze()
        self.loaded = loaded
        return loaded
    }
}
