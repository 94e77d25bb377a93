// SPDX-License-Identifier: Apache-2.0
// Equality of JSON values: numbers by their exact value, objects whatever the order of their keys, texts by their
// bytes with escapes resolved.

enum JSONEquality {
    static func areEqual(_ left: JSONDocument, _ one: Int, _ right: JSONDocument, _ other: Int) -> Bool {
        let first = left.nodes[one]
        let second = right.nodes[other]
        guard first.kind == second.kind else { return false }
        switch first.kind {
        case .null, .true, .false: return true
        case .number: return self.order(left, first, right, second) == 0
        case .string: return self.areTextsEqual(left, one, right, other)
        case .array:
            guard first.count == second.count else { return false }
            return zip(left.children(of: one), right.children(of: other)).allSatisfy {
                self.areEqual(left, $0, right, $1)
            }
        case .object:
            guard first.count == second.count else { return false }
            return left.children(of: one).allSatisfy { value in
                guard let twin = right.member(left.stringBytes(of: value - 1), of: other) else { return false }
                return self.areEqual(left, value, right, twin)
            }
        }
    }

    private static func areTextsEqual(_ left: JSONDocument, _ one: Int, _ right: JSONDocument, _ other: Int) -> Bool {
        if left.nodes[one].isEscaped || right.nodes[other].isEscaped {
            return left.stringBytes(of: one) == right.stringBytes(of: other)
        }
        return left.text(of: one).elementsEqual(right.text(of: other))
    }

    private static func order(_ left: JSONDocument, _ one: JSONNode, _ right: JSONDocument, _ other: JSONNode) -> Int {
        unsafe left.bytes.withUnsafeBufferPointer { first in
            unsafe right.bytes.withUnsafeBufferPointer { second in
                guard let first = first.baseAddress, let second = second.baseAddress else { return 0 }
                return unsafe DecimalText(first, Int(one.start), Int(one.end)).compared(
                    to: DecimalText(second, Int(other.start), Int(other.end)))
            }
        }
    }

    /// The first element of an array that stood there before; nil where all differ.
    ///
    /// - Complexity: linear in the text of the elements, with the standard library's seeded hash.
    static func repeated(_ document: JSONDocument, _ array: Int, steps: inout Int) -> Int? {
        let items = document.children(of: array)
        guard items.count > 1 else { return nil }
        var seen: [Int: [Int]] = [:]
        for item in items {
            var hasher = Hasher()
            self.hash(document, item, into: &hasher)
            let hash = hasher.finalize()
            for earlier in seen[hash] ?? [] {
                steps -= 1
                if self.areEqual(document, earlier, document, item) { return item }
            }
            seen[hash, default: []].append(item)
        }
        return nil
    }

    private static func hash(_ document: JSONDocument, _ at: Int, into hasher: inout Hasher) {
        let node = document.nodes[at]
        hasher.combine(node.kind)
        switch node.kind {
        case .null, .true, .false: break
        case .number:
            unsafe document.bytes.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                unsafe DecimalText(base, Int(node.start), Int(node.end)).hash(into: &hasher)
            }
        case .string: for byte in document.stringBytes(of: at) { hasher.combine(byte) }
        case .array: for item in document.children(of: at) { self.hash(document, item, into: &hasher) }
        case .object:
            // The order of keys must not count: the hashes of members are added.
            var sum = 0
            for value in document.children(of: at) {
                var member = Hasher()
                for byte in document.stringBytes(of: value - 1) { member.combine(byte) }
                self.hash(document, value, into: &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
    }
}
