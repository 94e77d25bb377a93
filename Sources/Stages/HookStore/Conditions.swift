// SPDX-License-Identifier: Apache-2.0
// Filters of lists and repairs as SQL. The text comes from here alone; every value is a bound parameter.
import GRDB
import HookCore

/// Conditions that must all hold, and their arguments in order.
struct Conditions {
    private var clauses: [String] = []
    private(set) var arguments: [DatabaseValue] = []

    init() {}

    /// ` WHERE …`, or nothing.
    var sql: String { self.clauses.isEmpty ? "" : " WHERE " + self.clauses.joined(separator: " AND ") }

    mutating func require(_ clause: String, _ values: DatabaseValue...) {
        self.clauses.append(clause)
        self.arguments.append(contentsOf: values)
    }

    /// A column that holds this text. One with a NUL goes as bytes: GRDB would bind it up to there, and "a\u{0}b" would
    /// find "a".
    mutating func require(_ column: String, is text: String) {
        if text.utf8.contains(0) {
            self.require("\(column) = CAST(? AS TEXT)", Array(text.utf8).stored)
        } else {
            self.require("\(column) = ?", text.databaseValue)
        }
    }

    /// One of these keys; given as one JSON array, so that any number is one parameter.
    mutating func require(_ column: String, in keys: [Int64]) {
        let list = "[" + keys.map(String.init).joined(separator: ",") + "]"
        self.require("\(column) IN (SELECT value FROM json_each(?))", list.databaseValue)
    }

    /// Rows older than the cursor's; a cursor that is not ours matches nothing.
    mutating func require(_ column: String, before cursor: String?) {
        guard let cursor else { return }
        self.require("\(column) < ?", (Int64(cursor, radix: 36) ?? .min).databaseValue)
    }

    /// The cursor that continues after a row with this key.
    static func cursor(after key: Int64) -> String { String(key, radix: 36) }
}

extension Conditions {
    init(_ filter: EventFilter) {
        if let source = filter.source { self.require("e.source", is: source.text) }
        if let type = filter.type { self.require("e.type", is: type) }
        if let sender = filter.senderID { self.require("e.sender_id", is: sender) }
        if let since = filter.since { self.require("e.time >= ?", since.stored) }
        if let until = filter.until { self.require("e.time < ?", until.stored) }
        if let fate = filter.fate {
            // A word that is no fate has no bit, and so matches nothing.
            self.require("e.fate_bits & ? <> 0", (FateCoding.bit(named: fate) ?? 0).databaseValue)
        }
        guard let route = filter.route else { return }
        if let fate = filter.fate {
            self.require(
                """
                EXISTS (SELECT 1 FROM json_each(e.fates) f
                    WHERE json_extract(f.value, '$[0]') = ? AND json_extract(f.value, '$[1]') = ?)
                """, route.text.databaseValue, fate.databaseValue)
        } else {
            self.require(
                "EXISTS (SELECT 1 FROM json_each(e.fates) f WHERE json_extract(f.value, '$[0]') = ?)",
                route.text.databaseValue)
        }
    }

    /// - Errors: what SQLite throws; ids that do not exist match nothing.
    init(_ filter: DeliveryFilter, _ database: Database) throws {
        if !filter.ids.isEmpty {
            let keys = try filter.ids.compactMap { id in
                try database.seq(of: id.event).map { Schema.key(seq: $0, ordinal: id.ordinal) }
            }
            self.require("d.key", in: keys)
        }
        try self.requireEvent(filter.event, "d.key", database)
        if let route = filter.route { self.require("d.route", is: route.text) }
        if let destination = filter.destination { self.require("d.destination", is: destination.text) }
        if let reason = filter.reason { self.require("d.reason", is: reason) }
        if let since = filter.since { self.require("d.accepted_at >= ?", since.stored) }
        if let until = filter.until { self.require("d.accepted_at < ?", until.stored) }
        self.require(states: filter.states)
    }

    init(_ filter: HeldFilter, _ database: Database) throws {
        if !filter.ids.isEmpty {
            let keys = try filter.ids.compactMap { id in
                try database.seq(of: id.event).map { Schema.key(seq: $0, ordinal: id.ordinal) }
            }
            self.require("h.key", in: keys)
        }
        try self.requireEvent(filter.event, "h.key", database)
        if let route = filter.route { self.require("h.route", is: route.text) }
        if let code = filter.code { self.require("h.code", is: code) }
        if let kind = filter.kind { self.require("h.kind = \(kind.rawValue)") }
    }

    /// Numbers stand in the text, not in parameters: only so does SQLite see that a partial index serves.
    mutating func require(states: [DeliveryState]) {
        guard !states.isEmpty else { return }
        let numbers = states.map { "\($0.number)" }
        self.require(numbers.count == 1 ? "d.state = \(numbers[0])" : "d.state IN (\(numbers.joined(separator: ", ")))")
    }

    private mutating func requireEvent(_ event: EventID?, _ column: String, _ database: Database) throws {
        guard let event else { return }
        let seq = try database.seq(of: event) ?? -1
        self.require(
            "\(column) BETWEEN ? AND ?", Schema.key(seq: seq, ordinal: 0).databaseValue,
            Schema.key(seq: seq, ordinal: .max).databaseValue)
    }
}
