// SPDX-License-Identifier: Apache-2.0
// A look at the events as they pass, for people. Stages offer what happens; whoever watches has a ring of its own, and
// takes from it when it likes. Nobody who watches can slow a stage: what finds a ring full is lost, and counted.
import Synchronization

/// Something that happened to an event at one stage.
package struct TapRecord: Sendable {
    package enum Happening: Sendable {
        /// Stage 1 refused a request.
        case unheard(source: String, status: Int, code: String)
        /// Stage 2 refused a request.
        case refused(source: SourceName, event: EventID, status: Int, code: String, detail: String)
        /// Stage 2 took it.
        case verified(Event)
        /// Stage 3 and 4: what is to be delivered, with the fates of the routes that looked at it.
        case prepared(Prepared)
        /// Stage 5: it is durable, or a duplicate of an earlier one.
        case stored(Event, duplicateOf: EventID?, deliveries: Int)
        /// Stage 5 failed.
        case notStored(Event, StoreFailure)
        /// Stage 6: an attempt has ended and is recorded.
        case attempted(Settled)
    }

    package let at: WallTime
    package let happening: Happening

    /// What the record keeps in memory, in bytes, roughly.
    var cost: Int {
        switch self.happening {
        case .verified(let event), .stored(let event, _, _), .notStored(let event, _): event.body.count + 512
        case .prepared(let prepared): Self.cost(of: prepared)
        case .attempted(let settled): settled.response.count + 512
        case .unheard, .refused: 512
        }
    }

    private static func cost(of prepared: Prepared) -> Int {
        let own = prepared.deliveries.reduce(prepared.event.body.count + 512) { $0 + ($1.body?.count ?? 0) + 128 }
        return prepared.emitted.reduce(own) { $0 + Self.cost(of: $1) }
    }
}

/// Where stages offer what happens. One per process, in ``Signals``.
package final class Tap: Sendable {
    /// More than this cannot watch at the same time.
    package static let watchersMax = 16

    private let watched = Atomic<Int>(0)
    private let watchers = Mutex<[TapWatcher]>([])

    package init() {}

    /// HOT: whether anybody watches; one relaxed load, and all that an event costs while nobody does.
    package var isWatched: Bool { self.watched.load(ordering: .relaxed) > 0 }

    /// Gives every watcher the record; made only where somebody watches.
    package func offer(_ at: @autoclosure () -> WallTime, _ happening: @autoclosure () -> TapRecord.Happening) {
        guard self.isWatched else { return }
        let record = TapRecord(at: at(), happening: happening())
        for watcher in self.watchers.withLock({ $0 }) { watcher.take(record) }
    }

    /// Begins to watch; nil where too many do. End with ``end(_:)``.
    package func watch(recordsMax: Int = 4096, bytesMax: Int = 16 * 1024 * 1024) -> TapWatcher? {
        let watcher = TapWatcher(recordsMax: recordsMax, bytesMax: bytesMax)
        return self.watchers.withLock { watchers in
            guard watchers.count < Self.watchersMax else { return nil }
            watchers.append(watcher)
            self.watched.store(watchers.count, ordering: .relaxed)
            return watcher
        }
    }

    package func end(_ watcher: TapWatcher) {
        self.watchers.withLock { watchers in
            watchers.removeAll { $0 === watcher }
            self.watched.store(watchers.count, ordering: .relaxed)
        }
    }
}

/// One who watches: a ring bounded in records and bytes. Nobody is woken; whoever watches comes and looks.
package final class TapWatcher: Sendable {
    private struct Ring {
        var records: [TapRecord] = []
        var bytes = 0
        var lost = 0
    }

    private let ring = Mutex(Ring())
    private let recordsMax: Int
    private let bytesMax: Int

    init(recordsMax: Int, bytesMax: Int) {
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
    }

    fileprivate func take(_ record: TapRecord) {
        let cost = record.cost
        self.ring.withLock { ring in
            guard ring.records.count < self.recordsMax, ring.bytes + cost <= self.bytesMax else {
                ring.lost += 1
                return
            }
            ring.records.append(record)
            ring.bytes += cost
        }
    }

    /// What came since the last time, oldest first, and how many were lost after them.
    package func takeAll() -> (records: [TapRecord], lost: Int) {
        self.ring.withLock { ring in
            defer { ring = Ring() }
            return (ring.records, ring.lost)
        }
    }
}
