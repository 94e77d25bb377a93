// SPDX-License-Identifier: Apache-2.0
// The exact parser: RFC 8259 text → tape, or the reason and the place of its fault. Texts without fault seldom come
// here, see `JSONKernel`; refused ones and those with duplicate keys do. One pass without recursion: depth costs no
// machine stack. While a container is open, the `next` of its node holds the tape index of the container around it, so
// that no second stack is needed.
//
// Each function takes the place to read from and returns the place behind what it read: a place in a register is
// what makes the loop fast. Nothing is read without a comparison with `count` before; debug builds check again.
import CScan

// HOT: the whole body of every event.
@safe struct JSONParser: ~Copyable {
    private let limits: JSONLimits
    private let text: UnsafeBufferPointer<UInt8>
    private let count: Int
    private var tape: JSONTape
    private var keys: JSONKeyCheck

    /// - Bounds: the text has fewer than 2^32 bytes, so that every place fits a node.
    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONFailure) -> ContiguousArray<JSONNode> {
        guard bytes.count < Int(UInt32.max) else { throw JSONFailure(.tooLarge, at: 0) }
        return try unsafe bytes.withUnsafeBufferPointer { text throws(JSONFailure) in
            var parser = unsafe JSONParser(text, limits)
            try parser.run()
            return parser.tape.nodes()
        }
    }

    private init(_ text: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
        self.limits = limits
        unsafe self.text = unsafe text
        self.count = text.count
        self.tape = JSONTape(textBytes: text.count)
        self.keys = JSONKeyCheck(limits.duplicateKeys)
    }

    private enum Expected {
        case value, key, separator
    }

    /// The container around the top: none.
    private static let outside = Int(UInt32.max)

    private mutating func run() throws(JSONFailure) {
        var at = self.skipSpace(0)
        var expected = Expected.value
        var container = Self.outside
        var depth = 0
        var isObject = false
        while true {
            switch expected {
            case .key:
                guard try self.byte(at) == UInt8(ascii: "\"") else { throw JSONFailure(.unexpectedByte, at: at) }
                at = self.skipSpace(try self.string(at))
                guard try self.byte(at) == UInt8(ascii: ":") else { throw JSONFailure(.unexpectedByte, at: at) }
                at = self.skipSpace(at + 1)
                expected = .value
            case .value:
                let first = try self.byte(at)
                guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
                    at = try self.scalar(first, at)
                    expected = .separator
                    continue
                }
                guard depth < self.limits.depthMax else { throw JSONFailure(.tooDeep, at: at) }
                depth += 1
                isObject = first == UInt8(ascii: "{")
                let parent = container
                container = self.tape.count
                self.append(isObject ? .object : .array, from: at, to: at, next: parent)
                at = self.skipSpace(at + 1)
                // An empty container ends here, so that a comma is always followed by another member.
                let isEmpty = try self.byte(at) == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                if !isEmpty { self.tape[container].count = 1 }
                expected = isEmpty ? .separator : isObject ? .key : .value
            case .separator:
                at = self.skipSpace(at)
                guard container != Self.outside else {
                    if at < self.count { throw JSONFailure(.textAfterEnd, at: at) }
                    return
                }
                let byte = try self.byte(at)
                // A fresh container without members stands before its end, not before a comma.
                if byte == UInt8(ascii: ","), self.tape[container].count > 0 {
                    self.tape[container].count += 1
                    at = self.skipSpace(at + 1)
                    expected = isObject ? .key : .value
                    continue
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONFailure(.unexpectedByte, at: at)
                }
                at += 1
                depth -= 1
                container = try self.close(container, at)
                if container != Self.outside { isObject = self.tape[container].kind == .object }
            }
        }
    }

    /// Ends a container; the one around it.
    @inline(__always)
    private mutating func close(_ container: Int, _ end: Int) throws(JSONFailure) -> Int {
        var node = self.tape[container]
        if node.kind == .object, node.count > 1 {
            node.count = try unsafe self.keys.check(container, count: Int(node.count), &self.tape, self.text)
        }
        let parent = Int(node.next)
        node.end = UInt32(truncatingIfNeeded: end)
        node.next = UInt32(truncatingIfNeeded: self.tape.count)
        self.tape[container] = node
        return parent
    }

    /// Places are below 2^32 (see ``parse(_:limits:)``), and no tape has more nodes than its text has bytes.
    @inline(__always)
    private mutating func append(
        _ kind: JSONKind, from start: Int, to end: Int, next: Int? = nil, isEscaped: Bool = false
    ) {
        self.tape.append(
            JSONNode(
                kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: next ?? self.tape.count + 1), isEscaped: isEscaped))
    }

    @inline(__always)
    private func byte(_ at: Int) throws(JSONFailure) -> UInt8 {
        guard at < self.count else { throw JSONFailure(.unexpectedEnd, at: self.count) }
        return unsafe self.text[at]
    }

    @inline(__always)
    private func skipSpace(_ at: Int) -> Int {
        // Most payloads come without white space; a byte above the space ends the question.
        guard at < self.count, unsafe self.text[at] <= 0x20, let base = unsafe self.text.baseAddress else { return at }
        return unsafe scan_space(base, at, self.count)
    }
}

// Values without children.
extension JSONParser {
    @inline(__always)
    private mutating func scalar(_ first: UInt8, _ at: Int) throws(JSONFailure) -> Int {
        switch first {
        case UInt8(ascii: "\""): try self.string(at)
        case UInt8(ascii: "t"): try self.literal("true", .true, at)
        case UInt8(ascii: "f"): try self.literal("false", .false, at)
        case UInt8(ascii: "n"): try self.literal("null", .null, at)
        default: try self.number(first, at)
        }
    }

    @inline(__always)
    private mutating func literal(_ word: StaticString, _ kind: JSONKind, _ start: Int) throws(JSONFailure) -> Int {
        for place in 0..<word.utf8CodeUnitCount where unsafe try self.byte(start + place) != word.utf8Start[place] {
            throw JSONFailure(.unexpectedByte, at: start + place)
        }
        let end = start + word.utf8CodeUnitCount
        self.append(kind, from: start, to: end)
        return end
    }

    private mutating func number(_ first: UInt8, _ start: Int) throws(JSONFailure) -> Int {
        var at = start
        if first == UInt8(ascii: "-") { at += 1 }
        let digit = try self.byte(at)
        guard Self.isDigit(digit) else {
            throw JSONFailure(start == at ? .unexpectedByte : .badNumber, at: at)
        }
        at = digit == 0x30 ? at + 1 : try self.digits(at)
        if at < self.count, unsafe self.text[at] == UInt8(ascii: ".") { at = try self.digits(at + 1) }
        if at < self.count, unsafe self.text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            let sign = try self.byte(at)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
            at = try self.digits(at)
        }
        self.append(.number, from: start, to: at)
        return at
    }

    /// One or more digits.
    @inline(__always)
    private func digits(_ start: Int) throws(JSONFailure) -> Int {
        var at = start
        while at < self.count, unsafe Self.isDigit(self.text[at]) { at += 1 }
        if at == start { throw JSONFailure(at < self.count ? .badNumber : .unexpectedEnd, at: at) }
        return at
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

// Strings.
extension JSONParser {
    @inline(__always)
    private mutating func string(_ start: Int) throws(JSONFailure) -> Int {
        var isEscaped = false
        var at = start + 1
        while true {
            at = self.plainRun(at)
            let byte = try self.byte(at)
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                at = try self.escape(at)
            } else {
                at = try self.multibytes(at)
            }
        }
        self.append(.string, from: start, to: at + 1, isEscaped: isEscaped)
        return at + 1
    }

    @inline(__always)
    private func plainRun(_ at: Int) -> Int {
        guard let base = unsafe self.text.baseAddress, at < self.count else { return at }
        return unsafe scan_plain_run(base, at, self.count)
    }

    private func escape(_ start: Int) throws(JSONFailure) -> Int {
        switch try self.byte(start + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            let unit = try self.hexUnit(start + 2, of: start)
            if unit & 0xF800 != 0xD800 { return start + 6 }
            // Half a pair must be the first half and be followed by the second.
            guard unit & 0xFC00 == 0xD800, start + 7 < self.count, unsafe self.text[start + 6] == UInt8(ascii: "\\"),
                unsafe self.text[start + 7] == UInt8(ascii: "u"),
                try self.hexUnit(start + 8, of: start) & 0xFC00 == 0xDC00
            else { throw JSONFailure(.badUnicode, at: start) }
            return start + 12
        default: throw JSONFailure(.badEscape, at: start)
        }
    }

    private func hexUnit(_ at: Int, of start: Int) throws(JSONFailure) -> UInt32 {
        guard at + 4 <= self.count else { throw JSONFailure(.unexpectedEnd, at: self.count) }
        var value: UInt32 = 0
        for place in at..<at + 4 {
            guard let digit = unsafe JSONEscapes.hexDigit(self.text[place]) else {
                throw JSONFailure(.badEscape, at: start)
            }
            value = value << 4 | digit
        }
        return value
    }

    /// A run of UTF-8 sequences of two to four bytes, by the table of RFC 3629, section 4.
    private func multibytes(_ start: Int) throws(JSONFailure) -> Int {
        var at = start
        while at < self.count {
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch unsafe self.text[at] {
            case 0..<0x20: throw JSONFailure(.controlCharacter, at: at)
            case 0x20..<0x80: return at
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: length = 4
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: throw JSONFailure(.badUnicode, at: at)
            }
            guard at + length <= self.count, unsafe second.contains(self.text[at + 1]),
                unsafe length < 3 || self.text[at + 2] & 0xC0 == 0x80,
                unsafe length < 4 || self.text[at + 3] & 0xC0 == 0x80
            else { throw JSONFailure(.badUnicode, at: at) }
            at += length
        }
        return at
    }
}
