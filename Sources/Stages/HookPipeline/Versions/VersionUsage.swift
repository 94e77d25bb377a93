// SPDX-License-Identifier: Apache-2.0
// Who still uses which version: counted as events become durable, written to the store now and then.
package import HookCore
import Synchronization

/// The uses of versions since the last time they were written down, and the metrics of them.
///
/// - Bounds: as many entries as the configuration has sources, types, versions, routes and destinations; what senders make
///   up is no part of a key.
/// - Isolation: any thread.
package final class VersionUsage: Sendable {
    private struct Entry {
        var use: VersionUse
        let counter: Counter
    }

    private let signals: Signals
    private let entries = Mutex<[VersionUse.Key: Entry]>([:])

    package init(signals: Signals) { self.signals = signals }

    // HOT: once per durable event; nothing where there is no catalogue.
    func count(_ prepared: Prepared, _ versions: VersionTable) {
        if versions.isEmpty { return }
        prepared.forEachInTree { one in
            guard let type = versions[one.event.type] else { return }
            self.count(.sender(one.event.source), type, one.event.version, at: one.event.time)
            for delivery in one.deliveries {
                let party = VersionUse.Key.Party.receiver(delivery.destination, route: delivery.route)
                self.count(party, type, delivery.version, at: one.event.time)
            }
        }
    }

    private func count(
        _ party: VersionUse.Key.Party, _ type: VersionTable.TypeVersions, _ version: Int?, at time: WallTime
    ) {
        let version: VersionUse.Version =
            version.map { type.declares($0) ? .declared($0) : .undeclared } ?? .missing
        let key = VersionUse.Key(party: party, type: type.name, version: version)
        let use = VersionUse(key: key, count: 1, first: time, last: time)
        let counter = self.entries.withLock { entries -> Counter? in
            guard let place = entries.index(forKey: key) else { return nil }
            entries.values[place].use.add(use)
            return entries.values[place].counter
        }
        if let counter { return counter.add() }
        let series = self.counter(of: key)
        series.add()
        self.entries.withLock { entries in entries[key, default: Entry(use: use.nothing, counter: series)].use.add(use)
        }
    }

    private func counter(of key: VersionUse.Key) -> Counter {
        switch key.party {
        case .sender(let source):
            self.signals.counter(.eventVersions, source.text, key.type, key.version.text)
        case .receiver(let destination, _):
            self.signals.counter(.deliveryVersions, destination.text, key.type, key.version.text)
        }
    }

    /// What was counted and is not written down yet.
    package var pending: [VersionUse] {
        self.entries.withLock { $0.values.map(\.use).filter { $0.count > 0 } }
    }

    /// Writes down what was counted; where that fails it stays for the next time.
    package func flush(to store: any EventStore) async throws(StoreFailure) {
        let uses = self.pending
        try await store.addVersionUses(uses)
        self.entries.withLock { entries in
            for use in uses {
                guard let entry = entries[use.key] else { continue }
                entries[use.key]?.use = VersionUse(
                    key: use.key, count: entry.use.count - use.count, first: entry.use.last, last: entry.use.last)
            }
        }
    }

    /// Totals with what is not written down yet, senders first.
    package func report(with store: any EventStore) async throws(StoreFailure) -> [VersionUse] {
        var totals = Dictionary(
            try await store.versionUses().map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for use in self.pending { totals[use.key, default: use.nothing].add(use) }
        return totals.values.sorted { $0.key.order < $1.key.order }
    }
}
