// SPDX-License-Identifier: Apache-2.0

/// RFC 8259 word for word: recursive, one scalar at a time, slow. What the real parser is compared with.
struct NaiveJSON {
    private struct Wrong: Error {}

    private let scalars: [Unicode.Scalar]
    private var at = 0
    private let depthMax: Int
    private let refusesDuplicates: Bool

    /// Whether the bytes are one JSON text.
    static func accepts(_ bytes: [UInt8], depthMax: Int, refusingDuplicates: Bool) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var reader = NaiveJSON(
            scalars: Array(text.unicodeScalars), depthMax: depthMax, refusesDuplicates: refusingDuplicates)
        do {
            try reader.value(depth: 0)
            return reader.at == reader.scalars.count
        } catch {
            return false
        }
    }

    private init(scalars: [Unicode.Scalar], depthMax: Int, refusesDuplicates: Bool) {
        self.scalars = scalars
        self.depthMax = depthMax
        self.refusesDuplicates = refusesDuplicates
    }

    private var next: Unicode.Scalar? { self.at < self.scalars.count ? self.scalars[self.at] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.next == scalar else { return false }
        self.at += 1
        return true
    }

    private mutating func space() {
        while let scalar = self.next, " \n\r\t".unicodeScalars.contains(scalar) { self.at += 1 }
    }

    private mutating func value(depth: Int) throws {
        self.space()
        if self.take("{") {
            try self.object(depth: depth + 1)
        } else if self.take("[") {
            try self.array(depth: depth + 1)
        } else if self.take("\"") {
            _ = try self.string()
        } else if let word = ["true", "false", "null"].first(where: { $0.unicodeScalars.first == self.next }) {
            for scalar in word.unicodeScalars where !self.take(scalar) { throw Wrong() }
        } else {
            try self.number()
        }
        self.space()
    }

    private mutating func object(depth: Int) throws {
        guard depth <= self.depthMax else { throw Wrong() }
        self.space()
        if self.take("}") { return }
        var keys: Set<[Unicode.Scalar]> = []
        repeat {
            self.space()
            guard self.take("\"") else { throw Wrong() }
            let isNew = keys.insert(try self.string()).inserted
            if !isNew && self.refusesDuplicates { throw Wrong() }
            self.space()
            guard self.take(":") else { throw Wrong() }
            try self.value(depth: depth)
        } while self.take(",")
        guard self.take("}") else { throw Wrong() }
    }

    private mutating func array(depth: Int) throws {
        guard depth <= self.depthMax else { throw Wrong() }
        self.space()
        if self.take("]") { return }
        repeat { try self.value(depth: depth) } while self.take(",")
        guard self.take("]") else { throw Wrong() }
    }

    private mutating func string() throws -> [Unicode.Scalar] {
        var units: [UInt16] = []
        while !self.take("\"") {
            guard let scalar = self.next, scalar.value >= 0x20 else { throw Wrong() }
            self.at += 1
            if scalar != "\\" {
                units.append(contentsOf: String(scalar).utf16)
                continue
            }
            guard let kind = self.next else { throw Wrong() }
            self.at += 1
            let named: [Unicode.Scalar: UInt16] = [
                "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 0xC, "n": 0xA, "r": 0xD, "t": 9,
            ]
            if let unit = named[kind] {
                units.append(unit)
            } else {
                guard kind == "u", self.at + 4 <= self.scalars.count else { throw Wrong() }
                let digits = self.scalars[self.at..<self.at + 4]
                guard digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { throw Wrong() }
                units.append(UInt16(String(String.UnicodeScalarView(digits)), radix: 16) ?? 0)
                self.at += 4
            }
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw Wrong() }
        return Array(text.unicodeScalars)
    }

    private mutating func number() throws {
        _ = self.take("-")
        if !self.take("0") { try self.digits() }
        if self.take(".") { try self.digits() }
        if self.take("e") || self.take("E") {
            if !self.take("+") { _ = self.take("-") }
            try self.digits()
        }
    }

    private mutating func digits() throws {
        let start = self.at
        while let scalar = self.next, ("0"..."9").contains(scalar) { self.at += 1 }
        if self.at == start { throw Wrong() }
    }
}
