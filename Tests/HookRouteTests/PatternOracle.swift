// SPDX-License-Identifier: Apache-2.0
// EventBridge patterns read off their definition: an event is a list of scalars, each with its place in every array
// around it; a pattern holds where every field finds a scalar and no two of them stand in different elements of one
// array. Tries every combination; what it says is right.

import Foundation
import HookCore

enum PatternOracle {
    /// A scalar, and for each array around it (by number) the place of the element.
    private struct Scalar {
        let path: [[UInt8]]
        let value: JSONValue
        let trail: [Int: Int]
    }

    /// Whether a pattern that is known to be valid holds for the text of an event.
    static func matches(_ pattern: JSONValue, _ event: JSONValue) -> Bool {
        guard case .object = event else { return false }
        var scalars: [Scalar] = []
        var arrays = 0
        self.collect(event, [], [:], &arrays, &scalars)
        return self.variants(of: pattern, []).contains { fields in
            self.holds(fields[...], [:], [], scalars)
        }
    }

    private static func collect(
        _ value: JSONValue, _ path: [[UInt8]], _ trail: [Int: Int], _ arrays: inout Int, _ found: inout [Scalar]
    ) {
        switch value {
        case .object(let members):
            for member in members {
                self.collect(member.value, path + [Array(member.key.utf8)], trail, &arrays, &found)
            }
        case .array(let elements):
            arrays += 1
            let number = arrays
            for (place, element) in elements.enumerated() {
                self.collect(element, path, trail.merging([number: place]) { $1 }, &arrays, &found)
            }
        default: found.append(Scalar(path: path, value: value, trail: trail))
        }
    }

    /// The fields of a pattern, once for every way through its `$or`.
    private static func variants(of pattern: JSONValue, _ path: [[UInt8]]) -> [[(path: [[UInt8]], list: [JSONValue])]] {
        var variants: [[(path: [[UInt8]], list: [JSONValue])]] = [[]]
        guard case .object(let members) = pattern else { return [] }
        for member in members {
            let (key, value) = (member.key, member.value)
            var ways: [[(path: [[UInt8]], list: [JSONValue])]] = []
            if key == "$or", case .array(let objects) = value, objects.count > 1, objects[0]["prefix"] == nil {
                for object in objects { ways += self.variants(of: object, path) }
            } else if case .array(let list) = value {
                ways = [[(path + [Array(key.utf8)], list)]]
            } else {
                ways = self.variants(of: value, path + [Array(key.utf8)])
            }
            variants = variants.flatMap { one in ways.map { one + $0 } }
        }
        return variants
    }

    private static func holds(
        _ fields: ArraySlice<(path: [[UInt8]], list: [JSONValue])>, _ trail: [Int: Int], _ absent: [[[UInt8]]],
        _ scalars: [Scalar]
    ) -> Bool {
        guard let field = fields.first else {
            return absent.allSatisfy { path in
                !scalars.contains { $0.path == path && self.agree($0.trail, trail) }
            }
        }
        let rest = fields.dropFirst()
        if field.list.contains(["exists": false]), self.holds(rest, trail, absent + [field.path], scalars) {
            return true
        }
        let tests = field.list.filter { $0 != ["exists": false] }
        for scalar in scalars where scalar.path == field.path && self.agree(scalar.trail, trail) {
            guard tests.contains(where: { self.passes(scalar.value, $0) }) else { continue }
            if self.holds(rest, trail.merging(scalar.trail) { $1 }, absent, scalars) { return true }
        }
        return false
    }

    private static func agree(_ one: [Int: Int], _ other: [Int: Int]) -> Bool {
        one.allSatisfy { array, place in other[array] == nil || other[array] == place }
    }

    // MARK: One scalar

    private static func passes(_ value: JSONValue, _ test: JSONValue) -> Bool {
        guard case .object(let members) = test, let first = members.first else { return self.isEqual(value, test) }
        let (name, operand) = (first.key, first.value)
        let text = value.stringValue.map { Array($0.utf8) }
        switch name {
        case "exists": return true
        case "prefix", "suffix":
            guard let text else { return false }
            let isEnd = name == "suffix"
            if case .object(let inner) = operand, let wanted = inner.first?.value.stringValue {
                return self.begins(text.map(self.lower), wanted.utf8.map(self.lower), isEnd)
            }
            return operand.stringValue.map { self.begins(text, Array($0.utf8), isEnd) } ?? false
        case "equals-ignore-case":
            return text.map { $0.map(self.lower) } == operand.stringValue.map { $0.utf8.map(self.lower) } && text != nil
        case "wildcard":
            return text.map { self.wildcard(Array((operand.stringValue ?? "").utf8)[...], $0[...]) } ?? false
        case "numeric": return self.numeric(value, operand)
        case "cidr":
            guard let text, let address = CIDR(String(decoding: text, as: UTF8.self)), !text.contains(0x2F) else {
                return false
            }
            return operand.stringValue.flatMap { CIDR($0) }?.contains(address) ?? false
        case "anything-but":
            if case .array(let list) = operand { return !list.contains { self.isEqual(value, $0) } }
            guard case .object(let inner) = operand, let refused = inner.first else {
                return !self.isEqual(value, operand)
            }
            let wanteds = if case .array(let list) = refused.value { list } else { [refused.value] }
            return !wanteds.contains { self.passes(value, .object([.init(refused.key, $0)])) }
        default: return false
        }
    }

    private static func begins(_ text: [UInt8], _ part: [UInt8], _ isEnd: Bool) -> Bool {
        isEnd ? text.reversed().starts(with: part.reversed()) : text.starts(with: part)
    }

    private static func isEqual(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
        switch (value, wanted) {
        case (.number(let one), .number(let other)):
            JSONNumber(text: Array(one.utf8)[...]) == JSONNumber(text: Array(other.utf8)[...])
        case (.string(let one), .string(let other)): Array(one.utf8) == Array(other.utf8)
        case (.bool(let one), .bool(let other)): one == other
        case (.null, .null): true
        default: false
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 32 : byte }

    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == 0x2A {
            return self.wildcard(pattern.dropFirst(), text)
                || (!text.isEmpty && self.wildcard(pattern, text.dropFirst()))
        }
        let literal = first == 0x5C ? pattern.dropFirst() : pattern
        return text.first == literal.first && self.wildcard(literal.dropFirst(), text.dropFirst())
    }

    private static func numeric(_ value: JSONValue, _ operand: JSONValue) -> Bool {
        guard case .number(let digits) = value, case .array(let words) = operand else { return false }
        let number = JSONNumber(text: Array(digits.utf8)[...])
        return stride(from: 0, to: words.count, by: 2).allSatisfy { place in
            guard case .number(let digits) = words[place + 1] else { return false }
            let bound = JSONNumber(text: Array(digits.utf8)[...])
            switch words[place].stringValue {
            case "=": return number == bound
            case "<": return number < bound
            case "<=": return number <= bound
            case ">": return number > bound
            default: return number >= bound
            }
        }
    }
}
