// SPDX-License-Identifier: Apache-2.0
// What a person does when something went wrong: redrive, cancel, discard, replay.
package import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
import HookVerify

/// Why a repair was not done.
package enum RepairFailure: Error, Sendable {
    case notFound
    /// The stored payload is gone by retention.
    case payloadGone
    /// The event is refused by today's configuration.
    case refused(code: String, detail: String)
    /// The script fails still.
    case stillHeld(ScriptFailure)
    /// The event breaks the schema still.
    case stillInvalid(SchemaBreach)
    case store(StoreFailure)
}

package struct Repairs: Sendable {
    /// Rows changed in one transaction; callers repeat until nothing is left.
    package static let batchMax = 500

    let router: RouterProcess

    package init(router: RouterProcess) { self.router = router }

    /// Makes matching finished deliveries pending again; their number. What dies again meanwhile is not taken twice.
    package func redrive(_ filter: DeliveryFilter) async throws(StoreFailure) -> Int {
        try await self.change(filter) { part, now throws(StoreFailure) in
            let woken = try await self.router.store.redrive(part, limit: Self.batchMax, now: now)
            self.router.deliver.wake(woken)
            return woken.reduce(0) { $0 + $1.count }
        }
    }

    /// Ends matching deliveries as cancelled or discarded; their number. Stage 6 forgets them, save an attempt that is
    /// on the wire already.
    package func close(_ filter: DeliveryFilter, as state: DeliveryState) async throws(StoreFailure) -> Int {
        let total = try await self.change(filter) { part, now throws(StoreFailure) in
            try await self.router.store.close(part, as: state, limit: Self.batchMax, now: now)
        }
        if total > 0 { try await self.router.deliver.reread() }
        return total
    }

    /// Lists what matches now, then changes it in batches by id: the list is the plan, whatever happens meanwhile.
    private func change(
        _ filter: DeliveryFilter, _ body: (DeliveryFilter, WallTime) async throws(StoreFailure) -> Int
    ) async throws(StoreFailure) -> Int {
        var ids: [DeliveryID] = []
        var cursor: String?
        repeat {
            let page = try await self.router.store.deliveries(filter, page: PageRequest(limit: 1000, cursor: cursor))
            ids += page.items.map(\.id)
            cursor = page.cursor
        } while cursor != nil && !Task.isCancelled
        var total = 0
        var part = filter
        var start = 0
        while start < ids.count && !Task.isCancelled {
            let end = min(start + Self.batchMax, ids.count)
            part.ids = Array(ids[start..<end])
            total += try await body(part, self.router.environment.wall())
            start = end
        }
        return total
    }

    /// Carries a stored event through the running configuration once more, as a new event.
    package func replay(_ id: EventID) async throws(RepairFailure) -> EventID {
        let event = try await self.verified(id, as: nil)
        let revision = self.router.revision
        if let source = revision.configuration.source(event.event.source), source.validate != .off,
            let breach = revision.configuration.catalogue.breach(of: event.event)
        {
            throw .stillInvalid(breach)
        }
        let prepared = await self.prepare(event, under: revision, routes: revision.routes)
        let stored: Result<Stored, StoreFailure> = await withCheckedContinuation { continuation in
            self.router.store.commit(prepared) { continuation.resume(returning: $0) }
        }
        switch stored {
        case .failure(let failure): throw .store(failure)
        case .success(let stored):
            self.router.deliver.wake(stored.tickets)
            if let due = stored.windowsDue { self.router.windows.wake(at: due) }
            return stored.event
        }
    }

    /// Runs a held event again for its route, under the running configuration.
    ///
    /// - Parameter force: route an event that was kept aside although it breaks its schema still.
    package func replayHeld(_ id: HeldID, force: Bool = false) async throws(RepairFailure) -> [DeliveryID] {
        let entry = try await self.find(id)
        if let window = entry.window {
            try await self.replay(window: window, of: entry.route)
            return []
        }
        if entry.kind == .quarantined { return try await self.route(entry, force: force) }
        let revision = self.router.revision
        guard let route = revision.configuration.route(entry.route) else {
            throw .refused(code: "held/route-gone", detail: "route \(entry.route) is not in the configuration any more")
        }
        let verified = try await self.verified(id.event, as: id.event)
        // The entry of one target or part must not send to the route's other targets, or other parts, again.
        let prepared = await self.prepare(verified, under: revision, routes: revision.table(of: [route])).only(entry)
        if let still = prepared.held.first(where: { $0.kind == .failed }) { throw .stillHeld(still.failure) }
        let fate = Fate(route: entry.route, kind: .filtered, reason: "no longer matches")
        return try await self.release(id, as: prepared.withFate(fate).awaiting(entry))
    }

    /// Routes an event that was kept aside, as if it had come now.
    private func route(_ entry: HeldRow, force: Bool) async throws(RepairFailure) -> [DeliveryID] {
        let revision = self.router.revision
        let verified = try await self.verified(entry.id.event, as: entry.id.event)
        if !force, let breach = revision.configuration.catalogue.breach(of: verified.event) {
            throw .stillInvalid(breach)
        }
        return try await self.release(
            entry.id, as: await self.prepare(verified, under: revision, routes: revision.routes))
    }

    private func release(_ id: HeldID, as released: Prepared) async throws(RepairFailure) -> [DeliveryID] {
        do throws(StoreFailure) {
            let tickets = try await self.router.store.release(
                id, as: released, now: self.router.environment.wall())
            self.router.deliver.wake(tickets)
            // What needs a peer waits again, and goes on by itself.
            self.router.lookups.look()
            if !released.members.isEmpty { self.router.windows.look() }
            return tickets.map(\.id)
        } catch {
            throw .store(error)
        }
    }

    private func find(_ id: HeldID) async throws(RepairFailure) -> HeldRow {
        let entry: HeldRow?
        do throws(StoreFailure) { entry = try await self.router.store.heldEntry(id) } catch { throw .store(error) }
        guard let entry else { throw .notFound }
        return entry
    }

    /// The stored event as stage 2 would hand it on today; without deduplication, since it is one that was seen.
    private func verified(_ id: EventID, as identity: EventID?) async throws(RepairFailure) -> Verified {
        let detail: EventDetail?
        do throws(StoreFailure) { detail = try await self.router.store.event(id) } catch { throw .store(error) }
        guard let detail else { throw .notFound }
        guard let body = detail.body else { throw .payloadGone }
        let environment = self.router.environment
        let now = environment.wall()
        let newID = identity ?? EventID(time: now, random: environment.random())
        let time = identity == nil ? now : detail.row.time
        if detail.row.lineage != nil {
            // No source has sent it, so none is asked what it is.
            return Verify.trusting(Event(detail, id: newID, at: time, body: body))
        }
        let accepted = Recall.accepted(
            id: newID, source: detail.row.source, at: time, method: detail.method, path: detail.path,
            query: detail.query,
            headers: detail.headers, body: body)
        // What is stored was accepted; whether it is routed is for the caller to say.
        switch self.router.revision.verify.admit(accepted, validates: false).first {
        case .verified(let verified): return Verify.trusting(verified.event)
        // One alone, or none.
        case .batch, .challenge: throw .refused(code: "verify/challenge", detail: "the stored request is a handshake")
        case .refused(let failure): throw .refused(code: failure.code, detail: failure.detail)
        }
    }

    private func prepare(_ verified: Verified, under revision: Revision, routes: RouteTable) async -> Prepared {
        let router = self.router
        return await offThePool(named: "replay") {
            let worker = revision.makeWorker(environment: router.environment, signals: router.signals)
            return Pipeline.prepare(
                verified, routes: routes, emittedTo: revision.routes, under: revision, with: worker)
        }
    }
}

extension Event {
    /// An event as it was stored.
    init(_ detail: EventDetail, id: EventID, at time: WallTime, body: [UInt8]) {
        let row = detail.row
        self.init(
            id: id, source: row.source, type: row.type, version: row.version, time: time, subject: row.subject,
            senderID: row.senderID, method: detail.method, path: detail.path, query: detail.query,
            headers: detail.headers, contentType: detail.contentType, body: body,
            data: Verify.data(of: body, contentType: detail.contentType), lineage: row.lineage)
    }
}
