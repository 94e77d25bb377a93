// SPDX-License-Identifier: Apache-2.0
// The paths below `data` that a table asks for, as a trie over member keys. Reading an event walks the tape and the
// trie together and skips every subtree that no path enters.

/// A trie of keys; node 0 is the root of the body.
struct PathTrie: Sendable {
    struct Node: Sendable {
        /// The path that ends here, or -1.
        var path: Int32 = -1
        var childCount: UInt32 = 0
        /// Bit n: some child's key has n bytes (bit 63: 63 or more). Most keys of an event fail here already.
        var keyLengths: UInt64 = 0
    }

    private struct Slot: Sendable {
        var parent: UInt32 = 0
        /// 0: the slot is free; the root is nobody's child.
        var child: UInt32 = 0
        var hash: UInt64 = 0
    }

    private(set) var nodes: [Node] = [Node()]
    /// Keys of the nodes, by node.
    private var keys: [[UInt8]] = [[]]
    /// Open addressing with linear probing; the size is a power of two and at most half is full.
    private var slots = [Slot](repeating: Slot(), count: 16)

    /// The node at these keys, made where it is missing.
    mutating func insert(_ keys: [String]) -> Int {
        var at = 0
        for key in keys { at = self.child(of: at, adding: Array(key.utf8)) }
        return at
    }

    mutating func setPath(_ path: UInt32, at node: Int) { self.nodes[node].path = Int32(path) }

    private mutating func child(of parent: Int, adding key: [UInt8]) -> Int {
        if let known = self.child(of: parent, key: key, 0..<key.count) { return known }
        let node = self.nodes.count
        self.nodes.append(Node())
        self.keys.append(key)
        self.nodes[parent].childCount += 1
        self.nodes[parent].keyLengths |= Self.lengthBit(key.count)
        if self.nodes.count * 2 > self.slots.count { self.grow() }
        self.place(Slot(parent: UInt32(parent), child: UInt32(node), hash: Self.hash(parent, key, 0..<key.count)))
        return node
    }

    private mutating func grow() {
        let old = self.slots
        self.slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where slot.child != 0 { self.place(slot) }
    }

    private mutating func place(_ slot: Slot) {
        var at = Int(truncatingIfNeeded: slot.hash) & (self.slots.count - 1)
        while self.slots[at].child != 0 { at = (at + 1) & (self.slots.count - 1) }
        self.slots[at] = slot
    }

    /// The child of `parent` under the key in this part of `text`, escapes resolved.
    func child(of parent: Int, key text: [UInt8], _ part: Range<Int>) -> Int? {
        guard self.nodes[parent].keyLengths & Self.lengthBit(part.count) != 0 else { return nil }
        let hash = Self.hash(parent, text, part)
        var at = Int(truncatingIfNeeded: hash) & (self.slots.count - 1)
        while self.slots[at].child != 0 {
            let slot = self.slots[at]
            if slot.hash == hash, Int(slot.parent) == parent {
                let child = Int(slot.child)
                if Bytes.equal(self.keys[child], 0..<self.keys[child].count, text, part) { return child }
            }
            at = (at + 1) & (self.slots.count - 1)
        }
        return nil
    }

    static func lengthBit(_ length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    private static func hash(_ parent: Int, _ text: [UInt8], _ part: Range<Int>) -> UInt64 {
        var hash = ByteHash.seed ^ UInt64(truncatingIfNeeded: parent)
        for place in part { hash = ByteHash.step(hash, text[place]) }
        return ByteHash.finish(hash)
    }
}
