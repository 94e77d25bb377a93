// SPDX-License-Identifier: Apache-2.0
// Decides on which keys each route hangs, from how often every key occurs in the whole table, and lays the index out.

import HookCore

/// Collects the routes' accesses, then builds the index of all.
struct IndexBuilder {
    private var accesses: [(route: UInt32, access: Access)] = []
    private var counts: [UInt64: Int] = [:]
    /// Distinct keys of each probe: how many ways its values are spread.
    private var spread: [AccessKey.Probe: Int] = [:]
    private var intervalCounts: [UInt32: Int] = [:]

    /// Remembers a route and counts its keys.
    mutating func add(_ route: UInt32, _ access: Access) {
        self.accesses.append((route, access))
        self.count(access)
    }

    private mutating func count(_ access: Access) {
        switch access {
        case .none: return
        case .either(let parts), .choice(let parts): for part in parts { self.count(part) }
        case .key(.interval(let path, _, _)): self.intervalCounts[path, default: 0] += 1
        case .key(.hash(let hash, let probe)):
            let known = self.counts[hash, default: 0]
            self.counts[hash] = known + 1
            if known == 0 { self.spread[probe, default: 0] += 1 }
        }
    }

    // MARK: Choosing

    /// The least likely share of events that is believed of a key: the popular value may be the usual one.
    private static let shareMin = 0.2

    /// Routes that an event is expected to find through this key.
    private func cost(of key: AccessKey) -> Double {
        switch key {
        // Half of the ranges lie around a value.
        case .interval(let path, _, _): return Double(self.intervalCounts[path] ?? 0) * 0.5
        case .hash(let hash, let probe):
            let share = probe.isCertain ? 1 : max(Self.shareMin, 1 / Double(self.spread[probe] ?? 1))
            return Double(self.counts[hash] ?? 0) * share
        }
    }

    /// The cheapest keys that find everything the access stands for; nil where nothing does.
    private func best(_ access: Access) -> (cost: Double, keys: [AccessKey])? {
        switch access {
        case .none: return nil
        case .key(let key): return (self.cost(of: key), [key])
        case .choice(let parts):
            var found: (cost: Double, keys: [AccessKey])?
            for part in parts {
                guard let candidate = self.best(part) else { continue }
                if let known = found, known.cost <= candidate.cost { continue }
                found = candidate
            }
            return found
        case .either(let parts):
            var total: (cost: Double, keys: [AccessKey]) = (0, [])
            for part in parts {
                guard let found = self.best(part) else { return nil }
                total.cost += found.cost
                total.keys += found.keys
            }
            return total
        }
    }

    // MARK: Laying out

    /// The index, and for each added route the keys it hangs on with its expected cost (nil: in the remainder).
    func build(pathCount: Int) -> (index: RouteIndex, chosen: [[AccessKey]?]) {
        var index = RouteIndex()
        var routesByHash: [UInt64: [UInt32]] = [:]
        var intervals: [UInt32: [Interval]] = [:]
        var probes = Set<AccessKey.Probe>()
        var chosen: [[AccessKey]?] = []
        for (route, access) in self.accesses {
            let keys = self.best(access)?.keys
            chosen.append(keys)
            guard let keys else {
                index.remainder.append(route)
                continue
            }
            for key in keys {
                switch key {
                case .interval(let path, let low, let high):
                    intervals[path, default: []].append(Interval(low: low, high: high, route: route))
                case .hash(let hash, let probe):
                    if routesByHash[hash]?.last != route { routesByHash[hash, default: []].append(route) }
                    probes.insert(probe)
                }
            }
        }
        Self.fillSlots(&index, routesByHash)
        Self.fillProbes(&index, probes, intervals, pathCount: pathCount)
        return (index, chosen)
    }

    private static func fillSlots(_ index: inout RouteIndex, _ routesByHash: [UInt64: [UInt32]]) {
        var size = 2
        while size < routesByHash.count * 2 { size *= 2 }
        index.slots = [RouteIndex.Slot](repeating: RouteIndex.Slot(), count: size)
        for (hash, routes) in routesByHash {
            let start = UInt32(index.postings.count)
            index.postings.append(contentsOf: routes)
            var at = Int(truncatingIfNeeded: hash) & (size - 1)
            while index.slots[at].start != index.slots[at].end { at = (at + 1) & (size - 1) }
            index.slots[at] = RouteIndex.Slot(hash: hash, start: start, end: UInt32(index.postings.count))
        }
    }

    private static func fillProbes(
        _ index: inout RouteIndex, _ probes: Set<AccessKey.Probe>, _ intervals: [UInt32: [Interval]], pathCount: Int
    ) {
        index.probes = [PathProbes](repeating: PathProbes(), count: pathCount)
        var prefixes: [UInt32: [Int]] = [:]
        var suffixes: [UInt32: [Int]] = [:]
        var blocks: [UInt32: [Int]] = [:]
        for probe in probes {
            let path = Int(probe.path)
            switch probe {
            case .equal: index.probes[path].equal = true
            case .folded: index.probes[path].folded = true
            case .factor: index.probes[path].factor = true
            case .reached: index.probes[path].reached = true
            case .anyText: index.probes[path].anyText = true
            case .prefix(let path, let length): prefixes[path, default: []].append(length)
            case .suffix(let path, let length): suffixes[path, default: []].append(length)
            case .block(let path, let length): blocks[path, default: []].append(length)
            }
        }
        func list(_ values: [Int]) -> Extent {
            let start = UInt32(index.lengths.count)
            index.lengths.append(contentsOf: values.sorted())
            return Extent(start: start, end: UInt32(index.lengths.count))
        }
        for (path, values) in prefixes { index.probes[Int(path)].prefixes = list(values) }
        for (path, values) in suffixes { index.probes[Int(path)].suffixes = list(values) }
        for (path, values) in blocks { index.probes[Int(path)].blocks = list(values) }
        for (path, list) in intervals {
            index.probes[Int(path)].intervals = Int32(index.intervals.count)
            index.intervals.append(IntervalTree(list))
        }
    }
}
