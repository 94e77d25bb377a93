// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// One finding as people read it: the place, the line with carets, and what else is known.
struct DiagnosticText {
    /// Excerpts of other places beyond so many hide the first one.
    private static let noteExcerptsMax = 2

    let files: [String: [UInt8]]
    let isColoured: Bool

    func text(_ diagnostic: Diagnostic) -> String {
        let colour =
            switch diagnostic.severity {
            case .error: 31
            case .warning: 33
            }
        let severity = self.painted("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", colour)
        let place = diagnostic.mark.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
        var output = "\(self.painted(Printable.text(place), 1))\(severity) \(Printable.text(diagnostic.message))\n"
        let gutter = self.gutter(of: diagnostic)
        let hint = diagnostic.hint.map(Printable.text)
        if let mark = diagnostic.mark, let excerpt = self.excerpt(mark) {
            output += "\(gutter) |\n"
            output += self.lines(excerpt, mark, gutter, "^", hint.map { " \($0)" } ?? "", colour)
        } else if let hint {
            output += "\(gutter) = \(hint)\n"
        }
        var excerptsLeft = Self.noteExcerptsMax
        for note in diagnostic.notes {
            let at = note.mark.map { " (\($0.file):\($0.line):\($0.column))" } ?? ""
            output += "\(gutter) = \(Printable.text(note.message + at))\n"
            if let mark = note.mark, mark != diagnostic.mark, excerptsLeft > 0, let excerpt = self.excerpt(mark) {
                excerptsLeft -= 1
                output += self.lines(excerpt, mark, gutter, "-", "", 34)
            }
        }
        return output + "\(gutter) = hookswitch help \(diagnostic.code)\n"
    }

    /// The excerpt alone, with words behind the carets.
    func excerpt(at mark: Mark, _ words: String) -> String? {
        guard let excerpt = self.excerpt(mark) else { return nil }
        let gutter = String(repeating: " ", count: "\(mark.line)".utf8.count)
        let tail = words.isEmpty ? "" : " \(Printable.text(words))"
        return "\(gutter) |\n" + self.lines(excerpt, mark, gutter, "^", tail, 31)
    }

    private func excerpt(_ mark: Mark) -> SourceExcerpt? {
        self.files[mark.file].flatMap { SourceExcerpt(mark, in: $0) }
    }

    /// Blanks as wide as the longest line number that is shown.
    private func gutter(of diagnostic: Diagnostic) -> String {
        let marks = [diagnostic.mark] + diagnostic.notes.map(\.mark)
        let width = marks.compactMap { $0.map { "\($0.line)".utf8.count } }.max() ?? 1
        return String(repeating: " ", count: width)
    }

    /// The line with its number, and the line below that points into it.
    private func lines(
        _ excerpt: SourceExcerpt, _ mark: Mark, _ gutter: String, _ pointer: String, _ tail: String, _ colour: Int
    ) -> String {
        let number = String(repeating: " ", count: gutter.utf8.count - "\(mark.line)".utf8.count) + "\(mark.line)"
        let blank = String(repeating: " ", count: excerpt.indent)
        let pointers = String(repeating: pointer, count: excerpt.width)
        return "\(number) | \(excerpt.text)\n\(gutter) | \(blank)\(self.painted(pointers + tail, colour))\n"
    }

    private func painted(_ text: String, _ code: Int) -> String {
        self.isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
