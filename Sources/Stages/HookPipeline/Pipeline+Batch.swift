// SPDX-License-Identifier: Apache-2.0
// Several events of one request: one transaction, one answer.
import HookCore
import HookDeliver
import HookIngest
import HookTransform

extension Pipeline {
    /// Stages 3 and 4 of several events of one request, each by itself.
    func prepare(
        _ events: [Verified], under revision: Revision, with worker: ScriptWorker, counters: RouteCounters
    ) -> [Prepared] {
        events.map { verified in
            self.watch(.verified(verified.event))
            let prepared = Self.prepare(
                verified, routes: revision.routes, under: revision, with: worker, answers: self.answers(revision))
            counters.count(prepared)
            self.watch(.prepared(prepared))
            return prepared
        }
    }

    /// What is known of look-ups; nil where no route asks.
    func answers(_ revision: Revision) -> CachedAnswers? { revision.asksPeers ? self.lookups.answers() : nil }

    /// Something may wait for a look-up now.
    func lookUp(after prepared: Prepared) {
        var waits = false
        prepared.forEachInTree { one in
            if one.held.contains(where: { $0.kind == .awaitingLookup }) { waits = true }
        }
        if waits { self.lookups.look() }
    }

    func commit(
        batch all: [Prepared], under revision: Revision, answer: @escaping @Sendable (IngestAnswer) -> Void
    ) {
        let unmatched = all.indices.filter { all[$0].isUnmatched }
        var kept = all
        switch revision.configuration.defaults.unrouted {
        case .keep: break
        case .drop: kept = all.filter { !$0.isUnmatched }
        case .reject where !unmatched.isEmpty: return answer(.unrouted(unmatched, of: all.count))
        case .reject: break
        }
        let dropped = Set(all.map(\.event.id)).subtracting(kept.map(\.event.id))
        let order = all.map(\.event.id)
        if kept.isEmpty { return answer(.accepted(order.map { ($0, false) })) }
        let stored = kept
        self.store.commit(kept) { result in  // 5
            switch result {
            case .failure(let failure):
                for prepared in stored { self.watch(.notStored(prepared.event, failure)) }
                answer(.notStored(failure))
            case .success(let results):
                // ── durable from here on: the sender is answered now ──
                var rest = results[...]
                let events = order.map { id -> (EventID, Bool) in
                    guard !dropped.contains(id), let one = rest.popFirst() else { return (id, false) }
                    return (one.duplicateOf ?? one.event, one.duplicateOf != nil)
                }
                answer(.accepted(events))
                for (prepared, one) in zip(stored, results) {
                    self.watch(
                        .stored(prepared.event, duplicateOf: one.duplicateOf, deliveries: one.tickets.count))
                }
                for (prepared, one) in zip(stored, results) where one.duplicateOf == nil {
                    self.usage.count(prepared, revision.versions)
                    if !prepared.isPlain { self.lookUp(after: prepared) }
                }
                if let due = results.compactMap(\.windowsDue).min() { self.windows.wake(at: due) }
                self.deliver.wake(results.flatMap { $0.duplicateOf == nil ? $0.tickets : [] })  // 6
            }
        }
    }
}

extension Prepared {
    /// Nothing of it is held and nothing was emitted: the case that costs no second look.
    var isPlain: Bool { self.held.isEmpty && self.emitted.isEmpty }
}

extension IngestAnswer {
    /// Of several events. 202 where one is new, else 200: `id` is the first, `events` has all in the order of the request.
    static func accepted(_ events: [(id: EventID, isDuplicate: Bool)]) -> IngestAnswer {
        let isOld = !events.isEmpty && events.allSatisfy(\.isDuplicate)
        let list = events.map { event -> JSONValue in
            ["id": .string(event.id.description), "duplicate": .bool(event.isDuplicate)]
        }
        let body: JSONValue = [
            "id": .text(events.first?.id.description), "duplicate": .bool(isOld), "events": .array(list),
        ]
        return IngestAnswer(
            status: isOld ? 200 : 202, contentType: "application/json", body: body.encoded(),
            outcome: isOld ? .duplicate : .accepted)
    }

    fileprivate static func unrouted(_ places: [Int], of count: Int) -> IngestAnswer {
        .problem(
            status: 422, code: "route/unmatched", title: "No route takes some of the events",
            detail: "\(places.count) of \(count) events match no route (defaults.unrouted: reject). Nothing was kept.",
            errors: places.prefix(20).map {
                ProblemError(pointer: "/\($0)", detail: "No route takes this event.", code: "route/unmatched")
            })
    }
}
