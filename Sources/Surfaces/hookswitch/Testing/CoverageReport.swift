// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

enum CoverageFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json, lcov
}

/// What the tests reach, for people and for tools.
struct CoverageReport {
    let coverage: RouteCoverage
    let projectFolder: String

    func text(as format: CoverageFormat, _ style: Style) -> String {
        switch format {
        case .text: self.text(style)
        case .json: self.coverage.json.text + "\n"
        // Paths lead from where the command runs, so that genhtml finds the files from there.
        case .lcov: self.coverage.lcov(prefix: self.projectFolder == "." ? "" : "\(self.projectFolder)/")
        }
    }

    private func text(_ style: Style) -> String {
        var table = TextTable(["coverage", "routes", "cases", "conditions", "converters", "Lua lines", "reached"])
        for file in self.coverage.files { table.add(self.row(file, self.coverage.shares(of: file))) }
        table.add(self.row("all", self.coverage.shares()))
        let missing = self.missing
        return (["", table.text(style)] + (missing.isEmpty ? [] : ["", style.bold("never reached")] + missing))
            .joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ shares: RouteCoverage.Shares) -> [String] {
        let counts = [shares.routes, shares.cases, shares.conditions, shares.converters, shares.lines].map { share in
            share.total == 0 ? "-" : "\(share.covered)/\(share.total)"
        }
        return [name] + counts + ["\(shares.all.percent) %"]
    }

    /// A line for each place that no test reaches, in the order of files and lines.
    private var missing: [String] {
        var found: [(mark: Mark, words: String)] = []
        for route in self.coverage.routes where route.hits == 0 {
            found.append((route.mark, "route \(route.name) never fired"))
        }
        for one in self.coverage.cases where one.hits == 0 {
            found.append((one.mark, "case \(one.name) of route \(one.route) was never taken"))
        }
        for condition in self.coverage.conditions where condition.seen < 2 {
            let what =
                condition.met + condition.unmet == 0
                ? "was never asked" : condition.met == 0 ? "was never true" : "was never false"
            found.append(
                (condition.mark, "\(condition.text) \(what) (route \(condition.route), \(condition.part))"))
        }
        for converter in self.coverage.converters where converter.hits == 0 {
            let words = "the converter from \(converter.type)@\(converter.from) to \(converter.to) never ran"
            found.append((converter.mark, words))
        }
        for (file, lines) in self.coverage.lines { found += Self.missing(lines, of: file) }
        found.sort { ($0.mark.file, $0.mark.line, $0.mark.column) < ($1.mark.file, $1.mark.line, $1.mark.column) }
        return found.map { Printable.text("\($0.mark.file):\($0.mark.line): \($0.words)") }
    }

    /// Neighbours in one line: of the lines with code, since comments between them run as little.
    private static func missing(_ lines: [Int: Int], of file: String) -> [(mark: Mark, words: String)] {
        var runs: [(first: Int, last: Int)] = []
        var isOpen = false
        for line in lines.keys.sorted() {
            guard lines[line] == 0 else {
                isOpen = false
                continue
            }
            if isOpen { runs[runs.count - 1].last = line } else { runs.append((line, line)) }
            isOpen = true
        }
        return runs.map { run in
            let words = run.first == run.last ? "the line never ran" : "lines \(run.first) to \(run.last) never ran"
            return (Mark(file: file, line: run.first, column: 1), words)
        }
    }
}
