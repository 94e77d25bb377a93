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
            output += self.line(excerpt, mark, gutter)
            output += self.pointers(excerpt, others: self.others(on: mark, diagnostic), gutter, hint, colour)
        } else if let hint {
            output += "\(gutter) = \(hint)\n"
        }
        var excerptsLeft = Self.noteExcerptsMax
        for note in diagnostic.notes {
            let at = note.mark.map { " (\($0.file):\($0.line):\($0.column))" } ?? ""
            output += "\(gutter) = \(Printable.text(note.message + at))\n"
            guard let mark = note.mark, !mark.isOnLine(of: diagnostic.mark), excerptsLeft > 0,
                let excerpt = self.excerpt(mark)
            else { continue }
            excerptsLeft -= 1
            output += self.line(excerpt, mark, gutter)
            let blank = String(repeating: " ", count: excerpt.indent)
            output += "\(gutter) | \(blank)\(self.painted(String(repeating: "-", count: excerpt.width), 34))\n"
        }
        return output + "\(gutter) = hookswitch help \(diagnostic.code)\n"
    }

    /// The excerpt alone, with words behind the carets.
    func excerpt(at mark: Mark, _ words: String) -> String? {
        guard let excerpt = self.excerpt(mark) else { return nil }
        let gutter = String(repeating: " ", count: "\(mark.line)".utf8.count)
        return "\(gutter) |\n" + self.line(excerpt, mark, gutter)
            + self.pointers(excerpt, others: [], gutter, words.isEmpty ? nil : Printable.text(words), 31)
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

    /// The line with its number.
    private func line(_ excerpt: SourceExcerpt, _ mark: Mark, _ gutter: String) -> String {
        let number = String(repeating: " ", count: gutter.utf8.count - "\(mark.line)".utf8.count) + "\(mark.line)"
        return "\(number) | \(excerpt.text)\n"
    }

    /// Places of notes on the line of the finding itself.
    private func others(on mark: Mark, _ diagnostic: Diagnostic) -> [SourceExcerpt] {
        diagnostic.notes.compactMap { note in
            guard let other = note.mark, other.isOnLine(of: mark), other != mark else { return nil }
            return self.excerpt(other)
        }
    }

    /// Carets below the place, dashes below others on the same line, and the hint behind all of them.
    private func pointers(
        _ excerpt: SourceExcerpt, others: [SourceExcerpt], _ gutter: String, _ hint: String?, _ colour: Int
    ) -> String {
        // A cut line may begin elsewhere for another place: then only the first is shown.
        let shown = others.filter { $0.text == excerpt.text }
        let end = (shown + [excerpt]).map { $0.indent + $0.width }.max() ?? 0
        var row = [Character](repeating: " ", count: end)
        for other in shown { row.replaceSubrange(other.indent..<other.indent + other.width, with: other.dashes) }
        row.replaceSubrange(
            excerpt.indent..<excerpt.indent + excerpt.width, with: [Character](repeating: "^", count: excerpt.width))
        let blank = row.prefix { $0 == " " }
        let tail = hint.map { " \($0)" } ?? ""
        return "\(gutter) | \(String(blank))\(self.painted(String(row[blank.count...]) + tail, colour))\n"
    }

    private func painted(_ text: String, _ code: Int) -> String {
        self.isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension Mark {
    fileprivate func isOnLine(of other: Mark?) -> Bool { self.file == other?.file && self.line == other?.line }
}

extension SourceExcerpt {
    fileprivate var dashes: [Character] { [Character](repeating: "-", count: self.width) }
}
