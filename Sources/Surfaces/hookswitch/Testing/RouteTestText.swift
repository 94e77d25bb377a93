// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import HookPipeline

/// Results of tests for people: what failed, where it stands, and how it differs.
struct RouteTestText {
    private let style: Style
    private let renderer: DiagnosticRenderer

    /// Differences shown of one body.
    private static let differencesMax = 20
    /// Longest value that stands behind the carets.
    private static let besideMax = 60

    init(files: ProjectFiles, style: Style) {
        self.style = style
        self.renderer = DiagnosticRenderer(files: files, colour: style.isColoured ? .always : .never)
    }

    /// One test: a line where it passed.
    func lines(of result: RouteTestResult) -> [String] {
        let name = Printable.text(result.name)
        if result.passed { return ["\(self.style.green("ok  ")) \(name)"] }
        var lines = ["\(self.style.red("FAIL")) \(name)"]
        for failure in result.failures { lines += self.lines(of: failure) }
        if !result.logs.isEmpty {
            lines.append("     \(self.style.dim("logged:"))")
            lines += result.logs.map { "       \(Printable.text($0))" }
        }
        return lines
    }

    func lines(of failure: RouteTestResult.Failure) -> [String] {
        let mark = failure.mark
        var lines = [
            "     \(self.style.bold("\(mark.file):\(mark.line):\(mark.column):")) \(Printable.text(failure.what))"
        ]
        let beside = "expected \(failure.expected), found \(failure.found)"
        // Several differences have lines of their own.
        let isOne = failure.differences.count <= 1
        let isShort =
            isOne
            && [failure.expected, failure.found].allSatisfy {
                $0.count <= Self.besideMax && !$0.contains("\n")
            }
        let excerpt = self.renderer.excerpt(at: mark, isShort ? beside : "")
        if let excerpt { lines += excerpt.split(separator: "\n").map { "     \($0)" } }
        if excerpt == nil || !isShort, failure.differences.isEmpty, failure.lines.isEmpty {
            lines.append("       expected \(Printable.lines(failure.expected))")
            lines.append("       found    \(Printable.lines(failure.found))")
        }
        if failure.differences.count > (isShort && failure.lines.isEmpty ? 1 : 0) {
            lines += self.differences(failure.differences)
        }
        lines += failure.lines.map { "       \(self.painted($0))" }
        return lines
    }

    private func differences(_ differences: [JSONDifference]) -> [String] {
        var lines: [String] = []
        for difference in differences.prefix(Self.differencesMax) {
            let path = difference.path.isEmpty ? "(all)" : difference.path
            if let old = difference.old { lines.append("       \(self.painted("- \(path): \(old.text)"))") }
            if let value = difference.value { lines.append("       \(self.painted("+ \(path): \(value.text)"))") }
        }
        let rest = differences.count - Self.differencesMax
        return rest > 0 ? lines + ["       \(self.style.dim("… and \(rest) more"))"] : lines
    }

    private func painted(_ line: String) -> String {
        let text = Printable.text(line)
        switch text.utf8.first {
        case UInt8(ascii: "-"): return self.style.red(text)
        case UInt8(ascii: "+"): return self.style.green(text)
        case UInt8(ascii: "@"): return self.style.cyan(text)
        default: return text
        }
    }

    /// `12 passed, 1 failed in 0.41 s`.
    func summary(_ results: [RouteTestResult], in duration: Duration) -> String {
        let failed = results.count { !$0.passed }
        let hundredths = Int((duration.inSeconds * 100).rounded())
        let time = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
        let words = "\(results.count - failed) passed, \(failed) failed"
        return (failed == 0 ? self.style.green(words) : self.style.red(words)) + self.style.dim(" in \(time)")
    }
}
