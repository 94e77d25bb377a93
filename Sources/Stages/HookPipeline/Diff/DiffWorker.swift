// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTransform
import HookVerify

/// Runs events through both revisions and keeps what differs.
///
/// - Isolation: one thread, which must also drop it (it owns Lua states).
final class DiffWorker {
    private let diff: BehaviourDiff
    private let oldScripts: ScriptWorker
    private let newScripts: ScriptWorker
    private(set) var report = DiffReport()
    private var places: [DiffReport.Key: Int] = [:]

    /// What one side made of an event.
    private struct Side {
        var event: Event?
        var refused: VerifyFailure?
        var deliveries: [PreparedDelivery] = []
        var fates: [Fate] = []
        var held: [HeldEntry] = []
    }

    init(_ diff: BehaviourDiff) {
        self.diff = diff
        // Scripts see the same `ctx.revision` on both sides, or each that prints it would differ.
        func scripts(_ side: DiffSide) -> ScriptWorker {
            ScriptWorker(
                side.revision.scripts, revision: diff.new.revision.id, mode: .live,
                secrets: TestSecrets(for: side.revision.configuration), signals: Signals(), environment: .live)
        }
        self.oldScripts = scripts(diff.old)
        self.newScripts = scripts(diff.new)
    }

    /// Compares one event; `index` is its place among all.
    func compare(_ event: RecordedEvent, index: Int) {
        // It comes of its parent, which is compared with all that it becomes.
        if let lineage = event.event.lineage, !lineage.isWindow { return }
        self.report.events += 1
        let before = event.verdict(under: self.diff.old)
        let isSame = self.isReadAlike(event)
        let after = isSame ? before : event.verdict(under: self.diff.new)
        switch (before, after) {
        case (.verified(let verified), .verified) where isSame: self.compare(verified, event, index)
        default: self.compare(before, after, event, index)
        }
    }

    private func isReadAlike(_ event: RecordedEvent) -> Bool {
        if case .typed = event.reading { return true }
        return !self.diff.rereading.contains(event.event.source)
    }

    // MARK: Running

    /// Both revisions have the same event: what is alike runs once.
    private func compare(_ verified: Verified, _ event: RecordedEvent, _ index: Int) {
        let old = self.diff.old
        let shared = Pipeline.prepare(
            verified, routes: self.diff.shared, under: old.revision, with: self.oldScripts)
        var before = Side(event: verified.event)
        var after = before
        self.add(Pipeline.prepare(verified, routes: old.own, under: old.revision, with: self.oldScripts), to: &before)
        self.add(
            Pipeline.prepare(
                verified, routes: self.diff.new.own, under: self.diff.new.revision, with: self.newScripts),
            to: &after)
        // A destination may change under a route that does not: then its requests are compared as well.
        let touched =
            self.diff.reshaped.isEmpty
            ? []
            : shared.deliveries.filter {
                self.diff.reshaped.contains($0.destination)
            }
        before.deliveries += touched
        after.deliveries += touched
        let untouched = shared.deliveries.count - touched.count
        self.report.alike += untouched
        self.count(before, &self.report.before, untouched, shared.fates, shared.held.count)
        self.count(after, &self.report.after, untouched, shared.fates, shared.held.count)
        let isKnown = !shared.fates.isEmpty
        if self.settle(before, after, event, index, isKnown: isKnown) { self.report.eventsChanged += 1 }
    }

    /// The revisions read the event differently, or one of them does not take it.
    private func compare(_ old: VerifyVerdict, _ new: VerifyVerdict, _ event: RecordedEvent, _ index: Int) {
        let before = self.run(old, self.diff.old, self.oldScripts)
        let after = self.run(new, self.diff.new, self.newScripts)
        self.count(before, &self.report.before, 0, [], 0)
        self.count(after, &self.report.after, 0, [], 0)
        var isChanged = self.settleReading(before, after, event, index)
        if self.settle(before, after, event, index, isKnown: false) { isChanged = true }
        if isChanged { self.report.eventsChanged += 1 }
    }

    private func run(_ verdict: VerifyVerdict, _ side: DiffSide, _ scripts: ScriptWorker) -> Side {
        switch verdict {
        case .verified(let verified):
            var result = Side(event: verified.event)
            self.add(Pipeline.prepare(verified, routes: side.all, under: side.revision, with: scripts), to: &result)
            return result
        case .refused(let failure): return Side(refused: failure)
        case .batch, .challenge: return Side()
        }
    }

    private func add(_ prepared: Prepared, to side: inout Side) {
        side.deliveries += prepared.deliveries
        side.fates += prepared.fates
        side.held += prepared.held
        // What is emitted belongs to the event that it comes of; its deliveries carry bodies of their own.
        for child in prepared.emitted {
            var inner = Side()
            self.add(child, to: &inner)
            side.deliveries += inner.deliveries.map { $0.withBody(of: child.event) }
            side.fates += inner.fates
            side.held += inner.held
        }
    }

    private func count(
        _ side: Side, _ totals: inout DiffReport.Totals, _ deliveries: Int, _ fates: [Fate], _ held: Int
    ) {
        totals.deliveries += side.deliveries.count + deliveries
        totals.held += side.held.count + held
        if side.refused != nil { totals.refused += 1 }
        if side.event != nil && side.fates.isEmpty && fates.isEmpty { totals.unmatched += 1 }
    }

    // MARK: Comparing

    /// Whether something differs. `isKnown`: a route that is alike has taken the event.
    private func settle(
        _ before: Side, _ after: Side, _ event: RecordedEvent, _ index: Int, isKnown: Bool
    ) -> Bool {
        if before.deliveries.isEmpty && after.deliveries.isEmpty && before.fates.isEmpty && after.fates.isEmpty {
            return false
        }
        if self.isAlike(before, after) {
            self.report.alike += before.deliveries.count
            return false
        }
        let isChanged = self.settleDeliveries(before, after, event, index)
        let isOtherwise = self.settleFates(before, after, event, index)
        if !isKnown, before.event != nil, after.event != nil, before.fates.isEmpty != after.fates.isEmpty {
            let what = before.fates.isEmpty ? "unmatched → matched" : "matched → unmatched"
            self.note(.init(.event, nil, nil, what), event, index) { self.example(event, before, after) }
        }
        return isChanged || isOtherwise
    }

    // HOT: once per event; nothing is rendered or hashed where the two sides are alike.
    private func isAlike(_ before: Side, _ after: Side) -> Bool {
        guard before.deliveries.count == after.deliveries.count, before.fates == after.fates,
            before.held.count == after.held.count
        else { return false }
        for (old, new) in zip(before.deliveries, after.deliveries)
        where self.diff.reshaped.contains(old.destination) || !self.isAlike(old, new, before, after) { return false }
        return true
    }

    /// Whether two deliveries of the same route and destination are the same, if the destination is.
    private func isAlike(_ old: PreparedDelivery, _ new: PreparedDelivery, _ before: Side, _ after: Side) -> Bool {
        guard old.route == new.route, old.destination == new.destination, old.contentType == new.contentType,
            old.request == new.request
        else { return false }
        if let one = old.body, let other = new.body { return one == other }
        if old.body == nil && new.body == nil { return true }
        return (old.body ?? before.event?.body) == (new.body ?? after.event?.body)
    }

    private struct Lane: Hashable {
        let route: RouteName
        let destination: DestinationName
    }

    private func settleDeliveries(
        _ before: Side, _ after: Side, _ event: RecordedEvent, _ index: Int
    ) -> Bool {
        var isChanged = false
        let old = Dictionary(grouping: before.deliveries) { Lane(route: $0.route, destination: $0.destination) }
        let new = Dictionary(grouping: after.deliveries) { Lane(route: $0.route, destination: $0.destination) }
        let lanes = Set(old.keys).union(new.keys).sorted { ($0.route, $0.destination) < ($1.route, $1.destination) }
        for lane in lanes {
            var (mine, theirs) = self.withoutAlike(old[lane] ?? [], new[lane] ?? [], before, after)
            while let one = mine.first, let other = theirs.first {
                mine.removeFirst()
                theirs.removeFirst()
                if self.settlePair(one, other, before, after, event, index) { isChanged = true }
            }
            for delivery in mine {
                let what = self.why(lane, other: after, of: self.diff.new)
                self.note(.init(.vanished, lane.route, lane.destination, what), event, index) {
                    self.example(event, before, after, old: delivery)
                }
            }
            for delivery in theirs {
                let what = self.why(lane, other: before, of: self.diff.old)
                self.note(.init(.appeared, lane.route, lane.destination, what), event, index) {
                    self.example(event, before, after, new: delivery)
                }
            }
            isChanged = isChanged || !mine.isEmpty || !theirs.isEmpty
        }
        return isChanged
    }

    /// Takes out what is alike, wherever it stands in the list: the order of deliveries means nothing.
    private func withoutAlike(
        _ old: [PreparedDelivery], _ new: [PreparedDelivery], _ before: Side, _ after: Side
    ) -> ([PreparedDelivery], [PreparedDelivery]) {
        guard let destination = (old.first ?? new.first)?.destination, !self.diff.reshaped.contains(destination) else {
            return (old, new)
        }
        var rest = new
        let mine = old.filter { delivery in
            guard let place = rest.firstIndex(where: { self.isAlike(delivery, $0, before, after) }) else { return true }
            rest.remove(at: place)
            self.report.alike += 1
            return false
        }
        return (mine, rest)
    }

    /// Two deliveries to the same place whose requests may differ; whether they do.
    private func settlePair(
        _ old: PreparedDelivery, _ new: PreparedDelivery, _ before: Side, _ after: Side, _ event: RecordedEvent,
        _ index: Int
    ) -> Bool {
        guard let oldEvent = before.event, let newEvent = after.event else { return false }
        func requests() -> (was: DiffReport.Request, now: DiffReport.Request) {
            (
                DiffRequest(side: self.diff.old).request(for: old, of: oldEvent),
                DiffRequest(side: self.diff.new).request(for: new, of: newEvent)
            )
        }
        // Most changes are of the body alone, and can be told without a request.
        let parts = self.bodyParts(old, new, before, after) ?? DiffRequest.differences(requests())
        if parts.isEmpty {
            self.report.alike += 1
            return false
        }
        self.note(.init(.changed, new.route, new.destination, parts.joined(separator: ", ")), event, index) {
            var example = self.example(event, before, after)
            (example.before, example.after) = requests()
            return example
        }
        return true
    }

    /// The parts that differ where everything but body and content type is known to be alike; else nil.
    private func bodyParts(
        _ old: PreparedDelivery, _ new: PreparedDelivery, _ before: Side, _ after: Side
    ) -> [String]? {
        guard old.request == new.request, !self.diff.reshaped.contains(old.destination) else { return nil }
        var parts: [String] = []
        if (old.body ?? before.event?.body) != (new.body ?? after.event?.body) { parts.append("body") }
        if old.contentType != new.contentType { parts.append("header content-type") }
        return parts
    }

    /// Why a delivery is on one side only, said of the side that lacks it.
    private func why(_ lane: Lane, other: Side, of side: DiffSide) -> String {
        let isNew = side.revision === self.diff.old.revision
        guard let route = side.revision.configuration.route(lane.route) else {
            return isNew ? "new route" : "route removed"
        }
        if !route.isEnabled { return isNew ? "route enabled" : "route disabled" }
        if let failure = other.refused { return self.words("refused (\(failure.code))", isNew) }
        guard let fate = other.fates.first(where: { $0.route == lane.route }) else {
            return self.words("not matched", isNew)
        }
        switch fate.kind {
        case .matched:
            if !route.destinations.contains(lane.destination) { return isNew ? "new target" : "target removed" }
            let isThere = other.deliveries.contains { $0.route == lane.route && $0.destination == lane.destination }
            return isThere ? (isNew ? "one more" : "one less") : (isNew ? "was not chosen" : "no longer chosen")
        case .held: return self.words(Self.text(fate), isNew)
        case .filtered, .dropped, .aggregated: return self.words(fate.kind.rawValue, isNew)
        }
    }

    private func words(_ state: String, _ isNew: Bool) -> String { isNew ? "was \(state)" : "now \(state)" }

    /// Fates that differ where no delivery tells the story.
    private func settleFates(_ before: Side, _ after: Side, _ event: RecordedEvent, _ index: Int) -> Bool {
        var isChanged = false
        let routes = Set(before.fates.map(\.route)).union(after.fates.map(\.route)).sorted()
        for route in routes {
            let old = before.fates.first { $0.route == route }
            let new = after.fates.first { $0.route == route }
            if old == new || old?.kind == .matched || new?.kind == .matched { continue }
            isChanged = true
            let was = old.map(Self.text) ?? "not matched"
            let now = new.map(Self.text) ?? "not matched"
            let what = was == now ? "\(was): another reason" : "\(was) → \(now)"
            self.note(.init(.fate, route, nil, what), event, index) {
                var example = self.example(event, before, after)
                example.fateBefore = self.words(of: old, in: before)
                example.fateAfter = self.words(of: new, in: after)
                return example
            }
        }
        return isChanged
    }

    /// A closed set of words: a reason of a drop may be anything, and would make a group of its own.
    private static func text(_ fate: Fate) -> String {
        fate.kind == .held ? "held\(fate.reason.map { " (\($0))" } ?? "")" : fate.kind.rawValue
    }

    private func words(of fate: Fate?, in side: Side) -> String {
        guard let fate else { return "not matched" }
        if let entry = side.held.first(where: { $0.route == fate.route }) {
            return
                "held [\(entry.failure.code)]: \(entry.failure.message)\(entry.failure.place.map { " (\($0))" } ?? "")"
        }
        return fate.kind.rawValue + (fate.reason.map { ": \($0)" } ?? "")
    }

    /// What stage 2 makes of the request: refused, or mapped otherwise.
    private func settleReading(_ before: Side, _ after: Side, _ event: RecordedEvent, _ index: Int) -> Bool {
        func state(_ side: Side) -> String {
            side.refused.map { "refused (\($0.code))" } ?? (side.event == nil ? "handshake" : "accepted")
        }
        var words: [String] = []
        if state(before) != state(after) {
            words = ["\(state(before)) → \(state(after))"]
        } else if let old = before.event, let new = after.event {
            if old.type != new.type { words.append("type") }
            if old.version != new.version { words.append("version") }
            if old.senderID != new.senderID { words.append("id") }
            if old.subject != new.subject { words.append("subject") }
            words = words.isEmpty ? [] : ["mapped otherwise: \(words.joined(separator: ", "))"]
        }
        guard let what = words.first else { return false }
        self.note(.init(.event, nil, nil, what), event, index) {
            var example = self.example(event, before, after)
            example.fateBefore = Self.words(of: before)
            example.fateAfter = Self.words(of: after)
            return example
        }
        return true
    }

    private static func words(of side: Side) -> String {
        if let failure = side.refused { return "\(failure.status) [\(failure.code)]: \(failure.detail)" }
        guard let event = side.event else { return "handshake" }
        let version = event.version.map { "@\($0)" } ?? ""
        return "\(event.type)\(version)" + (event.senderID.map { ", id \($0)" } ?? "")
    }

    // MARK: Keeping

    private func note(
        _ key: DiffReport.Key, _ event: RecordedEvent, _ index: Int, _ example: () -> DiffReport.Example
    ) {
        if let place = self.places[key] {
            self.report.groups[place].count += 1
            return
        }
        self.places[key] = self.report.groups.count
        self.report.groups.append(DiffReport.Group(key: key, count: 1, example: example(), exampleIndex: index))
    }

    private func example(
        _ event: RecordedEvent, _ before: Side, _ after: Side, old: PreparedDelivery? = nil,
        new: PreparedDelivery? = nil
    ) -> DiffReport.Example {
        let type = (after.event ?? before.event)?.type ?? ""
        var example = DiffReport.Example(
            DiffReport.Subject(label: event.label, id: event.event.id, source: event.event.source, type: type))
        if let old, let subject = before.event {
            example.before = DiffRequest(side: self.diff.old).request(for: old, of: subject)
            example.fateAfter = self.words(of: after.fates.first { $0.route == old.route }, in: after)
        }
        if let new, let subject = after.event {
            example.after = DiffRequest(side: self.diff.new).request(for: new, of: subject)
            example.fateBefore = self.words(of: before.fates.first { $0.route == new.route }, in: before)
        }
        return example
    }
}
