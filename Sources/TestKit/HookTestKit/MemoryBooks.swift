// SPDX-License-Identifier: Apache-2.0
// What the memory store keeps and how it changes: plain values, the shortest code that means the right thing.
internal import HookCore

struct MemoryBooks {
    struct Delivery {
        let ordinal: UInt16
        let prepared: PreparedDelivery
        var state = DeliveryState.pending
        var attempts: [AttemptRow] = []
        var attemptsMade = 0
        var attemptsInCycle = 0
        let acceptedAt: WallTime
        var cycleBegan: WallTime
        var due: WallTime
        var finishedAt: WallTime?
        var reason: String?
        var hasPayload = true

        /// Without a clock: whether it was to begin later and has not been tried.
        var isScheduled: Bool { self.state == .pending && self.attemptsMade == 0 && self.due > self.acceptedAt }
    }

    struct Entry {
        /// Number in order of acceptance.
        let seq: Int
        let event: Event
        let revision: RevisionID
        var fates: [Fate]
        var held: [(ordinal: UInt16, entry: HeldEntry)]
        var deliveries: [Delivery] = []
        var hasPayload = true

        var isFinished: Bool { self.held.isEmpty && self.deliveries.allSatisfy { $0.state != .pending } }

        func isFinished(by cutoff: WallTime) -> Bool {
            self.event.time <= cutoff && self.isFinished
                && self.deliveries.allSatisfy { ($0.finishedAt ?? cutoff) <= cutoff }
        }
    }

    struct DedupeName: Hashable {
        let source: SourceName
        let key: [UInt8]
    }

    /// When and how often what waits for a look-up was tried, where that is not at once and never.
    var lookups: [HeldID: (due: WallTime, tries: Int)] = [:]
    /// In order of acceptance.
    var entries: [Entry] = []
    var dedupe: [DedupeName: (event: EventID, expires: WallTime)] = [:]
    var revisions: [StoredRevision] = []
    var lanes: [Int64: Lane] = [:]
    var windows: [Window] = []
    var members: [Member] = []
    var nextWindow: Int64 = 1
    var heldWindows: [HeldID: WindowID] = [:]
    var versionUses: [VersionUse.Key: VersionUse] = [:]
    private var nextSeq = 1

    /// What came of storing a tree, so far.
    struct Tree {
        var tickets: [DeliveryTicket] = []
        var windowsDue: WallTime?
    }

    mutating func accept(_ prepared: Prepared) -> Result<Stored, StoreFailure> {
        let event = prepared.event
        if let wanted = prepared.dedupe {
            let name = DedupeName(source: event.source, key: wanted.key)
            if let holder = self.dedupe[name], holder.expires > event.time {
                return .success(Stored(event: holder.event, duplicateOf: holder.event, tickets: []))
            }
            if self.place(of: event.id) == nil {
                self.dedupe[name] = (event.id, event.time + wanted.within)
            }
        }
        var isFree = true
        prepared.forEachInTree { if self.place(of: $0.event.id) != nil { isFree = false } }
        guard isFree else { return .failure(StoreFailure(.unusable, "\(event.id) is stored already")) }
        var tree = Tree()
        self.store(prepared, at: event.time, &tree)
        return .success(
            Stored(event: event.id, duplicateOf: nil, tickets: tree.tickets, windowsDue: tree.windowsDue))
    }

    mutating func store(_ prepared: Prepared, at time: WallTime, _ tree: inout Tree) {
        let event = prepared.event
        var entry = Entry(
            seq: self.nextSeq, event: event, revision: prepared.revision, fates: prepared.fates,
            held: prepared.held.enumerated().map { (UInt16($0.offset + 1), $0.element) })
        self.nextSeq += 1
        entry.deliveries = prepared.deliveries.enumerated().map { place, delivery in
            Self.fresh(delivery, ordinal: UInt16(place + 1), at: time)
        }
        self.entries.append(entry)
        tree.tickets += entry.deliveries.map { Self.ticket($0, of: event) }
        self.join(prepared, seq: entry.seq, from: 1, at: time, &tree)
        for child in prepared.emitted { self.store(child, at: time, &tree) }
    }

    mutating func settle(_ settled: Settled) {
        guard let place = self.place(of: settled.delivery.event),
            let index = self.entries[place].deliveries.firstIndex(where: { $0.ordinal == settled.delivery.ordinal })
        else { return }
        var delivery = self.entries[place].deliveries[index]
        guard delivery.state == .pending, delivery.attemptsMade < settled.attempt else { return }
        delivery.attempts.append(
            AttemptRow(
                number: settled.attempt, startedAt: settled.startedAt, took: settled.took, status: settled.status,
                outcome: settled.outcome, detail: settled.detail, response: settled.response))
        delivery.attemptsMade = settled.attempt
        delivery.attemptsInCycle += 1
        delivery.reason = nil
        switch settled.disposition {
        case .delivered: delivery.state = .delivered
        case .retry(let at): delivery.due = at
        case .dead(let reason): (delivery.state, delivery.reason) = (.dead, reason)
        case .dropped(let reason): (delivery.state, delivery.reason) = (.dropped, reason)
        }
        if delivery.state != .pending { delivery.finishedAt = settled.startedAt + settled.took }
        self.entries[place].deliveries[index] = delivery
    }

    func place(of id: EventID) -> Int? { self.entries.firstIndex { $0.event.id == id } }

    static func fresh(_ delivery: PreparedDelivery, ordinal: UInt16, at time: WallTime) -> Delivery {
        let due = delivery.begins(at: time)
        return Delivery(ordinal: ordinal, prepared: delivery, acceptedAt: time, cycleBegan: due, due: due)
    }

    static func ticket(_ delivery: Delivery, of event: Event) -> DeliveryTicket {
        let request = delivery.prepared.request.flatMap { $0.isEmpty ? nil : $0 }
        return DeliveryTicket(
            id: DeliveryID(event: event.id, ordinal: delivery.ordinal), route: delivery.prepared.route,
            destination: delivery.prepared.destination, body: delivery.prepared.body ?? event.body,
            contentType: delivery.prepared.contentType, request: request, attemptsMade: delivery.attemptsMade,
            attemptsInCycle: delivery.attemptsInCycle, acceptedAt: delivery.acceptedAt, cycleBegan: delivery.cycleBegan,
            dueAt: delivery.due)
    }
}

// MARK: - Repairs and retention

extension MemoryBooks {
    /// Places of matching deliveries, oldest first.
    private func chosen(_ filter: DeliveryFilter, limit: Int) -> [(entry: Int, delivery: Int)] {
        var found: [(entry: Int, delivery: Int)] = []
        for (place, entry) in self.entries.enumerated() {
            for (index, delivery) in entry.deliveries.enumerated() where Self.matches(delivery, entry, filter) {
                if found.count < limit { found.append((place, index)) }
            }
        }
        return found
    }

    mutating func redrive(_ filter: DeliveryFilter, limit: Int, now: WallTime) -> [PendingSummary] {
        var filter = filter
        filter.states = filter.states.isEmpty ? [.dead] : filter.states.filter { $0 != .pending }
        if filter.states.isEmpty { return [] }
        var counts: [DestinationName: Int] = [:]
        // Everything is looked at, since what has lost its payload does not count against the limit.
        for (place, index) in self.chosen(filter, limit: .max) where counts.values.reduce(0, +) < limit {
            var delivery = self.entries[place].deliveries[index]
            guard delivery.hasPayload, self.entries[place].hasPayload else { continue }
            (delivery.state, delivery.attemptsInCycle, delivery.cycleBegan, delivery.due) = (.pending, 0, now, now)
            (delivery.finishedAt, delivery.reason) = (nil, nil)
            self.entries[place].deliveries[index] = delivery
            counts[delivery.prepared.destination, default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }
            .map { PendingSummary(destination: $0.key, count: $0.value, earliestDue: now) }
    }

    mutating func close(
        _ filter: DeliveryFilter, as state: DeliveryState, limit: Int, now: WallTime
    ) -> Result<Int, StoreFailure> {
        let closable: [DeliveryState] = [.dead, .pending]
        var filter = filter
        filter.states = filter.states.isEmpty ? closable : filter.states.filter { closable.contains($0) }
        if filter.states.isEmpty { return .success(0) }
        guard state == .discarded || state == .cancelled else {
            return .failure(
                StoreFailure(.unusable, "deliveries are closed as discarded or cancelled, not as \(state.rawValue)"))
        }
        let chosen = self.chosen(filter, limit: limit)
        for (place, index) in chosen {
            self.entries[place].deliveries[index].state = state
            self.entries[place].deliveries[index].finishedAt = now
        }
        return .success(chosen.count)
    }

    mutating func release(
        _ id: HeldID, as prepared: Prepared, now: WallTime
    ) -> Result<[DeliveryTicket], StoreFailure> {
        guard let place = self.place(of: id.event),
            let index = self.entries[place].held.firstIndex(where: { $0.ordinal == id.ordinal })
        else { return .success([]) }
        var entry = self.entries[place]
        var isFree = true
        for child in prepared.emitted {
            child.forEachInTree { if self.place(of: $0.event.id) != nil { isFree = false } }
        }
        guard isFree else { return .failure(StoreFailure(.unusable, "an emitted event is stored already")) }
        let lastHeld = entry.held.map { Int($0.ordinal) }.max() ?? 0
        entry.held.remove(at: index)
        entry.fates.removeAll { $0.route == .none }
        entry.held += prepared.held.enumerated().map { (UInt16(lastHeld + $0.offset + 1), $0.element) }
        for fate in prepared.fates {
            if let at = entry.fates.firstIndex(where: { $0.route == fate.route }) {
                entry.fates[at] = fate
            } else {
                entry.fates.append(fate)
            }
        }
        let last = Int(entry.deliveries.last?.ordinal ?? 0)
        let added = prepared.deliveries.enumerated().map { place, delivery in
            Self.fresh(delivery, ordinal: UInt16(last + place + 1), at: now)
        }
        entry.deliveries += added
        self.entries[place] = entry
        var tree = Tree(tickets: added.map { Self.ticket($0, of: entry.event) })
        let lastMember =
            self.members.filter { $0.key >> 16 == Int64(entry.seq) }.map { Int($0.key & 0xFFFF) }.max() ?? 0
        self.join(prepared, seq: entry.seq, from: lastMember + 1, at: now, &tree)
        for child in prepared.emitted { self.store(child, at: now, &tree) }
        return .success(tree.tickets)
    }

    mutating func discardHeld(_ filter: HeldFilter, limit: Int) -> Int {
        var count = 0
        for place in self.entries.indices {
            let event = self.entries[place].event.id
            for (ordinal, held) in self.entries[place].held
            where count < limit && Self.matches(held, HeldID(event: event, ordinal: ordinal), filter) {
                count += 1
                self.entries[place].held.removeAll { $0.ordinal == ordinal }
                if let window = self.heldWindows[HeldID(event: event, ordinal: ordinal)] {
                    self.discard(window)
                    continue
                }
                guard !self.entries[place].held.contains(where: { $0.entry.route == held.route }) else { continue }
                self.entries[place].fates = self.entries[place].fates.map { fate in
                    fate.route == held.route && fate.kind == .held
                        ? Fate(route: fate.route, kind: .dropped, reason: "discarded") : fate
                }
            }
        }
        return count
    }

    mutating func sweep(_ retention: ServerSpec.Retention, now: WallTime, limit: Int) -> Bool {
        let keys = self.dedupe.filter { $0.value.expires <= now }.map(\.key)
        for key in keys.prefix(limit) { self.dedupe[key] = nil }
        let needed = Set(self.members.map { Int($0.key >> 16) })
        let rows = self.entries.filter { $0.isFinished(by: now - retention.event) && !needed.contains($0.seq) }
            .map(\.seq)
        let doomed = Set(rows.prefix(limit))
        self.entries.removeAll { doomed.contains($0.seq) }
        var emptied = 0
        for place in self.entries.indices where self.entries[place].hasPayload && emptied < limit {
            guard self.entries[place].isFinished(by: now - retention.payload),
                !needed.contains(self.entries[place].seq)
            else { continue }
            emptied += 1
            self.entries[place].hasPayload = false
            for index in self.entries[place].deliveries.indices {
                self.entries[place].deliveries[index].hasPayload = false
                self.entries[place].deliveries[index].attempts = self.entries[place].deliveries[index].attempts.map {
                    AttemptRow(
                        number: $0.number, startedAt: $0.startedAt, took: $0.took, status: $0.status,
                        outcome: $0.outcome,
                        detail: $0.detail, response: [])
                }
            }
        }
        return keys.count > limit || rows.count > limit || emptied == limit
    }
}

extension WallTime {
    fileprivate static func - (left: Self, right: Duration) -> WallTime { left + (.zero - right) }
}
