// SPDX-License-Identifier: Apache-2.0

/// Texts that a regular expression matches, by chance.
///
/// - Bounds: literals, `.`, classes, `\d`, `\w`, escapes, groups, alternatives and the quantifiers; a pattern is meant whole,
///   with or without `^` and `$`. Anything else is no pattern of this kind.
package struct PatternInstances {
    private indirect enum Node {
        case characters([Character])
        case sequence([Node])
        case either([Node])
        case repeated(Node, ClosedRange<Int>)
    }

    private let root: Node

    package init?(_ pattern: String) {
        var rest = Array(pattern)[...]
        guard let root = Self.alternatives(&rest), rest.isEmpty else { return nil }
        self.root = root
    }

    package func text(using random: inout some RandomNumberGenerator) -> String { Self.text(self.root, &random) }

    private static func text(_ node: Node, _ random: inout some RandomNumberGenerator) -> String {
        switch node {
        case .characters(let set): return String(set.randomElement(using: &random) ?? "x")
        case .sequence(let nodes): return nodes.map { self.text($0, &random) }.joined()
        case .either(let nodes): return nodes.randomElement(using: &random).map { self.text($0, &random) } ?? ""
        case .repeated(let node, let counts):
            return (0..<Int.random(in: counts, using: &random)).map { _ in self.text(node, &random) }.joined()
        }
    }

    // MARK: Reading

    private static func alternatives(_ rest: inout ArraySlice<Character>) -> Node? {
        var choices: [Node] = []
        repeat {
            guard let one = self.sequence(&rest) else { return nil }
            choices.append(one)
        } while self.take("|", &rest)
        return choices.count == 1 ? choices[0] : .either(choices)
    }

    private static func sequence(_ rest: inout ArraySlice<Character>) -> Node? {
        var nodes: [Node] = []
        while let next = rest.first, next != "|", next != ")" {
            rest.removeFirst()
            if next == "^" || next == "$" { continue }
            guard let atom = self.atom(next, &rest), let node = self.quantified(atom, &rest) else { return nil }
            nodes.append(node)
        }
        return .sequence(nodes)
    }

    private static func atom(_ first: Character, _ rest: inout ArraySlice<Character>) -> Node? {
        switch first {
        case "(":
            if self.take("?", &rest) { guard self.take(":", &rest) else { return nil } }
            guard let inner = self.alternatives(&rest), self.take(")", &rest) else { return nil }
            return inner
        case "[": return self.characterClass(&rest)
        case ".": return .characters(Array("aZ0 -é"))
        case "\\": return rest.popFirst().map { .characters(self.escaped($0)) }
        case "*", "+", "?", "{", "]", "}": return nil
        default: return .characters([first])
        }
    }

    private static func escaped(_ character: Character) -> [Character] {
        switch character {
        case "d": Array("0123456789")
        case "w": Array("abcXYZ019_")
        case "s": [" "]
        default: [character]
        }
    }

    private static func characterClass(_ rest: inout ArraySlice<Character>) -> Node? {
        var set: [Character] = []
        while let next = rest.popFirst() {
            if next == "]" { return set.isEmpty ? nil : .characters(set) }
            if next == "^" && set.isEmpty { return nil }
            if next == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                set += self.escaped(escaped)
                continue
            }
            guard rest.first == "-", rest.dropFirst().first != "]" else {
                set.append(next)
                continue
            }
            rest.removeFirst()
            guard let end = rest.popFirst(), let low = next.asciiValue, let high = end.asciiValue, low <= high else {
                return nil
            }
            set += (low...high).map { Character(UnicodeScalar($0)) }
        }
        return nil
    }

    private static func quantified(_ node: Node, _ rest: inout ArraySlice<Character>) -> Node? {
        switch rest.first {
        case "*": rest.removeFirst(); return .repeated(node, 0...4)
        case "+": rest.removeFirst(); return .repeated(node, 1...5)
        case "?": rest.removeFirst(); return .repeated(node, 0...1)
        case "{":
            guard let close = rest.firstIndex(of: "}") else { return nil }
            let parts = rest[rest.startIndex..<close].dropFirst().split(
                separator: ",", omittingEmptySubsequences: false)
            rest = rest[(close + 1)...]
            guard let least = parts.first.flatMap({ Int(String($0)) }) else { return nil }
            let most = parts.count == 1 ? least : Int(String(parts[1])) ?? least + 4
            return least <= most ? .repeated(node, least...most) : nil
        default: return node
        }
    }

    private static func take(_ character: Character, _ rest: inout ArraySlice<Character>) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }
}
