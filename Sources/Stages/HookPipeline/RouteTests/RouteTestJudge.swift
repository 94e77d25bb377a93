// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookDeliver
import HookTransform

/// Compares what a test expects with what happened.
struct RouteTestJudge {
    typealias Failure = RouteTestResult.Failure
    typealias Path = [TestPlaces.Step]

    let test: RouteTestSpec
    /// For golden files.
    let files: ProjectFiles
    let places: TestPlaces
    let checks: CheckWorker

    /// Step by step, then the whole.
    func judge(_ run: RouteTestRun) -> [Failure] {
        var failures: [Failure] = []
        for (place, step) in self.test.steps.enumerated() {
            guard let expect = step.expect else { continue }
            failures += self.judge(
                expect, run.only(place), at: [.key("steps"), .index(place), .key("expect")], "step \(place + 1): ")
        }
        return failures + self.judge(self.test.expect, run, at: [.key("expect")], "")
    }

    private func judge(
        _ expect: RouteTestSpec.Expectation, _ run: RouteTestRun, at path: Path, _ prefix: String
    ) -> [Failure] {
        var failures = self.judgeAnswer(expect, run, at: path)
        if let expected = expect.deliveries { failures += self.judgeDeliveries(expected, run, at: path) }
        for entry in expect.attempts { failures += self.judgeAttempts(entry.destination, entry.at, run, at: path) }
        if let expected = expect.deadLetters {
            failures += self.judgeSet("dead_letters", expected.map(\.text), run.deadLetters.map(\.text), at: path)
        }
        if let expected = expect.held {
            failures += self.judgeSet("held", expected.map(\.text), run.held.map(\.route.text), at: path)
        }
        if let expected = expect.emitted { failures += self.judgeEmitted(expected, run, at: path) }
        if let limit = expect.maxSteps, run.stepsMax > limit {
            let place = self.places.mark(of: path + [.key("max_steps")], in: self.test.mark)
            let isInside = place != self.places.mark(of: path, in: self.test.mark)
            failures.append(
                self.failure(
                    "max_steps", "at most \(limit)", "\(run.stepsMax)",
                    at: isInside ? path + [.key("max_steps")] : [.key("max_steps")]))
        }
        if let check = expect.check { failures += self.judge(check, run, at: path) }
        failures += self.heldScripts(expect, run, besides: failures)
        return prefix.isEmpty ? failures : failures.map { $0.named(prefix + $0.what) }
    }

    private func judgeAnswer(
        _ expect: RouteTestSpec.Expectation, _ run: RouteTestRun, at path: Path
    ) -> [Failure] {
        var failures: [Failure] = []
        if let status = expect.status, run.status != status {
            failures.append(
                self.failure(
                    "status", "\(status)", run.status.map { "\($0)" } ?? "no request was made",
                    at: path + [.key("status")]))
        }
        if let expected = expect.duplicate, run.isDuplicate != expected {
            failures.append(
                self.failure(
                    "duplicate", "\(expected)", run.isDuplicate.map { "\($0)" } ?? "no request was accepted",
                    at: path + [.key("duplicate")]))
        }
        if let expected = expect.unmatched, expected != run.isUnmatched {
            failures.append(
                self.failure("unmatched", "\(expected)", "\(run.isUnmatched)", at: path + [.key("unmatched")]))
        }
        return failures
    }

    /// A script that failed explains more than the delivery that is missing because of it.
    private func heldScripts(
        _ expect: RouteTestSpec.Expectation, _ run: RouteTestRun, besides failures: [Failure]
    ) -> [Failure] {
        guard !failures.isEmpty else { return [] }
        return run.held.filter { !(expect.held ?? []).contains($0.route) }.map { entry in
            let place = entry.failure.place.map { " (\($0))" } ?? ""
            return Failure(
                what: "script of \(entry.route)", expected: "no error", found: "\(entry.failure.message)\(place)",
                mark: self.scriptMark(entry.failure.place) ?? self.test.mark)
        }
    }

    /// `scripts/chat.lua:12` as a place.
    private func scriptMark(_ place: String?) -> Mark? {
        guard let place, let colon = place.utf8.lastIndex(of: UInt8(ascii: ":")),
            let line = Int(place[place.utf8.index(after: colon)...])
        else { return nil }
        return Mark(file: String(place[..<colon]), line: line, column: 1)
    }

    private func judge(_ check: ScriptID, _ run: RouteTestRun, at path: Path) -> [Failure] {
        do throws(CheckFailure) {
            try self.checks.run(check, on: run.json)
            return []
        } catch {
            let inside = self.places.mark(of: path + [.key("check")], in: self.test.mark)
            // `check` may stand beside `expect` as well.
            let place =
                inside == self.places.mark(of: path, in: self.test.mark)
                ? self.places.mark(of: [.key("check")], in: self.test.mark) : inside
            let mark = error.line.map { self.codeMark(error.file ?? place.file, line: $0) } ?? place
            return [Failure(what: "check", expected: "no error", found: error.message, mark: mark)]
        }
    }

    /// A line of code without its indentation.
    private func codeMark(_ file: String, line: Int) -> Mark {
        let lines = self.files[file]?.split(separator: 0x0A, omittingEmptySubsequences: false) ?? []
        guard lines.indices.contains(line - 1) else { return Mark(file: file, line: line, column: 1) }
        let text = Array(String(decoding: lines[line - 1], as: UTF8.self).unicodeScalars)
        let indent = text.prefix { $0 == " " || $0 == "\t" }.count
        return Mark(file: file, line: line, column: indent + 1, length: text.count - indent)
    }

    // MARK: Parts

    func failure(_ what: String, _ expected: String, _ found: String, at path: Path) -> Failure {
        Failure(what: what, expected: expected, found: found, mark: self.places.mark(of: path, in: self.test.mark))
    }

    private func judgeSet(_ what: String, _ expected: [String], _ found: [String], at path: Path) -> [Failure] {
        if expected.sorted() == found.sorted() { return [] }
        return [self.failure(what, Self.list(expected.sorted()), Self.list(found.sorted()), at: path + [.key(what)])]
    }

    static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

    private func judgeAttempts(
        _ destination: DestinationName, _ expected: [Duration], _ run: RouteTestRun, at path: Path
    ) -> [Failure] {
        let found = run.attempts(at: destination)
        if found == expected { return [] }
        return [
            self.failure(
                "attempts of \(destination)", Self.list(expected.map(Self.text)), Self.list(found.map(Self.text)),
                at: path + [.key("attempts"), .key(destination.text)])
        ]
    }

    /// `5s`, `250ms`.
    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

extension RouteTestResult.Failure {
    func named(_ what: String) -> Self {
        var copy = Self(what: what, expected: self.expected, found: self.found, mark: self.mark)
        copy.differences = self.differences
        copy.lines = self.lines
        copy.golden = self.golden
        return copy
    }
}
