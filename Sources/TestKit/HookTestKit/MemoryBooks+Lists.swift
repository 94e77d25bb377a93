// SPDX-License-Identifier: Apache-2.0
internal import HookCore

extension MemoryBooks {
    func pending(for destination: DestinationName, dueBy: WallTime, limit: Int) -> PendingPage {
        var waiting: [(due: WallTime, entry: Entry, delivery: Delivery)] = []
        for entry in self.entries {
            for delivery in entry.deliveries
            where delivery.state == .pending && delivery.prepared.destination == destination {
                waiting.append((delivery.due, entry, delivery))
            }
        }
        // Stable by construction: entries and their deliveries stand in order of acceptance.
        let sorted = waiting.enumerated().sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }.map(
            \.element)
        let chosen = sorted.prefix { $0.due <= dueBy }.prefix(max(0, limit))
        let next = sorted.dropFirst(chosen.count).first
        return PendingPage(
            tickets: chosen.map { Self.ticket($0.delivery, of: $0.entry.event) }, nextDue: next?.due,
            isNextScheduled: next?.delivery.isScheduled ?? false)
    }

    func pendingSummary() -> [PendingSummary] {
        var queues: [DestinationName: [Delivery]] = [:]
        for delivery in self.entries.flatMap(\.deliveries) where delivery.state == .pending {
            queues[delivery.prepared.destination, default: []].append(delivery)
        }
        return queues.sorted { $0.key < $1.key }.map { destination, queue in
            let first = queue.min { $0.due < $1.due }
            return PendingSummary(
                destination: destination, count: queue.count, earliestDue: first?.due ?? WallTime(milliseconds: 0),
                isScheduled: first?.isScheduled ?? false)
        }
    }

    func events(_ filter: EventFilter, page: PageRequest) -> Page<EventRow> {
        let found = self.entries.reversed().filter { Self.matches($0, filter) }
        return Self.page(found.map { ($0.seq, Self.row($0)) }, page)
    }

    func event(_ id: EventID) -> EventDetail? {
        guard let place = self.place(of: id) else { return nil }
        let entry = self.entries[place]
        return EventDetail(
            row: Self.row(entry), method: entry.event.method, path: entry.event.path, query: entry.event.query,
            contentType: entry.event.contentType, headers: entry.hasPayload ? entry.event.headers : HeaderBlock(),
            body: entry.hasPayload ? entry.event.body : nil, deliveries: entry.deliveries.map { Self.row($0, entry) },
            held: entry.held.map { self.row($0.entry, HeldID(event: id, ordinal: $0.ordinal), entry) },
            emitted: self.entries.filter { $0.event.lineage?.parent == id }.prefix(EventDetail.emittedMax).map(Self.row)
        )
    }

    func recorded(_ filter: EventFilter, page: PageRequest) -> Page<EventDetail> {
        let found = self.events(filter, page: page)
        var items: [EventDetail] = []
        var bytes = 0
        for row in found.items {
            guard let detail = self.event(row.id), let place = self.place(of: row.id) else { continue }
            if bytes >= RecordedPage.bytesMax {
                let last = items.last.flatMap { self.place(of: $0.row.id) } ?? place
                return Page(items: items, cursor: String(self.entries[last].seq, radix: 36))
            }
            bytes += detail.body?.count ?? 0
            items.append(
                EventDetail(
                    row: row, method: detail.method, path: detail.path, query: detail.query,
                    contentType: detail.contentType, headers: detail.headers, body: detail.body, deliveries: [],
                    held: []))
        }
        return Page(items: items, cursor: found.cursor)
    }

    func deliveries(_ filter: DeliveryFilter, page: PageRequest) -> Page<DeliveryRow> {
        var found: [(Int, DeliveryRow)] = []
        for entry in self.entries.reversed() {
            for delivery in entry.deliveries.reversed() where Self.matches(delivery, entry, filter) {
                found.append((entry.seq * 65_536 + Int(delivery.ordinal), Self.row(delivery, entry)))
            }
        }
        return Self.page(found, page)
    }

    func delivery(_ id: DeliveryID) -> DeliveryDetail? {
        guard let place = self.place(of: id.event),
            let delivery = self.entries[place].deliveries.first(where: { $0.ordinal == id.ordinal })
        else { return nil }
        let entry = self.entries[place]
        let hasPayload = delivery.hasPayload && entry.hasPayload
        let ticket = Self.ticket(delivery, of: entry.event)
        return DeliveryDetail(
            row: Self.row(delivery, entry), contentType: delivery.prepared.contentType,
            request: hasPayload ? ticket.request : nil, body: hasPayload ? ticket.body : nil,
            attempts: delivery.attempts)
    }

    func held(_ filter: HeldFilter, page: PageRequest) -> Page<HeldRow> {
        var found: [(Int, HeldRow)] = []
        for entry in self.entries.reversed() {
            for (ordinal, held) in entry.held.reversed() {
                let id = HeldID(event: entry.event.id, ordinal: ordinal)
                guard Self.matches(held, id, filter) else { continue }
                found.append((entry.seq * 65_536 + Int(ordinal), self.row(held, id, entry)))
            }
        }
        return Self.page(found, page)
    }

    func heldEntry(_ id: HeldID) -> HeldRow? {
        var filter = HeldFilter()
        filter.ids = [id]
        return self.held(filter, page: PageRequest(limit: 1)).items.first
    }

    func status() -> StoreStatus {
        struct Group: Hashable {
            let destination: DestinationName
            let state: DeliveryState
            let reason: String?
        }
        var groups: [Group: Int] = [:]
        var oldest: WallTime?
        var scheduled: [DestinationName: Int] = [:]
        for delivery in self.entries.flatMap(\.deliveries) where [.pending, .dead].contains(delivery.state) {
            let reason = delivery.state == .dead ? delivery.reason : nil
            groups[
                Group(destination: delivery.prepared.destination, state: delivery.state, reason: reason), default: 0] +=
                1
            if delivery.isScheduled {
                scheduled[delivery.prepared.destination, default: 0] += 1
            } else if delivery.state == .pending {
                oldest = oldest ?? delivery.acceptedAt
            }
        }
        let counts = groups.map {
            StoreStatus.Count(
                destination: $0.key.destination, state: $0.key.state, reason: $0.key.reason, count: $0.value)
        }
        let bytes = self.entries.reduce(0) { $0 + $1.event.body.count }
        return StoreStatus(
            events: self.entries.count, deliveries: counts, held: self.entries.reduce(0) { $0 + $1.held.count },
            bytes: bytes, oldestPending: oldest, scheduled: scheduled)
    }
}

// MARK: - Filters, pages and rows

extension MemoryBooks {
    private static func page<Item: Sendable>(_ items: [(key: Int, item: Item)], _ page: PageRequest) -> Page<Item> {
        let start = page.cursor.map { Int($0, radix: 36) ?? .min } ?? .max
        let rest = items.filter { $0.key < start }
        let chosen = rest.prefix(page.limit)
        let cursor = rest.count > chosen.count ? chosen.last.map { String($0.key, radix: 36) } : nil
        return Page(items: chosen.map(\.item), cursor: cursor)
    }

    private static func matches(_ entry: Entry, _ filter: EventFilter) -> Bool {
        let event = entry.event
        if let source = filter.source, event.source != source { return false }
        if let type = filter.type, event.type != type { return false }
        if let sender = filter.senderID, event.senderID != sender { return false }
        if let since = filter.since, event.time < since { return false }
        if let until = filter.until, event.time >= until { return false }
        if filter.route == nil && filter.fate == nil { return true }
        if filter.fate == "unmatched" && filter.route == nil { return entry.fates.isEmpty }
        return entry.fates.contains { fate in
            (filter.route.map { $0 == fate.route } ?? true) && (filter.fate.map { $0 == fate.kind.rawValue } ?? true)
        }
    }

    static func matches(_ delivery: Delivery, _ entry: Entry, _ filter: DeliveryFilter) -> Bool {
        let id = DeliveryID(event: entry.event.id, ordinal: delivery.ordinal)
        if !filter.ids.isEmpty && !filter.ids.contains(id) { return false }
        if let event = filter.event, event != entry.event.id { return false }
        if let route = filter.route, route != delivery.prepared.route { return false }
        if let destination = filter.destination, destination != delivery.prepared.destination { return false }
        if !filter.states.isEmpty && !filter.states.contains(delivery.state) { return false }
        if let reason = filter.reason, reason != delivery.reason { return false }
        if let since = filter.since, delivery.acceptedAt < since { return false }
        if let until = filter.until, delivery.acceptedAt >= until { return false }
        return true
    }

    static func matches(_ held: HeldEntry, _ id: HeldID, _ filter: HeldFilter) -> Bool {
        if !filter.ids.isEmpty && !filter.ids.contains(id) { return false }
        if let event = filter.event, event != id.event { return false }
        if let route = filter.route, route != held.route { return false }
        if let code = filter.code, code != held.failure.code { return false }
        if let kind = filter.kind, kind != held.kind { return false }
        return true
    }

    private static func row(_ entry: Entry) -> EventRow {
        let event = entry.event
        return EventRow(
            id: event.id, source: event.source, type: event.type, version: event.version, time: event.time,
            subject: event.subject, senderID: event.senderID, revision: entry.revision, fates: entry.fates,
            deliveries: entry.deliveries.count, bodyBytes: event.body.count, lineage: event.lineage)
    }

    private static func row(_ delivery: Delivery, _ entry: Entry) -> DeliveryRow {
        DeliveryRow(
            id: DeliveryID(event: entry.event.id, ordinal: delivery.ordinal), route: delivery.prepared.route,
            destination: delivery.prepared.destination, state: delivery.state, attempts: delivery.attemptsMade,
            status: delivery.attempts.last?.status, outcome: delivery.attempts.last?.outcome, reason: delivery.reason,
            acceptedAt: delivery.acceptedAt, dueAt: delivery.state == .pending ? delivery.due : nil,
            finishedAt: delivery.finishedAt)
    }

    private func row(_ held: HeldEntry, _ id: HeldID, _ entry: Entry) -> HeldRow {
        HeldRow(
            id: id, route: held.route, destination: held.destination, isEmission: held.isEmission,
            window: self.heldWindows[id], failure: held.failure, at: entry.event.time, kind: held.kind, part: held.part)
    }
}
