// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A regular expression that rules look for; `^` and `$` are those of lines.
struct Pattern: Sendable {
    let text: String
    private let expression: NSRegularExpression

    init(_ text: String) {
        self.text = text
        do {
            self.expression = try NSRegularExpression(pattern: text, options: .anchorsMatchLines)
        } catch {
            preconditionFailure("a rule's pattern is malformed: \(text)")
        }
    }

    func isFound(in text: String) -> Bool {
        self.expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// The first group of every match; the whole match where there are no groups.
    func groups(in text: String) -> [String] {
        self.expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            Range(match.range(at: min(1, match.numberOfRanges - 1)), in: text).map { String(text[$0]) }
        }
    }

    /// The indices of the lines that match. The text is searched as a whole first, since most files have none.
    func lines(of text: String, _ lines: [String]) -> [Int] {
        self.isFound(in: text) ? lines.indices.filter { self.isFound(in: lines[$0]) } : []
    }
}
