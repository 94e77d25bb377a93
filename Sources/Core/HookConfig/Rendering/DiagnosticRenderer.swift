// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// Findings as text for people, or as one of three forms for machines.
package struct DiagnosticRenderer: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case text
        /// `{"schema":"hookswitch/check@1","diagnostics":[…]}`.
        case json
        /// Workflow commands of GitHub Actions.
        case github
        /// SARIF 2.1.0 (OASIS).
        case sarif
    }

    package enum Colour: Sendable { case never, always }

    private let lines: [String: [ArraySlice<UInt8>]]
    private let colour: Colour

    /// - Parameter files: the files that the findings point into, for excerpts.
    package init(files: ProjectFiles, colour: Colour = .never) {
        self.lines = Dictionary(
            files.files.map { ($0.path, $0.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)) },
            uniquingKeysWith: { first, _ in first })
        self.colour = colour
    }

    /// The findings in the order given, a line break at the end of each form.
    package func render(_ diagnostics: [Diagnostic], as format: Format = .text) -> String {
        switch format {
        case .text: diagnostics.map(self.text).joined(separator: "\n")
        case .json: DiagnosticForms.json(diagnostics).text + "\n"
        case .github: diagnostics.map(DiagnosticForms.github).joined()
        case .sarif: String(decoding: DiagnosticForms.sarif(diagnostics).encoded(.indented), as: UTF8.self) + "\n"
        }
    }

    /// `2 errors, 1 warning`.
    package static func summary(_ diagnostics: [Diagnostic]) -> String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let errors = diagnostics.count { $0.severity == .error }
        return "\(count(errors, "error")), \(count(diagnostics.count - errors, "warning"))"
    }

    /// The place, the line with carets, and what else is known.
    private func text(_ diagnostic: Diagnostic) -> String {
        let severity = self.painted(
            "\(diagnostic.severity.rawValue)[\(diagnostic.code)]", diagnostic.severity == .error ? 31 : 33)
        let place = diagnostic.mark.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
        var output = "\(self.painted(place, 1))\(severity) \(Self.printable(diagnostic.message))\n"
        var gutter = " "
        let excerpt = diagnostic.mark.flatMap {
            self.excerpt($0, hint: diagnostic.hint, colour: diagnostic.severity == .error ? 31 : 33)
        }
        if let mark = diagnostic.mark { gutter = String(repeating: " ", count: "\(mark.line)".utf8.count) }
        if let excerpt {
            output += excerpt
        } else if let hint = diagnostic.hint {
            output += "\(gutter) = \(Self.printable(hint))\n"
        }
        for note in diagnostic.notes {
            let at = note.mark.map { " (\($0.file):\($0.line):\($0.column))" } ?? ""
            output += "\(gutter) = \(Self.printable(note.message))\(at)\n"
        }
        return output + "\(gutter) = hookswitch help \(diagnostic.code)\n"
    }

    private func excerpt(_ mark: Mark, hint: String?, colour: Int) -> String? {
        guard let lines = self.lines[mark.file], mark.line >= 1, mark.line <= lines.count else { return nil }
        let scalars = Array(String(decoding: lines[mark.line - 1], as: UTF8.self).unicodeScalars)
        let (start, shown) = Self.window(scalars, around: mark.column - 1)
        let number = "\(mark.line)"
        let gutter = String(repeating: " ", count: number.utf8.count)
        let before = max(0, mark.column - 1 - start)
        let carets = String(repeating: "^", count: max(1, min(mark.length, Self.widthMax - before)))
        let blank = String(repeating: " ", count: before)
        let tail = hint.map { " \(Self.printable($0))" } ?? ""
        return """
            \(gutter) |
            \(number) | \(shown)
            \(gutter) | \(blank)\(self.painted(carets + tail, colour))

            """
    }

    /// Longest excerpt of a line, in characters.
    private static let widthMax = 160

    /// The part of a line around a column: where it starts and its text, every control character replaced.
    private static func window(_ line: [Unicode.Scalar], around column: Int) -> (Int, String) {
        let start = line.count > Self.widthMax ? max(0, min(column - Self.widthMax / 2, line.count - Self.widthMax)) : 0
        var view = String.UnicodeScalarView()
        view.append(contentsOf: line.dropFirst(start).prefix(Self.widthMax).map(Self.printable))
        return (start, String(view))
    }

    /// Control characters could drive the reader's terminal; a tab would move the carets.
    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0D: " "
        case 0..<0x20, 0x7F...0x9F: "\u{FFFD}"
        default: scalar
        }
    }

    private static func printable(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text.unicodeScalars.map { $0 == "\n" ? " " : Self.printable($0) })
        return String(view)
    }

    private func painted(_ text: String, _ code: Int) -> String {
        self.colour == .always && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
