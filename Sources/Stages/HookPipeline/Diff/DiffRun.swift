// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// Runs events through a ``BehaviourDiff`` on several threads, in bounded memory.
///
/// - Isolation: `feed` and `finish` block, and belong to one thread.
package final class DiffRun: Sendable {
    private struct Batch: Sendable {
        let first: Int
        let events: [RecordedEvent]
    }

    /// Batches that wait; with ``batchMax`` events of a few kilobytes each, some megabytes.
    private static let waitingMax = 16
    private static let batchMax = 128

    private let diff: BehaviourDiff
    private let batches = Mailbox<Batch>(capacity: DiffRun.waitingMax)
    private let found = Mutex<[DiffReport]>([])
    private let fed = Atomic<Int>(0)
    private let threads = Mutex<[WorkerThread]>([])

    package init(_ diff: BehaviourDiff, threads: Int) {
        self.diff = diff
        let started = (0..<max(1, threads)).map { number in
            WorkerThread(name: "diff-\(number)") { self.work() }
        }
        self.threads.withLock { $0 = started }
    }

    private func work() {
        let worker = DiffWorker(self.diff)
        while let taken = self.batches.takeAll(max: 1) {
            for batch in taken {
                for (place, event) in batch.events.enumerated() {
                    worker.compare(event, index: batch.first + place)
                }
            }
        }
        self.found.withLock { $0.append(worker.report) }
    }

    /// Events given so far.
    package var count: Int { self.fed.load(ordering: .relaxed) }

    /// Gives events to the threads, in order; waits while enough are waiting.
    package func feed(_ events: [RecordedEvent]) {
        var rest = events[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batchMax))
            let batch = Batch(first: self.count, events: part)
            while !self.batches.offer(batch) { WorkerThread.pause(.milliseconds(1)) }
            self.fed.wrappingAdd(part.count, ordering: .relaxed)
            rest = rest.dropFirst(part.count)
        }
    }

    /// Waits for the threads; what they found, merged and sorted. Call once.
    package func finish() -> DiffReport {
        self.batches.close()
        for thread in self.threads.withLock({ $0 }) { thread.join() }
        var report = DiffReport()
        for part in self.found.withLock({ $0 }) { report.merge(part) }
        report.plan = self.diff.plan
        report.sort()
        return report
    }
}
