// SPDX-License-Identifier: Apache-2.0
// The tokens of Lua 5.4 (reference manual, section 3.1) for the linter. What is no Lua is Lua's own compiler to refuse:
// here it only ends the reading.

/// Splits Lua source into tokens; comments and white space are left out.
///
/// - Complexity: linear in the bytes.
struct LuaLexer {
    enum Word: Equatable {
        case name(String)
        case keyword(String)
        /// A string without escapes; nil where it holds some.
        case string(String?)
        case number
        /// `..`, `==`, `{`.
        case symbol(String)
        case end
    }

    struct Token {
        let word: Word
        /// Byte offsets of the first byte and behind the last one.
        let start: Int
        let end: Int
    }

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
    /// Longest first.
    private static let symbols: [[UInt8]] = [
        "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "+", "-", "*", "/", "%", "^", "#", "&", "~", "|",
        "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
    ].map { Array($0.utf8) }

    private let bytes: [UInt8]
    private var at = 0

    /// All tokens, an `end` behind them; nil where something is no token.
    static func tokens(of bytes: [UInt8]) -> [Token]? {
        var lexer = LuaLexer(bytes: bytes)
        var tokens: [Token] = []
        while true {
            guard lexer.skipBlanks(), let token = lexer.next() else { return nil }
            tokens.append(token)
            if token.word == .end { return tokens }
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8? {
        self.at + ahead < self.bytes.count ? self.bytes[self.at + ahead] : nil
    }

    private mutating func next() -> Token? {
        let start = self.at
        guard let word = self.word() else { return nil }
        return Token(word: word, start: start, end: self.at)
    }

    private mutating func word() -> Word? {
        guard let first = self.byte() else { return .end }
        if Self.isNameStart(first) { return self.name() }
        if Self.isDigit(first) || (first == UInt8(ascii: ".") && self.byte(1).map(Self.isDigit) ?? false) {
            self.skipNumber()
            return .number
        }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return self.quoted(first) }
        if first == UInt8(ascii: "["), let level = self.bracketLevel() {
            return self.long(level).map { .string(String(decoding: $0, as: UTF8.self)) }
        }
        for symbol in Self.symbols where self.bytes[self.at...].starts(with: symbol) {
            self.at += symbol.count
            return .symbol(String(decoding: symbol, as: UTF8.self))
        }
        return nil
    }

    private mutating func name() -> Word {
        let start = self.at
        while let byte = self.byte(), Self.isNameStart(byte) || Self.isDigit(byte) { self.at += 1 }
        let text = String(decoding: self.bytes[start..<self.at], as: UTF8.self)
        return Self.keywords.contains(text) ? .keyword(text) : .name(text)
    }

    /// As Lua reads one: digits, letters and points, a sign behind an exponent mark.
    private mutating func skipNumber() {
        let isHex = self.byte() == 0x30 && (self.byte(1) == UInt8(ascii: "x") || self.byte(1) == UInt8(ascii: "X"))
        let exponent = isHex ? "pP".utf8 : "eE".utf8
        if isHex { self.at += 2 }
        while let byte = self.byte() {
            if exponent.contains(byte) {
                self.at += 1
                if self.byte() == UInt8(ascii: "+") || self.byte() == UInt8(ascii: "-") { self.at += 1 }
            } else if Self.isDigit(byte) || Self.isNameStart(byte) || byte == UInt8(ascii: ".") {
                self.at += 1
            } else {
                return
            }
        }
    }

    private mutating func quoted(_ quote: UInt8) -> Word? {
        self.at += 1
        let start = self.at
        var isPlain = true
        while let byte = self.byte(), byte != quote {
            if byte == 0x0A || byte == 0x0D { return nil }
            self.at += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            isPlain = false
            let escaped = self.byte()
            self.at += 1
            if escaped == UInt8(ascii: "z") {
                while let blank = self.byte(), Self.isBlank(blank) { self.at += 1 }
            } else if escaped == 0x0D && self.byte() == 0x0A {
                self.at += 1
            }
        }
        guard self.at < self.bytes.count else { return nil }
        let text = self.bytes[start..<self.at]
        self.at += 1
        return .string(isPlain ? String(decoding: text, as: UTF8.self) : nil)
    }

    /// The number of `=` of a long bracket that opens here; nil where none does.
    private func bracketLevel() -> Int? {
        var level = 0
        while self.byte(1 + level) == UInt8(ascii: "=") { level += 1 }
        return self.byte(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    /// The text of a long bracket; nil where it is not closed.
    private mutating func long(_ level: Int) -> ArraySlice<UInt8>? {
        self.at += level + 2
        let start = self.at
        let close = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
        while self.at < self.bytes.count {
            if self.bytes[self.at] == UInt8(ascii: "]"), self.bytes[self.at...].starts(with: close) {
                let text = self.bytes[start..<self.at]
                self.at += close.count
                return text
            }
            self.at += 1
        }
        return nil
    }

    /// False where a long comment is not closed.
    private mutating func skipBlanks() -> Bool {
        while let byte = self.byte() {
            if Self.isBlank(byte) {
                self.at += 1
            } else if byte == UInt8(ascii: "-"), self.byte(1) == UInt8(ascii: "-") {
                self.at += 2
                if self.byte() == UInt8(ascii: "["), let level = self.bracketLevel() {
                    guard self.long(level) != nil else { return false }
                } else {
                    while let other = self.byte(), other != 0x0A, other != 0x0D { self.at += 1 }
                }
            } else {
                return true
            }
        }
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}
