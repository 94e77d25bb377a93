// SPDX-License-Identifier: Apache-2.0
// Finds the routes that may hold for an event: every route hangs on the keys of its most selective condition, and the
// event's values are looked up among the keys. What is found is checked afterwards.

import HookCore

/// How the values of one path are looked up.
struct PathProbes: Sendable {
    var equal = false
    var folded = false
    var factor = false
    var reached = false
    var anyText = false
    /// Distinct lengths, ascending; extents of `RouteIndex.lengths`.
    var prefixes = Extent(start: 0, end: 0)
    var suffixes = Extent(start: 0, end: 0)
    var blocks = Extent(start: 0, end: 0)
    /// Of `RouteIndex.intervals`, or -1.
    var intervals: Int32 = -1

    var isEmpty: Bool {
        !(self.equal || self.folded || self.factor || self.reached || self.anyText) && self.prefixes.count == 0
            && self.suffixes.count == 0 && self.blocks.count == 0 && self.intervals < 0
    }
}

/// The routes that an event's values have found, each once, and what was looked up already.
struct Candidates: Sendable {
    private(set) var routes: ContiguousArray<UInt32> = []
    /// Numbers the events; what was seen carries the number of its event, so that nothing need be cleared.
    private var eventNumber: UInt32 = 0
    private var seenRoutes: ContiguousArray<UInt32>
    private var openedSlots: ContiguousArray<UInt32>

    init(for index: RouteIndex, routeCount: Int) {
        self.seenRoutes = ContiguousArray(repeating: 0, count: routeCount)
        self.openedSlots = ContiguousArray(repeating: 0, count: index.slots.count)
    }

    mutating func begin(_ eventNumber: UInt32) {
        self.routes.removeAll(keepingCapacity: true)
        self.eventNumber = eventNumber
    }

    mutating func add(_ route: UInt32) {
        if self.seenRoutes[Int(route)] == self.eventNumber { return }
        self.seenRoutes[Int(route)] = self.eventNumber
        self.routes.append(route)
    }

    /// Whether the slot is met for the first time: an array that repeats one value thousands of times must not walk the
    /// same long list of routes as often.
    mutating func opens(_ slot: Int) -> Bool {
        if self.openedSlots[slot] == self.eventNumber { return false }
        self.openedSlots[slot] = self.eventNumber
        return true
    }
}

/// Keys and the routes that hang on them, immutable.
struct RouteIndex: Sendable {
    struct Slot: Sendable {
        var hash: UInt64 = 0
        /// In `postings`; an empty extent marks a free slot.
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    /// Open addressing with linear probing; the size is a power of two and at most half is full.
    var slots: [Slot] = [Slot(), Slot()]
    var postings: [UInt32] = []
    var probes: [PathProbes] = []
    var lengths: [Int] = []
    var intervals: [IntervalTree] = []
    /// Routes that no key finds; candidates for every event.
    var remainder: [UInt32] = []

    /// Gathers every route that may hold.
    func collect(_ candidates: inout Candidates, of reading: borrowing EventReading) {
        for route in self.remainder { candidates.add(route) }
        for path in reading.touched {
            let probes = self.probes[Int(path)]
            if probes.isEmpty { continue }
            if probes.reached { self.find(ByteHash.finish(KeyHash.begin(path, .reached)), &candidates) }
            var at = reading.reaches[Int(path)].leaves
            while at >= 0 {
                let leaf = reading.leaves[Int(at)]
                self.probe(leaf, path, probes, reading, &candidates)
                at = leaf.next
            }
        }
    }

    private func find(_ hash: UInt64, _ found: inout Candidates) {
        var at = Int(truncatingIfNeeded: hash) & (self.slots.count - 1)
        while true {
            let slot = self.slots[at]
            if slot.start == slot.end { return }
            if slot.hash == hash {
                if !found.opens(at) { return }
                for place in Int(slot.start)..<Int(slot.end) { found.add(self.postings[place]) }
                return
            }
            at = (at + 1) & (self.slots.count - 1)
        }
    }

    private func probe(
        _ leaf: Leaf, _ path: UInt32, _ probes: PathProbes, _ reading: borrowing EventReading, _ found: inout Candidates
    ) {
        switch leaf.kind {
        case .string:
            if leaf.isOwnText {
                self.probe(reading.text, leaf.range, path, probes, &found)
            } else {
                self.probe(reading.bytes, leaf.range, path, probes, &found)
            }
        case .number:
            if !probes.equal && probes.intervals < 0 { return }
            let number = reading.number(of: leaf)
            if probes.equal { self.find(KeyHash.number(path, number), &found) }
            if probes.intervals >= 0 {
                self.intervals[Int(probes.intervals)].collect(&found, around: Interval.double(number))
            }
        case .null: if probes.equal { self.find(KeyHash.literal(path, 0), &found) }
        case .false: if probes.equal { self.find(KeyHash.literal(path, 1), &found) }
        case .true: if probes.equal { self.find(KeyHash.literal(path, 2), &found) }
        case .object, .array: break
        }
    }

    /// Looks one string up in every way that its path has keys for.
    private func probe(
        _ text: [UInt8], _ part: Range<Int>, _ path: UInt32, _ probes: PathProbes, _ found: inout Candidates
    ) {
        if probes.equal {
            var hash = KeyHash.begin(path, .text)
            for place in part { hash = ByteHash.step(hash, text[place]) }
            self.find(ByteHash.finish(hash), &found)
        }
        if probes.folded {
            var hash = KeyHash.begin(path, .folded)
            for place in part { hash = ByteHash.step(hash, Bytes.fold(text[place])) }
            self.find(ByteHash.finish(hash), &found)
        }
        if probes.anyText { self.find(ByteHash.finish(KeyHash.begin(path, .anyText)), &found) }
        if probes.prefixes.count > 0 { self.probePrefixes(text, part, path, probes.prefixes, &found) }
        if probes.suffixes.count > 0 { self.probeSuffixes(text, part, path, probes.suffixes, &found) }
        if probes.factor { self.probeFactors(text, part, path, &found) }
        if probes.blocks.count > 0 { self.probeBlocks(text, part, path, probes.blocks, &found) }
    }

    private func probePrefixes(
        _ text: [UInt8], _ part: Range<Int>, _ path: UInt32, _ lengths: Extent, _ found: inout Candidates
    ) {
        var hash = KeyHash.begin(path, .prefix)
        var at = part.lowerBound
        for place in lengths.range {
            let end = part.lowerBound + self.lengths[place]
            if end > part.upperBound { return }
            while at < end {
                hash = ByteHash.step(hash, text[at])
                at += 1
            }
            self.find(ByteHash.finish(hash), &found)
        }
    }

    private func probeSuffixes(
        _ text: [UInt8], _ part: Range<Int>, _ path: UInt32, _ lengths: Extent, _ found: inout Candidates
    ) {
        var hash = KeyHash.begin(path, .suffix)
        var at = part.upperBound
        for place in lengths.range {
            let start = part.upperBound - self.lengths[place]
            if start < part.lowerBound { return }
            while at > start {
                at -= 1
                hash = ByteHash.step(hash, text[at])
            }
            self.find(ByteHash.finish(hash), &found)
        }
    }

    private func probeFactors(_ text: [UInt8], _ part: Range<Int>, _ path: UInt32, _ found: inout Candidates) {
        let begin = KeyHash.begin(path, .factor)
        guard part.count >= AccessReader.factorBytes else { return }
        for start in part.lowerBound...(part.upperBound - AccessReader.factorBytes) {
            var hash = begin
            for place in start..<start + AccessReader.factorBytes { hash = ByteHash.step(hash, text[place]) }
            self.find(ByteHash.finish(hash), &found)
        }
    }

    private func probeBlocks(
        _ text: [UInt8], _ part: Range<Int>, _ path: UInt32, _ lengths: Extent, _ found: inout Candidates
    ) {
        guard let address = CIDR(address: text[part]) else { return }
        for place in lengths.range {
            self.find(KeyHash.block(path, address.masked(to: self.lengths[place])), &found)
        }
    }
}
