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
    package let mode: ScriptMode
    private let clock: @Sendable () -> Duration
    private let context: CallContext
    private var signals: ScriptSignals
    private var loaded: LoadedScripts?
    /// By ``ScriptID/index``; nil until first used.
    private var functions: [LuaFunction?] = []
    /// By ``ScriptID/index``.
    private let scripts: [Script]
    private let arguments: CallArguments
    /// Of states that were thrown away, where lines are traced; nil: they are not.
    private var lines: LineCounts?

    /// What is read of a ``ScriptSet/Entry`` in each call.
    private struct Script {
        let label: String
        let isExpression: Bool
    }

    /// How often a Lua state was made.
    package private(set) var statesMade = 0
    /// The call that ended last, also where it failed; nil before the first.
    package private(set) var lastCall: ScriptCall?
    /// Under ``ScriptMode/test``, every call since ``takeCalls()``.
    private var calls: [ScriptCall] = []

    /// - Parameter revision: what scripts see as `ctx.revision`.
    /// - Parameter secrets: for `hmac`; scripts never see a value.
    /// - Parameter tracesLines: whether ``lineCounts`` is wanted; slow, for the coverage of tests.
    package init(
        _ set: ScriptSet, revision: RevisionID, mode: ScriptMode = .live, secrets: any SecretReading, signals: Signals,
        environment: Environment, tracesLines: Bool = false
    ) {
        self.set = set
        self.lines = tracesLines ? LineCounts() : nil
        self.mode = mode
        self.clock = environment.now
        self.context = CallContext(secrets: secrets, lookups: set.lookups)
        self.arguments = CallArguments(revision: revision, isTest: mode == .test)
        self.scripts = set.entries.map { entry in
            if case .inline(let code) = entry.code {
                Script(label: entry.label, isExpression: code.isExpression)
            } else {
                Script(label: entry.label, isExpression: false)
            }
        }
        self.signals = ScriptSignals(signals, scripts: set.entries.count, clock: environment.now)
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
        let isExpression = self.scripts.indices.contains(script.index) && self.scripts[script.index].isExpression
        let outcome = try self.run(script, event, route, nil) { results throws(LuaFailure) in
            ResultReading.verdict(results, isExpression: isExpression)
        }
        switch outcome {
        case .value(let verdict): return verdict
        // A condition that drops says no.
        case .dropped(let reason): return .fails(reason: reason)
        }
    }

    /// Runs a transform for one target; for what a route emits where there is no destination.
    package func transform(
        _ script: ScriptID, event: Event, route: RouteName, destination: DestinationName?
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

    /// Runs the function of an aggregation over the members of a window.
    func aggregate(_ script: ScriptID, _ batch: WindowBatch) throws(ScriptFailure) -> AggregateResult {
        let document: JSONDocument
        do throws(JSONFailure) {
            document = try JSONDocument(parsing: batch.text, limits: JSONLimits(depthMax: 130, duplicateKeys: .last))
        } catch {
            throw ScriptFailure(
                code: "script/load", script: "\(batch.route)",
                message: "the members of the window cannot be handed over: \(error.reason.rawValue)")
        }
        guard let event = batch.subject(document) else { return .drop(reason: "an empty window") }
        let bytesMax = max(self.set.limits.bodyBytesMax, document.bytes.count + 65_536)
        self.arguments.window = batch
        defer { self.arguments.window = nil }
        let outcome = try self.run(script, event, batch.route, nil) { results throws(LuaFailure) in
            try ResultReading.aggregate(results, members: document.bytes, bytesMax: bytesMax)
        }
        switch outcome {
        case .value(let body): return .body(body)
        case .dropped(let reason): return .drop(reason: reason)
        }
    }

    /// `orders.lua#v1_to_v2`
    package func label(of script: ScriptID) -> String { self.set.label(of: script) }

    /// Runs a converter over the data of an event.
    ///
    /// - Parameter event: holds the data of the version that the converter takes.
    /// - Returns: the new data's text; nil where the script returned what it was given.
    package func convert(
        _ script: ScriptID, event: Event, as conversion: ScriptCall.Conversion
    ) throws(ScriptFailure) -> [UInt8]? {
        let bytesMax = max(self.set.limits.bodyBytesMax, event.body.count + 65_536)
        let outcome = try self.run(script, event, conversion.place, nil, conversion) { results throws(LuaFailure) in
            try ResultReading.conversion(results, bytesMax: bytesMax)
        }
        switch outcome {
        case .value(let data): return data
        case .dropped:
            throw ScriptFailure(
                code: "script/result-type", script: self.scripts[script.index].label,
                message: "a converter cannot drop an event; it returns the data, or says fail(reason)")
        }
    }

    private enum Outcome<Value> {
        case value(Value)
        case dropped(reason: String)
    }

    /// What reading the results came to: the value, or why the results cannot be used.
    private func run<Value>(
        _ script: ScriptID, _ event: Event, _ route: RouteName, _ destination: DestinationName?,
        _ conversion: ScriptCall.Conversion? = nil,
        read: (LuaResults) throws(LuaFailure) -> Result<Value, ResultRefusal>
    ) throws(ScriptFailure) -> Outcome<Value> {
        let label =
            self.scripts.indices.contains(script.index) ? self.scripts[script.index].label : "script \(script.index)"
        let began = self.clock()
        var steps = 0
        self.context.reset()
        do throws(ScriptFailure) {
            defer {
                let call = ScriptCall(
                    script: label, route: route, destination: destination, steps: steps, duration: self.clock() - began,
                    lines: self.context.lines, conversion: conversion)
                self.finish(call, script, event)
            }
            let (function, loaded) = try self.function(of: script, label)
            let chance = CallChance(event: event.id, route: route, part: event.part)
            self.context.begin(CallContext.Current(now: event.time, chance: chance, data: event.data))
            loaded.state.seedRandom(chance.generatorSeed)
            let result: Result<Value, ResultRefusal>
            do throws(LuaFailure) {
                self.arguments.subject = CallArguments.Subject(
                    event: event, route: route, destination: destination, conversion: conversion)
                (result, steps) = try self.call(function, of: loaded.state, event, read)
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

    private func call<Value>(
        _ function: LuaFunction, of state: LuaState, _ event: Event,
        _ read: (LuaResults) throws(LuaFailure) -> Result<Value, ResultRefusal>
    ) throws(LuaFailure) -> (Result<Value, ResultRefusal>, steps: Int) {
        var outcome: Result<Result<Value, ResultRefusal>, LuaFailure>?
        let text = event.data?.bytes ?? []
        let nodes = event.data?.nodes ?? []
        // Its last bytes are padding, which the bridge does not read.
        let tape = unsafe nodes.span.bytes
        let steps = try state.call(function, prepared: self.arguments.current, text: text.span, tape: tape) {
            results in
            do throws(LuaFailure) {
                outcome = .success(try read(results))
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { throw LuaFailure(.runtime, "the results were not read") }
        return (try outcome.get(), steps)
    }

    private func finish(_ call: ScriptCall, _ script: ScriptID, _ event: Event) {
        self.arguments.subject = nil
        self.lastCall = call
        switch self.mode {
        case .test: self.calls.append(call)
        case .live:
            self.signals.record(script, route: call.route, duration: call.duration, steps: call.steps)
            if !call.lines.isEmpty {
                self.signals.log(call.lines, event: event.id, route: call.route, script: call.script)
            }
            if !self.context.counts.isEmpty { self.signals.count(self.context.counts) }
        }
        self.context.end()
    }

    /// How often lines of Lua ran in this worker; empty where they are not traced.
    package var lineCounts: LineCounts {
        var counts = self.lines ?? LineCounts()
        if let loaded = self.loaded { counts.merge(loaded.lineCounts) }
        return counts
    }

    // MARK: State

    private func discard() {
        if let loaded = self.loaded { self.lines?.merge(loaded.lineCounts) }
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
        let loaded = try LoadedScripts(
            context: self.context, limits: self.set.limits, tracesLines: self.lines != nil)
        try self.arguments.attach(to: loaded.state)
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
