// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// Findings as text for people, or as one of three forms for machines.
package struct DiagnosticRenderer: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case text
        /// `{"schema":"hookswitch/check@1","diagnostics":[…]}`.
        case json
        /// The diagnostics alone, one a line.
        case ndjson
        /// Workflow commands of GitHub Actions.
        case github
        /// SARIF 2.1.0 (OASIS).
        case sarif
    }

    package enum Colour: Sendable { case never, always }

    private let files: [String: [UInt8]]
    private let colour: Colour
    private let prefix: String

    /// - Parameter files: the files that the findings point into, for excerpts.
    /// - Parameter folder: the project folder as the command was given it. GitHub and SARIF files name paths relative to
    ///   the repository: a folder other than `.` and not absolute stands before them.
    package init(files: ProjectFiles, colour: Colour = .never, folder: String = ".") {
        self.files = Dictionary(files.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        self.colour = colour
        self.prefix = Self.prefix(folder)
    }

    /// The findings in the order given, a line break at the end of each form.
    package func render(_ diagnostics: [Diagnostic], as format: Format = .text) -> String {
        switch format {
        case .text:
            let form = DiagnosticText(files: self.files, isColoured: self.colour == .always)
            return diagnostics.map(form.text).joined(separator: "\n")
        case .json: return CheckReport(files: self.files).json(diagnostics).text + "\n"
        case .ndjson: return CheckReport(files: self.files).lines(diagnostics)
        case .github: return diagnostics.map(GitHubForm(prefix: self.prefix).annotation).joined()
        case .sarif:
            let log = SARIFForm(files: self.files, prefix: self.prefix).log(diagnostics)
            return String(decoding: log.encoded(.indented), as: UTF8.self) + "\n"
        }
    }

    /// The line of a mark with carets and words below it; nil where no file has such a line.
    package func excerpt(at mark: Mark, _ words: String) -> String? {
        DiagnosticText(files: self.files, isColoured: self.colour == .always).excerpt(at: mark, words)
    }

    /// `2 errors, 1 warning`.
    package static func summary(_ diagnostics: [Diagnostic]) -> String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let errors = diagnostics.count { $0.severity == .error }
        return "\(count(errors, "error")), \(count(diagnostics.count - errors, "warning"))"
    }

    private static func prefix(_ folder: String) -> String {
        var plain = folder[...]
        while plain.hasPrefix("./") { plain = plain.dropFirst(2) }
        while plain.hasSuffix("/") { plain = plain.dropLast() }
        return plain.isEmpty || plain == "." || plain.hasPrefix("/") || plain.hasPrefix("..") ? "" : plain + "/"
    }
}
