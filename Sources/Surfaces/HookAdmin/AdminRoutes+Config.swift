// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Hummingbird

extension AdminRoutes {
    /// Recorded events that a plan is compared over, at most: about a second of one processor.
    private static let planEventsMax = 10_000

    func addConfiguration(to api: RouterGroup<Context>) {
        api.get("/config") { _, _ in Response.json(await self.router.reloader.status.json) }
        api.get("/config/revisions/{id}") { _, context in
            let id = try self.id(context, { $0.isEmpty ? nil : RevisionID($0) })
            return Response.json(try await self.revision(id).json)
        }
        api.post("/config/reload") { request, _ in
            let query = try self.query(request, ["plan", "events"])
            if try query.flag("plan") { return try await self.plan(events: try Self.eventCount(query)) }
            let outcome = await self.router.reloader.reload(.api)
            return Response.json(outcome.json, status: outcome.result == .refused ? .unprocessableContent : .ok)
        }
    }

    /// The files of a revision: of the running one at hand, of earlier ones from the store.
    private func revision(_ id: RevisionID) async throws(AdminProblem) -> StoredRevision {
        if let kept = try await self.asking({ () throws(StoreFailure) in try await self.store.revision(id) }) {
            return kept
        }
        let running = self.router.revision
        guard running.id == id else {
            throw .notFound("No revision \(id) is kept; the last 100 are.")
        }
        let status = await self.router.reloader.status
        return StoredRevision(
            id: id, gitCommit: running.gitCommit, activatedAt: status.activatedAt, files: running.files.encoded)
    }

    // MARK: Plan

    /// `events=recorded:N`; nil where no comparison is asked for.
    private static func eventCount(_ query: ListQuery) throws(AdminProblem) -> Int? {
        guard let text = query["events"] else { return nil }
        let rest = text.hasPrefix("recorded:") ? text.dropFirst("recorded:".count) : ""
        guard let count = Int(rest), (1...self.planEventsMax).contains(count) else {
            throw .badRequest("events must be recorded:N, with N from 1 to \(self.planEventsMax)")
        }
        return count
    }

    private func plan(events: Int?) async throws(AdminProblem) -> Response {
        let running = self.router.revision
        let (outcome, candidate) = await self.router.reloader.planned()
        guard case .object(var members) = outcome.json else { return .json(outcome.json) }
        let parked = outcome.plan.changes.filter { $0.kind == .parked }.map(\.name)
        members.append(.init("queues", .array(try await self.queues(parked))))
        if let events, let candidate {
            members.append(.init("diff", try await self.diff(from: running, to: candidate, events: events)))
        }
        let isRefused = outcome.result == .refused
        return .json(.object(members), status: isRefused ? .unprocessableContent : .ok)
    }

    /// How much waits for each destination whose queue would be parked.
    private func queues(_ destinations: [String]) async throws(AdminProblem) -> [JSONValue] {
        if destinations.isEmpty { return [] }
        let status = try await self.asking { () throws(StoreFailure) in try await self.store.status() }
        return destinations.map { name in
            let pending = status.deliveries.filter { $0.destination.text == name && $0.state == .pending }
            return ["destination": .string(name), "pending": .int(pending.reduce(0) { $0 + $1.count })]
        }
    }

    /// The last events through both revisions; on one thread, since the others are needed for events.
    private func diff(from old: Revision, to new: Revision, events: Int) async throws(AdminProblem) -> JSONValue {
        let run = await offThePool(named: "plan-diff") { DiffRun(BehaviourDiff(from: old, to: new), threads: 1) }
        let failure: AdminProblem?
        do throws(AdminProblem) {
            try await self.feed(run, events)
            failure = nil
        } catch {
            failure = error
        }
        // Also where it failed: its thread must end.
        let report = await offThePool(named: "plan-diff") { run.finish() }
        if let failure { throw failure }
        func name(_ text: String, _ revision: Revision) -> DiffReport.Name {
            DiffReport.Name(text: text, revision: revision.id, gitCommit: revision.gitCommit)
        }
        return report.json(from: name("running", old), to: name("planned", new), events: "the last \(report.events)")
    }

    private func feed(_ run: DiffRun, _ events: Int) async throws(AdminProblem) {
        var left = events
        var cursor: String?
        repeat {
            let page = PageRequest(limit: min(left, 500), cursor: cursor)
            let found = try await self.asking { () throws(StoreFailure) in
                try await self.store.recorded(EventFilter(), page: page)
            }
            let recorded = found.items.compactMap { SavedEvent($0).map { RecordedEvent($0) } }
            await offThePool(named: "plan-diff") { run.feed(recorded) }
            left -= found.items.count
            cursor = found.cursor
        } while left > 0 && cursor != nil
    }
}
