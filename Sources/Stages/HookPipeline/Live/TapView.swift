// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// What one viewer wants to see of what happens, and the lines that it gets.
package struct TapView: Sendable {
    /// Empty: all of a kind.
    package var stages: Set<LogRecord.Stage> = []
    package var sources: Set<SourceName> = []
    package var routes: Set<RouteName> = []
    package var destinations: Set<DestinationName> = []
    package var condition: EventCondition?
    package var showsPayload = false

    /// Stages that have something to show.
    package static let stages: [LogRecord.Stage] = [.ingest, .verify, .route, .transform, .store, .deliver]

    /// Attempts know their delivery alone; so the events that were seen are remembered, the latest of them.
    private var seen: [EventID: Subject?] = [:]
    private var order: [EventID] = []
    private var oldest = 0
    private static let seenMax = 20_000

    private struct Subject: Sendable {
        let type: String
        let source: SourceName
        let routes: [(route: RouteName, destination: DestinationName)]
    }

    package init() {}

    /// The lines of a record; none where nobody asked for it.
    package mutating func lines(of record: TapRecord) -> [TapLine] {
        self.all(of: record).filter { line in
            self.stages.isEmpty || self.stages.contains(line.stage)
        }
    }

    private mutating func all(of record: TapRecord) -> [TapLine] {
        switch record.happening {
        case .unheard(let source, let status, let code):
            var line = TapLine(record.at, .ingest, "refused")
            line.source = source.isEmpty ? nil : SourceName(source)
            (line.status, line.code) = (status, code)
            return self.condition == nil && self.routes.isEmpty && self.isAsked(line.source) ? [line] : []
        case .refused(let source, let event, let status, let code, let detail):
            var line = TapLine(record.at, .verify, "refused")
            (line.event, line.source, line.status, line.code, line.reason) = (event, source, status, code, detail)
            return self.condition == nil && self.routes.isEmpty && self.isAsked(source) ? [line] : []
        case .verified(let event):
            guard self.isAsked(event), self.routes.isEmpty else { return [] }
            var line = TapLine(record.at, .verify, "accepted", event)
            if self.showsPayload { line.payload = event.body }
            return [line]
        case .prepared(let prepared): return self.tree(prepared, at: record.at)
        case .stored(let event, let first, let deliveries):
            guard self.isKnown(event) else { return [] }
            var line = TapLine(record.at, .store, first == nil ? "stored" : "duplicate", event)
            line.reason = first.map { "of \($0)" } ?? "\(deliveries) \(deliveries == 1 ? "delivery" : "deliveries")"
            return [line]
        case .notStored(let event, let failure):
            guard self.isKnown(event) else { return [] }
            var line = TapLine(record.at, .store, "failed", event)
            (line.code, line.reason) = ("store/\(failure.kind.rawValue)", failure.detail)
            return [line]
        case .attempted(let settled): return self.attempted(settled, at: record.at)
        }
    }

    private func isAsked(_ source: SourceName?) -> Bool {
        self.sources.isEmpty || source.map(self.sources.contains) == true
    }

    private func isAsked(_ event: Event) -> Bool {
        self.isAsked(event.source) && self.condition?.holds(for: event) != false
    }

    /// Whether stages 3 and 4 found that somebody asked for the event.
    private func isKnown(_ event: Event) -> Bool {
        if case .some(.some) = self.seen[event.id] { return true }
        return false
    }

    // MARK: Stages 3 and 4

    /// An event, then what routes have made of it.
    private mutating func tree(_ prepared: Prepared, at time: WallTime) -> [TapLine] {
        var lines = self.prepared(prepared, at: time)
        for child in prepared.emitted {
            if self.isAsked(child.event), self.routes.isEmpty {
                var line = TapLine(time, .transform, "emitted", child.event)
                line.reason = "of \(prepared.event.id)"
                if self.showsPayload { line.payload = child.event.body }
                lines.append(line)
            }
            lines += self.tree(child, at: time)
        }
        return lines
    }

    private mutating func prepared(_ prepared: Prepared, at time: WallTime) -> [TapLine] {
        let event = prepared.event
        let touched = Set(prepared.fates.map(\.route))
        guard self.isAsked(event), self.routes.isEmpty || !touched.isDisjoint(with: self.routes) else {
            self.remember(event.id, nil)
            return []
        }
        self.remember(
            event.id,
            Subject(
                type: event.type, source: event.source,
                routes: prepared.deliveries.map { ($0.route, $0.destination) }))
        if prepared.isUnmatched { return [TapLine(time, .route, "unmatched", event)] }
        var lines: [TapLine] = []
        for fate in prepared.fates where self.routes.isEmpty || self.routes.contains(fate.route) {
            // What a script did is stage 4's; which routes took it is stage 3's.
            let isRouted = fate.kind == .matched || fate.kind == .filtered
            var line = TapLine(time, isRouted ? .route : .transform, fate.kind.rawValue, event)
            line.route = fate.route
            line.destinations = prepared.deliveries.filter { $0.route == fate.route }.map(\.destination)
            line.reason = fate.reason
            if let held = prepared.held.first(where: { $0.route == fate.route }) {
                (line.code, line.reason) = (held.failure.code, held.failure.message)
            }
            lines.append(line)
        }
        return lines
    }

    private mutating func remember(_ id: EventID, _ subject: Subject?) {
        // Nobody needs what was not asked for, unless it would pass for one that was never seen.
        if self.order.count < Self.seenMax {
            self.order.append(id)
        } else {
            self.seen.removeValue(forKey: self.order[self.oldest])
            self.order[self.oldest] = id
            self.oldest = (self.oldest + 1) % Self.seenMax
        }
        self.seen[id] = .some(subject)
    }

    // MARK: Stage 6

    private func attempted(_ settled: Settled, at time: WallTime) -> [TapLine] {
        if !self.destinations.isEmpty, !self.destinations.contains(settled.destination) { return [] }
        var line = TapLine(time, .deliver, Self.word(settled.disposition))
        line.event = settled.delivery.event
        line.delivery = settled.delivery
        line.destinations = [settled.destination]
        (line.attempt, line.status, line.took) = (settled.attempt, settled.status, settled.took)
        line.code = settled.status.map { "\($0)" } ?? settled.outcome
        line.reason = Self.reason(settled)
        let isNarrow = self.condition != nil || !self.routes.isEmpty || !self.sources.isEmpty
        guard case .some(.some(let subject)) = self.seen[settled.delivery.event] else {
            // Accepted before the view began: shown where nothing is asked of the event.
            return isNarrow || self.seen[settled.delivery.event] != nil ? [] : [line]
        }
        line.type = subject.type
        line.source = subject.source
        // Ordinals count the deliveries of an event from 1.
        let place = Int(settled.delivery.ordinal) - 1
        if subject.routes.indices.contains(place) { line.route = subject.routes[place].route }
        if !self.routes.isEmpty, line.route.map(self.routes.contains) != true { return [] }
        return [line]
    }

    private static func word(_ disposition: Settled.Disposition) -> String {
        switch disposition {
        case .delivered: "delivered"
        case .retry: "retry"
        case .dead: "dead"
        case .dropped: "dropped"
        }
    }

    private static func reason(_ settled: Settled) -> String? {
        switch settled.disposition {
        case .delivered: nil
        case .retry(let moment): "\(settled.detail.map { "\($0); " } ?? "")again at \(moment.rfc3339)"
        case .dead(let reason), .dropped(let reason): settled.detail.map { "\(reason): \($0)" } ?? reason
        }
    }
}
