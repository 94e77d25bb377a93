// SPDX-License-Identifier: Apache-2.0

/// A run of characters on one line of the user's files. Lines and columns count from 1; columns count Unicode scalars.
package struct Mark: Hashable, Sendable {
    /// Path relative to the project folder, e.g. `routes/github.yaml`.
    package let file: String
    package let line: Int
    package let column: Int
    /// Characters underlined, at least 1.
    package let length: Int
    /// The column behind the last character.
    package var endColumn: Int { self.column + self.length }

    package init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
    }
}

/// Something that the author of a file should know: where, what, and what to do. A value; collected, never thrown.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable {
        case error
        case warning
    }

    /// What a tool may write in the place of a text, without asking: the name that was meant.
    package struct Fix: Sendable, Equatable {
        package let mark: Mark
        package let text: String

        package init(at mark: Mark, _ text: String) {
            self.mark = mark
            self.text = text
        }
    }

    package struct Note: Sendable, Equatable {
        package let mark: Mark?
        package let message: String

        package init(_ message: String, at mark: Mark? = nil) {
            self.mark = mark
            self.message = message
        }
    }

    /// Stable code, e.g. `route/unknown-destination`; has an entry in ``CodeRegistry``.
    package let code: String
    package let severity: Severity
    package let mark: Mark?
    package let message: String
    /// What to do, in one phrase; printed behind the carets.
    package let hint: String?
    package let notes: [Note]
    package let fix: Fix?

    package init(
        _ code: String, _ severity: Severity = .error, at mark: Mark?, _ message: String, hint: String? = nil,
        notes: [Note] = [], fix: Fix? = nil
    ) {
        self.code = code
        self.severity = severity
        self.mark = mark
        self.message = message
        self.hint = hint
        self.notes = notes
        self.fix = fix
    }
}

extension Collection where Element == Diagnostic {
    /// Whether anything in the list refuses the configuration.
    package var hasErrors: Bool { self.contains { $0.severity == .error } }
}
