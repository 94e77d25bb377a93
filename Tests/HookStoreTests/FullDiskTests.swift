// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookTestKit
import Testing

@testable import HookStore

/// A real small file system that fills up.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FullDiskTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let megabytes: Int
        let reserveBytes: Int
        let bodyBytes: Int
        let responseBytes: Int
        /// Something else takes whatever room the store gives back.
        let hasRival: Bool
    }

    static let cases = [
        Case(
            testDescription: "small events", megabytes: 8, reserveBytes: 1 << 20, bodyBytes: 200, responseBytes: 4,
            hasRival: false),
        Case(
            testDescription: "long answers", megabytes: 8, reserveBytes: 1 << 20, bodyBytes: 1000, responseBytes: 4096,
            hasRival: false),
        Case(
            testDescription: "large events", megabytes: 12, reserveBytes: 2 << 20, bodyBytes: 60_000, responseBytes: 4,
            hasRival: false),
        Case(
            testDescription: "a rival for the room", megabytes: 8, reserveBytes: 1 << 20, bodyBytes: 1000,
            responseBytes: 4, hasRival: true),
    ]

    @Test(arguments: FullDiskTests.cases)
    func `a full disk refuses events, records attempts, and takes events again after retention`(
        _ one: Case
    ) async throws {
        guard let disk = SmallDisk(megabytes: one.megabytes) else {
            print("skipped: this system does not let us mount a small file system")
            return
        }
        var options = SQLiteStoreOptions()
        options.reserveBytes = one.reserveBytes
        let clock = ManualClock()
        let store = try SQLiteStore.open(
            path: disk.path + "/store.db", options: options, environment: clock.environment(), signals: Signals())
        let world = StoreWorld(store, clock: clock)
        let body = String(repeating: "x", count: one.bodyBytes)
        let tickets = try await self.fill(world, body: body)
        #expect(store.failing?.kind == .full)
        #expect(tickets.count > 50)
        if one.hasRival { disk.takeAll() }

        let left = await self.settle(world, tickets, responseBytes: one.responseBytes)
        #expect(left.count < tickets.count)
        if !one.hasRival { #expect(left.isEmpty) }
        let still = await world.result(world.prepared(world.event(body: body)))
        #expect(throws: StoreFailure.self) { try still.get() }

        clock.advance(by: .seconds(40 * 86_400))
        while try await store.sweep(ServerSpec.Retention(), now: clock.wall, limit: 500) {}
        #expect(try await store.status().events == left.count)
        #expect(await self.settle(world, left, responseBytes: 4).isEmpty)
        clock.advance(by: .seconds(2))
        for _ in 0..<tickets.count / 4 { try await world.commit(world.prepared(world.event(body: body))) }
        #expect(store.failing == nil)
        await store.close()

        // What was promised is there after all that.
        let again = try SQLiteStore.open(
            path: disk.path + "/store.db", options: options, environment: clock.environment(), signals: Signals())
        #expect(try await again.pendingSummary().map(\.count) == [tickets.count / 4])
        await again.close()
    }

    @Test func `a full disk fills and empties again and again`() async throws {
        guard let disk = SmallDisk(megabytes: 8) else {
            print("skipped: this system does not let us mount a small file system")
            return
        }
        var options = SQLiteStoreOptions()
        options.reserveBytes = 1 << 20
        let clock = ManualClock()
        let store = try SQLiteStore.open(
            path: disk.path + "/store.db", options: options, environment: clock.environment(), signals: Signals())
        let world = StoreWorld(store, clock: clock)
        var taken: [Int] = []
        for _ in 0..<4 {
            let tickets = try await self.fill(world, body: String(repeating: "y", count: 1500))
            taken.append(tickets.count)
            #expect(await self.settle(world, tickets, responseBytes: 100).isEmpty)
            clock.advance(by: .seconds(40 * 86_400))
            while try await store.sweep(ServerSpec.Retention(), now: clock.wall, limit: 500) {}
            clock.advance(by: .seconds(2))
        }
        #expect(taken.allSatisfy { $0 * 2 > taken[0] }, "\(taken)")
        await store.close()
    }

    @Test func `a store on a full disk opens, records attempts and deletes`() async throws {
        guard let disk = SmallDisk(megabytes: 8) else {
            print("skipped: this system does not let us mount a small file system")
            return
        }
        var options = SQLiteStoreOptions()
        options.reserveBytes = 1 << 20
        let clock = ManualClock()
        func open(seed: UInt64) throws -> StoreWorld {
            let store = try SQLiteStore.open(
                path: disk.path + "/store.db", options: options, environment: clock.environment(), signals: Signals())
            return StoreWorld(store, clock: clock, seed: seed)
        }
        let first = try open(seed: 7)
        var tickets: [DeliveryTicket] = []
        for _ in 0..<400 { tickets += try await first.commit(first.prepared()).tickets }
        await first.store.close()
        disk.takeAll()

        let second = try open(seed: 8)
        let refused = await second.result(second.prepared())
        #expect(throws: StoreFailure.self) { try refused.get() }
        #expect(second.store.failing?.kind == .full)
        #expect(await self.settle(second, tickets, responseBytes: 100).isEmpty)
        clock.advance(by: .seconds(40 * 86_400))
        while try await second.store.sweep(ServerSpec.Retention(), now: clock.wall, limit: 500) {}
        #expect(try await second.store.status().events == 0)
        await second.store.close()

        disk.giveBack()
        let third = try open(seed: 9)
        try await third.commit(third.prepared())
        #expect(third.store.failing == nil)
        await third.store.close()
    }

    /// Commits until an event is refused; what was stored.
    private func fill(_ world: StoreWorld, body: String) async throws -> [DeliveryTicket] {
        var tickets: [DeliveryTicket] = []
        while tickets.count < 20_000 {
            switch await world.result(world.prepared(world.event(body: body))) {
            case .success(let stored): tickets += stored.tickets
            case .failure(let failure):
                #expect(failure.kind == .full)
                return tickets
            }
        }
        Issue.record("the disk did not fill up")
        return tickets
    }

    /// Settles in batches, as stage 6 does; the tickets for which there was no room.
    private func settle(_ world: StoreWorld, _ tickets: [DeliveryTicket], responseBytes: Int) async -> [DeliveryTicket]
    {
        var left: [DeliveryTicket] = []
        for start in stride(from: 0, to: tickets.count, by: 8) {
            let batch = tickets[start..<min(start + 8, tickets.count)]
            do {
                try await world.settle(
                    batch.map { ticket in
                        Settled(
                            delivery: ticket.id, destination: "ops", attempt: 1, startedAt: world.clock.wall,
                            took: .milliseconds(3), status: 200, outcome: "ok", detail: "fine",
                            response: [UInt8](repeating: 65, count: responseBytes), disposition: .delivered)
                    })
            } catch {
                left += batch
            }
        }
        return left
    }
}

/// A file system in memory of a given size; nil where mounting is not permitted.
private final class SmallDisk: Sendable {
    let path: String

    init?(megabytes: Int) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hookdisk-\(UUID().uuidString)")
        self.path = folder.path
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            return nil
        }
        if !Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", self.path) {
            try? FileManager.default.removeItem(at: folder)
            return nil
        }
    }

    deinit {
        _ = Self.run("umount", "-l", self.path)
        try? FileManager.default.removeItem(atPath: self.path)
    }

    /// Writes a file until nothing is left.
    func takeAll() { _ = Self.run("dd", "if=/dev/zero", "of=\(self.path)/rival", "bs=4096") }

    func giveBack() { try? FileManager.default.removeItem(atPath: self.path + "/rival") }

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
