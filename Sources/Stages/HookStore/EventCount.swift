// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How many events are stored; counted once when the store is opened, then kept up to date by what was committed.
final class EventCount: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    var current: Int { self.count.load(ordering: .relaxed) }
    func add(_ change: Int) { self.count.add(change, ordering: .relaxed) }
}
