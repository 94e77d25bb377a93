// SPDX-License-Identifier: Apache-2.0
// The match language read off its definition, over a tree, without an index, without cleverness. What it says is right.

import Foundation
import HookCore

/// What a path reaches.
struct Reached {
    /// Something is there, be it an empty array.
    var isThere = false
    /// Everything that is no array, elements of arrays included.
    var values: [JSONValue] = []
    /// Elements of the arrays that the path ends in; nil where it ends in none.
    var elements: [JSONValue]?
    /// Values of headers and the like have no paths below them.
    var isOfBody = false
}

enum Oracle {
    static func matches(_ route: RouteSpec, _ event: Event) -> Bool {
        guard route.isEnabled else { return false }
        let isOfType =
            route.events.isEmpty
            || route.events.contains { pattern in
                self.glob(
                    Array(pattern.type.utf8).map { $0 == 0x2A ? .any : .byte($0) }[...], Array(event.type.utf8)[...])
                    && (pattern.version == nil || pattern.version == event.version)
            }
        let isFromSource =
            route.sources.isEmpty || route.sources.contains { $0.text.utf8.elementsEqual(event.source.text.utf8) }
        return isOfType && isFromSource && (route.match.map { self.holds($0, event) } ?? true)
    }

    static func holds(_ condition: Condition, _ event: Event) -> Bool {
        let data = event.data.map { JSONValue($0) }
        return self.holds(condition) { self.reach($0, event, data) }
    }

    private static func holds(_ condition: Condition, _ reach: (FieldPath) -> Reached) -> Bool {
        switch condition {
        case .and(let parts): parts.allSatisfy { self.holds($0, reach) }
        case .or(let parts): parts.contains { self.holds($0, reach) }
        case .not(let part): !self.holds(part, reach)
        case .field(let path, let test, _): self.holds(test, reach(path))
        }
    }

    // MARK: Paths

    private static func reach(_ path: FieldPath, _ event: Event, _ data: JSONValue?) -> Reached {
        var reached = Reached()
        func take(_ text: String?) {
            guard let text, path.keys.isEmpty else { return }
            reached = Reached(isThere: true, values: [.string(text)])
        }
        switch path.root {
        case .data:
            reached.isOfBody = true
            if let data { self.follow(path.keys[...], data, &reached) }
        case .headers:
            for (name, value) in event.headers.pairs
            where path.keys.count == 1 && name.utf8.elementsEqual(path.keys[0].utf8) {
                reached.isThere = true
                reached.values.append(.string(value))
            }
        case .query:
            for part in event.query.split(separator: "&") where path.keys.count == 1 {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    self.unescaped)
                guard pair[0].utf8.elementsEqual(path.keys[0].utf8) else { continue }
                reached.isThere = true
                reached.values.append(.string(pair.count > 1 ? pair[1] : ""))
            }
        case .source: take(event.source.text)
        case .type: take(event.type)
        case .id: take(event.senderID ?? event.id.description)
        case .subject: take(event.subject)
        case .method: take(event.method)
        case .path: take(event.path)
        case .version:
            if let version = event.version, path.keys.isEmpty {
                reached = Reached(isThere: true, values: [.int(version)])
            }
        }
        return reached
    }

    private static func unescaped(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? String(text)
    }

    private static func follow(_ keys: ArraySlice<String>, _ value: JSONValue, _ reached: inout Reached) {
        if let key = keys.first {
            if case .array(let elements) = value { for element in elements { self.follow(keys, element, &reached) } }
            if let member = value[key] { self.follow(keys.dropFirst(), member, &reached) }
            return
        }
        reached.isThere = true
        if case .array = value {
            let flat = self.flat(value)
            reached.values += flat
            reached.elements = (reached.elements ?? []) + flat
        } else {
            reached.values.append(value)
        }
    }

    private static func flat(_ value: JSONValue) -> [JSONValue] {
        if case .array(let elements) = value { elements.flatMap(self.flat) } else { [value] }
    }

    // MARK: Tests

    static func holds(_ test: ValueTest, _ reached: Reached) -> Bool {
        switch test {
        case .exists(let isThere): reached.isThere == isThere
        case .anyOf(let tests): tests.contains { self.holds($0, reached) }
        case .allOf(let tests): tests.allSatisfy { self.holds($0, reached) }
        case .not(let part): reached.isThere && !self.somePasses(part, reached)
        case .elements(let quantifier, let element):
            switch quantifier {
            case .any: (reached.elements ?? []).contains { self.passes($0, element) }
            case .all:
                !(reached.elements ?? []).isEmpty && (reached.elements ?? []).allSatisfy { self.passes($0, element) }
            case .none: reached.elements != nil && !(reached.elements ?? []).contains { self.passes($0, element) }
            case .some:
                reached.values.contains { value in
                    if case .object = element, !reached.isOfBody { return false }
                    return self.passes(value, element)
                }
            }
        default: self.somePasses(test, reached)
        }
    }

    private static func somePasses(_ test: ValueTest, _ reached: Reached) -> Bool {
        switch test {
        case .exists(let isThere): isThere && reached.isThere
        case .elements: self.holds(test, reached)
        default: reached.values.contains { self.passes($0, test, reached) }
        }
    }

    private static func passes(_ element: JSONValue, _ test: ElementTest) -> Bool {
        switch test {
        case .value(let test): self.holds(test, self.reached(element))
        case .object(let condition):
            self.holds(condition) { path in
                var reached = Reached(isOfBody: true)
                self.follow(path.keys[...], element, &reached)
                return reached
            }
        }
    }

    /// What a path would reach that ends in this element. No element is an array: those are flattened.
    private static func reached(_ element: JSONValue) -> Reached {
        Reached(isThere: true, values: [element], isOfBody: true)
    }

    private static func passes(_ value: JSONValue, _ test: ValueTest, _ reached: Reached) -> Bool {
        switch test {
        case .exists(let isThere): return isThere
        case .anyOf(let tests): return tests.contains { self.passes(value, $0, reached) }
        case .allOf(let tests): return tests.allSatisfy { self.passes(value, $0, reached) }
        case .not(let part): return !self.passes(value, part, reached)
        case .elements: return self.holds(test, reached)
        case .equals(.null): return value == .null
        case .equals(.bool(let wanted)): return value == .bool(wanted)
        case .equals(.number(let wanted)): return self.number(value) == wanted
        case .number(.gt, let bound): return self.number(value).map { $0 > bound } ?? false
        case .number(.gte, let bound): return self.number(value).map { $0 >= bound } ?? false
        case .number(.lt, let bound): return self.number(value).map { $0 < bound } ?? false
        case .number(.lte, let bound): return self.number(value).map { $0 <= bound } ?? false
        case .between(let low, let high): return self.number(value).map { low <= $0 && $0 <= high } ?? false
        default: return value.stringValue.map { self.passes(Array($0.utf8), test) } ?? false
        }
    }

    private static func number(_ value: JSONValue) -> JSONNumber? {
        if case .number(let text) = value { JSONNumber(text: Array(text.utf8)[...]) } else { nil }
    }

    private static func passes(_ text: [UInt8], _ test: ValueTest) -> Bool {
        switch test {
        case .equals(.string(let wanted)): return text == Array(wanted.utf8)
        case .equalsIgnoringCase(let wanted): return text.map(self.lower) == wanted.utf8.map(self.lower)
        case .prefix(let start): return text.starts(with: start.utf8)
        case .suffix(let end): return text.reversed().starts(with: end.utf8.reversed())
        case .contains(let part):
            return (0...text.count).contains { text[$0...].starts(with: part.utf8) }
        case .glob(let pattern): return self.glob(self.symbols(pattern)[...], text[...])
        case .cidr(let blocks):
            guard let address = CIDR(String(decoding: text, as: UTF8.self)), !text.contains(0x2F) else { return false }
            return blocks.contains { $0.contains(address) }
        default: return false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 32 : byte }

    private enum Symbol { case any, byte(UInt8) }

    private static func symbols(_ pattern: String) -> [Symbol] {
        var symbols: [Symbol] = []
        var bytes = Array(pattern.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == 0x5C, let next = bytes.first, next == 0x2A || next == 0x5C {
                symbols.append(.byte(next))
                bytes = bytes.dropFirst()
            } else {
                symbols.append(byte == 0x2A ? .any : .byte(byte))
            }
        }
        return symbols
    }

    private static func glob(_ pattern: ArraySlice<Symbol>, _ text: ArraySlice<UInt8>) -> Bool {
        switch pattern.first {
        case nil: return text.isEmpty
        case .byte(let byte): return text.first == byte && self.glob(pattern.dropFirst(), text.dropFirst())
        case .any:
            return self.glob(pattern.dropFirst(), text) || (!text.isEmpty && self.glob(pattern, text.dropFirst()))
        }
    }
}
