// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

extension ReloadStatus {
    var json: JSONValue {
        [
            "schema": "hookswitch/config@1",
            "revision": .string(self.revision.text),
            "git_commit": .text(self.gitCommit),
            "activated_at": .string(self.activatedAt.rfc3339),
            "fallback": .bool(self.isFallback),
            "last_reload": [
                "at": .string(self.lastAttemptAt.rfc3339),
                "trigger": .string(self.lastTrigger.rawValue),
                "result": .string(self.lastResult.rawValue),
                "seconds": self.times.json,
                "diagnostics": .array(self.diagnostics.map(\.json)),
                "failed_tests": .array(self.failedTests.map { .string($0) }),
                "test_failures": RouteTestResult.failuresJSON(self.testFailures),
            ],
        ]
    }
}

extension StoredRevision {
    /// The files as they were: YAML, Lua and what stands beside them. No secret is in them.
    var json: JSONValue {
        let files = ProjectFiles(encoded: self.files)?.files ?? []
        return [
            "schema": "hookswitch/revision@1",
            "revision": .string(self.id.text),
            "git_commit": .text(self.gitCommit),
            "activated_at": .string(self.activatedAt.rfc3339),
            "files": .array(
                files.map { file in
                    .object([.init("path", .string(file.path))] + SavedEvent.payload(file.bytes))
                }),
        ]
    }
}

extension ReloadOutcome {
    var json: JSONValue {
        [
            "schema": "hookswitch/reload@1",
            "result": .string(self.result.rawValue),
            "revision": .string(self.revision.text),
            "seconds": self.times.json,
            "diagnostics": .array(self.diagnostics.map(\.json)),
            "failed_tests": .array(self.failedTests.map { .string($0) }),
            "test_failures": RouteTestResult.failuresJSON(self.tests),
            "changes": .array(self.plan.changes.map(\.json)),
        ]
    }
}

extension ReloadTimes {
    /// `{"total": 0.051, "read": 0.044, …}`
    var json: JSONValue {
        func seconds(_ duration: Duration) -> JSONValue { .number("\((duration / .microseconds(1)).rounded() / 1e6)") }
        return .object(
            [.init("total", seconds(self.total))] + self.parts.map { .init($0.part.rawValue, seconds($0.duration)) })
    }
}

extension Diagnostic {
    var json: JSONValue {
        [
            "file": .text(self.mark?.file),
            "line": self.mark.map { .int($0.line) } ?? .null,
            "column": self.mark.map { .int($0.column) } ?? .null,
            "severity": .string(self.severity.rawValue),
            "code": .string(self.code),
            "message": .string(self.message),
            "hint": .text(self.hint),
        ]
    }
}
