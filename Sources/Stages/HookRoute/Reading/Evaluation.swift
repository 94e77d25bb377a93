// SPDX-License-Identifier: Apache-2.0
// Whether compiled conditions hold for the event that was read. Values are walked once per test; groups over array
// elements walk the elements once, so the time is linear in the values whatever the arrays hold.

import HookCore

extension EventReading {
    /// Whether a condition on the event holds.
    mutating func holds(_ condition: UInt32, _ program: Program) -> Bool {
        switch program.conditions[Int(condition)] {
        case .and(let parts):
            for place in parts.range where !self.holds(program.conditionLists[place], program) { return false }
            return true
        case .or(let parts):
            for place in parts.range where self.holds(program.conditionLists[place], program) { return true }
            return false
        case .not(let part): return !self.holds(part, program)
        case .predicate(let number): return self.predicate(Int(number), program)
        // Stands in element scope only.
        case .below: return false
        }
    }

    /// A predicate that several conditions share is decided once per event.
    private mutating func predicate(_ number: Int, _ program: Program) -> Bool {
        let known = self.decided[number]
        if known >> 1 == self.eventNumber { return known & 1 == 1 }
        let predicate = program.predicates[number]
        let reach = self.reaches[Int(predicate.path)]
        let holds = self.test(Int(predicate.test), reach, program)
        if predicate.uses > 1 { self.decided[number] = self.eventNumber << 1 | (holds ? 1 : 0) }
        return holds
    }

    /// Whether a test holds for everything that a path reaches.
    mutating func test(_ test: Int, _ reach: Reach, _ program: Program) -> Bool {
        switch program.tests[test] {
        case .exists(let isThere): return reach.isReached == isThere
        case .anyOf(let list):
            for place in list.range where self.test(Int(program.testLists[place]), reach, program) { return true }
            return false
        case .allOf(let list):
            for place in list.range where !self.test(Int(program.testLists[place]), reach, program) { return false }
            return true
        case .not(let part): return reach.isReached && !self.somePasses(Int(part), reach, program)
        case .elements(let quantifier, let element): return self.elements(quantifier, element, reach, program)
        default: return self.somePasses(test, reach, program)
        }
    }

    private mutating func somePasses(_ test: Int, _ reach: Reach, _ program: Program) -> Bool {
        switch program.tests[test] {
        case .exists(let isThere): return isThere && reach.isReached
        case .elements: return self.test(test, reach, program)
        default: break
        }
        var at = reach.leaves
        while at >= 0 {
            let leaf = self.leaves[Int(at)]
            if self.passes(leaf, test, reach, program) { return true }
            at = leaf.next
        }
        return false
    }

    /// Whether one value passes; `reach` is everything that the path reaches, for tests of the array as a whole.
    private mutating func passes(_ leaf: Leaf, _ test: Int, _ reach: Reach, _ program: Program) -> Bool {
        switch program.tests[test] {
        case .null: return leaf.kind == .null
        case .bool(let value): return leaf.kind == (value ? .true : .false)
        case .number(let bound): return leaf.kind == .number && self.number(of: leaf) == bound
        case .compare(let comparison, let bound):
            return leaf.kind == .number && Self.compare(self.number(of: leaf), comparison, bound)
        case .between(let low, let high):
            guard leaf.kind == .number else { return false }
            let number = self.number(of: leaf)
            return low <= number && number <= high
        case .exists(let isThere): return isThere
        case .anyOf(let list):
            for place in list.range where self.passes(leaf, Int(program.testLists[place]), reach, program) {
                return true
            }
            return false
        case .allOf(let list):
            for place in list.range where !self.passes(leaf, Int(program.testLists[place]), reach, program) {
                return false
            }
            return true
        case .not(let part): return !self.passes(leaf, Int(part), reach, program)
        case .elements: return self.test(test, reach, program)
        case .string, .folded, .prefix, .suffix, .contains, .glob, .cidr, .oneOfStrings:
            guard leaf.kind == .string else { return false }
            return leaf.isOwnText
                ? TextTest.passes(self.text, leaf.range, program.tests[test], program)
                : TextTest.passes(self.bytes, leaf.range, program.tests[test], program)
        }
    }

    private static func compare(_ value: JSONNumber, _ comparison: ValueTest.Comparison, _ bound: JSONNumber) -> Bool {
        switch comparison {
        case .gt: value > bound
        case .gte: value >= bound
        case .lt: value < bound
        case .lte: value <= bound
        }
    }

    // MARK: Elements

    private enum Answer { case undecided, decided(Bool) }

    /// Over the elements of all arrays that the path ends in, together; arrays inside them are flattened.
    private mutating func elements(
        _ quantifier: ValueTest.Quantifier, _ element: ElementNode, _ reach: Reach, _ program: Program
    ) -> Bool {
        if quantifier == .some { return self.someValue(element, reach, program) }
        guard reach.arrays >= 0 else { return false }
        var hasElements = false
        var array = reach.arrays
        while array >= 0 {
            let leaf = self.leaves[Int(array)]
            // Preorder: behind an array node come its elements, with those of arrays inside it.
            var at = leaf.node + 1
            let end = Int32(bitPattern: self.nodes[Int(leaf.node)].next)
            while at < end {
                let node = self.nodes[Int(at)]
                if case .array = node.kind {
                    at += 1
                    continue
                }
                hasElements = true
                if self.passes(elementAt: at, element, program) != (quantifier == .all) { return quantifier == .any }
                at = Int32(bitPattern: node.next)
            }
            array = leaf.next
        }
        switch quantifier {
        case .any, .some: return false
        case .all: return hasElements
        case .none: return true
        }
    }

    /// Whether some value, elements of arrays included, passes by itself.
    private mutating func someValue(_ element: ElementNode, _ reach: Reach, _ program: Program) -> Bool {
        var at = reach.leaves
        while at >= 0 {
            let leaf = self.leaves[Int(at)]
            if leaf.node >= 0 {
                if self.passes(elementAt: leaf.node, element, program) { return true }
            } else if case .value(let test) = element {
                // Outside the body a value is no more than itself.
                self.leaves[Int(at)] = leaf.unlinked
                let holds = self.test(Int(test), Reach(leaves: at, arrays: -1, isReached: true), program)
                self.leaves[Int(at)] = leaf
                if holds { return true }
            }
            at = leaf.next
        }
        return false
    }

    private mutating func passes(elementAt node: Int32, _ element: ElementNode, _ program: Program) -> Bool {
        let (leafMark, textMark) = (self.leaves.count, self.text.count)
        defer { self.forget(leavesFrom: leafMark, textFrom: textMark) }
        switch element {
        case .object(let condition): return self.holds(condition, at: node, program)
        case .value(let test):
            var reach = Reach()
            self.extend(&reach, from: node)
            return self.test(Int(test), reach, program)
        }
    }

    private mutating func forget(leavesFrom leafMark: Int, textFrom textMark: Int) {
        if self.leaves.count > leafMark { self.leaves.removeLast(self.leaves.count - leafMark) }
        if self.text.count > textMark { self.text.removeLast(self.text.count - textMark) }
    }

    /// Whether a condition in element scope holds for the element at this place.
    private mutating func holds(_ condition: UInt32, at node: Int32, _ program: Program) -> Bool {
        switch program.conditions[Int(condition)] {
        case .and(let parts):
            for place in parts.range where !self.holds(program.conditionLists[place], at: node, program) {
                return false
            }
            return true
        case .or(let parts):
            for place in parts.range where self.holds(program.conditionLists[place], at: node, program) { return true }
            return false
        case .not(let part): return !self.holds(part, at: node, program)
        case .below(let path, let test):
            var reach = Reach()
            self.extend(&reach, from: node, program.relativePaths[Int(path)].range, program)
            return self.test(Int(test), reach, program)
        // Stands in event scope only.
        case .predicate: return false
        }
    }

    /// Follows keys below a place on the tape. Recursion is bounded by the depth that the parser allows.
    private mutating func extend(_ reach: inout Reach, from node: Int32, _ keys: Range<Int>, _ program: Program) {
        guard let key = keys.first else {
            self.extend(&reach, from: node)
            return
        }
        switch self.nodes[Int(node)].kind {
        case .array:
            var at = node + 1
            let end = Int32(bitPattern: self.nodes[Int(node)].next)
            while at < end {
                self.extend(&reach, from: at, keys, program)
                at = Int32(bitPattern: self.nodes[Int(at)].next)
            }
        case .object:
            guard let value = self.member(program.pieces[key].range, of: node, program) else { return }
            self.extend(&reach, from: value, keys.dropFirst(), program)
        case .null, .false, .true, .number, .string: return
        }
    }

    /// Adds what stands at the end of a path: the value, or the array and its elements.
    private mutating func extend(_ reach: inout Reach, from node: Int32) {
        reach.isReached = true
        guard case .array = self.nodes[Int(node)].kind else {
            self.leaves.append(self.leaf(at: node, before: reach.leaves))
            reach.leaves = Int32(self.leaves.count - 1)
            return
        }
        self.leaves.append(self.leaf(at: node, before: reach.arrays))
        reach.arrays = Int32(self.leaves.count - 1)
        var at = node + 1
        let end = Int32(bitPattern: self.nodes[Int(node)].next)
        while at < end {
            let element = self.nodes[Int(at)]
            if case .array = element.kind {
                at += 1
                continue
            }
            self.leaves.append(self.leaf(at: at, before: reach.leaves))
            reach.leaves = Int32(self.leaves.count - 1)
            at = Int32(bitPattern: element.next)
        }
    }

    /// The value of the last member with this key.
    private func member(_ key: Range<Int>, of object: Int32, _ program: Program) -> Int32? {
        var found: Int32?
        var at = object + 1
        let end = Int32(bitPattern: self.nodes[Int(object)].next)
        while at < end {
            let node = self.nodes[Int(at)]
            let inside = Int(node.start) + 1..<Int(node.end) - 1
            if node.isEscaped {
                let resolved = JSONEscapes.resolve(self.bytes[inside])
                if Bytes.equal(resolved, 0..<resolved.count, program.bytes, key) { found = at + 1 }
            } else if Bytes.equal(self.bytes, inside, program.bytes, key) {
                found = at + 1
            }
            at = Int32(bitPattern: self.nodes[Int(at + 1)].next)
        }
        return found
    }
}

/// Tests of one string.
enum TextTest {
    static func passes(_ text: [UInt8], _ part: Range<Int>, _ test: TestNode, _ program: Program) -> Bool {
        switch test {
        case .string(let literal): Bytes.equal(text, part, program.bytes, literal.range)
        case .folded(let literal): Bytes.equalFolded(text, part, folded: program.bytes, literal.range)
        case .prefix(let literal): Bytes.begins(text, part, with: program.bytes, literal.range)
        case .suffix(let literal): Bytes.ends(text, part, with: program.bytes, literal.range)
        case .contains(let literal): Bytes.find(text, part, program.bytes, literal.range) != nil
        case .glob(let pieces): self.glob(text, part, pieces.range, program)
        case .cidr(let blocks): self.address(text, part, isIn: blocks.range, program)
        case .oneOfStrings(let list): self.oneOf(text, part, list.range, program)
        default: false
        }
    }

    /// First and last piece are anchored, those between are found from left to right; the leftmost place is always
    /// good enough, so there is no backtracking.
    private static func glob(_ text: [UInt8], _ part: Range<Int>, _ pieces: Range<Int>, _ program: Program) -> Bool {
        let first = program.pieces[pieces.lowerBound].range
        if pieces.count == 1 { return Bytes.equal(text, part, program.bytes, first) }
        let last = program.pieces[pieces.upperBound - 1].range
        guard part.count >= first.count + last.count, Bytes.begins(text, part, with: program.bytes, first),
            Bytes.ends(text, part, with: program.bytes, last)
        else { return false }
        var rest = part.lowerBound + first.count..<part.upperBound - last.count
        for place in pieces.dropFirst().dropLast() {
            let piece = program.pieces[place].range
            guard let found = Bytes.find(text, rest, program.bytes, piece) else { return false }
            rest = found + piece.count..<rest.upperBound
        }
        return true
    }

    private static func address(_ text: [UInt8], _ part: Range<Int>, isIn blocks: Range<Int>, _ program: Program)
        -> Bool
    {
        guard let address = CIDR(address: text[part]) else { return false }
        return blocks.contains { program.blocks[$0].contains(address) }
    }

    private static func oneOf(_ text: [UInt8], _ part: Range<Int>, _ list: Range<Int>, _ program: Program) -> Bool {
        var (low, high) = (list.lowerBound, list.upperBound)
        while low < high {
            let middle = (low + high) / 2
            let literal = program.pieces[middle].range
            if Bytes.isBelow(program.bytes, literal, text, part) { low = middle + 1 } else { high = middle }
        }
        return low < list.upperBound && Bytes.equal(text, part, program.bytes, program.pieces[low].range)
    }
}
