// SPDX-License-Identifier: Apache-2.0
// Columns to values and back. GRDB's own subscripts end the process on a value of the wrong type; a damaged page must
// not, so columns are read as optional values here.
import Foundation
import GRDB
import HookCore

extension Row {
    func integer(_ index: Int) throws(StoreFailure) -> Int64 {
        guard let value = self.integerIfAny(index) else { throw Self.damage(index) }
        return value
    }

    func integerIfAny(_ index: Int) -> Int64? { Int64.fromDatabaseValue(self[index]) }

    func text(_ index: Int) throws(StoreFailure) -> String {
        guard let value = self.textIfAny(index) else { throw Self.damage(index) }
        return value
    }

    /// Columns that may hold a NUL are selected as `CAST(… AS BLOB)`: GRDB reads text up to its first NUL.
    func textIfAny(_ index: Int) -> String? { String.fromDatabaseValue(self[index]) }

    /// Null counts as empty: SQLite stores an empty blob from a null pointer as null.
    func bytes(_ index: Int) -> [UInt8] {
        guard let data = Data.fromDatabaseValue(self[index]) else { return [] }
        return [UInt8](data)
    }

    func time(_ index: Int) throws(StoreFailure) -> WallTime { WallTime(milliseconds: try self.integer(index)) }

    func timeIfAny(_ index: Int) -> WallTime? { self.integerIfAny(index).map { WallTime(milliseconds: $0) } }

    func eventID(_ index: Int) throws(StoreFailure) -> EventID {
        guard let id = EventID(bytes: self.bytes(index)) else { throw Self.damage(index) }
        return id
    }

    private static func damage(_ index: Int) -> StoreFailure {
        StoreFailure(.corrupt, "column \(index) of a row holds a value of another kind")
    }
}

extension [UInt8] {
    var stored: DatabaseValue { Data(self).databaseValue }
}

extension EventID {
    /// Sixteen big-endian bytes.
    var stored: DatabaseValue {
        unsafe withUnsafeBytes(of: (self.high.bigEndian, self.low.bigEndian)) { unsafe Data($0) }.databaseValue
    }
}

extension WallTime {
    var stored: DatabaseValue { self.milliseconds.databaseValue }
}

extension String? {
    var stored: DatabaseValue { self?.databaseValue ?? .null }
}

extension Int? {
    var stored: DatabaseValue { self?.databaseValue ?? .null }
}

/// Fates as stored: `[["route","kind","reason or nothing"],…]`, and a bit for each kind that occurs.
enum FateCoding {
    static let unmatchedBit: Int64 = 16

    static func bit(_ kind: Fate.Kind) -> Int64 {
        switch kind {
        case .matched: 1
        case .filtered: 2
        case .dropped: 4
        case .held: 8
        case .aggregated: 32
        }
    }

    /// The bit of a filter's word; nil for a word that is no fate.
    static func bit(named name: String) -> Int64? {
        name == "unmatched" ? Self.unmatchedBit : Fate.Kind(rawValue: name).map(Self.bit)
    }

    static func bits(_ fates: [Fate]) -> Int64 {
        fates.isEmpty ? Self.unmatchedBit : fates.reduce(0) { $0 | Self.bit($1.kind) }
    }

    /// UTF-8.
    static func encode(_ fates: [Fate]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for (place, fate) in fates.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "["))
            JSONEscapes.appendQuoted(fate.route.text.utf8, to: &output)
            output.append(UInt8(ascii: ","))
            JSONEscapes.appendQuoted(fate.kind.rawValue.utf8, to: &output)
            if let reason = fate.reason {
                output.append(UInt8(ascii: ","))
                JSONEscapes.appendQuoted(reason.utf8, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "]"))
        return output
    }

    static func decode(_ text: String) throws(StoreFailure) -> [Fate] {
        // Typed errors of the parser say nothing more than that the text is damaged.
        guard let values = (try? JSONValue(parsing: Array(text.utf8)))?.arrayValue else { throw Self.damage }
        var fates: [Fate] = []
        for value in values {
            guard let parts = value.arrayValue, parts.count >= 2, let route = parts[0].stringValue,
                let kind = parts[1].stringValue.flatMap(Fate.Kind.init(rawValue:))
            else { throw Self.damage }
            fates.append(
                Fate(route: RouteName(route), kind: kind, reason: parts.count > 2 ? parts[2].stringValue : nil))
        }
        return fates
    }

    private static var damage: StoreFailure { StoreFailure(.corrupt, "the fates of an event cannot be read") }
}

extension RequestOverrides {
    /// As stored: a JSON object with the members that are set.
    var stored: String {
        var members: [JSONValue.Member] = []
        if let method = self.method { members.append(.init("method", .string(method))) }
        if let path = self.path { members.append(.init("path", .string(path))) }
        for (name, pairs) in [
            ("query", self.query), ("headers", self.headers), ("fields", self.fields.map { ($0.path, $0.value) }),
        ]
        where !pairs.isEmpty {
            members.append(.init(name, .array(pairs.map { .array([.string($0.0), .string($0.1)]) })))
        }
        return JSONValue.object(members).text
    }

    init(stored text: String) throws(StoreFailure) {
        // Typed errors of the parser say nothing more than that the text is damaged.
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else {
            throw StoreFailure(.corrupt, "the request of a delivery cannot be read")
        }
        self.init()
        self.method = value["method"]?.stringValue
        self.path = value["path"]?.stringValue
        self.query = Self.pairs(value["query"]).map { (name: $0.0, value: $0.1) }
        self.headers = Self.pairs(value["headers"]).map { (name: $0.0, value: $0.1) }
        self.fields = Self.pairs(value["fields"]).map { (path: $0.0, value: $0.1) }
    }

    private static func pairs(_ value: JSONValue?) -> [(String, String)] {
        (value?.arrayValue ?? []).compactMap { pair in
            guard let parts = pair.arrayValue, parts.count == 2, let name = parts[0].stringValue,
                let text = parts[1].stringValue
            else { return nil }
            return (name, text)
        }
    }
}

/// Checksums of what a destination will be sent.
enum PayloadChecksum {
    /// Of an event's body.
    static func event(_ body: [UInt8]) -> Int64 { Int64(bitPattern: Checksum.xxh64(body)) }

    /// Of a delivery: its body, and its request where it has one.
    static func delivery(bodySum: Int64, request: String?) -> Int64 {
        guard let request else { return bodySum }
        return Int64(bitPattern: Checksum.xxh64(Array(request.utf8), seed: UInt64(bitPattern: bodySum)))
    }
}
