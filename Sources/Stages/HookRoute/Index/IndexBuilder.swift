// SPDX-License-Identifier: Apache-2.0
// Decides on which keys each route hangs, from how often every key occurs in the whole table.

import CMatch
import HookCore

/// Collects the routes' accesses, then builds the index of all.
struct IndexBuilder {
    private var accesses: [(route: UInt32, access: Access)] = []
    private var counts = HashCounter()
    /// Distinct keys of each probe: how many ways its values are spread.
    private var spread = HashCounter()
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
        case .key(.hash(let hash, let probe)): if self.counts.add(hash) { _ = self.spread.add(probe.packed) }
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
            let spread = Double(max(1, self.spread.count(probe.packed)))
            let share = probe.isCertain ? 1 : max(Self.shareMin, 1 / spread)
            return Double(self.counts.count(hash)) * share
        }
    }

    /// What finding an access is expected to cost; nil where nothing finds it.
    private func cost(of access: Access) -> Double? {
        switch access {
        case .none: return nil
        case .key(let key): return self.cost(of: key)
        case .choice(let parts):
            var least: Double?
            for part in parts {
                guard let cost = self.cost(of: part) else { continue }
                least = min(least ?? cost, cost)
            }
            return least
        case .either(let parts):
            var total = 0.0
            for part in parts {
                guard let cost = self.cost(of: part) else { return nil }
                total += cost
            }
            return total
        }
    }

    /// Appends the cheapest keys that find everything the access stands for; false where nothing does, and then the keys
    /// mean nothing.
    private func choose(_ access: Access, _ keys: inout [AccessKey]) -> Bool {
        switch access {
        case .none: return false
        case .key(let key):
            keys.append(key)
            return true
        case .either(let parts): return parts.allSatisfy { self.choose($0, &keys) }
        case .choice(let parts):
            if parts.count == 1 { return self.choose(parts[0], &keys) }
            var best: (cost: Double, part: Access)?
            for part in parts {
                // Of equal costs the first counts.
                guard let cost = self.cost(of: part), cost < best?.cost ?? .infinity else { continue }
                best = (cost, part)
            }
            return best.map { self.choose($0.part, &keys) } ?? false
        }
    }

    /// For each added route the keys that it hangs on; nil: in the remainder.
    func chosen() -> [(route: UInt32, keys: [AccessKey]?)] {
        self.accesses.map { route, access in
            var keys: [AccessKey] = []
            return (route, self.choose(access, &keys) ? keys : nil)
        }
    }

    /// The index over the chosen keys.
    func build(pathCount: Int) -> IndexLayout {
        var layout = IndexLayout(pathCount: pathCount)
        var keys: [AccessKey] = []
        for (route, access) in self.accesses {
            keys.removeAll(keepingCapacity: true)
            layout.add(route, self.choose(access, &keys) ? keys : nil)
        }
        layout.finish()
        return layout
    }
}
