// SPDX-License-Identifier: Apache-2.0
// EventBridge patterns from the same small world as the routes of RuleGenerator.

import HookCore

extension RuleGenerator {
    enum PatternShape: CaseIterable, Sendable {
        case exact, affixes, wildcards, numbers, refusals, presence, shared, many, alternatives, mixed
    }

    /// The text of a pattern.
    mutating func pattern(_ shape: PatternShape) -> JSONValue {
        self.patternObject(shape, depth: 2)
    }

    private mutating func patternObject(_ shape: PatternShape, depth: Int) -> JSONValue {
        var members: [JSONValue.Member] = []
        let keys = Self.keys.shuffled(using: &self.random).prefix(Int.random(in: 1...3, using: &self.random))
        for key in shape == .shared ? ["a", "b"][...] : keys[...] {
            if depth > 0, shape != .shared, self.chance(30) {
                members.append(.init(key, self.patternObject(shape, depth: depth - 1)))
            } else {
                members.append(.init(key, .array(self.patternList(shape))))
            }
        }
        if depth > 0, self.chance(shape == .alternatives ? 60 : 8) {
            members.append(
                .init("$or", .array(self.times(2...3) { $0.patternObject(shape, depth: depth - 1) })))
        }
        return .object(members)
    }

    private mutating func patternList(_ shape: PatternShape) -> [JSONValue] {
        let tests = self.times(shape == .many ? 2...6 : 1...2) { $0.patternTest(shape) }
        // Both together are refused.
        let isBoth = tests.contains(["exists": true]) && tests.contains(["exists": false])
        return isBoth ? [["exists": true]] : tests
    }

    private mutating func patternTest(_ shape: PatternShape) -> JSONValue {
        let texts = Self.texts + ["x", "y"]
        func text(_ generator: inout Self) -> JSONValue { .string(generator.pick(texts)) }
        let choice =
            switch shape {
            case .affixes: Int.random(in: 0..<5, using: &self.random)
            case .wildcards: 5
            case .numbers: Int.random(in: 6..<8, using: &self.random)
            case .refusals: Int.random(in: 8..<11, using: &self.random)
            case .presence: Int.random(in: 11..<14, using: &self.random)
            case .exact, .shared, .many: 14
            case .alternatives, .mixed: Int.random(in: 0..<18, using: &self.random)
            }
        switch choice {
        case 0: return ["prefix": text(&self)]
        case 1: return ["suffix": text(&self)]
        case 2: return ["prefix": ["equals-ignore-case": text(&self)]]
        case 3: return ["suffix": ["equals-ignore-case": text(&self)]]
        case 4: return ["equals-ignore-case": text(&self)]
        case 5:
            return [
                "wildcard": .string(
                    self.pick(["*", "", "x*", "*y", "order*", "*created", "o*r*d", "*rder*reat*", "a\\*b", "*\\\\*"]))
            ]
        case 6:
            return ["numeric": [.string(self.pick(["=", "<", "<=", ">", ">="])), .number(self.pick(Self.numbers))]]
        case 7: return ["numeric": [.string(self.pick([">", ">="])), -7, .string(self.pick(["<", "<="])), 3]]
        case 8: return ["anything-but": self.chance(50) ? text(&self) : .number(self.pick(Self.numbers))]
        case 9: return ["anything-but": .array(self.times(1...3) { text(&$0) })]
        case 10:
            let name = self.pick(["prefix", "suffix", "equals-ignore-case"])
            return ["anything-but": .object([.init(name, self.chance(50) ? text(&self) : [text(&self), text(&self)])])]
        case 11, 12: return ["exists": .bool(choice == 11)]
        case 13: return ["cidr": .string(self.pick(Self.blocks))]
        default:
            switch Int.random(in: 0..<6, using: &self.random) {
            case 0: return .null
            case 1: return .bool(self.chance(50))
            case 2: return .number(self.pick(Self.numbers))
            default: return text(&self)
            }
        }
    }
}
