// SPDX-License-Identifier: Apache-2.0
// Finds keys that stand twice in one object. A small table finds what real payloads have; where its cheap hash is
// beaten, by chance or by an attacker, or a key is escaped, a dictionary with the standard library's seeded hash
// takes over: linear in the bytes of the keys whatever they are.
import Glibc

/// The duplicate check of one text; its table is reused from object to object.
@safe struct JSONKeyCheck: ~Copyable {
    private let policy: JSONLimits.DuplicateKeys
    /// Open addressing over tape indices of keys; 0 is free, since a key never stands first on a tape.
    private var table: UnsafeMutablePointer<UInt32>
    private var capacity: Int

    init(_ policy: JSONLimits.DuplicateKeys) {
        self.policy = policy
        self.capacity = 128
        unsafe self.table = .allocate(capacity: self.capacity)
    }

    deinit { unsafe self.table.deallocate() }

    /// Applies the policy to the members of the object that ends the tape; how many are left.
    ///
    /// - Errors: `duplicateKey` at the first key that stood before, where duplicates are refused.
    @inline(__always)
    mutating func check(
        _ container: Int, count: Int, _ tape: inout JSONTape, _ text: UnsafeBufferPointer<UInt8>
    ) throws(JSONFailure) -> UInt32 {
        if unsafe self.areDistinct(container, count: count, tape, text) { return UInt32(truncatingIfNeeded: count) }
        return try unsafe self.settle(container, &tape, text)
    }

    /// False where there are duplicates or it cannot say.
    private mutating func areDistinct(
        _ container: Int, count: Int, _ tape: borrowing JSONTape, _ text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        // At least half of the slots stay free.
        let slots = 1 << (Int.bitWidth - (count * 2 - 1).leadingZeroBitCount)
        self.reserve(slots)
        unsafe self.table.update(repeating: 0, count: slots)
        // A fair hash needs about half a collision a key at this load.
        var patience = count * 4 + 32
        var key = container + 1
        while key < tape.count {
            let node = tape[key]
            if node.isEscaped { return false }
            var slot = unsafe Self.hash(node, text) & (slots - 1)
            while unsafe self.table[slot] != 0 {
                patience -= 1
                if patience == 0 { return false }
                if unsafe Self.areEqual(node, tape[Int(self.table[slot])], text) { return false }
                slot = (slot + 1) & (slots - 1)
            }
            unsafe self.table[slot] = UInt32(truncatingIfNeeded: key)
            key = Int(tape[key + 1].next)
        }
        return true
    }

    private mutating func reserve(_ slots: Int) {
        if slots <= self.capacity { return }
        unsafe self.table.deallocate()
        self.capacity = slots
        unsafe self.table = .allocate(capacity: slots)
    }

    /// Mixes the length with the first and the last eight bytes; any function would do. Wraps, as hashes do.
    @inline(__always)
    private static func hash(_ node: JSONNode, _ text: UnsafeBufferPointer<UInt8>) -> Int {
        let start = Int(node.start) + 1
        let length = Int(node.end) - 1 - start
        var mixed = UInt64(truncatingIfNeeded: length)
        if length >= 8 {
            let raw = UnsafeRawBufferPointer(text)
            let first = unsafe raw.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            let last = unsafe raw.loadUnaligned(fromByteOffset: start + length - 8, as: UInt64.self)
            mixed = (mixed ^ first) &* 0x9E37_79B9_7F4A_7C15 ^ last
        } else {
            for place in start..<start + length { mixed = unsafe mixed << 8 ^ UInt64(text[place]) }
        }
        mixed = mixed &* 0xC2B2_AE3D_27D4_EB4F
        return Int(truncatingIfNeeded: mixed >> 32)
    }

    @inline(__always)
    private static func areEqual(_ one: JSONNode, _ other: JSONNode, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.end - one.start == other.end - other.start, let base = text.baseAddress else { return false }
        return unsafe memcmp(base + Int(one.start), base + Int(other.start), Int(one.end - one.start)) == 0
    }

    /// The certain way: keys by value. Refuses, or takes the earlier ones of equal keys off the tape.
    @inline(never)
    private func settle(
        _ container: Int, _ tape: inout JSONTape, _ text: UnsafeBufferPointer<UInt8>
    ) throws(JSONFailure) -> UInt32 {
        var lastMembers: [[UInt8]: Int] = [:]
        var members: [(key: Int, end: Int, isLast: Bool)] = []
        var key = container + 1
        while key < tape.count {
            let node = tape[key]
            let inner = unsafe Array(text[Int(node.start) + 1..<Int(node.end) - 1])
            let value = node.isEscaped ? JSONEscapes.resolve(inner[...]) : inner
            if let earlier = lastMembers.updateValue(members.count, forKey: value) {
                if self.policy == .refuse { throw JSONFailure(.duplicateKey, at: Int(node.start)) }
                members[earlier].isLast = false
            }
            let end = Int(tape[key + 1].next)
            members.append((key, end, true))
            key = end
        }
        var target = container + 1
        for member in members where member.isLast {
            tape.move(member.key..<member.end, to: target)
            target += member.end - member.key
        }
        tape.truncate(to: target)
        return UInt32(truncatingIfNeeded: lastMembers.count)
    }
}
