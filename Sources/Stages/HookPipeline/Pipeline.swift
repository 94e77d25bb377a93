// SPDX-License-Identifier: Apache-2.0
// The path of an event: the six stages in a row, and nothing else.
//
//     ingest → verify → route → transform → store → deliver
//
// Stage 1 has made the `Accepted` before this file begins. Stages 2 to 4 run on the calling worker thread, without a
// wait; stage 5 answers from the store's thread once the event is on disk; stage 6 has its own loop.
package import HookCore
package import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify

package struct Pipeline: Sendable {
    let store: any EventStore
    let deliver: Deliver
    private let environment: Environment
    private let tap: Tap
    let windows: WindowCloser
    let usage: VersionUsage
    let lookups: LookupDesk

    package init(
        store: any EventStore, deliver: Deliver, windows: WindowCloser, lookups: LookupDesk, environment: Environment,
        tap: Tap, usage: VersionUsage
    ) {
        self.lookups = lookups
        self.windows = windows
        self.store = store
        self.deliver = deliver
        self.environment = environment
        self.tap = tap
        self.usage = usage
    }

    // HOT: once per event.
    /// Carries one accepted request to its durable answer.
    ///
    /// - Isolation: the worker's thread; `answer` is called from here (refusals) or from the store's thread.
    func carry(
        _ accepted: Accepted, under revision: Revision, with worker: ScriptWorker, counters: RouteCounters,
        answer: @escaping @Sendable (IngestAnswer) -> Void
    ) {
        switch revision.verify.check(accepted, now: self.environment.wall()) {  // 2
        case .refused(let failure):
            self.watch(
                .refused(
                    source: accepted.source, event: accepted.id, status: failure.status, code: failure.code,
                    detail: failure.detail))
            answer(.refused(failure))
        case .challenge(let reply):
            answer(IngestAnswer(status: reply.status, contentType: reply.contentType, body: reply.body))
        case .verified(let verified):
            self.watch(.verified(verified.event))
            let prepared = Self.prepare(  // 3, 4
                verified, routes: revision.routes, under: revision, with: worker, answers: self.answers(revision))
            counters.count(prepared)
            self.watch(.prepared(prepared))
            self.commit(prepared, under: revision, answer: answer)
        case .batch(let events):
            let all = self.prepare(events, under: revision, with: worker, counters: counters)
            self.commit(batch: all, under: revision, answer: answer)
        }
    }

    /// Stages 3 and 4: what would be stored and sent. Replays, dry runs and tests of users stop here.
    ///
    /// - Parameter routes: those of the revision, or fewer.
    /// - Parameter emittedTo: the routes for what is emitted; nil: the same.
    /// - Parameter notes: watches the way; nil in a router.
    /// - Parameter answers: what is known of look-ups; routes that need another one wait.
    static func prepare(
        _ verified: Verified, routes: RouteTable, emittedTo: RouteTable? = nil, under revision: Revision,
        with worker: ScriptWorker, notes: PathNotes? = nil, answers: (any LookupAnswers)? = nil
    ) -> Prepared {
        var room = Transform.emittedMax
        return Self.prepare(verified, (routes, emittedTo ?? routes), revision, worker, notes, answers, &room)
    }

    /// - Parameter room: events that may still be emitted.
    private static func prepare(
        _ verified: Verified, _ routes: (own: RouteTable, emitted: RouteTable), _ revision: Revision,
        _ worker: ScriptWorker, _ notes: PathNotes?, _ answers: (any LookupAnswers)?, _ room: inout Int
    ) -> Prepared {
        if verified.breach != nil { return Transform.setAside(verified, revision: revision.id) }
        var conditions = worker
        let conversions = revision.conversions(of: verified.event, with: worker)
        defer { notes?.note(conversions) }
        let routed = routes.own.match(  // 3
            verified, scripts: &conditions, converted: conversions?.view, answers: answers)
        notes?.noteRouted()
        return Transform().apply(  // 4
            routed, using: worker, conversions: conversions, templates: revision.templates, revision: revision.id,
            note: notes?.noteTarget,
            noteEmission: notes?.noteEmission
        ) { event in
            if room == 0 { return nil }
            room -= 1
            let emitted = Verify.trusting(event)
            return Self.prepare(
                emitted, (routes.emitted, routes.emitted), revision, worker, notes?.noteEmitted(event), answers, &room)
        }
    }

    /// For people who watch; one load where nobody does.
    func watch(_ happening: @autoclosure () -> TapRecord.Happening) {
        self.tap.offer(self.environment.wall(), happening())
    }

    private func commit(
        _ prepared: Prepared, under revision: Revision, answer: @escaping @Sendable (IngestAnswer) -> Void
    ) {
        if prepared.isUnmatched {
            switch revision.configuration.defaults.unrouted {
            case .keep: break
            case .drop: return answer(.accepted(prepared.event.id))
            case .reject: return answer(.unrouted)
            }
        }
        self.store.commit(prepared) { result in  // 5
            switch result {
            case .failure(let failure):
                self.watch(.notStored(prepared.event, failure))
                answer(.notStored(failure))
            case .success(let stored):
                self.watch(
                    .stored(prepared.event, duplicateOf: stored.duplicateOf, deliveries: stored.tickets.count))
                // ── durable from here on: the sender is answered now ──
                let notices = revision.notices(to: prepared.event)
                if let first = stored.duplicateOf {
                    answer(.accepted(first, isDuplicate: true, headers: notices))
                } else {
                    answer(.accepted(stored.event, headers: notices, keptAside: prepared.breachCode))
                    self.usage.count(prepared, revision.versions)
                    self.deliver.wake(stored.tickets)  // 6
                    if !prepared.isPlain { self.lookUp(after: prepared) }
                    if let due = stored.windowsDue { self.windows.wake(at: due) }
                }
            }
        }
    }
}
