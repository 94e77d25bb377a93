// SPDX-License-Identifier: Apache-2.0
// Conditions and events as compact JSON that mirrors the route files: for tables of cases.

import HookCore

struct NotationFailure: Error, CustomStringConvertible {
    let description: String
}

enum Notation {
    static func condition(_ value: JSONValue, below isElement: Bool = false) throws -> Condition {
        guard case .object(let members) = value else { throw NotationFailure(description: "no map: \(value.text)") }
        return .and(
            try members.map { member in
                switch member.key {
                case "all_of": return .and(try self.list(member.value).map { try self.condition($0, below: isElement) })
                case "any_of": return .or(try self.list(member.value).map { try self.condition($0, below: isElement) })
                case "not":
                    guard let list = member.value.arrayValue else {
                        return .not(try self.condition(member.value, below: isElement))
                    }
                    return .not(.or(try list.map { try self.condition($0, below: isElement) }))
                default:
                    let path = isElement ? FieldPath(.data, try self.segments(member.key)) : try self.path(member.key)
                    return .field(path, try self.test(member.value), nil)
                }
            })
    }

    private static func list(_ value: JSONValue) throws -> [JSONValue] {
        guard let list = value.arrayValue else { throw NotationFailure(description: "no list: \(value.text)") }
        return list
    }

    static func segments(_ text: String) throws -> [String] {
        var segments: [String] = []
        var rest = text[...]
        while true {
            if rest.first == "\"" {
                rest = rest.dropFirst()
                guard let end = rest.firstIndex(of: "\"") else {
                    throw NotationFailure(description: "quote in \(text)")
                }
                segments.append(String(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                let end = rest.firstIndex(of: ".") ?? rest.endIndex
                segments.append(String(rest[..<end]))
                rest = rest[end...]
            }
            if rest.isEmpty { return segments }
            rest = rest.dropFirst()
        }
    }

    static func path(_ text: String) throws -> FieldPath {
        let segments = try self.segments(text)
        guard let root = FieldPath.Root(rawValue: segments[0]) else {
            throw NotationFailure(description: "root of \(text)")
        }
        return FieldPath(root, Array(segments.dropFirst()))
    }

    static func scalar(_ value: JSONValue) throws -> JSONScalar {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let text): .number(JSONNumber(text: Array(text.utf8)[...]))
        case .string(let text): .string(text)
        case .array, .object: throw NotationFailure(description: "no scalar: \(value.text)")
        }
    }

    static func number(_ value: JSONValue) throws -> JSONNumber {
        guard case .number(let number) = try self.scalar(value) else {
            throw NotationFailure(description: "no number: \(value.text)")
        }
        return number
    }

    static func text(_ value: JSONValue) throws -> String {
        guard let text = value.stringValue else { throw NotationFailure(description: "no text: \(value.text)") }
        return text
    }

    /// Operators on one value; groups (`any_of`, `all_of`) in an element are of conditions.
    static let operators: Set<String> = [
        "eq", "not", "in", "not_in", "prefix", "suffix", "contains", "glob", "iequals", "gt", "gte", "lt", "lte",
        "between",
        "exists", "cidr", "any", "all", "none", "some",
    ]

    static func test(_ value: JSONValue) throws -> ValueTest {
        switch value {
        case .array(let values): return .anyOf(try values.map(self.test))
        case .object(let members):
            let tests = try members.map { try self.test($0.key, $0.value) }
            return tests.count == 1 ? tests[0] : .allOf(tests)
        default: return .equals(try self.scalar(value))
        }
    }

    private static func test(_ op: String, _ want: JSONValue) throws -> ValueTest {
        switch op {
        case "eq": return .equals(try self.scalar(want))
        case "not": return .not(try self.test(want))
        case "in", "any_of": return .anyOf(try self.list(want).map(self.test))
        case "all_of": return .allOf(try self.list(want).map(self.test))
        case "not_in": return .not(.anyOf(try self.list(want).map(self.test)))
        case "prefix": return try self.texts(want, ValueTest.prefix)
        case "suffix": return try self.texts(want, ValueTest.suffix)
        case "contains": return try self.texts(want, ValueTest.contains)
        case "glob": return try self.texts(want, ValueTest.glob)
        case "iequals": return try self.texts(want, ValueTest.equalsIgnoringCase)
        case "between":
            let ends = try self.list(want).map(self.number)
            return .between(ends[0], ends[1])
        case "exists": return .exists(want == true)
        case "cidr":
            let texts = want.stringValue.map { [$0] } ?? (want.arrayValue ?? []).compactMap(\.stringValue)
            return .cidr(
                try texts.map { text in
                    guard let block = CIDR(text) else { throw NotationFailure(description: "no block: \(text)") }
                    return block
                })
        case "any", "all", "none", "some":
            guard let quantifier = ValueTest.Quantifier(rawValue: op) else { break }
            return .elements(quantifier, try self.element(want))
        default:
            if let comparison = ValueTest.Comparison(rawValue: op) { return .number(comparison, try self.number(want)) }
        }
        throw NotationFailure(description: "operator \(op)")
    }

    private static func texts(_ want: JSONValue, _ make: (String) -> ValueTest) throws -> ValueTest {
        if let list = want.arrayValue { return .anyOf(try list.map { make(try self.text($0)) }) }
        return make(try self.text(want))
    }

    private static func element(_ want: JSONValue) throws -> ElementTest {
        guard case .object(let members) = want, members.contains(where: { !self.operators.contains($0.key) }) else {
            return .value(try self.test(want))
        }
        return .object(try self.condition(want, below: true))
    }

    // MARK: Events

    /// `data` is the body; other keys are `raw` (the body as text, instead), `type`, `version`, `source`, `subject`, `id`,
    /// `method`, `path`, `query`, `headers` (a list of pairs), `duplicates: last`.
    static func event(_ value: JSONValue) throws -> Event {
        let body = value["raw"]?.stringValue.map { Array($0.utf8) } ?? value["data"]?.encoded()
        var limits = JSONLimits()
        if value["duplicates"] == "last" { limits.duplicateKeys = .last }
        let headers = (value["headers"]?.arrayValue ?? []).compactMap { pair -> (String, String)? in
            guard let list = pair.arrayValue, let name = list[0].stringValue, let text = list[1].stringValue else {
                return nil
            }
            return (name, text)
        }
        return Event(
            id: try Fixtures.eventID(), source: SourceName(value["source"]?.stringValue ?? "shop"),
            type: value["type"]?.stringValue ?? "order.created", version: value["version"]?.intValue,
            time: Fixtures.time, subject: value["subject"]?.stringValue, senderID: value["id"]?.stringValue,
            method: value["method"]?.stringValue ?? "POST", path: value["path"]?.stringValue ?? "/in/shop",
            query: value["query"]?.stringValue ?? "", headers: HeaderBlock(headers), body: body ?? [],
            data: try body.map { try JSONDocument(parsing: $0, limits: limits) })
    }
}
