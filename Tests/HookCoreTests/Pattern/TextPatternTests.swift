// SPDX-License-Identifier: Apache-2.0
import HookTestKit
import Testing

@testable import HookCore

@Suite struct TextPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: String
        let matches: [String]
        let others: [String]
        var testDescription: String { self.pattern }

        init(_ pattern: String, _ matches: [String], not others: [String]) {
            (self.pattern, self.matches, self.others) = (pattern, matches, others)
        }
    }

    static let cases: [Case] = [
        Case("b", ["b", "abc"], not: ["", "a"]),
        Case("^ab$", ["ab"], not: ["xab", "abx", "ab\n"]),
        Case("^$", [""], not: ["a"]),
        Case("$^", [""], not: ["a"]),
        Case("", ["", "a"], not: []),
        Case("^(a|b)*c$", ["c", "abbac"], not: ["abd", "ab"]),
        Case("^[A-Z]{3}-[0-9]{2,4}$", ["ABC-12", "ABC-1234"], not: ["ABC-1", "ABC-12345", "AbC-12"]),
        Case("^a{0}$", [""], not: ["a"]),
        Case("^(?:ab){2,}$", ["abab", "ababab"], not: ["ab"]),
        Case("^(?<year>\\d{4})$", ["2026"], not: ["26"]),
        Case("^[^a-c]+$", ["xyz", "ä"], not: ["xay", ""]),
        Case("^[\\w-]+$", ["a_b-9"], not: ["a b"]),
        Case("^[\\]\\\\^-]+$", ["]\\^-"], not: ["a"]),
        Case("^.$", ["x", "🐲", "é"], not: ["", "\n", "\u{2028}", "xy"]),
        Case("\\bcat\\b", ["cat", "a cat!"], not: ["concat", "cats"]),
        Case("^\\B", [""], not: ["a"]),
        Case("^\\s\\S$", ["\u{FEFF}x", " x"], not: ["xx"]),
        Case("^\\p{Lu}\\P{Lu}$", ["Äb"], not: ["ab", "ÄB"]),
        Case("^\\x41\\u0042\\u{43}\\cJ\\t$", ["ABC\n\t"], not: ["ABC"]),
        Case("^\\ud83d\\udc32$", ["🐲"], not: ["x"]),
        Case("^a?b+?c*?$", ["ab", "bbcc"], not: ["a"]),
        Case("x{,3}|y{", ["x{,3}", "y{"], not: ["xxx"]),
        Case("^(|a)$", ["", "a"], not: ["b"]),
        Case("^[]$", [], not: ["", "a"]),
        Case("^[^]$", ["a", "\n"], not: [""]),
    ]

    @Test(arguments: Self.cases) func `a pattern matches`(_ example: Case) throws {
        for pattern in [try TextPattern(example.pattern), try TextPattern(withoutTable: example.pattern)] {
            for text in example.matches { #expect(pattern.matches(text), "\(text)") }
            for text in example.others { #expect(!pattern.matches(text), "\(text)") }
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let pattern: String
        let says: String
        let offset: Int
        var testDescription: String { self.pattern }

        init(_ pattern: String, _ says: String, at offset: Int) {
            (self.pattern, self.says, self.offset) = (pattern, says, offset)
        }
    }

    @Test(arguments: [
        Refused("(a)\\1", "reference back", at: 3), Refused("(?<n>a)\\k<n>", "reference back", at: 7),
        Refused("a(?=b)", "ahead or behind", at: 1), Refused("(?<!a)b", "ahead or behind", at: 0),
        Refused("(?i)a", "begins no group", at: 0), Refused("a)", "no group that this", at: 1),
        Refused("(a", "not closed", at: 0), Refused("[a", "not closed", at: 0),
        Refused("*a", "nothing to repeat", at: 0),
        Refused("a**", "nothing to repeat", at: 2), Refused("^*", "nothing to repeat", at: 1),
        Refused("a{3,2}", "wrong way", at: 1), Refused("a{99999}", "repetitions", at: 2),
        Refused("[z-a]", "no beginning", at: 1), Refused("\\Z", "no escape", at: 0),
        Refused("a\\", "ends behind", at: 1),
        Refused("\\p{Klingon}", "not known", at: 0), Refused("\\u{110000}", "no code point", at: 0),
        Refused("((a{1,1000}){1,1000})", "too large", at: 0),
        Refused(String(repeating: "(", count: 500), "too deep", at: 100),
    ]) func `what no linear machine can do is refused`(_ example: Refused) throws {
        let failure = #expect(throws: TextPatternFailure.self) { try TextPattern(example.pattern) }
        #expect(failure?.message.contains(example.says) == true, "\(failure?.message ?? "")")
        #expect(failure?.offset == example.offset)
    }

    /// Patterns that take a backtracking engine longer than anybody can wait.
    @Test(arguments: [
        "^(a+)+$", "^(a|aa)+$", "^(a*)*b$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*(.*)*(.*)*z",
    ])
    func `a hostile pattern costs steps in proportion to the text`(_ text: String) throws {
        for pattern in [try TextPattern(text), try TextPattern(withoutTable: text)] {
            let hostile = Array((String(repeating: "a", count: 20_000) + "!").utf8)
            var steps = 20_000 * 40
            let answer = unsafe hostile.withUnsafeBufferPointer { unsafe pattern.matches($0, steps: &steps) }
            #expect(answer == false && steps > 0)
        }
    }

    @Test func `a pattern whose table would explode works without one, within its steps`() throws {
        let pattern = try TextPattern("(a|b)*a(a|b){40}c$")
        let text = Array(String(repeating: "ab", count: 2_000).utf8)
        var steps = 4_000 * 300
        #expect(unsafe text.withUnsafeBufferPointer { unsafe pattern.matches($0, steps: &steps) } == false)
        var few = 100
        #expect(unsafe text.withUnsafeBufferPointer { unsafe pattern.matches($0, steps: &few) } == nil)
    }

    /// Both engines agree on random patterns and texts.
    @Test func `table and machine agree`() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<1_500 {
            let source = Self.pattern(depth: 3, &random)
            let table = try TextPattern(source)
            let machine = try TextPattern(withoutTable: source)
            for _ in 0..<6 {
                let letters = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    "abcé".randomElement(using: &random) ?? "a"
                }
                let text = String(letters)
                #expect(table.matches(text) == machine.matches(text), "\(source) on \(text)")
            }
        }
    }

    private static func pattern(depth: Int, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0...(depth > 0 ? 9 : 3), using: &random) {
        case 0: "a"
        case 1: "[^b]"
        case 2: "é"
        case 3: "."
        case 4: "^" + self.pattern(depth: depth - 1, &random)
        case 5: self.pattern(depth: depth - 1, &random) + "$"
        case 6:
            "(" + self.pattern(depth: depth - 1, &random) + ")"
                + (["*", "+", "?", "{2}", "{1,3}"].randomElement(using: &random) ?? "")
        case 7: "(" + self.pattern(depth: depth - 1, &random) + "|" + self.pattern(depth: depth - 1, &random) + ")"
        default: self.pattern(depth: depth - 1, &random) + self.pattern(depth: depth - 1, &random)
        }
    }
}
