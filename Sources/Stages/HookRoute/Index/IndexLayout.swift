// SPDX-License-Identifier: Apache-2.0
// The index in the flat form that the hot loop reads.

import CMatch

/// Lays out which keys find which routes.
struct IndexLayout {
    private(set) var slots: ContiguousArray<match_slot> = []
    private(set) var postings: ContiguousArray<UInt32> = []
    private(set) var probes: ContiguousArray<match_probe>
    private(set) var lengths: ContiguousArray<UInt32> = []
    private(set) var filter: ContiguousArray<UInt64> = []
    private(set) var intervals: ContiguousArray<match_interval> = []
    /// Routes that no key finds; candidates for every event.
    private(set) var remainder: ContiguousArray<UInt32> = []

    private struct Pair {
        let hash: UInt64
        let route: UInt32
    }

    private var pairs: ContiguousArray<Pair> = []
    private var pathIntervals: [UInt32: [match_interval]] = [:]
    private var partLengths: [UInt64: Set<UInt32>] = [:]

    init(pathCount: Int) {
        self.probes = ContiguousArray(repeating: match_probe(), count: pathCount)
    }

    /// Hangs a route on its keys.
    mutating func add(_ route: UInt32, _ keys: [AccessKey]?) {
        guard let keys else {
            self.remainder.append(route)
            return
        }
        for key in keys {
            switch key {
            case .interval(let path, let low, let high):
                self.pathIntervals[path, default: []].append(
                    match_interval(low: low, high: high, highest: high, route: route, unused: 0))
            case .hash(let hash, let probe):
                self.pairs.append(Pair(hash: hash, route: route))
                self.note(probe)
            }
        }
    }

    private mutating func note(_ probe: AccessKey.Probe) {
        let path = Int(probe.path)
        self.probes[path].classes |= 1 << probe.kind.rawValue
        switch probe.kind {
        case .prefix, .suffix, .foldedPrefix, .foldedSuffix, .block:
            self.partLengths[Self.place(probe.path, probe.kind), default: []].insert(probe.length)
        case .text, .number, .literal, .folded, .factor, .reached, .anyText: break
        }
    }

    private static func place(_ path: UInt32, _ kind: KeyHash.Class) -> UInt64 {
        UInt64(path) << 8 | UInt64(kind.rawValue)
    }

    // MARK: Finishing

    /// The top bit of a slot's target: the target is a route.
    private static let single: UInt32 = 1 << 31

    mutating func finish() {
        self.fillSlots()
        self.fillLengths()
        for (path, list) in self.pathIntervals {
            self.probes[Int(path)].interval_start = UInt32(self.intervals.count)
            self.probes[Int(path)].interval_count = UInt32(list.count)
            self.intervals.append(contentsOf: Interval.tree(list))
        }
    }

    private mutating func fillSlots() {
        self.pairs.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.route < $1.route }
        var keyCount = 0
        for place in self.pairs.indices where place == 0 || self.pairs[place].hash != self.pairs[place - 1].hash {
            keyCount += 1
        }
        var size = 2
        while size < keyCount * 2 { size *= 2 }
        self.slots = ContiguousArray(repeating: match_slot(tag: 0, target: UInt32.max), count: size)
        // Sixteen bits a key or more: of what is no key, one in sixteen is looked up in vain.
        self.filter = ContiguousArray(repeating: 0, count: max(8, size / 4))
        let filterMask = UInt64(self.filter.count * 64 - 1)
        var start = 0
        while start < self.pairs.count {
            let hash = self.pairs[start].hash
            var routes: ContiguousArray<UInt32> = []
            while start < self.pairs.count, self.pairs[start].hash == hash {
                let route = self.pairs[start].route
                if routes.last != route { routes.append(route) }
                start += 1
            }
            let bit = hash >> 20 & filterMask
            self.filter[Int(bit >> 6)] |= 1 << (bit & 63)
            var target = routes[0] | Self.single
            if routes.count > 1 {
                target = UInt32(self.postings.count)
                self.postings.append(UInt32(routes.count))
                self.postings.append(contentsOf: routes)
            }
            var at = Int(truncatingIfNeeded: hash) & (size - 1)
            while self.slots[at].target != UInt32.max { at = (at + 1) & (size - 1) }
            self.slots[at] = match_slot(tag: UInt32(truncatingIfNeeded: hash >> 32), target: target)
        }
        self.pairs = []
    }

    private mutating func fillLengths() {
        let kinds: [KeyHash.Class] = [.prefix, .suffix, .foldedPrefix, .foldedSuffix, .block]
        let mask = kinds.reduce(UInt32(0)) { $0 | 1 << $1.rawValue }
        for path in self.probes.indices where self.probes[path].classes & mask != 0 {
            self.probes[path].lengths = UInt32(self.lengths.count)
            for kind in kinds {
                let list = self.partLengths[Self.place(UInt32(path), kind)] ?? []
                self.lengths.append(UInt32(list.count))
                self.lengths.append(contentsOf: list.sorted())
            }
        }
    }
}
