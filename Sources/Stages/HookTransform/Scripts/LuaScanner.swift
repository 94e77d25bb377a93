// SPDX-License-Identifier: Apache-2.0
// A scanner for Lua source (reference manual, section 3.1). It knows just enough to find what `require` names before
// anything runs: names, strings, comments and where they stand. It never fails; Lua's own parser reports what is wrong.

/// One token that matters here, with its place.
struct LuaToken {
    enum Kind: Equatable {
        case name(String)
        /// A quoted or long string; nil where it holds escapes, which no module name needs.
        case string(String?)
        case symbol(UInt8)
        case number
    }

    let kind: Kind
    /// Byte offset of the first byte.
    let start: Int
    /// Byte offset behind the last byte.
    let end: Int
}

/// Splits Lua source into tokens; comments and white space are left out.
///
/// - Complexity: linear in the bytes.
struct LuaScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// All tokens of the source.
    static func tokens(of bytes: [UInt8]) -> [LuaToken] {
        var scanner = LuaScanner(bytes)
        var tokens: [LuaToken] = []
        while let token = scanner.next() { tokens.append(token) }
        return tokens
    }

    /// The next token; nil at the end.
    mutating func next() -> LuaToken? {
        self.skipBlanks()
        guard self.at < self.bytes.count else { return nil }
        let start = self.at
        let kind = self.scan(self.bytes[start])
        return LuaToken(kind: kind, start: start, end: self.at)
    }

    private mutating func scan(_ first: UInt8) -> LuaToken.Kind {
        if Self.isNameStart(first) { return .name(self.word()) }
        if first >= 0x30 && first <= 0x39 {
            self.skipNumber()
            return .number
        }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return .string(self.quoted(first)) }
        if first == UInt8(ascii: "["), let level = self.longBracketLevel() { return .string(self.long(level)) }
        self.at += 1
        return .symbol(first)
    }

    private mutating func skipBlanks() {
        while self.at < self.bytes.count {
            let byte = self.bytes[self.at]
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                self.at += 1
            } else if byte == UInt8(ascii: "-"), self.byte(1) == UInt8(ascii: "-") {
                self.at += 2
                if self.byte(0) == UInt8(ascii: "["), let level = self.longBracketLevel() {
                    _ = self.long(level)
                } else {
                    while self.at < self.bytes.count, self.bytes[self.at] != 0x0A { self.at += 1 }
                }
            } else {
                return
            }
        }
    }

    private func byte(_ ahead: Int) -> UInt8? {
        self.at + ahead < self.bytes.count ? self.bytes[self.at + ahead] : nil
    }

    private mutating func word() -> String {
        let start = self.at
        while let byte = self.byte(0), Self.isNameStart(byte) || (byte >= 0x30 && byte <= 0x39) { self.at += 1 }
        return String(decoding: self.bytes[start..<self.at], as: UTF8.self)
    }

    private mutating func skipNumber() {
        while let byte = self.byte(0), Self.isNameStart(byte) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2E {
            self.at += 1
        }
    }

    private mutating func quoted(_ quote: UInt8) -> String? {
        self.at += 1
        let start = self.at
        var isPlain = true
        while let byte = self.byte(0), byte != quote, byte != 0x0A {
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                self.at += 1
            }
            self.at += 1
        }
        let end = min(self.at, self.bytes.count)
        self.at = min(end + 1, self.bytes.count)
        return isPlain ? String(decoding: self.bytes[start..<end], as: UTF8.self) : nil
    }

    /// The number of `=` of a long bracket that opens here; nil where none does.
    private func longBracketLevel() -> Int? {
        var level = 0
        while self.byte(1 + level) == UInt8(ascii: "=") { level += 1 }
        return self.byte(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func long(_ level: Int) -> String {
        self.at += level + 2
        let start = self.at
        while self.at < self.bytes.count {
            if self.bytes[self.at] == UInt8(ascii: "]"), self.closes(level) {
                let text = String(decoding: self.bytes[start..<self.at], as: UTF8.self)
                self.at += level + 2
                return text
            }
            self.at += 1
        }
        return String(decoding: self.bytes[min(start, self.bytes.count)...], as: UTF8.self)
    }

    private func closes(_ level: Int) -> Bool {
        for place in 0..<level where self.byte(1 + place) != UInt8(ascii: "=") { return false }
        return self.byte(1 + level) == UInt8(ascii: "]")
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}
