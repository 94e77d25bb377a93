// SPDX-License-Identifier: Apache-2.0

/// Moments in order, each with a key; a binary heap.
///
/// - Complexity: O(log n) to put in and take out, O(1) to look.
struct TimerHeap<Key: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Duration
        let key: Key
    }

    private var entries: [Entry] = []

    var count: Int { self.entries.count }
    var earliest: Duration? { self.entries.first?.at }

    mutating func insert(_ key: Key, at moment: Duration) {
        self.entries.append(Entry(at: moment, key: key))
        var place = self.entries.count - 1
        while place > 0, self.entries[place].at < self.entries[(place - 1) / 2].at {
            self.entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes out the earliest where it is due.
    mutating func popDue(now: Duration) -> (at: Duration, key: Key)? {
        guard let first = self.entries.first, first.at <= now else { return nil }
        self.entries.swapAt(0, self.entries.count - 1)
        self.entries.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [place * 2 + 1, place * 2 + 2]
            where child < self.entries.count && self.entries[child].at < self.entries[least].at { least = child }
            if least == place { return (first.at, first.key) }
            self.entries.swapAt(place, least)
            place = least
        }
    }
}
