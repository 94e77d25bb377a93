// SPDX-License-Identifier: Apache-2.0
import HookConfig
package import HookCore
import HookRoute
import HookVerify

/// A condition of the match language on an event, for looking at some events only: `data.total: {gte: 1000}`, or in
/// short `type=order.*`. Compiled as the conditions of routes are.
package struct EventCondition: Sendable {
    /// Why a text is no condition, for people.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        package let hint: String?
    }

    private let table: RouteTable
    private static let route = RouteName("where")

    /// - Parameter texts: all must hold.
    package init(_ texts: [String]) throws(Failure) {
        let lines = try texts.map { text throws(Failure) in try Self.line(text) }
        let file = """
            version: 1
            destinations: {where: {url: "http://localhost/"}}
            routes:
              where:
                to: where
                match:
            \(lines.map { "      \($0)" }.joined(separator: "\n"))

            """
        let loaded = ConfigLoader.load(
            ProjectFiles([ProjectFiles.File(path: "routes/where.yaml", bytes: Array(file.utf8))]))
        if let problem = loaded.diagnostics.first(where: { $0.severity == .error }) {
            throw Failure(description: problem.message, hint: problem.hint)
        }
        guard loaded.configuration.routes.count == 1 else {
            throw Failure(description: "a condition is one path and what it must be", hint: nil)
        }
        self.table = RouteTable(routes: loaded.configuration.routes)
    }

    /// One condition as a line of YAML. `PATH=PATTERN` stands for `PATH: {glob: PATTERN}`.
    private static func line(_ text: String) throws(Failure) -> String {
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), !text.isEmpty else {
            throw Failure(description: "a condition is one line of text", hint: nil)
        }
        let path = text.prefix { $0 != "=" && $0 != ":" && $0 != " " }
        let rest = text.dropFirst(path.count)
        guard rest.first == "=", !path.isEmpty else { return text }
        let quoted = JSONValue.string(String(rest.dropFirst())).text
        return "\(path): {glob: \(quoted)}"
    }

    /// Whether it holds for the event.
    package func holds(for event: Event) -> Bool {
        var scripts = NoScripts()
        return !self.table.match(Verify.trusting(event), scripts: &scripts).hits.isEmpty
    }

    /// A condition has none.
    private struct NoScripts: ConditionScripts {
        mutating func verdict(
            of script: ScriptID, for event: Event, route: RouteName
        ) throws(ScriptFailure) -> ConditionVerdict { .holds }
    }
}
