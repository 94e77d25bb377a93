// SPDX-License-Identifier: Apache-2.0

/// Code that is allowed where a comment beside it says why.
struct ArgumentRule: Sendable {
    let name: String
    let pattern: Pattern
    /// What the comment must hold; any comment where it is empty.
    let marker: String
    /// How many lines above may hold it; one line below counts too where `marker` is given.
    let reach: Int
    let reason: String

    static let table: [ArgumentRule] = [
        .init(
            name: "@unchecked Sendable", pattern: Pattern(#"@unchecked\b|nonisolated\(unsafe\)"#), marker: "SAFETY:",
            reach: 8,
            reason: "the compiler no longer checks it: name the lock, the thread or the immutability that makes it true"
        ),
        .init(
            name: "try?", pattern: Pattern(#"\btry\?"#), marker: "", reach: 6,
            reason: "an error is dropped here: say why it does not matter"),
    ]

    func findings(in file: SourceFile) -> [Finding] {
        let text = file.swift
        return self.pattern.lines(of: text.codeText, text.code).compactMap { index in
            let from = max(0, index - self.reach)
            let to = min(text.comments.count - 1, self.marker.isEmpty ? index : index + 3)
            let says = text.comments[from...to].contains { comment in
                self.marker.isEmpty ? comment.contains("//") : comment.contains(self.marker)
            }
            return says ? nil : Finding(file, line: index + 1, self.name, self.reason)
        }
    }
}
