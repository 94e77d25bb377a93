// SPDX-License-Identifier: Apache-2.0
// Rules and events from one small world of keys and values, so that they meet often.

import HookCore

struct RuleGenerator {
    var random: Seeded

    enum Shape: CaseIterable, Sendable { case mixed, shared, negations, arrays, groups, texts, numbers, elsewhere }

    static let keys = ["a", "b", "c", "l", "m", "a.b", "é"]
    static let texts = [
        "", "x", "y", "X", "xy", "order", "order.created", "Order.Created", "created", "10.0.0.1", "::ffff:10.0.0.1",
        "2001:db8::1", "a*b", "a\\b", "é", "e\u{301}", "orders to be created",
    ]
    static let patterns = [
        "*", "", "x*", "*y", "order*", "*created", "o*r*d", "order.*", "*.created", "or*ed", "a\\*b", "*\\\\*", "**",
        "*rder*reat*",
    ]
    static let numbers = [
        "0", "-0", "1", "1.0", "2", "3", "2.5", "-7", "1e1", "9007199254740992", "9007199254740993",
        "18446744073709551615", "1e30",
    ]
    static let blocks = ["10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "2001:db8::/32", "::/0", "192.168.0.0/16"]

    init(seed: UInt64) { self.random = Seeded(state: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[Int.random(in: 0..<items.count, using: &self.random)] }

    mutating func times<Item>(_ range: ClosedRange<Int>, _ make: (inout Self) -> Item) -> [Item] {
        (0..<Int.random(in: range, using: &self.random)).map { _ in make(&self) }
    }

    // MARK: Rules

    mutating func route(_ name: String, _ shape: Shape) -> RouteSpec {
        var route = Fixtures.route(name)
        if self.chance(30) {
            let types = ["order.created", "order.*", "*", "*.created", "push", "o*r.c*"]
            route.events = self.times(1...2) { EventPattern(type: $0.pick(types), version: $0.chance(30) ? 2 : nil) }
        }
        if self.chance(20) { route.sources = [self.pick(["shop", "github"])] }
        if !self.chance(3) { route.match = self.condition(shape, depth: 2) }
        if self.chance(3) { route.isEnabled = false }
        return route
    }

    mutating func condition(_ shape: Shape, depth: Int, isElement: Bool = false) -> Condition {
        let groups = shape == .groups ? 60 : shape == .mixed ? 25 : 8
        if depth > 0, self.chance(groups) {
            let parts = self.times(0...3) { $0.condition(shape, depth: depth - 1, isElement: isElement) }
            return switch Int.random(in: 0..<3, using: &self.random) {
            case 0: .and(parts)
            case 1: .or(parts)
            default: .not(parts.first ?? .and([]))
            }
        }
        if shape == .shared, !isElement {
            return .and([
                .field(FieldPath(.data, ["a"]), .equals(.string("x")), nil),
                .field(FieldPath(.data, ["b"]), .equals(.string(self.pick(Self.texts))), nil),
            ])
        }
        return .and(
            self.times(1...3) { .field($0.path(shape, isElement), $0.test(shape, depth: depth), nil) })
    }

    private mutating func path(_ shape: Shape, _ isElement: Bool) -> FieldPath {
        if isElement { return FieldPath(.data, self.times(self.chance(10) ? 0...0 : 1...2) { $0.pick(Self.keys) }) }
        if self.chance(shape == .elsewhere ? 80 : 8) {
            return switch Int.random(in: 0..<9, using: &self.random) {
            case 0: FieldPath(.headers, [self.pick(["x-a", "x-b"])])
            case 1: FieldPath(.query, [self.pick(["q", "é"])])
            case 2: FieldPath(.source)
            case 3: FieldPath(.version)
            case 4: FieldPath(.subject)
            case 5: FieldPath(.id)
            case 6: FieldPath(.method)
            case 7: FieldPath(.path)
            default: FieldPath(.type)
            }
        }
        return FieldPath(.data, self.times(self.chance(5) ? 0...0 : 1...3) { $0.pick(Self.keys) })
    }

    private mutating func number() -> JSONNumber { JSONNumber(text: Array(self.pick(Self.numbers).utf8)[...]) }

    private mutating func scalar() -> JSONScalar {
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: .null
        case 1: .bool(self.chance(50))
        case 2, 3: .number(self.number())
        default: .string(self.pick(Self.texts))
        }
    }

    mutating func test(_ shape: Shape, depth: Int) -> ValueTest {
        if shape == .negations, self.chance(60) {
            return self.chance(30) ? .exists(false) : .not(self.test(.mixed, depth: depth - 1))
        }
        if depth > 0, self.chance(shape == .arrays ? 60 : 10) {
            let quantifier = self.pick([ValueTest.Quantifier.any, .any, .all, .none, .some])
            return .elements(
                quantifier,
                self.chance(40)
                    ? .value(self.test(shape, depth: depth - 1))
                    : .object(self.condition(shape, depth: depth - 1, isElement: true)))
        }
        if depth > 0, self.chance(15) {
            let tests = self.times(1...3) { $0.test(shape, depth: depth - 1) }
            return switch Int.random(in: 0..<3, using: &self.random) {
            case 0: .anyOf(tests)
            case 1: .allOf(tests)
            default: .not(tests[0])
            }
        }
        let choice =
            shape == .texts
            ? Int.random(in: 0..<6, using: &self.random)
            : shape == .numbers
                ? Int.random(in: 6..<8, using: &self.random) : Int.random(in: 0..<14, using: &self.random)
        switch choice {
        case 0: return .prefix(self.pick(Self.texts))
        case 1: return .suffix(self.pick(Self.texts))
        case 2: return .contains(self.pick(Self.texts + ["rder", "create", "e"]))
        case 3: return .glob(self.pick(Self.patterns + Self.texts))
        case 4: return .equalsIgnoringCase(self.pick(Self.texts))
        case 5: return .cidr(self.times(1...2) { $0.pick(Self.blocks) }.compactMap { CIDR($0) })
        case 6: return .number(self.pick([.gt, .gte, .lt, .lte]), self.number())
        case 7: return .between(self.number(), self.number())
        case 8: return .exists(self.chance(60))
        case 9: return .anyOf(self.times(1...12) { .equals(.string($0.pick(Self.texts))) })
        default: return .equals(self.scalar())
        }
    }

    // MARK: Events

    mutating func event() throws -> Event {
        var headers: [(String, String)] = []
        for name in ["X-A", "X-B", "X-A"] where self.chance(50) { headers.append((name, self.pick(Self.texts))) }
        let queries = [
            "", "q=x", "q=order.created&q=y", "%C3%A9=x", "q=", "q", "q=a%2Ab&&é=x", "q=orders+to+be+created",
        ]
        let body = Array(self.body(depth: 3).utf8)
        return Event(
            id: try Fixtures.eventID(), source: self.pick(["shop", "github"]),
            type: self.pick(["order.created", "order.paid", "push", "x"]), version: self.chance(50) ? 2 : nil,
            time: Fixtures.time, subject: self.chance(50) ? self.pick(Self.texts) : nil,
            senderID: self.chance(50) ? self.pick(Self.texts) : nil, query: self.pick(queries),
            headers: HeaderBlock(headers), body: body,
            data: self.chance(3) ? nil : try JSONDocument(parsing: body))
    }

    /// A body's text, some of it spelled with escapes.
    private mutating func body(depth: Int) -> String {
        if depth == 3, self.chance(90) { return self.object(depth: depth) }
        if depth == 0 || self.chance(45) {
            switch Int.random(in: 0..<6, using: &self.random) {
            case 0: return "null"
            case 1: return self.chance(50) ? "true" : "false"
            case 2, 3: return self.pick(Self.numbers)
            default: return self.spelled(self.pick(Self.texts))
            }
        }
        if self.chance(45) {
            return "[" + self.times(0...4) { $0.body(depth: depth - 1) }.joined(separator: ",") + "]"
        }
        return self.object(depth: depth)
    }

    private mutating func object(depth: Int) -> String {
        let keys = Self.keys.filter { _ in self.chance(60) }.shuffled(using: &self.random)
        return "{" + keys.map { self.spelled($0) + ":" + self.body(depth: depth - 1) }.joined(separator: ", ") + "}"
    }

    private mutating func spelled(_ text: String) -> String {
        let plain = JSONValue.string(text).text
        guard self.chance(20), let first = text.unicodeScalars.first, first.value < 0x10000, first != "\\" else {
            return plain
        }
        let digits = String(first.value, radix: 16)
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
        return "\"\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            + JSONValue.string(rest).text.dropFirst()
    }
}
