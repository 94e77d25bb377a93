// SPDX-License-Identifier: Apache-2.0

/// What `hookswitch help CODE` prints and docs/errors.md lists about one stable code.
package struct CodeEntry: Sendable {
    package let code: String
    package let title: String
    /// A few sentences: what it means, why it is refused, what to do.
    package let explanation: String
    /// An example that provokes it, and the same put right; empty where an example says nothing.
    package let wrong: String
    package let right: String

    package init(_ code: String, _ title: String, _ explanation: String, wrong: String = "", right: String = "") {
        self.code = code
        self.title = title
        self.explanation = explanation
        self.wrong = wrong
        self.right = right
    }
}

/// Every stable code there is. Each area keeps its entries in a file of its own, as `CodeRegistry.<area>`.
package enum CodeRegistry {
    package static let all: [CodeEntry] = [
        configuration, lint, scripts, runtime, delivery, ingest, verify, store, format, versions, catalogue, validation,
        formats,
        reshape,
    ].flatMap { $0 }.sorted { $0.code < $1.code }

    package static func entry(for code: String) -> CodeEntry? { self.all.first { $0.code == code } }
}
