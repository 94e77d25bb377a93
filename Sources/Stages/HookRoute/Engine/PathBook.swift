// SPDX-License-Identifier: Apache-2.0
// Numbers the paths that a table asks for, and lays those of the body out as a trie of keys.

import CMatch
import HookCore

/// The paths of one table, while it is compiled.
struct PathBook {
    /// Of all hashes of the table: secret, so that nobody can write rules or events that collide.
    let seed: UInt64
    /// By number.
    private(set) var paths: [FieldPath] = []
    private(set) var headers: [NamedPath] = []
    private(set) var parameters: [NamedPath] = []
    private(set) var attributes: [AttributePath] = []
    /// Node 0 is the root of the body.
    private(set) var nodes: ContiguousArray<match_trie_node> = [
        match_trie_node(filter: 0, path: -1, children: 0, entry: 0, leave: 0)
    ]
    /// Open addressing with linear probing; the size is a power of two and at most half is full.
    private(set) var slots = ContiguousArray<match_trie_slot>(repeating: match_trie_slot(), count: 16)
    private(set) var keys: ContiguousArray<UInt8> = []
    private var parents: ContiguousArray<UInt32> = [0]
    private var others: [FieldPath.Spelling: UInt32] = [:]

    init(seed: UInt64) { self.seed = seed }

    /// A seed that differs from process to process, except where a test fixes the standard library's.
    static var randomSeed: UInt64 {
        var hasher = Hasher()
        hasher.combine("routing table")
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// The number of the path; a new one where it was not asked for before.
    mutating func path(_ path: FieldPath) -> UInt32 {
        guard path.root != .data else { return self.bodyPath(path) }
        let spelling = FieldPath.Spelling(path)
        if let known = self.others[spelling] { return known }
        let number = self.append(path)
        self.others[spelling] = number
        self.register(path, number)
        return number
    }

    private mutating func append(_ path: FieldPath) -> UInt32 {
        self.paths.append(path)
        return UInt32(self.paths.count - 1)
    }

    private mutating func register(_ path: FieldPath, _ number: UInt32) {
        switch path.root {
        case .headers where path.keys.count == 1:
            self.headers.append(NamedPath(name: Array(path.keys[0].utf8), path: number))
        case .query where path.keys.count == 1:
            self.parameters.append(NamedPath(name: Array(path.keys[0].utf8), path: number))
        case .data, .headers, .query: break
        case .source, .type, .version, .id, .subject, .method, .path:
            if path.keys.isEmpty { self.attributes.append(AttributePath(root: path.root, path: number)) }
        }
    }

    // MARK: The body

    private mutating func bodyPath(_ path: FieldPath) -> UInt32 {
        var node: UInt32 = 0
        for key in path.keys {
            node = self.child(of: node, Array(key.utf8))
        }
        let known = self.nodes[Int(node)].path
        if known >= 0 { return UInt32(known) }
        let number = self.append(path)
        self.nodes[Int(node)].path = Int32(number)
        return number
    }

    /// The child under a key, made where it is missing.
    private mutating func child(of parent: UInt32, _ key: [UInt8]) -> UInt32 {
        let hash = KeyHash.member(parent, key, self.seed)
        var at = Int(truncatingIfNeeded: hash) & (self.slots.count - 1)
        while self.slots[at].child != 0 {
            let slot = self.slots[at]
            if slot.hash == hash, slot.parent == parent, Int(slot.length) == key.count,
                self.keys[Int(slot.key)..<Int(slot.key) + key.count].elementsEqual(key)
            {
                return slot.child
            }
            at = (at + 1) & (self.slots.count - 1)
        }
        let node = UInt32(self.nodes.count)
        self.nodes.append(match_trie_node(filter: 0, path: -1, children: 0, entry: 0, leave: 0))
        self.parents.append(parent)
        self.nodes[Int(parent)].children += 1
        self.nodes[Int(parent)].filter |= KeyHash.memberBit(key)
        let start = UInt32(self.keys.count)
        self.keys.append(contentsOf: key)
        if self.nodes.count * 2 > self.slots.count { self.grow() }
        self.place(
            match_trie_slot(hash: hash, parent: parent, child: node, key: start, length: UInt32(key.count)))
        return node
    }

    private mutating func grow() {
        let old = self.slots
        self.slots = ContiguousArray(repeating: match_trie_slot(), count: old.count * 2)
        for slot in old where slot.child != 0 { self.place(slot) }
    }

    private mutating func place(_ slot: match_trie_slot) {
        var at = Int(truncatingIfNeeded: slot.hash) & (self.slots.count - 1)
        while self.slots[at].child != 0 { at = (at + 1) & (self.slots.count - 1) }
        self.slots[at] = slot
    }

    /// Numbers the nodes by a walk from the root; where in it the node of each path comes.
    mutating func finish() -> ContiguousArray<UInt32> {
        var sizes = ContiguousArray<UInt32>(repeating: 1, count: self.nodes.count)
        // A parent is older than its children.
        for node in stride(from: self.nodes.count - 1, to: 0, by: -1) {
            sizes[Int(self.parents[node])] += sizes[node]
        }
        var free = ContiguousArray<UInt32>(repeating: 0, count: self.nodes.count)
        var entries = ContiguousArray<UInt32>(repeating: UInt32.max, count: self.paths.count)
        for node in self.nodes.indices {
            let entry = node == 0 ? 0 : free[Int(self.parents[node])]
            if node > 0 { free[Int(self.parents[node])] += sizes[node] }
            free[node] = entry + 1
            self.nodes[node].entry = entry
            self.nodes[node].leave = entry + sizes[node]
            let path = self.nodes[node].path
            if path >= 0 { entries[Int(path)] = entry }
        }
        return entries
    }
}
