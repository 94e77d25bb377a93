// SPDX-License-Identifier: Apache-2.0
// RFC 8259 text → tape, in one pass with an explicit stack: no recursion, so depth costs no machine stack.

struct JSONParser {
    let limits: JSONLimits
    private var bytes: [UInt8] = []
    private var at = 0
    private var nodes: ContiguousArray<JSONNode> = []
    /// Tape indices of the containers that are open.
    private var open: [Int] = []

    init(limits: JSONLimits) { self.limits = limits }

    mutating func parse(_ bytes: [UInt8]) throws(JSONFailure) -> ContiguousArray<JSONNode> {
        guard bytes.count < Int(UInt32.max) else { throw JSONFailure(.tooLarge, at: 0) }
        self.bytes = bytes
        self.nodes.reserveCapacity(bytes.count / 8 + 8)
        self.skipSpace()
        try self.value()
        while let container = self.open.last {
            try self.step(in: container)
        }
        self.skipSpace()
        if self.at < bytes.count { throw JSONFailure(.textAfterEnd, at: self.at) }
        return self.nodes
    }

    /// Reads the next member or element of the innermost open container, or its end.
    private mutating func step(in container: Int) throws(JSONFailure) {
        self.skipSpace()
        let isObject = self.nodes[container].kind == .object
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        let byte = try self.peek()
        if byte == close {
            self.at += 1
            if isObject { try self.checkKeys(of: container) }
            self.nodes[container].end = UInt32(self.at)
            self.nodes[container].next = UInt32(self.nodes.count)
            self.open.removeLast()
            return
        }
        if self.nodes[container].count > 0 {
            guard byte == UInt8(ascii: ",") else { throw JSONFailure(.unexpectedByte, at: self.at) }
            self.at += 1
            self.skipSpace()
        }
        self.nodes[container].count += 1
        if isObject {
            guard try self.peek() == UInt8(ascii: "\"") else { throw JSONFailure(.unexpectedByte, at: self.at) }
            try self.string()
            self.skipSpace()
            guard try self.peek() == UInt8(ascii: ":") else { throw JSONFailure(.unexpectedByte, at: self.at) }
            self.at += 1
            self.skipSpace()
        }
        try self.value()
    }

    private func peek() throws(JSONFailure) -> UInt8 {
        guard self.at < self.bytes.count else { throw JSONFailure(.unexpectedEnd, at: self.at) }
        return self.bytes[self.at]
    }

    private mutating func skipSpace() {
        while self.at < self.bytes.count {
            switch self.bytes[self.at] {
            case 0x20, 0x09, 0x0A, 0x0D: self.at += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONFailure) {
        switch try self.peek() {
        case UInt8(ascii: "{"): try self.begin(.object)
        case UInt8(ascii: "["): try self.begin(.array)
        case UInt8(ascii: "\""): try self.string()
        case UInt8(ascii: "t"): try self.literal("true", .true)
        case UInt8(ascii: "f"): try self.literal("false", .false)
        case UInt8(ascii: "n"): try self.literal("null", .null)
        default: try self.number()
        }
    }

    private mutating func begin(_ kind: JSONKind) throws(JSONFailure) {
        guard self.open.count < self.limits.depthMax else { throw JSONFailure(.tooDeep, at: self.at) }
        self.open.append(self.nodes.count)
        self.nodes.append(JSONNode(kind: kind, start: UInt32(self.at), end: 0, next: 0))
        self.at += 1
    }

    private mutating func append(_ kind: JSONKind, from start: Int, isEscaped: Bool = false) {
        let next = UInt32(self.nodes.count + 1)
        self.nodes.append(
            JSONNode(kind: kind, start: UInt32(start), end: UInt32(self.at), next: next, isEscaped: isEscaped))
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONKind) throws(JSONFailure) {
        let start = self.at
        for expected in "\(word)".utf8 {
            guard try self.peek() == expected else { throw JSONFailure(.unexpectedByte, at: self.at) }
            self.at += 1
        }
        self.append(kind, from: start)
    }

    private mutating func digits() throws(JSONFailure) {
        let start = self.at
        while self.at < self.bytes.count, self.bytes[self.at] >= 0x30, self.bytes[self.at] <= 0x39 { self.at += 1 }
        if self.at == start {
            throw JSONFailure(self.at < self.bytes.count ? .badNumber : .unexpectedEnd, at: self.at)
        }
    }

    private mutating func number() throws(JSONFailure) {
        let start = self.at
        if self.bytes[self.at] == UInt8(ascii: "-") { self.at += 1 }
        let first = try self.peek()
        guard first >= 0x30 && first <= 0x39 else {
            throw JSONFailure(start == self.at ? .unexpectedByte : .badNumber, at: self.at)
        }
        if first == 0x30 { self.at += 1 } else { try self.digits() }
        if self.at < self.bytes.count, self.bytes[self.at] == UInt8(ascii: ".") {
            self.at += 1
            try self.digits()
        }
        if self.at < self.bytes.count, self.bytes[self.at] | 0x20 == UInt8(ascii: "e") {
            self.at += 1
            if self.at < self.bytes.count, self.bytes[self.at] == UInt8(ascii: "+") || self.bytes[self.at] == UInt8(ascii: "-") {
                self.at += 1
            }
            try self.digits()
        }
        self.append(.number, from: start)
    }

    private mutating func string() throws(JSONFailure) {
        let start = self.at
        var isEscaped = false
        self.at += 1
        while true {
            let byte = try self.peek()
            switch byte {
            case UInt8(ascii: "\""):
                self.at += 1
                self.append(.string, from: start, isEscaped: isEscaped)
                return
            case UInt8(ascii: "\\"):
                isEscaped = true
                try self.escape()
            case 0..<0x20: throw JSONFailure(.controlCharacter, at: self.at)
            case 0x20..<0x80: self.at += 1
            default: try self.multibyte(byte)
            }
        }
    }

    private mutating func escape() throws(JSONFailure) {
        let start = self.at
        self.at += 1
        switch try self.peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.at += 1
        case UInt8(ascii: "u"):
            self.at += 1
            let unit = try self.hexUnit(from: start)
            if unit & 0xFC00 == 0xDC00 { throw JSONFailure(.badUnicode, at: start) }
            if unit & 0xFC00 == 0xD800 {
                guard self.at + 1 < self.bytes.count, self.bytes[self.at] == UInt8(ascii: "\\"),
                    self.bytes[self.at + 1] == UInt8(ascii: "u")
                else { throw JSONFailure(.badUnicode, at: start) }
                self.at += 2
                guard try self.hexUnit(from: start) & 0xFC00 == 0xDC00 else { throw JSONFailure(.badUnicode, at: start) }
            }
        default: throw JSONFailure(.badEscape, at: start)
        }
    }

    private mutating func hexUnit(from start: Int) throws(JSONFailure) -> UInt32 {
        guard self.at + 4 <= self.bytes.count else { throw JSONFailure(.unexpectedEnd, at: self.bytes.count) }
        for byte in self.bytes[self.at..<self.at + 4] {
            switch byte {
            case 0x30...0x39, 0x41...0x46, 0x61...0x66: continue
            default: throw JSONFailure(.badEscape, at: start)
            }
        }
        self.at += 4
        return JSONEscapes.hex(self.bytes[...], self.at - 4)
    }

    /// One UTF-8 sequence of two to four bytes, by the table of RFC 3629, section 4.
    private mutating func multibyte(_ first: UInt8) throws(JSONFailure) {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONFailure(.badUnicode, at: self.at)
        }
        guard self.at + length <= self.bytes.count else { throw JSONFailure(.badUnicode, at: self.at) }
        guard second.contains(self.bytes[self.at + 1]) else { throw JSONFailure(.badUnicode, at: self.at) }
        for place in 2..<max(2, length) where self.bytes[self.at + place] & 0xC0 != 0x80 {
            throw JSONFailure(.badUnicode, at: self.at)
        }
        self.at += length
    }

    private func checkKeys(of container: Int) throws(JSONFailure) {
        guard self.limits.duplicateKeys == .refuse, self.nodes[container].count > 1 else { return }
        var seen = Set<[UInt8]>()
        var key = container + 1
        while key < self.nodes.count {
            let node = self.nodes[key]
            let inner = self.bytes[Int(node.start) + 1..<Int(node.end) - 1]
            let value = node.isEscaped ? JSONEscapes.resolve(inner) : Array(inner)
            if !seen.insert(value).inserted { throw JSONFailure(.duplicateKey, at: Int(node.start)) }
            key = Int(self.nodes[key + 1].next)
        }
    }
}
