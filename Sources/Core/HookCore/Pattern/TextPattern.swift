// SPDX-License-Identifier: Apache-2.0

/// A compiled regular expression: matched in time linear in the text, whatever the pattern is.
///
/// Syntax: ECMA-262 in Unicode mode without references back and without looking around (decision 0032). A pattern
/// matches where it matches somewhere in the text.
package final class TextPattern: Sendable {
    private enum Engine: Sendable {
        case table(PatternTable)
        case machine(PatternProgram)
    }

    package let text: String
    private let engine: Engine

    package init(_ text: String) throws(TextPatternFailure) {
        let program = try PatternProgram(try PatternParser.parse(text))
        self.text = text
        self.engine = PatternTable(program).map { .table($0) } ?? .machine(program)
    }

    /// For tests: the machine that works where the table would be too large.
    init(withoutTable text: String) throws(TextPatternFailure) {
        self.text = text
        self.engine = .machine(try PatternProgram(try PatternParser.parse(text)))
    }

    /// HOT: whether the pattern matches somewhere in `text`, valid UTF-8; nil where `steps` have run out.
    package func matches(_ text: UnsafeBufferPointer<UInt8>, steps: inout Int) -> Bool? {
        switch self.engine {
        case .table(let table):
            steps -= text.count / 8 + 1
            return unsafe steps < 0 ? nil : table.matches(text)
        case .machine(let program): return unsafe PatternMachine.matches(program, text, steps: &steps)
        }
    }

    /// The same without a bound but the text's own.
    package func matches(_ text: some StringProtocol) -> Bool {
        var steps = Int.max
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBufferPointer { unsafe self.matches($0, steps: &steps) } ?? false
    }
}
