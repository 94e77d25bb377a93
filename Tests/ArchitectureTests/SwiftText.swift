// SPDX-License-Identifier: Apache-2.0

/// Swift text with code and comments told apart, so that a rule about code is not broken by a sentence.
///
/// - Shape: as many lines as the text. Comments and what literals say are spaces in `code`; interpolations are code.
struct SwiftText: Sendable {
    let code: [String]
    let comments: [String]
    /// The lines of `code` as one text.
    let codeText: String

    private enum Mode {
        case code(parentheses: Int)
        case literal(hashes: Int, isMultiline: Bool)
    }

    init(_ text: String) {
        var lexer = Lexer(bytes: Array(text.utf8))
        lexer.run()
        self.codeText = String(decoding: lexer.code, as: UTF8.self)
        self.code = Self.lines(lexer.code)
        self.comments = Self.lines(lexer.comments)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    private struct Lexer {
        let bytes: [UInt8]
        var code: [UInt8] = []
        var comments: [UInt8] = []
        var at = 0
        var modes: [Mode] = [.code(parentheses: 0)]

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func run() {
            while self.at < self.bytes.count {
                switch self.modes.last {
                case .literal(let hashes, let isMultiline): self.literal(hashes, isMultiline)
                case .code(let parentheses): self.codeByte(parentheses)
                case nil: return
                }
            }
        }

        private mutating func codeByte(_ parentheses: Int) {
            if self.has("/", "/") { return self.lineComment() }
            if self.has("/", "*") { return self.blockComment() }
            if self.has("`") { return self.rawIdentifier() }
            if self.openLiteral() { return }
            switch self.bytes[self.at] {
            case UInt8(ascii: "(") where self.modes.count > 1:
                self.modes[self.modes.count - 1] = .code(parentheses: parentheses + 1)
            case UInt8(ascii: ")") where self.modes.count > 1:
                if parentheses == 0 {
                    self.modes.removeLast()
                } else {
                    self.modes[self.modes.count - 1] = .code(parentheses: parentheses - 1)
                }
            default: break
            }
            self.keep()
        }

        private mutating func openLiteral() -> Bool {
            let hashes = self.run(of: "#", from: self.at)
            let quote = self.at + hashes
            guard quote < self.bytes.count, self.bytes[quote] == UInt8(ascii: "\"") else { return false }
            let isMultiline = self.run(of: "\"", from: quote) >= 3
            for _ in 0..<(hashes + (isMultiline ? 3 : 1)) { self.keep() }
            self.modes.append(.literal(hashes: hashes, isMultiline: isMultiline))
            return true
        }

        private mutating func literal(_ hashes: Int, _ isMultiline: Bool) {
            if self.bytes[self.at] == UInt8(ascii: "\\"), self.run(of: "#", from: self.at + 1) >= hashes {
                for _ in 0...hashes { self.blank() }
                guard self.at < self.bytes.count else { return }
                if self.bytes[self.at] == UInt8(ascii: "(") {
                    self.keep()
                    self.modes.append(.code(parentheses: 0))
                } else {
                    self.blank()
                }
                return
            }
            let quotes = isMultiline ? 3 : 1
            if self.run(of: "\"", from: self.at) >= quotes, self.run(of: "#", from: self.at + quotes) >= hashes {
                for _ in 0..<(quotes + hashes) { self.keep() }
                self.modes.removeLast()
                return
            }
            // A literal of one line that does not end is none: the text would be lost to every rule behind it.
            if !isMultiline, self.bytes[self.at] == 0x0A { self.modes.removeLast() }
            self.blank()
        }

        private mutating func lineComment() {
            while self.at < self.bytes.count, self.bytes[self.at] != 0x0A { self.comment() }
        }

        private mutating func blockComment() {
            var depth = 0
            repeat {
                if self.has("/", "*") {
                    depth += 1
                    self.comment()
                } else if self.has("*", "/") {
                    depth -= 1
                    self.comment()
                }
                self.comment()
            } while depth > 0 && self.at < self.bytes.count
        }

        private mutating func rawIdentifier() {
            self.keep()
            while self.at < self.bytes.count, self.bytes[self.at] != UInt8(ascii: "`"), self.bytes[self.at] != 0x0A {
                self.blank()
            }
            if self.has("`") { self.keep() }
        }

        private func has(_ first: Unicode.Scalar, _ second: Unicode.Scalar? = nil) -> Bool {
            guard self.at < self.bytes.count, self.bytes[self.at] == UInt8(ascii: first) else { return false }
            guard let second else { return true }
            return self.at + 1 < self.bytes.count && self.bytes[self.at + 1] == UInt8(ascii: second)
        }

        private func run(of character: Unicode.Scalar, from start: Int) -> Int {
            var end = start
            while end < self.bytes.count, self.bytes[end] == UInt8(ascii: character) { end += 1 }
            return end - start
        }

        private mutating func keep() { self.put(self.bytes[self.at], 0x20) }
        private mutating func comment() {
            if self.at < self.bytes.count { self.put(0x20, self.bytes[self.at]) }
        }
        private mutating func blank() {
            if self.at < self.bytes.count { self.put(0x20, 0x20) }
        }

        private mutating func put(_ code: UInt8, _ comment: UInt8) {
            let isNewline = self.bytes[self.at] == 0x0A
            self.code.append(isNewline ? 0x0A : code)
            self.comments.append(isNewline ? 0x0A : comment)
            self.at += 1
        }
    }
}
