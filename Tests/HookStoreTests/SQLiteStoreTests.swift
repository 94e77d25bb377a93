// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import HookCore
import HookTestKit
import Synchronization
import Testing

@testable import HookStore

/// What only the file can do: survive, refuse, be damaged, be full.
@Suite(.timeLimit(.minutes(2)))
struct SQLiteStoreTests {
    private func open(_ folder: TemporaryFolder, seed: UInt64 = 7) throws -> StoreWorld {
        let clock = ManualClock()
        let store = try SQLiteStore.open(
            path: folder.store, options: smallOptions(), environment: clock.environment(), signals: Signals())
        return StoreWorld(store, clock: clock, seed: seed)
    }

    /// A second connection, as a thief or a tool would have it.
    private func raw(_ folder: TemporaryFolder) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: folder.store, configuration: configuration)
    }

    @Test func `the writer commits with full synchronisation and never checkpoints by itself`() throws {
        let folder = try TemporaryFolder()
        let writer = try Connections.writer(path: folder.store, options: smallOptions())
        func pragma(_ name: String, _ connection: DatabaseQueue) throws -> String? {
            try connection.inDatabase { database in try String.fetchOne(database, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("synchronous", writer) == "2")
        #expect(try pragma("wal_autocheckpoint", writer) == "0")
        #expect(try pragma("journal_mode", writer) == "wal")
        let reader = try Connections.reader(path: folder.store, label: "r", options: smallOptions())
        #expect(try pragma("wal_autocheckpoint", reader) == "0")
        #expect(throws: DatabaseError.self) {
            try reader.inDatabase { database in try database.execute(sql: "CREATE TABLE t (a)") }
        }
    }

    @Test func `a reopened store has everything`() async throws {
        let folder = try TemporaryFolder()
        let first = try self.open(folder)
        let key = Verified.DedupeKey(key: [1], within: .seconds(60))
        let stored = try await first.commit(first.prepared(to: ["ops", "log"], dedupe: key, held: [first.heldEntry()]))
        try await first.settle(stored.tickets[0].id, .retry(at: first.clock.wall + .seconds(3)))
        try await first.store.saveRevision(
            StoredRevision(id: RevisionID("r"), gitCommit: nil, activatedAt: first.clock.wall, files: [1]))
        await first.store.close()

        let second = try self.open(folder, seed: 8)
        #expect(try await second.store.event(stored.event)?.body == Array(#"{"a":1}"#.utf8))
        #expect(try await second.store.pendingSummary().map(\.destination) == ["log", "ops"])
        let page = try await second.pending(dueBy: second.clock.wall + .seconds(3))
        #expect(page.tickets.map(\.attemptsMade) == [1])
        #expect(try await second.commit(second.prepared(dedupe: key)).duplicateOf == stored.event)
        #expect(try await second.store.status().held == 1)
        #expect(try await second.store.lastGoodRevision()?.files == [1])
        await second.store.close()
    }

    @Test func `the folder is made and only the owner reads the files`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a/b/store.db"
        let store = try SQLiteStore.open(
            path: path, options: smallOptions(), environment: ManualClock().environment(), signals: Signals())
        try await store.saveRevision(
            StoredRevision(id: RevisionID("r"), gitCommit: nil, activatedAt: ManualClock.start, files: []))
        for file in [path, path + "-wal", path + ".lock", path + ".reserve"] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
        await store.close()
    }

    @Test func `a second opener is refused while the first lives`() async throws {
        let folder = try TemporaryFolder()
        let first = try self.open(folder)
        let failure = #expect(throws: StoreFailure.self) { try self.open(folder) }
        #expect(failure?.kind == .unusable)
        #expect(failure?.detail.contains("in use by process") == true)
        await first.store.close()
        await (try self.open(folder)).store.close()
    }

    struct Foreign: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let kind: StoreFailure.Kind
        let says: String
    }

    static let foreigns = [
        Foreign(
            testDescription: "newer schema", sql: "PRAGMA user_version = 99", kind: .unusable, says: "newer version"),
        Foreign(
            testDescription: "another program", sql: "PRAGMA application_id = 7", kind: .unusable,
            says: "another program"),
    ]

    @Test(arguments: SQLiteStoreTests.foreigns)
    func `a file that is not ours to open is refused`(_ foreign: Foreign) async throws {
        let folder = try TemporaryFolder()
        await (try self.open(folder)).store.close()
        let thief = try self.raw(folder)
        try await thief.writeWithoutTransaction { try $0.execute(sql: foreign.sql) }
        try thief.close()
        let failure = #expect(throws: StoreFailure.self) { try self.open(folder) }
        #expect(failure?.kind == foreign.kind)
        #expect(failure?.detail.contains(foreign.says) == true)
        #expect(failure?.detail.contains(folder.store) == true)
    }

    @Test func `a file that is no database is refused`() throws {
        let folder = try TemporaryFolder()
        try Data(repeating: 0x41, count: 9000).write(to: URL(fileURLWithPath: folder.store))
        let failure = #expect(throws: StoreFailure.self) { try self.open(folder) }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.detail.contains(folder.store) == true)
    }

    @Test func `a flipped byte of a payload is found and not delivered`() async throws {
        let folder = try TemporaryFolder()
        let first = try self.open(folder)
        let marker = "A-VERY-RARE-MARKER-IN-THE-FILE"
        let bad = try await first.commit(first.prepared(first.event(body: marker), to: ["ops", "log"]))
        let good = try await first.commit(first.prepared(to: ["ops"]))
        await first.store.close()

        let url = URL(fileURLWithPath: folder.store)
        var bytes = try Data(contentsOf: url)
        let place = try #require(bytes.range(of: Data(marker.utf8)))
        bytes[place.lowerBound + 3] ^= 0x20
        try bytes.write(to: url)

        let second = try self.open(folder, seed: 8)
        #expect(try await second.pending().tickets.map(\.id) == good.tickets.map(\.id))
        // The mark is written after the answer; a write of our own comes behind it.
        try await second.commit(second.prepared(to: []))
        let detail = try #require(try await second.store.delivery(bad.tickets[0].id))
        #expect(detail.row.state == .dead && detail.row.reason == "store/corrupt-payload")
        #expect(detail.body == nil)
        #expect(try await second.store.event(bad.event)?.body == nil)
        await second.store.close()
    }

    @Test func `a full store refuses events, settles, and takes events again after retention`() async throws {
        var options = smallOptions()
        options.pagesMax = 60
        try await withSQLite(options) { world, _ in
            let body = String(repeating: "x", count: 3000)
            var tickets: [DeliveryTicket] = []
            var refusal: StoreFailure?
            while refusal == nil, tickets.count < 500 {
                switch await world.result(world.prepared(world.event(body: body))) {
                case .success(let stored): tickets += stored.tickets
                case .failure(let failure): refusal = failure
                }
            }
            #expect(refusal?.kind == .full)
            #expect(world.store.failing?.kind == .full)
            #expect(tickets.count > 10)
            for ticket in tickets { try await world.settle(ticket.id, .delivered, response: "") }
            #expect(world.store.failing?.kind == .full)
            let still = await world.result(world.prepared(world.event(body: body)))
            #expect(throws: StoreFailure.self) { try still.get() }

            world.clock.advance(by: .seconds(40 * 86_400))
            while try await world.store.sweep(ServerSpec.Retention(), now: world.clock.wall, limit: 1000) {}
            #expect(try await world.store.status().events == 0)
            world.clock.advance(by: .seconds(2))
            try await world.commit(world.prepared(world.event(body: body)))
            #expect(world.store.failing == nil)
        }
    }

    @Test func `one wrong write does not harm its batch`() async throws {
        try await withSQLite { world, folder in
            let twice = world.event()
            try await world.commit(world.prepared(twice))
            let blocker = try self.raw(folder)
            // Holds the lock so that the next writes gather into one batch.
            let results = Mutex<[Result<Stored, StoreFailure>]>([])
            try await blocker.writeWithoutTransaction { database in
                try database.execute(sql: "BEGIN IMMEDIATE")
                let prepared = [world.prepared(), world.prepared(twice), world.prepared()]
                for one in prepared { world.store.commit(one) { result in results.withLock { $0.append(result) } } }
                try database.execute(sql: "COMMIT")
            }
            try await world.commit(world.prepared())
            let outcomes = results.withLock { $0 }.map { (try? $0.get()) != nil }
            #expect(outcomes == [true, false, true])
            #expect(try await world.store.status().events == 4)
            #expect(world.store.failing == nil)
        }
    }

    @Test func `a lock held by somebody else is busy and passes`() async throws {
        var options = smallOptions()
        options.busyTimeout = .milliseconds(20)
        try await withSQLite(options) { world, folder in
            let blocker = try self.raw(folder)
            try await blocker.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version") }
            let holder = HeldLock(blocker)
            holder.begin()
            let refused = await world.result(world.prepared())
            let failure = #expect(throws: StoreFailure.self) { try refused.get() }
            #expect(failure?.kind == .busy)
            #expect(world.store.failing?.kind == .busy)
            holder.end()
            try await world.commit(world.prepared())
            #expect(world.store.failing == nil)
        }
    }

    @Test func `the queue is bounded by number and by bytes`() {
        let queue = WriteQueue(writesMax: 3, bytesMax: 100)
        let small = Write.change(apply: { _ in {} }, fail: { _ in }, frees: false)
        #expect((0..<3).allSatisfy { _ in queue.offer(small) == nil })
        #expect(queue.offer(small)?.kind == .busy)
        _ = queue.take(waitingAtMost: .zero)
        let large = Write.settle([], then: { _ in })
        #expect(queue.offer(large) == nil)
        queue.close()
        #expect(queue.offer(small)?.kind == .closed)
    }

    @Test func `what is due is read through the partial index alone`() async throws {
        let folder = try TemporaryFolder()
        await (try self.open(folder)).store.close()
        let database = try self.raw(folder)
        func plan(_ sql: String, _ arguments: StatementArguments) async throws -> String {
            try await database.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
                    .map { $0["detail"] as String }.joined(separator: "; ")
            }
        }
        let due = try await plan(SQLiteStore.dueSQL, ["ops", 1, 10])
        #expect(due.contains("deliveries_pending") && !due.contains("TEMP B-TREE") && !due.contains("SCAN"))
        let following = try await plan(SQLiteStore.followingSQL, ["ops", 1])
        #expect(following.contains("COVERING INDEX deliveries_pending") && !following.contains("TEMP B-TREE"))
        let counts = try await plan(Lists.countsSQL, [])
        #expect(counts.contains("deliveries_pending") && counts.contains("deliveries_dead"))
    }

    @Test func `commits are measured`() async throws {
        let signals = Signals()
        try await withSQLite(signals: signals) { world, _ in
            try await world.commit(world.prepared())
            #expect(signals.histogram(.storeCommit).current.total == 1)
            #expect(signals.histogram(.storeBatch).current.sum == 1)
        }
    }

    @Test func `the log is folded while the store works`() async throws {
        var options = smallOptions()
        options.checkpointPages = 16
        options.walBytesMax = 256 * 1024
        try await withSQLite(options) { world, folder in
            let body = String(repeating: "y", count: 8000)
            for _ in 0..<200 { try await world.commit(world.prepared(world.event(body: body))) }
            let log = try #require(try FileSystem.size(of: folder.store + "-wal"))
            #expect(log < 2 * 1024 * 1024)
            #expect(try #require(try FileSystem.size(of: folder.store)) > 1_000_000)
            #expect(try await world.store.status().events == 200)
        }
    }
}

/// A write lock held over several calls.
private final class HeldLock: Sendable {
    private let connection: DatabaseQueue

    init(_ connection: DatabaseQueue) { self.connection = connection }

    func begin() { self.run("BEGIN IMMEDIATE") }
    func end() { self.run("COMMIT") }

    private func run(_ sql: String) {
        do {
            try self.connection.unsafeReentrantWrite { try $0.execute(sql: sql) }
        } catch {
            Issue.record(error)
        }
    }
}
