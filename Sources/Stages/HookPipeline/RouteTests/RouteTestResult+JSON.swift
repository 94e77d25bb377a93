// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension RouteTestResult {
    /// One entry of `tests` in `hookswitch/test@1`.
    package var json: JSONValue {
        [
            "name": .string(self.name), "file": .string(self.mark.file), "line": .int(self.mark.line),
            "passed": .bool(self.passed), "steps": .int(self.steps),
            "duration_ms": .number("\((self.duration.inSeconds * 1_000_000).rounded() / 1000)"),
            "logs": .array(self.logs.map { .string($0) }), "failures": .array(self.failures.map(\.json)),
        ]
    }

    /// Of many tests; `only` those that failed are listed where a reload was refused.
    package static func failuresJSON(_ results: [RouteTestResult]) -> JSONValue {
        .array(
            results.filter { !$0.passed }.map { result in
                [
                    "name": .string(result.name), "file": .string(result.mark.file), "line": .int(result.mark.line),
                    "failures": .array(result.failures.map(\.json)),
                ]
            })
    }

    /// `routes/x.test.yaml:8:40: body of chat.text: expected "a", found "b"` for each failure.
    package var sentences: [String] {
        self.failures.map { failure in
            let place = "\(failure.mark.file):\(failure.mark.line):\(failure.mark.column)"
            return
                "\(place): \(failure.what): expected \(Self.short(failure.expected)), found \(Self.short(failure.found))"
        }
    }

    /// A log line is no place for whole bodies.
    private static func short(_ text: String) -> String {
        text.utf8.count <= 200 ? text : String(decoding: text.utf8.prefix(200), as: UTF8.self) + "…"
    }
}

extension RouteTestResult.Failure {
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("what", .string(self.what)), .init("expected", .string(self.expected)),
            .init("found", .string(self.found)), .init("file", .string(self.mark.file)),
            .init("line", .int(self.mark.line)), .init("column", .int(self.mark.column)),
        ]
        if !self.differences.isEmpty { members.append(.init("diff", .array(self.differences.map(Self.json)))) }
        if !self.lines.isEmpty { members.append(.init("text_diff", .array(self.lines.map { .string($0) }))) }
        if let golden { members.append(.init("golden", .string(golden.path))) }
        return .object(members)
    }

    private static func json(_ difference: JSONDifference) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("op", .string(difference.operation.rawValue)), .init("path", .string(difference.path)),
        ]
        if let old = difference.old { members.append(.init("old", old)) }
        if let value = difference.value { members.append(.init("value", value)) }
        return .object(members)
    }
}
