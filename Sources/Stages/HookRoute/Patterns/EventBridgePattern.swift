// SPDX-License-Identifier: Apache-2.0
// Event patterns of Amazon EventBridge, as aws/event-ruler and timbray/quamina document and run them.

import HookCore

/// Why a pattern was refused, and at which byte of its text.
package struct PatternFailure: Error, Sendable {
    package let reason: String
    package let offset: Int
}

/// A pattern as it was written.
package struct EventBridgePattern: Sendable {
    /// The members of one object.
    package struct Object: Sendable {
        package var fields: [(key: String, value: Value)] = []
        /// Of each `$or`, one alternative holds.
        package var alternatives: [[Object]] = []
    }

    package indirect enum Value: Sendable {
        case object(Object)
        /// Some scalar passes one of the tests, or, where `orAbsent`, there is none.
        case list([PatternTest], orAbsent: Bool)
    }

    package let root: Object
    /// The same as alternatives without `$or`.
    package let clauses: [PatternClause]

    /// Clauses that one pattern may come to: `$or` multiplies them.
    static let clausesMax = 1024
    /// Fields of one clause.
    static let fieldsMax = 64

    /// Reads the text of a pattern.
    package init(parsing bytes: [UInt8]) throws(PatternFailure) {
        let document: JSONDocument
        do throws(JSONFailure) {
            document = try JSONDocument(parsing: bytes)
        } catch {
            throw PatternFailure(reason: error.reason.rawValue, offset: error.offset)
        }
        var reader = PatternReader(document: document)
        self.root = try reader.object(at: 0)
        self.clauses = try Self.clauses(of: self.root, below: []).map { fields throws(PatternFailure) in
            guard fields.count <= Self.fieldsMax else {
                throw PatternFailure(reason: "a pattern has at most \(Self.fieldsMax) fields", offset: 0)
            }
            guard !fields.contains(where: { one in fields.contains { Self.leads(from: one.path, to: $0.path) } }) else {
                throw PatternFailure(reason: "one field is asked for as a value and as an object", offset: 0)
            }
            return PatternClause(fields: fields)
        }
    }

    // MARK: Clauses

    private static func clauses(of object: Object, below keys: [String]) throws(PatternFailure) -> [[PatternField]] {
        var clauses: [[PatternField]] = [[]]
        for (key, value) in object.fields {
            let path = keys + [key]
            switch value {
            case .object(let inner): clauses = try self.product(clauses, try self.clauses(of: inner, below: path))
            case .list(let tests, let orAbsent):
                var ways: [[PatternField]] = []
                if !tests.isEmpty {
                    ways.append([PatternField(path: FieldPath(.data, path), test: .anyOf(tests))])
                }
                if orAbsent { ways.append([PatternField(path: FieldPath(.data, path), test: nil)]) }
                clauses = try self.product(clauses, ways)
            }
        }
        for group in object.alternatives {
            var ways: [[PatternField]] = []
            for alternative in group { ways += try self.clauses(of: alternative, below: keys) }
            clauses = try self.product(clauses, ways)
        }
        return clauses
    }

    private static func product(
        _ left: [[PatternField]], _ right: [[PatternField]]
    ) throws(PatternFailure) -> [[PatternField]] {
        guard left.count * right.count <= Self.clausesMax else {
            throw PatternFailure(
                reason: "the alternatives multiply to more than \(Self.clausesMax) combinations", offset: 0)
        }
        if right.count == 1, left.count == 1, left[0].isEmpty { return right }
        return left.flatMap { one in right.compactMap { self.merged(one, $0) } }
    }

    /// The fields of both; fields of one path become one. Nil where they contradict each other.
    private static func merged(_ one: [PatternField], _ other: [PatternField]) -> [PatternField]? {
        var fields = one
        for field in other {
            guard let place = fields.firstIndex(where: { Self.isSame($0.path, field.path) }) else {
                fields.append(field)
                continue
            }
            switch (fields[place].test, field.test) {
            case (nil, nil): continue
            case (let left?, let right?): fields[place] = PatternField(path: field.path, test: .allOf([left, right]))
            default: return nil
            }
        }
        return fields
    }

    private static func leads(from one: FieldPath, to other: FieldPath) -> Bool {
        one.keys.count < other.keys.count && zip(one.keys, other.keys).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Keys compare by bytes.
    private static func isSame(_ one: FieldPath, _ other: FieldPath) -> Bool {
        one.keys.count == other.keys.count
            && zip(one.keys, other.keys).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
