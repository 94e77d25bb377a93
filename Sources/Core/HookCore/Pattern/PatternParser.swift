// SPDX-License-Identifier: Apache-2.0
// Regular expressions of ECMA-262 (section 22.2) in Unicode mode, as JSON Schema's `pattern` wants them: anchored only
// where they say so. What no linear machine can do (references back, looking around) is refused.

/// A pattern as a tree.
indirect enum PatternNode {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repeated(PatternNode, min: Int, max: Int?)
    case start
    case end
    /// `\b`, or `\B` where negated.
    case boundary(isNegated: Bool)
}

/// Why a pattern cannot be used.
package struct TextPatternFailure: Error, Sendable, Equatable {
    package let message: String
    /// Scalars from the start of the pattern.
    package let offset: Int
    package let hint: String?

    init(_ message: String, at offset: Int, hint: String? = nil) {
        self.message = message
        self.offset = offset
        self.hint = hint
    }
}

/// Reads the text of a pattern.
struct PatternParser {
    private static let depthMax = 100
    private static let repetitionsMax = 10_000

    private let text: [UInt32]
    private var at = 0
    private var depth = 0

    private init(_ text: String) { self.text = text.unicodeScalars.map(\.value) }

    static func parse(_ text: String) throws(TextPatternFailure) -> PatternNode {
        var parser = PatternParser(text)
        let node = try parser.choice()
        if parser.at < parser.text.count { throw parser.failure("there is no group that this ) closes") }
        return node
    }

    private func failure(_ message: String, at offset: Int? = nil, hint: String? = nil) -> TextPatternFailure {
        TextPatternFailure(message, at: offset ?? self.at, hint: hint)
    }

    private var next: UInt32? { self.at < self.text.count ? self.text[self.at] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.next == character.value else { return false }
        self.at += 1
        return true
    }

    private func looks(at word: String) -> Bool {
        self.text[self.at...].starts(with: word.unicodeScalars.map(\.value))
    }

    // MARK: Structure

    private mutating func choice() throws(TextPatternFailure) -> PatternNode {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.depthMax else { throw self.failure("groups are nested too deep") }
        var options = [try self.sequence()]
        while self.take("|") { options.append(try self.sequence()) }
        return options.count == 1 ? options[0] : .choice(options)
    }

    private mutating func sequence() throws(TextPatternFailure) -> PatternNode {
        var parts: [PatternNode] = []
        while let character = self.next, character != 0x7C, character != 0x29 {
            let start = self.at
            let (atom, mayRepeat) = try self.atom()
            parts.append(try self.quantified(atom, mayRepeat, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func atom() throws(TextPatternFailure) -> (PatternNode, mayRepeat: Bool) {
        let start = self.at
        guard let character = self.next else { return (.empty, false) }
        self.at += 1
        switch character {
        case 0x5E: return (.start, false)
        case 0x24: return (.end, false)
        case 0x2E: return (.set(ScalarSet.lineEnds.inverted), true)
        case 0x28: return (try self.group(from: start), true)
        case 0x5B: return (.set(try self.bracket(from: start)), true)
        case 0x5C: return try self.escape(from: start)
        case 0x2A, 0x2B, 0x3F: throw self.failure("there is nothing to repeat here", at: start)
        default: return (.set(ScalarSet(character)), true)
        }
    }

    private mutating func group(from start: Int) throws(TextPatternFailure) -> PatternNode {
        if self.take("?") {
            if self.looks(at: "=") || self.looks(at: "!") || self.looks(at: "<=") || self.looks(at: "<!") {
                throw self.failure(
                    "looking ahead or behind is not supported: it cannot be checked in linear time", at: start,
                    hint: "say it with a second schema: allOf, or not: {pattern: …}")
            }
            if self.take("<") {
                while let character = self.next, character != 0x3E { _ = character; self.at += 1 }
                guard self.take(">") else { throw self.failure("the name of the group does not end", at: start) }
            } else if !self.take(":") {
                throw self.failure("(? begins no group that is known", at: start, hint: "(?:…) or (…)")
            }
        }
        let node = try self.choice()
        guard self.take(")") else { throw self.failure("this ( is not closed", at: start) }
        return node
    }

    private mutating func quantified(
        _ atom: PatternNode, _ mayRepeat: Bool, from start: Int
    ) throws(TextPatternFailure) -> PatternNode {
        let place = self.at
        let bounds: (min: Int, max: Int?)
        if self.take("*") {
            bounds = (0, nil)
        } else if self.take("+") {
            bounds = (1, nil)
        } else if self.take("?") {
            bounds = (0, 1)
        } else if let counted = try self.counted() {
            bounds = counted
        } else {
            return atom
        }
        guard mayRepeat else { throw self.failure("there is nothing to repeat here", at: place) }
        // Whether as few or as many as possible makes no difference to whether there is a match.
        _ = self.take("?")
        return .repeated(atom, min: bounds.min, max: bounds.max)
    }

    /// `{2}`, `{2,}`, `{2,5}`; nil where a brace stands for itself.
    private mutating func counted() throws(TextPatternFailure) -> (min: Int, max: Int?)? {
        let start = self.at
        guard self.take("{") else { return nil }
        guard let low = try self.number() else {
            self.at = start
            return nil
        }
        var high: Int? = low
        if self.take(",") { high = try self.number() }
        guard self.take("}") else {
            self.at = start
            return nil
        }
        if let high, high < low {
            throw self.failure("the bounds of the repetition are the wrong way round", at: start)
        }
        return (low, high)
    }

    private mutating func number() throws(TextPatternFailure) -> Int? {
        let start = self.at
        var value = 0
        while let digit = self.next, (0x30...0x39).contains(digit) {
            value = value * 10 + Int(digit - 0x30)
            guard value <= Self.repetitionsMax else {
                throw self.failure("more than \(Self.repetitionsMax) repetitions", at: start, hint: "use maxLength")
            }
            self.at += 1
        }
        return self.at == start ? nil : value
    }

    // MARK: Characters

    private mutating func escape(from start: Int) throws(TextPatternFailure) -> (PatternNode, mayRepeat: Bool) {
        guard let character = self.next else { return (.set(try self.escapedSet(from: start)), true) }
        switch character {
        case 0x62:
            self.at += 1
            return (.boundary(isNegated: false), false)
        case 0x42:
            self.at += 1
            return (.boundary(isNegated: true), false)
        case 0x31...0x39, 0x6B:
            throw self.failure(
                "a reference back to a group is not supported: it cannot be checked in linear time", at: start)
        default: return (.set(try self.escapedSet(from: start)), true)
        }
    }

    /// What follows a backslash, where it stands for characters.
    private mutating func escapedSet(from start: Int) throws(TextPatternFailure) -> ScalarSet {
        guard let character = self.next else { throw self.failure("the pattern ends behind a backslash", at: start) }
        self.at += 1
        switch character {
        case 0x64: return .digits
        case 0x44: return ScalarSet.digits.inverted
        case 0x77: return .words
        case 0x57: return ScalarSet.words.inverted
        case 0x73: return .spaces
        case 0x53: return ScalarSet.spaces.inverted
        case 0x74: return ScalarSet(0x09)
        case 0x6E: return ScalarSet(0x0A)
        case 0x76: return ScalarSet(0x0B)
        case 0x66: return ScalarSet(0x0C)
        case 0x72: return ScalarSet(0x0D)
        case 0x30: return ScalarSet(0)
        case 0x63: return try self.control(from: start)
        case 0x78: return ScalarSet(try self.hex(2, from: start))
        case 0x75: return ScalarSet(try self.unicode(from: start))
        case 0x70, 0x50: return try self.property(isNegated: character == 0x50, from: start)
        case 0x41...0x5A, 0x61...0x7A:
            let name = Unicode.Scalar(character).map { String(Character($0)) } ?? ""
            let hint = name == "A" ? "^" : name == "Z" || name == "z" ? "$" : nil
            throw self.failure(
                "\\\(name) is no escape of ECMA-262", at: start, hint: hint.map { "did you mean \($0)?" })
        default: return ScalarSet(character)
        }
    }

    private mutating func control(from start: Int) throws(TextPatternFailure) -> ScalarSet {
        guard let letter = self.next, (0x41...0x5A).contains(letter & ~0x20), letter < 0x80 else {
            throw self.failure("\\c wants a letter", at: start)
        }
        self.at += 1
        return ScalarSet(letter & 0x1F)
    }

    private mutating func hex(_ digits: Int, from start: Int) throws(TextPatternFailure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = self.next, digit < 0x80, let number = HexDigit.value(UInt8(digit)) else {
                throw self.failure("\(digits) hexadecimal digits are wanted here", at: start)
            }
            value = value << 4 | UInt32(number)
            self.at += 1
        }
        return value
    }

    private mutating func unicode(from start: Int) throws(TextPatternFailure) -> UInt32 {
        if self.take("{") {
            var value: UInt32 = 0
            while let digit = self.next, digit < 0x80, let number = HexDigit.value(UInt8(digit)),
                value <= ScalarSet.last
            {
                value = value << 4 | UInt32(number)
                self.at += 1
            }
            guard self.take("}"), value <= ScalarSet.last else {
                throw self.failure("this is no code point", at: start)
            }
            return value
        }
        let unit = try self.hex(4, from: start)
        // Two escaped halves are one character (ECMA-262, section 22.2.1, u flag).
        if unit & 0xFC00 == 0xD800, self.looks(at: "\\u") {
            let back = self.at
            self.at += 2
            let low = try self.hex(4, from: start)
            if low & 0xFC00 == 0xDC00 { return 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00) }
            self.at = back
        }
        return unit
    }

    private mutating func property(isNegated: Bool, from start: Int) throws(TextPatternFailure) -> ScalarSet {
        guard self.take("{") else { throw self.failure("\\p wants a name: \\p{Letter}", at: start) }
        var name = String.UnicodeScalarView()
        while let character = self.next, character != 0x7D {
            if let scalar = Unicode.Scalar(character) { name.append(scalar) }
            self.at += 1
        }
        guard self.take("}") else { throw self.failure("the name of the property does not end", at: start) }
        guard let set = ScalarCategories.set(named: String(name)) else {
            throw self.failure(
                "\\p{\(String(name))} is not known", at: start, hint: "general categories are: \\p{Letter}, \\p{Lu}, …")
        }
        return isNegated ? set.inverted : set
    }

    /// `[a-z]`, `[^0-9_]`.
    private mutating func bracket(from start: Int) throws(TextPatternFailure) -> ScalarSet {
        let isNegated = self.take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while let character = self.next, character != 0x5D {
            let place = self.at
            let low = try self.bracketAtom()
            guard self.next == 0x2D, self.at + 1 < self.text.count, self.text[self.at + 1] != 0x5D else {
                ranges += low.ranges
                continue
            }
            self.at += 1
            let high = try self.bracketAtom()
            guard low.isSingle, high.isSingle, low.ranges[0].lowerBound <= high.ranges[0].lowerBound else {
                throw self.failure("this range has no beginning below its end", at: place)
            }
            ranges.append(low.ranges[0].lowerBound...high.ranges[0].lowerBound)
        }
        guard self.take("]") else { throw self.failure("this [ is not closed", at: start) }
        let set = ScalarSet(ranges)
        return isNegated ? set.inverted : set
    }

    private mutating func bracketAtom() throws(TextPatternFailure) -> ScalarSet {
        let start = self.at
        guard let character = self.next else { throw self.failure("this [ is not closed", at: start) }
        self.at += 1
        guard character == 0x5C else { return ScalarSet(character) }
        if self.take("b") { return ScalarSet(0x08) }
        if self.take("-") { return ScalarSet(0x2D) }
        if let digit = self.next, (0x31...0x39).contains(digit) {
            throw self.failure("this escape is not known", at: start)
        }
        return try self.escapedSet(from: start)
    }
}

extension ScalarSet {
    fileprivate var isSingle: Bool { self.ranges.count == 1 && self.ranges[0].count == 1 }
}
