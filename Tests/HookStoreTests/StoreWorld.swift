// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookStore
import HookTestKit
import Testing

/// Which store a contract test runs against.
enum Backing: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, memory

    var testDescription: String { self.rawValue }
}

/// A store, its clock, and short words for what tests do with them.
final class StoreWorld: Sendable {
    let store: any EventStore
    let clock: ManualClock
    let random: SeededRandom

    /// Stores that share a file need different seeds, or they would make the same ids.
    init(_ store: any EventStore, clock: ManualClock, seed: UInt64 = 7) {
        self.random = SeededRandom(seed: seed)
        self.store = store
        self.clock = clock
    }

    func event(
        source: SourceName = "github", type: String = "push", body: String = #"{"a":1}"#, subject: String? = nil,
        senderID: String? = nil
    ) -> Event {
        Event(
            id: EventID(time: self.clock.wall, random: self.random.next()), source: source, type: type, version: 2,
            time: self.clock.wall, subject: subject, senderID: senderID, path: "/github", query: "a=b",
            headers: HeaderBlock([("X-One", "1"), ("X-Two", "zwei")]), body: Array(body.utf8), data: nil)
    }

    func prepared(
        _ event: Event? = nil, to destinations: [DestinationName] = ["ops"], route: RouteName = "r1",
        dedupe: Verified.DedupeKey? = nil, fates: [Fate]? = nil, held: [HeldEntry] = [], body: String? = nil,
        request: RequestOverrides? = nil
    ) -> Prepared {
        Prepared(
            event: event ?? self.event(), dedupe: dedupe, fates: fates ?? [Fate(route: route, kind: .matched)],
            held: held,
            deliveries: destinations.map { self.delivery($0, route: route, body: body, request: request) },
            revision: RevisionID("0123456789ab"))
    }

    func delivery(
        _ destination: DestinationName, route: RouteName = "r1", body: String? = nil, request: RequestOverrides? = nil
    ) -> PreparedDelivery {
        PreparedDelivery(
            route: route, destination: destination, body: body.map { Array($0.utf8) }, contentType: "application/json",
            request: request)
    }

    func heldEntry(route: RouteName = "r1", code: String = "script/runtime") -> HeldEntry {
        HeldEntry(
            route: route, destination: nil,
            failure: ScriptFailure(
                code: code, script: "chat.lua#go", message: "boom \"x\"", place: "scripts/chat.lua:3",
                traceback: ["chat.lua:3 in go", "chat.lua:1"]))
    }

    func result(_ prepared: Prepared) async -> Result<Stored, StoreFailure> {
        await withCheckedContinuation { continuation in
            self.store.commit(prepared) { continuation.resume(returning: $0) }
        }
    }

    @discardableResult
    func commit(_ prepared: Prepared) async throws -> Stored { try await self.result(prepared).get() }

    func settle(
        _ id: DeliveryID, attempt: Int = 1, _ disposition: Settled.Disposition, status: Int? = 200,
        outcome: String = "ok", response: String = "fine"
    ) async throws {
        try await self.settle([
            Settled(
                delivery: id, destination: "ops", attempt: attempt, startedAt: self.clock.wall,
                took: .microseconds(1500),
                status: status, outcome: outcome, detail: "line", response: Array(response.utf8),
                disposition: disposition)
        ])
    }

    func settle(_ settled: [Settled]) async throws {
        let result: Result<Void, StoreFailure> = await withCheckedContinuation { continuation in
            self.store.settle(settled) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    func pending(
        _ destination: DestinationName = "ops", dueBy: WallTime? = nil, limit: Int = 100
    ) async throws -> PendingPage {
        let result: Result<PendingPage, StoreFailure> = await withCheckedContinuation { continuation in
            self.store.pending(for: destination, dueBy: dueBy ?? self.clock.wall, limit: limit) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hookstore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    var store: String { self.path + "/store.db" }
}

/// Runs a test against one kind of store, and closes it.
func withStore(_ backing: Backing, _ body: (StoreWorld) async throws -> Void) async throws {
    switch backing {
    case .memory: try await body(StoreWorld(MemoryStore(), clock: ManualClock()))
    case .sqlite: try await withSQLite { world, _ in try await body(world) }
    }
}

/// Small reserve, so that hundreds of test stores do not fill a disk.
func smallOptions() -> SQLiteStoreOptions {
    var options = SQLiteStoreOptions()
    options.reserveBytes = 64 * 1024
    return options
}

func withSQLite(
    _ options: SQLiteStoreOptions = smallOptions(), signals: Signals = Signals(),
    _ body: (StoreWorld, TemporaryFolder) async throws -> Void
) async throws {
    let folder = try TemporaryFolder()
    let clock = ManualClock()
    let store = try SQLiteStore.open(
        path: folder.store, options: options, environment: clock.environment(), signals: signals)
    do {
        try await body(StoreWorld(store, clock: clock), folder)
    } catch {
        await store.close()
        throw error
    }
    await store.close()
}
