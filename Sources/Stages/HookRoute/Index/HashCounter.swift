// SPDX-License-Identifier: Apache-2.0

/// Counts 64-bit hashes. The hashes are seeded, so that open addressing over their own bits is enough.
struct HashCounter {
    private var hashes = ContiguousArray<UInt64>(repeating: 0, count: 1024)
    /// 0 marks a free slot.
    private var counts = ContiguousArray<UInt32>(repeating: 0, count: 1024)
    private var filled = 0

    private func slot(_ hash: UInt64) -> Int {
        let mask = self.hashes.count - 1
        var at = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
        while self.counts[at] != 0, self.hashes[at] != hash { at = (at + 1) & mask }
        return at
    }

    func count(_ hash: UInt64) -> Int { Int(self.counts[self.slot(hash)]) }

    /// Counts once more; whether for the first time.
    mutating func add(_ hash: UInt64) -> Bool {
        let at = self.slot(hash)
        if self.counts[at] != 0 {
            // Saturates: a table has fewer routes than that.
            self.counts[at] += self.counts[at] == UInt32.max ? 0 : 1
            return false
        }
        self.hashes[at] = hash
        self.counts[at] = 1
        self.filled += 1
        if self.filled * 2 > self.hashes.count { self.grow() }
        return true
    }

    private mutating func grow() {
        let (oldHashes, oldCounts) = (self.hashes, self.counts)
        self.hashes = ContiguousArray(repeating: 0, count: oldHashes.count * 2)
        self.counts = ContiguousArray(repeating: 0, count: oldHashes.count * 2)
        for (hash, count) in zip(oldHashes, oldCounts) where count != 0 {
            let at = self.slot(hash)
            self.hashes[at] = hash
            self.counts[at] = count
        }
    }
}
