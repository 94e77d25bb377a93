// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookTransform
import HookVerify

/// One `round_trip:` test: from a version to another and back, held against the schemas on the way.
struct RoundTripRun {
    typealias Failure = RouteTestResult.Failure

    struct Outcome {
        var failures: [Failure] = []
        var calls: [ScriptCall] = []
        /// What came back.
        var data: [UInt8] = []

        var logLines: [String] {
            self.calls.flatMap { call in
                call.lines.map { line in
                    (["\(line.level.rawValue)", "\(call.script):", line.message] + line.fields).joined(separator: " ")
                }
            }
        }
    }

    private let trip: RouteTestSpec.RoundTrip
    private let test: RouteTestSpec
    private let revision: Revision
    private let places: TestPlaces

    init(_ trip: RouteTestSpec.RoundTrip, _ test: RouteTestSpec, revision: Revision, places: TestPlaces) {
        self.trip = trip
        self.test = test
        self.revision = revision
        self.places = places
    }

    func play(with worker: ScriptWorker) -> Outcome {
        _ = worker.takeCalls()
        var outcome = Outcome()
        let time = self.test.clock ?? RouteTestWorld.defaultClock
        let start = Event(
            id: EventID(time: time, random: 1), source: "test", type: self.trip.type, version: self.trip.from,
            time: time, body: self.trip.body,
            // Data that are no JSON fail at the first step, with a message of their own.
            data: try? JSONDocument(parsing: self.trip.body))
        do throws(ScriptFailure) {
            let there = try self.converted(start, to: self.trip.via, with: worker)
            let back = try self.converted(there, to: self.trip.from, with: worker)
            outcome.data = back.body
            outcome.failures = self.judge(start, back)
        } catch {
            outcome.failures = [self.failure(error)]
        }
        outcome.calls = worker.takeCalls()
        return outcome
    }

    private func converted(
        _ event: Event, to version: Int, with worker: ScriptWorker
    ) throws(ScriptFailure) -> Event {
        guard let conversions = self.revision.conversions(of: event, with: worker) else {
            throw ScriptFailure(
                code: "convert/no-chain", script: "events.\(event.type)",
                message: "the catalogue has no type \(event.type)")
        }
        return try conversions.view(version)
    }

    private var name: String { "round trip of \(self.trip.type)@\(self.trip.from) via \(self.trip.via)" }

    private func judge(_ start: Event, _ back: Event) -> [Failure] {
        guard let before = start.data.map({ JSONValue($0) }), let after = back.data.map({ JSONValue($0) }) else {
            return []
        }
        let differences = JSONComparison.differences(from: before, to: after)
        guard let first = differences.first else { return [] }
        let place = self.places.mark(
            of: [.key("round_trip"), .key("data"), .json(first.path)], in: self.test.mark)
        var failure = Failure(what: self.name, expected: before.text, found: after.text, mark: place)
        failure.differences = differences
        return [failure]
    }

    private func failure(_ failure: ScriptFailure) -> Failure {
        let place = failure.place.map { " (\($0))" } ?? ""
        return Failure(
            what: "\(failure.script) on the \(self.name)", expected: "no error",
            found: "[\(failure.code)] \(failure.message)\(place)",
            mark: self.places.mark(of: [.key("round_trip")], in: self.test.mark))
    }

    /// What differs between two runs of the same test; none may.
    func difference(of first: Outcome, to second: Outcome, _ which: String) -> [Failure] {
        guard first.data != second.data || !second.failures.isEmpty else { return [] }
        var failure = Failure(
            what: "determinism: \(self.name)",
            expected: "the same on every run: \(String(decoding: first.data, as: UTF8.self))",
            found: "\(which) gave \(second.failures.first?.found ?? String(decoding: second.data, as: UTF8.self))",
            mark: self.test.mark)
        failure.lines = LineDiff.unified(from: first.data, to: second.data)
        return [failure]
    }
}
