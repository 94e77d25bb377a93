// SPDX-License-Identifier: Apache-2.0
// Coverage for machines: JSON, and the tracefile of lcov.
package import HookCore

extension RouteCoverage {
    /// `hookswitch/coverage@1`.
    package var json: JSONValue {
        let all = self.shares()
        return [
            "schema": "hookswitch/coverage@1",
            "percent": Self.json(all.all.percent), "totals": Self.json(all),
            "files": .array(
                self.files.map { file in
                    var members: [JSONValue.Member] = [
                        .init("file", .string(file)), .init("percent", Self.json(self.shares(of: file).all.percent)),
                        .init("totals", Self.json(self.shares(of: file))),
                    ]
                    members += self.parts(of: file)
                    return .object(members)
                }),
        ]
    }

    private func parts(of file: String) -> [JSONValue.Member] {
        let lines = self.lines[file] ?? [:]
        return [
            .init(
                "routes",
                .array(
                    self.routes.filter { $0.mark.file == file }.map {
                        ["name": .string($0.name.text), "line": .int($0.mark.line), "hits": .int($0.hits)]
                    })),
            .init(
                "cases",
                .array(
                    self.cases.filter { $0.mark.file == file }.map {
                        [
                            "route": .string($0.route.text), "name": .string($0.name), "line": .int($0.mark.line),
                            "hits": .int($0.hits),
                        ]
                    })),
            .init(
                "conditions",
                .array(
                    self.conditions.filter { $0.mark.file == file }.map {
                        [
                            "route": .string($0.route.text), "part": .string($0.part), "condition": .string($0.text),
                            "line": .int($0.mark.line), "column": .int($0.mark.column), "true": .int($0.met),
                            "false": .int($0.unmet),
                        ]
                    })),
            .init(
                "converters",
                .array(
                    self.converters.filter { $0.mark.file == file }.map {
                        [
                            "type": .string($0.type), "from": .int($0.from), "to": .int($0.to),
                            "script": .string($0.script), "line": .int($0.mark.line), "hits": .int($0.hits),
                        ]
                    })),
            .init(
                "lines",
                .array(
                    lines.keys.sorted().map { ["line": .int($0), "hits": .int(lines[$0] ?? 0)] })),
        ]
    }

    private static func json(_ shares: Shares) -> JSONValue {
        [
            "routes": self.json(shares.routes), "cases": self.json(shares.cases),
            "conditions": self.json(shares.conditions), "converters": self.json(shares.converters),
            "lua_lines": self.json(shares.lines),
        ]
    }

    private static func json(_ share: Share) -> JSONValue {
        ["covered": .int(share.covered), "total": .int(share.total)]
    }

    private static func json(_ percent: Double) -> JSONValue { .number("\(percent)") }

    /// A tracefile of lcov (geninfo(1)): routes are functions, conditions are branches, lines are those of Lua and those
    /// on which routes, cases and conditions stand.
    ///
    /// - Parameter prefix: what leads from the reader's folder to the project; empty, or with a slash at its end.
    package func lcov(prefix: String = "") -> String {
        self.files.map { file in
            let functions = self.routes.filter { $0.mark.file == file }
            let lines = self.allLines(of: file)
            var text = "TN:\nSF:\(prefix)\(file)\n"
            for route in functions { text += "FN:\(route.mark.line),\(route.name)\n" }
            for route in functions { text += "FNDA:\(route.hits),\(route.name)\n" }
            text += "FNF:\(functions.count)\nFNH:\(functions.count { $0.hits > 0 })\n"
            text += self.branches(of: file)
            for line in lines.keys.sorted() { text += "DA:\(line),\(lines[line] ?? 0)\n" }
            text += "LF:\(lines.count)\nLH:\(lines.values.count { $0 > 0 })\nend_of_record\n"
            return text
        }.joined()
    }

    /// Branch 0: the condition holds; branch 1: it does not.
    private func branches(of file: String) -> String {
        var blocks: [Int: Int] = [:]
        var text = ""
        var found = 0
        var hit = 0
        let conditions = self.conditions.filter { $0.mark.file == file }.sorted {
            ($0.mark.line, $0.mark.column) < ($1.mark.line, $1.mark.column)
        }
        for condition in conditions {
            let block = blocks[condition.mark.line, default: 0]
            blocks[condition.mark.line] = block + 1
            let isAsked = condition.met + condition.unmet > 0
            for (branch, count) in [condition.met, condition.unmet].enumerated() {
                text += "BRDA:\(condition.mark.line),\(block),\(branch),\(isAsked ? "\(count)" : "-")\n"
                found += 1
                hit += count > 0 ? 1 : 0
            }
        }
        return text + "BRF:\(found)\nBRH:\(hit)\n"
    }

    private func allLines(of file: String) -> [Int: Int] {
        var lines = self.lines[file] ?? [:]
        func note(_ mark: Mark, _ hits: Int) {
            guard mark.file == file else { return }
            lines[mark.line] = max(lines[mark.line] ?? 0, hits)
        }
        for route in self.routes { note(route.mark, route.hits) }
        for one in self.cases { note(one.mark, one.hits) }
        for converter in self.converters { note(converter.mark, converter.hits) }
        for condition in self.conditions { note(condition.mark, condition.met + condition.unmet) }
        return lines
    }
}
