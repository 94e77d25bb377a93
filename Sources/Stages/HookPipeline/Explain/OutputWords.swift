// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Steps and format of a target in words.
package struct OutputWords: Sendable {
    private let output: OutputSpec

    package init(_ output: OutputSpec) { self.output = output }

    /// `pick data.id, data.card`, `set data.kind to "card"`, in the order in which they run.
    package var steps: [String] {
        self.output.steps.flatMap { layer in
            ReshapeSpec.Step.Kind.allCases.compactMap { kind in
                let own = layer.steps.filter { $0.kind == kind }
                return own.isEmpty ? nil : "\(kind.rawValue) \(own.map(Self.words).joined(separator: ", "))"
            }
        }
    }

    package var format: String? { self.output.format?.rawValue }

    /// All of it, a line each.
    var lines: [String] {
        self.steps.map { "then \($0)" } + (self.format.map { ["sent as \($0)"] } ?? [])
    }

    /// `pick, set · as form`, for graphs.
    var short: String? {
        let kinds = self.output.steps.flatMap(\.steps).map(\.kind.rawValue)
        let words = kinds.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }.joined(separator: ", ")
        let parts = [words.isEmpty ? nil : words, self.format.map { "as \($0)" }].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }

    private static func words(_ step: ReshapeSpec.Step) -> String {
        switch (step.kind, step.value) {
        case (.rename, let name?): "\(step.path) to \(name)"
        case (.set, let value?): "\(step.path) to \(value)"
        default: step.path
        }
    }
}
