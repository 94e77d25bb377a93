// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute

/// Patterns as a route file.
struct RouteImport {
    struct Refusal {
        /// From 0.
        let line: Int
        let reason: String
    }

    private let source: String
    private let destination: String?
    private var routes: [JSONValue.Member] = []
    private(set) var refusals: [Refusal] = []

    /// - Parameter destination: of all routes; nil: one that the file defines.
    init(_ lines: [[UInt8]], from source: String, to destination: String?) {
        self.source = source
        self.destination = destination
        for (number, line) in lines.enumerated() where !Lines.isBlank(line) { self.add(line, number) }
    }

    private mutating func add(_ line: [UInt8], _ number: Int) {
        let pattern: EventBridgePattern
        do throws(PatternFailure) {
            pattern = try EventBridgePattern(parsing: line)
        } catch {
            self.refusals.append(Refusal(line: number, reason: error.reason))
            return
        }
        do throws(ConditionFailure) {
            let match = try pattern.conditions()
            self.routes.append(
                .init("rule-\(number)", ["match": match, "to": .string(self.destination ?? Self.placeholder)]))
        } catch {
            self.refusals.append(Refusal(line: number, reason: error.reason))
        }
    }

    private static let placeholder = "imported"

    /// The route file.
    var yaml: String {
        var yaml = YAMLText()
        yaml.line("# yaml-language-server: $schema=../.hookswitch/route.schema.json")
        // Patterns hold long texts, which no line break may tear.
        yaml.line("# yamllint disable rule:line-length")
        yaml.line("---")
        yaml.line("version: 1")
        if self.destination == nil {
            yaml.line("")
            yaml.line("destinations:")
            yaml.line("  \(Self.placeholder):")
            yaml.line("    url: http://127.0.0.1:9000/  # where the imported routes deliver to: change it")
        }
        if !self.routes.isEmpty {
            yaml.line("")
            yaml.line("routes:")
            yaml.members(self.routes, indent: 2)
        }
        return yaml.text
    }

    func json(withText: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", "hookswitch/import@1"), .init("routes", .int(self.routes.count)),
            .init("refused", .int(self.refusals.count)),
            .init(
                "refusals",
                .array(self.refusals.map { ["line": .int($0.line), "reason": .string($0.reason)] })),
        ]
        if withText { members.append(.init("yaml", .string(self.yaml))) }
        return .object(members)
    }
}
