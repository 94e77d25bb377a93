// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

/// JUnit XML as CI systems read it: a suite for each file, what scripts logged as `system-out`
/// (https://github.com/testmoapp/junitxml).
enum JUnitReport {
    static func text(_ results: [RouteTestResult]) -> String {
        var files: [String] = []
        for result in results where !files.contains(result.mark.file) { files.append(result.mark.file) }
        let suites = files.flatMap { file in self.suite(file, results.filter { $0.mark.file == file }) }
        return
            (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"hookswitch\"\(self.counts(results))>"]
            + suites + ["</testsuites>"]).joined(separator: "\n") + "\n"
    }

    private static func counts(_ results: [RouteTestResult]) -> String {
        let seconds = results.reduce(0) { $0 + $1.duration.inSeconds }
        return " tests=\"\(results.count)\" failures=\"\(results.count { !$0.passed })\" errors=\"0\" skipped=\"0\""
            + " time=\"\(self.time(seconds))\""
    }

    private static func suite(_ file: String, _ results: [RouteTestResult]) -> [String] {
        let name = self.attribute(file)
        return ["  <testsuite name=\"\(name)\" file=\"\(name)\"\(self.counts(results))>"]
            + results.flatMap { self.testCase($0, className: name) } + ["  </testsuite>"]
    }

    private static func testCase(_ result: RouteTestResult, className: String) -> [String] {
        let head =
            "    <testcase name=\"\(self.attribute(result.name))\" classname=\"\(className)\" file=\"\(className)\""
            + " line=\"\(result.mark.line)\" time=\"\(self.time(result.duration.inSeconds))\""
        if result.passed && result.logs.isEmpty { return [head + "/>"] }
        var lines = [head + ">"]
        for failure in result.failures {
            let words = "\(failure.what): expected \(failure.expected), found \(failure.found)"
            lines.append(
                "      <failure type=\"\(self.attribute(failure.what))\" message=\"\(self.attribute(words))\">")
            lines.append(self.content(self.details(of: failure)) + "</failure>")
        }
        if !result.logs.isEmpty {
            lines.append("      <system-out>\(self.content(result.logs.joined(separator: "\n")))</system-out>")
        }
        return lines + ["    </testcase>"]
    }

    /// The place, and what differs.
    private static func details(of failure: RouteTestResult.Failure) -> String {
        var lines = [
            "\(failure.mark.file):\(failure.mark.line):\(failure.mark.column): \(failure.what)",
            "expected \(failure.expected)", "found    \(failure.found)",
        ]
        for difference in failure.differences {
            if let old = difference.old { lines.append("- \(difference.path): \(old.text)") }
            if let value = difference.value { lines.append("+ \(difference.path): \(value.text)") }
        }
        return (lines + failure.lines).joined(separator: "\n")
    }

    private static func time(_ seconds: Double) -> String {
        let microseconds = Int((seconds * 1_000_000).rounded())
        let fraction = "\(microseconds % 1_000_000)"
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    }

    /// Line breaks would become spaces in an attribute.
    private static func attribute(_ text: String) -> String {
        self.content(text).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "&#10;")
    }

    private static func content(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { output, scalar in
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\t", "\n": output.unicodeScalars.append(scalar)
            // XML 1.0 has no place for these (section 2.2).
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE:
                output.unicodeScalars.append("\u{FFFD}")
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
