// SPDX-License-Identifier: Apache-2.0
// One event in the versions that somebody wants of it. A conversion runs once, however many routes and targets ask for
// it: what a converter made is kept for as long as the event is under way.
package import HookCore

/// What became of a conversion, for whoever explains it.
package struct ConversionNote: Sendable {
    /// One converter of a chain.
    package struct Step: Sendable {
        package let call: ScriptCall
        package let failure: ScriptFailure?
    }

    package let type: String
    package let from: Int
    package let to: Int
    /// Whose data were converted: nil for the event's own, else the destination whose transform made them.
    package let destination: DestinationName?
    /// As far as they ran now; a beginning that had run before is not among them.
    package let steps: [Step]
}

/// Converts the data of one event, each version once.
///
/// - Isolation: one event, on the thread of its worker.
package final class Conversions {
    /// Says why data are not of a version of a type; nil where they are, or where the version has no schema.
    package typealias StepCheck = (_ type: String, _ version: Int, _ data: JSONDocument) -> String?

    /// Data that belong together: those of the event, or what one transform made of them.
    private struct Family {
        let origin: Int
        let body: [UInt8]
        var results: [Int: Result<Event, ScriptFailure>]
    }

    private let event: Event
    private let type: VersionTable.TypeVersions
    private let worker: ScriptWorker
    private let check: StepCheck?
    /// The event's own first.
    private var families: [Family] = []
    /// In the order in which they ran.
    package private(set) var notes: [ConversionNote] = []

    /// - Parameter check: holds each step against its schema; nil: nobody does.
    package init(
        _ event: Event, of type: VersionTable.TypeVersions, worker: ScriptWorker, check: StepCheck? = nil
    ) {
        self.event = event
        self.type = type
        self.worker = worker
        self.check = check
    }

    /// Nil for a version that the catalogue does not have.
    func facts(of version: Int) -> EventVersionFacts? { self.type.facts(of: version) }

    // MARK: The event

    /// The event in another version.
    ///
    /// - Errors: what the converter says; `convert/no-chain`, `convert/not-json`, `convert/invalid-step`.
    package func view(_ version: Int) throws(ScriptFailure) -> Event {
        if self.event.version == version { return self.event }
        guard let origin = self.event.version else { throw self.unconvertible(nil, to: version) }
        if self.families.isEmpty {
            self.families.append(Family(origin: origin, body: self.event.body, results: [origin: .success(self.event)]))
        }
        return try self.converted(0, to: version, for: nil)
    }

    /// Whether a view shows the event's own data, in whichever version.
    private func isOwn(_ view: Event) -> Bool {
        if view.part != nil { return false }
        if !view.isReshaped { return true }
        guard let version = view.version, case .success(let own)? = self.families.first?.results[version] else {
            return false
        }
        return own.body == view.body
    }

    // MARK: Bodies

    /// A body in the version that a target pins.
    ///
    /// - Parameter body: what the route's transform made; nil: the data of the view.
    /// - Returns: nil where it is right as it is: the type has no such version, or the body is of it.
    package func body(
        _ body: [UInt8]?, of view: Event, as version: Int, for destination: DestinationName
    ) throws(ScriptFailure) -> [UInt8]? {
        guard self.type.declares(version), view.version != version else { return nil }
        // What nothing has changed is converted from what came, not from what it was converted to on the way in.
        if body == nil, self.isOwn(view) { return try self.view(version).body }
        guard let origin = view.version else { throw self.unconvertible(nil, to: version) }
        let bytes = body ?? view.body
        let family = try self.family(of: bytes, origin, view)
        return try self.converted(family, to: version, for: destination).body
    }

    private func family(of bytes: [UInt8], _ origin: Int, _ view: Event) throws(ScriptFailure) -> Int {
        if self.families.isEmpty {
            self.families.append(
                Family(
                    origin: self.event.version ?? origin, body: self.event.body,
                    results: self.event.version.map { [$0: .success(self.event)] } ?? [:]))
        }
        if let known = self.families.dropFirst().firstIndex(where: { $0.origin == origin && $0.body == bytes }) {
            return known
        }
        // What is wrong with the text does not matter: it was meant for somebody who takes it as it is.
        guard let data = try? JSONDocument(parsing: bytes) else {
            throw self.failure("convert/not-json", "what is to be converted is no JSON")
        }
        let start = view.reshaped(version: origin, body: bytes, data: data)
        self.families.append(Family(origin: origin, body: bytes, results: [origin: .success(start)]))
        return self.families.count - 1
    }

    // MARK: Steps

    private func converted(
        _ family: Int, to version: Int, for destination: DestinationName?
    ) throws(ScriptFailure) -> Event {
        if let known = self.families[family].results[version] { return try known.get() }
        let origin = self.families[family].origin
        guard let chain = self.type.chains.chain(from: origin, to: version) else {
            throw self.unconvertible(origin, to: version)
        }
        var ran: [ConversionNote.Step] = []
        defer {
            self.notes.append(
                ConversionNote(
                    type: self.type.name, from: origin, to: version, destination: destination, steps: ran))
        }
        for step in chain where self.families[family].results[step.to] == nil {
            let result = self.run(step, family, &ran)
            self.families[family].results[step.to] = result
            if case .failure(let failure) = result {
                // Whoever asks again for the end of the chain hears the same without another call.
                self.families[family].results[version] = result
                throw failure
            }
        }
        guard let result = self.families[family].results[version] else { throw self.unconvertible(origin, to: version) }
        return try result.get()
    }

    private func run(
        _ step: ConverterSpec, _ family: Int, _ ran: inout [ConversionNote.Step]
    ) -> Result<Event, ScriptFailure> {
        let conversion = ScriptCall.Conversion(type: self.type.name, from: step.from, to: step.to)
        var result: Result<Event, ScriptFailure>
        do throws(ScriptFailure) {
            // A step that failed for somebody else before fails for everybody behind it.
            guard let input = try self.families[family].results[step.from]?.get() else {
                throw self.unconvertible(step.from, to: step.to)
            }
            result = .success(try self.call(step, input, conversion))
        } catch {
            result = .failure(error)
        }
        if let call = self.worker.lastCall, call.conversion == conversion {
            let failure: ScriptFailure? = if case .failure(let failure) = result { failure } else { nil }
            ran.append(ConversionNote.Step(call: call, failure: failure))
        }
        return result
    }

    private func call(
        _ step: ConverterSpec, _ input: Event, _ conversion: ScriptCall.Conversion
    ) throws(ScriptFailure) -> Event {
        guard input.data != nil else {
            throw self.failure("convert/not-json", "the event is no JSON, which converters take")
        }
        let output = try self.worker.convert(step.script, event: input, as: conversion)
        let view: Event
        if let output {
            let data: JSONDocument
            do throws(JSONFailure) {
                data = try JSONDocument(
                    parsing: output, limits: JSONLimits(depthMax: 128, duplicateKeys: .last))
            } catch {
                throw self.failure("convert/not-json", "the converter's result is no JSON: \(error.reason.rawValue)")
            }
            view = input.reshaped(version: step.to, body: output, data: data, part: input.part)
        } else {
            view = input.reshaped(version: step.to, body: input.body, data: input.data, part: input.part)
        }
        if let check, let data = view.data, let problem = check(self.type.name, step.to, data) {
            throw ScriptFailure(
                code: "convert/invalid-step", script: self.worker.label(of: step.script),
                message: "what it made is no \(self.type.name)@\(step.to): \(problem)")
        }
        return view
    }

    // MARK: Failures

    private func unconvertible(_ from: Int?, to: Int) -> ScriptFailure {
        let message =
            from.map { from in
                self.type.declares(from)
                    ? "no chain of converters leads from \(self.type.name)@\(from) to version \(to)"
                    : "the catalogue has no version \(from) of \(self.type.name), so nothing leads to version \(to)"
            } ?? "the event has no version, so nothing leads to \(self.type.name)@\(to)"
        return self.failure("convert/no-chain", message)
    }

    private func failure(_ code: String, _ message: String) -> ScriptFailure {
        ScriptFailure(code: code, script: "events.\(self.type.name)", message: message)
    }
}
