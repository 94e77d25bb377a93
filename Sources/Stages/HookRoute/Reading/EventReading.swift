// SPDX-License-Identifier: Apache-2.0
// One event as a program sees it: for each path that is asked for, the values that it reaches. Made in one walk over
// the tape. The arrays are kept from event to event, so that a warm reading allocates next to nothing.

import HookCore

/// One value that a path reaches, or one array that a path ends in.
struct Leaf: Sendable {
    enum Kind: UInt8, Sendable { case null, `false`, `true`, number, string, object, array }

    let kind: Kind
    /// A string whose value stands in `EventReading.text`, not in the body: it had escapes, or is no part of the body.
    let isOwnText: Bool
    /// Its bytes; for strings without the quotes.
    let start: UInt32
    let end: UInt32
    /// Place on the tape; -1 outside the body.
    let node: Int32
    /// The next value of the same path, -1 at the end.
    let next: Int32

    var range: Range<Int> { Int(self.start)..<Int(self.end) }

    /// The same value, alone.
    var unlinked: Leaf {
        Leaf(
            kind: self.kind, isOwnText: self.isOwnText, start: self.start, end: self.end, node: self.node, next: -1)
    }
}

/// What a path reaches.
struct Reach: Sendable {
    /// First of the values, -1 for none.
    var leaves: Int32 = -1
    /// First of the arrays that the path ends in, -1 for none.
    var arrays: Int32 = -1
    /// Anything at all, empty arrays included.
    var isReached = false
}

/// The scratch of one match. Begin each event with ``read(_:for:)``.
struct EventReading: Sendable {
    private struct Step {
        var trie: Int32
        let node: Int32
        let isElement: Bool
    }

    /// The body and its tape; empty where the event has no JSON.
    private(set) var bytes: [UInt8] = []
    private(set) var nodes: ContiguousArray<JSONNode> = []
    /// Values that stand nowhere in the body as such.
    var text: [UInt8] = []
    var leaves: ContiguousArray<Leaf> = []
    /// By path number; only those of `touched` hold something.
    private(set) var reaches: ContiguousArray<Reach> = []
    private(set) var touched: ContiguousArray<UInt32> = []
    /// By predicate: twice the number of the event for which it was decided, plus 1 where it held.
    var decided: ContiguousArray<UInt32> = []
    var eventNumber: UInt32 = 0
    private var steps: ContiguousArray<Step> = []
    /// By trie node: where its last step stood. For keys that stand twice.
    private var claims: ContiguousArray<Int32> = []

    init(for program: Program) {
        self.reaches = ContiguousArray(repeating: Reach(), count: program.paths.count)
        self.decided = ContiguousArray(repeating: 0, count: program.predicates.count)
        self.claims = ContiguousArray(repeating: -1, count: program.trie.nodes.count)
    }

    /// The last number of an event before the stamps would repeat.
    static let eventNumberMax = UInt32.max / 2

    /// Collects what every path of the program reaches in this event.
    mutating func read(_ event: Event, for program: Program) {
        self.clear()
        self.eventNumber += 1
        if let document = event.data {
            self.bytes = document.bytes
            self.nodes = document.nodes
            self.walk(program.trie)
        }
        if !program.headers.isEmpty { self.readHeaders(event.headers, program) }
        if !program.parameters.isEmpty { self.readQuery(event.query, program) }
        for attribute in program.attributes { self.read(attribute, of: event) }
    }

    /// Forgets the event, so that its body is not kept alive.
    mutating func clear() {
        for path in self.touched { self.reaches[Int(path)] = Reach() }
        self.touched.removeAll(keepingCapacity: true)
        self.leaves.removeAll(keepingCapacity: true)
        self.text.removeAll(keepingCapacity: true)
        self.bytes = []
        self.nodes = []
    }

    // MARK: The body

    /// Walks the tape along the trie with a stack of its own. Arrays are transparent: their elements stand at the same
    /// trie node.
    private mutating func walk(_ trie: PathTrie) {
        guard !trie.nodes.isEmpty else { return }
        self.steps.append(Step(trie: 0, node: 0, isElement: false))
        while let step = self.steps.popLast() {
            let path = trie.nodes[Int(step.trie)].path
            let node = self.nodes[Int(step.node)]
            // HOT: `==` on an enum of another module is a call through a witness table; a pattern is a comparison.
            if case .array = node.kind {
                if path >= 0 { self.note(arrayAt: step.node, of: Int(path), isOuter: !step.isElement) }
                self.push(elementsOf: node, at: step)
                continue
            }
            if path >= 0 { self.add(self.leaf(at: step.node, before: self.reaches[Int(path)].leaves), to: Int(path)) }
            if case .object = node.kind, trie.nodes[Int(step.trie)].childCount > 0 {
                self.push(membersOf: node, at: step, trie)
            }
        }
    }

    private mutating func push(elementsOf array: JSONNode, at step: Step) {
        var at = step.node + 1
        let end = Int32(bitPattern: array.next)
        while at < end {
            self.steps.append(Step(trie: step.trie, node: at, isElement: true))
            at = Int32(bitPattern: self.nodes[Int(at)].next)
        }
    }

    private mutating func push(membersOf object: JSONNode, at step: Step, _ trie: PathTrie) {
        let parent = Int(step.trie)
        let lengths = trie.nodes[parent].keyLengths
        var key = step.node + 1
        let end = Int32(bitPattern: object.next)
        while key < end {
            let node = self.nodes[Int(key)]
            let value = key + 1
            if node.isEscaped || lengths & PathTrie.lengthBit(Int(node.end - node.start) - 2) != 0,
                let child = self.child(of: parent, keyAt: node, trie)
            {
                self.push(child, value: value)
            }
            key = Int32(bitPattern: self.nodes[Int(value)].next)
        }
    }

    /// The last value of a key counts where the source allows duplicates: it takes the step of the earlier one. A step
    /// of the same trie node that is still open is always of the same object, since the walk goes depth first.
    private mutating func push(_ child: Int, value: Int32) {
        let step = Step(trie: Int32(truncatingIfNeeded: child), node: value, isElement: false)
        let earlier = Int(self.claims[child])
        if earlier >= 0, earlier < self.steps.count, self.steps[earlier].trie == step.trie {
            self.steps[earlier] = step
            return
        }
        self.claims[child] = Int32(truncatingIfNeeded: self.steps.count)
        self.steps.append(step)
    }

    private mutating func child(of parent: Int, keyAt node: JSONNode, _ trie: PathTrie) -> Int? {
        let inside = Int(node.start) + 1..<Int(node.end) - 1
        if !node.isEscaped { return trie.child(of: parent, key: self.bytes, inside) }
        let key = JSONEscapes.resolve(self.bytes[inside])
        return trie.child(of: parent, key: key, 0..<key.count)
    }

    // MARK: Values

    private mutating func touch(_ path: Int) {
        if self.reaches[path].isReached { return }
        self.reaches[path].isReached = true
        self.touched.append(UInt32(path))
    }

    private mutating func note(arrayAt node: Int32, of path: Int, isOuter: Bool) {
        self.touch(path)
        // Arrays inside arrays are flattened into the outermost one.
        guard isOuter else { return }
        self.leaves.append(self.leaf(at: node, before: self.reaches[path].arrays))
        self.reaches[path].arrays = Int32(self.leaves.count - 1)
    }

    private mutating func add(_ leaf: Leaf, to path: Int) {
        self.touch(path)
        self.leaves.append(leaf)
        self.reaches[path].leaves = Int32(self.leaves.count - 1)
    }

    /// The value at a place on the tape, linked before another one.
    mutating func leaf(at place: Int32, before next: Int32) -> Leaf {
        let node = self.nodes[Int(place)]
        let kind: Leaf.Kind =
            switch node.kind {
            case .null: .null
            case .false: .false
            case .true: .true
            case .number: .number
            case .string: .string
            case .array: .array
            case .object: .object
            }
        guard case .string = node.kind else {
            return Leaf(kind: kind, isOwnText: false, start: node.start, end: node.end, node: place, next: next)
        }
        guard node.isEscaped else {
            return Leaf(
                kind: .string, isOwnText: false, start: node.start + 1, end: node.end - 1, node: place, next: next)
        }
        let value = JSONEscapes.resolve(self.bytes[Int(node.start) + 1..<Int(node.end) - 1])
        return self.ownText(value, node: place, before: next)
    }

    private mutating func ownText(_ value: some Sequence<UInt8>, node: Int32, before next: Int32) -> Leaf {
        let start = UInt32(self.text.count)
        self.text.append(contentsOf: value)
        return Leaf(
            kind: .string, isOwnText: true, start: start, end: UInt32(self.text.count), node: node, next: next)
    }

    // MARK: Outside the body

    private mutating func add(text value: some Sequence<UInt8>, to path: UInt32) {
        self.add(self.ownText(value, node: -1, before: self.reaches[Int(path)].leaves), to: Int(path))
    }

    private mutating func readHeaders(_ headers: HeaderBlock, _ program: Program) {
        for field in headers.fields {
            for asked in program.headers
            where Bytes.equal(asked.name, 0..<asked.name.count, headers.bytes, field.name) {
                self.add(text: headers.bytes[field.value], to: asked.path)
            }
        }
    }

    private mutating func readQuery(_ query: String, _ program: Program) {
        FormText.forEachParameter(of: Array(query.utf8)) { name, value in
            for asked in program.parameters where asked.name == name { self.add(text: value, to: asked.path) }
        }
    }

    private mutating func read(_ attribute: AttributePath, of event: Event) {
        switch attribute.root {
        case .source: self.add(text: event.source.text.utf8, to: attribute.path)
        case .type: self.add(text: event.type.utf8, to: attribute.path)
        case .method: self.add(text: event.method.utf8, to: attribute.path)
        case .path: self.add(text: event.path.utf8, to: attribute.path)
        case .id:
            if let id = event.senderID {
                self.add(text: id.utf8, to: attribute.path)
            } else {
                self.add(text: event.id.description.utf8, to: attribute.path)
            }
        case .subject:
            if let subject = event.subject { self.add(text: subject.utf8, to: attribute.path) }
        case .version:
            guard let version = event.version else { return }
            let digits = self.ownText("\(version)".utf8, node: -1, before: self.reaches[Int(attribute.path)].leaves)
            let leaf = Leaf(
                kind: .number, isOwnText: true, start: digits.start, end: digits.end, node: -1, next: digits.next)
            self.add(leaf, to: Int(attribute.path))
        case .data, .headers, .query: break
        }
    }

    // MARK: Reading values back

    /// The bytes in which the leaf's range counts.
    func source(of leaf: Leaf) -> [UInt8] { leaf.isOwnText ? self.text : self.bytes }

    func number(of leaf: Leaf) -> JSONNumber { JSONNumber(text: self.source(of: leaf)[leaf.range]) }
}
