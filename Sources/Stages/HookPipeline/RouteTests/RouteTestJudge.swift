// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver

/// Compares what a test expects with what happened.
struct RouteTestJudge {
    private typealias Failure = RouteTestResult.Failure

    let test: RouteTestSpec
    /// For golden files.
    let files: ProjectFiles

    func judge(_ run: RouteTestRun) -> [RouteTestResult.Failure] {
        let expect = self.test.expect
        var failures: [Failure] = []
        if let status = expect.status, run.status != status {
            failures.append(self.failure("status", "\(status)", run.status.map { "\($0)" } ?? "no request was made"))
        }
        if let expected = expect.deliveries { failures += self.judgeDeliveries(expected, run.deliveries) }
        for entry in expect.attempts { failures += self.judgeAttempts(entry.destination, entry.at, run) }
        if let expected = expect.deadLetters {
            let found = run.deliveries.filter(\.isDead).map(\.destination.text)
            failures += self.judgeSet("dead_letters", expected.map(\.text), found)
        }
        if let expected = expect.held {
            failures += self.judgeSet("held", expected.map(\.text), run.held.map(\.route.text))
        }
        if let expected = expect.unmatched, expected != run.isUnmatched {
            failures.append(self.failure("unmatched", "\(expected)", "\(run.isUnmatched)"))
        }
        if let limit = expect.maxSteps, run.stepsMax > limit {
            failures.append(self.failure("max_steps", "at most \(limit)", "\(run.stepsMax)"))
        }
        // A script that failed explains more than the delivery that is missing because of it.
        if !failures.isEmpty {
            for entry in run.held where !(expect.held ?? []).contains(entry.route) {
                let place = entry.failure.place.map { " (\($0))" } ?? ""
                failures.append(
                    self.failure("script of \(entry.route)", "no error", "\(entry.failure.message)\(place)"))
            }
        }
        return failures
    }

    private func failure(_ what: String, _ expected: String, _ found: String, at mark: Mark? = nil) -> Failure {
        Failure(what: what, expected: expected, found: found, mark: mark ?? self.test.mark)
    }

    private func judgeSet(_ what: String, _ expected: [String], _ found: [String]) -> [Failure] {
        if expected.sorted() == found.sorted() { return [] }
        return [self.failure(what, Self.list(expected.sorted()), Self.list(found.sorted()))]
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

    /// The exact set: each expected delivery takes one that fits best, none may be left over.
    private func judgeDeliveries(
        _ expected: [RouteTestSpec.ExpectedDelivery], _ found: [RouteTestRun.Delivery]
    ) -> [Failure] {
        var rest = Array(found)
        var failures: [Failure] = []
        for want in expected {
            let sameTarget = rest.indices.filter { place in
                rest[place].destination.text == want.to
                    && (want.route == nil || rest[place].ticket.route.text == want.route)
            }
            if let place = sameTarget.first(where: { self.differences(want, rest[$0]).isEmpty }) {
                rest.remove(at: place)
            } else if let place = sameTarget.first {
                failures += self.differences(want, rest[place])
                rest.remove(at: place)
            } else {
                failures.append(
                    self.failure(
                        "deliveries", "one to \(want.to)", Self.list(found.map(\.destination.text)), at: want.mark))
            }
        }
        for extra in rest {
            let body = String(decoding: extra.body.prefix(200), as: UTF8.self)
            failures.append(
                self.failure(
                    "deliveries", "none to \(extra.destination)", "one by route \(extra.ticket.route): \(body)"))
        }
        return failures
    }

    private func differences(_ want: RouteTestSpec.ExpectedDelivery, _ found: RouteTestRun.Delivery) -> [Failure] {
        var failures: [Failure] = []
        if want.body != nil || want.contains != nil {
            // A body that is no JSON is compared as the text that it is.
            let value = (try? JSONValue(parsing: found.body)) ?? .string(String(decoding: found.body, as: UTF8.self))
            if let body = want.body {
                for difference in JSONComparison.differences(from: body, to: value) {
                    let path = difference.path.isEmpty ? "" : ".\(difference.path)"
                    failures.append(
                        self.failure(
                            "body of \(want.to)\(path)", difference.old?.text ?? "nothing",
                            difference.value?.text ?? "nothing", at: want.mark))
                }
            }
            if let part = want.contains, !JSONComparison.contains(value, part) {
                failures.append(
                    self.failure(
                        "body of \(want.to)", "something that contains \(part.text)", value.text, at: want.mark))
            }
        }
        if let golden = want.golden { failures += self.judgeGolden(golden, want, found) }
        for header in want.headers {
            let value = found.headers.first { $0.name.lowercased() == header.name.lowercased() }?.value
            if value != header.value {
                failures.append(
                    self.failure("header \(header.name) of \(want.to)", header.value, value ?? "none", at: want.mark))
            }
        }
        return failures
    }

    private func judgeGolden(
        _ path: String, _ want: RouteTestSpec.ExpectedDelivery, _ found: RouteTestRun.Delivery
    ) -> [Failure] {
        let folder = want.mark.file.split(separator: "/").dropLast().joined(separator: "/")
        let full = folder.isEmpty ? path : "\(folder)/\(path)"
        guard let expected = self.files[full] else {
            return [self.failure("golden file of \(want.to)", full, "no such file", at: want.mark)]
        }
        // One newline at the end is the editor's.
        let trimmed = expected.last == 0x0A ? Array(expected.dropLast()) : expected
        if found.body == expected || found.body == trimmed { return [] }
        return [
            self.failure(
                "body of \(want.to) against \(full)", String(decoding: trimmed, as: UTF8.self),
                String(decoding: found.body, as: UTF8.self), at: want.mark)
        ]
    }

    private func judgeAttempts(_ destination: DestinationName, _ expected: [Duration], _ run: RouteTestRun) -> [Failure]
    {
        let found = run.deliveries.filter { $0.destination == destination }.flatMap { $0.attempts.map(\.at) }
        if found == expected { return [] }
        let text = { (times: [Duration]) in
            times.isEmpty ? "none" : times.map { "\($0.milliseconds / 1000)s" }.joined(separator: ", ")
        }
        return [self.failure("attempts of \(destination)", text(expected), text(found))]
    }
}
