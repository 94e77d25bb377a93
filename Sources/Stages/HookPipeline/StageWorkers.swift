// SPDX-License-Identifier: Apache-2.0
package import HookCore
package import HookIngest
import HookTransform
import Synchronization

/// The threads that run stages 2 to 4. Each owns its Lua states; a slow script holds up one of them, by its budget,
/// and no event loop.
///
/// - Bounds: requests wait in one queue of `waitingMax`; beyond it the sender is told to come again (429 or 503 are
///   the caller's choice of words).
package final class StageWorkers: Sendable {
    package struct Job: Sendable {
        let accepted: Accepted
        let answer: @Sendable (IngestAnswer) -> Void
    }

    package static let waitingMax = 4096
    /// Jobs that one thread takes at a time: enough to spare wake-ups, few enough to leave some to the others.
    private static let batchMax = 16

    private let jobs = Mailbox<Job>(capacity: StageWorkers.waitingMax)
    private let threads: Mutex<[WorkerThread]>
    private let revision: @Sendable () -> Revision

    package init(
        count: Int, pipeline: Pipeline, environment: Environment, signals: Signals,
        revision: @escaping @Sendable () -> Revision
    ) {
        let jobs = self.jobs
        self.revision = revision
        self.threads = Mutex(
            (0..<count).map { number in
                WorkerThread(name: "stages-\(number)") {
                    Self.run(jobs, pipeline: pipeline, environment: environment, signals: signals, revision: revision)
                }
            })
    }

    /// Hands over one request; false where the queue is full.
    package func offer(_ accepted: Accepted, answer: @escaping @Sendable (IngestAnswer) -> Void) -> Bool {
        self.jobs.offer(Job(accepted: accepted, answer: answer))
    }

    /// Finishes what waits, then ends the threads. Blocks.
    package func close() {
        self.jobs.close()
        for thread in self.threads.withLock({ $0 }) { thread.join() }
    }

    private static func run(
        _ jobs: Mailbox<Job>, pipeline: Pipeline, environment: Environment, signals: Signals,
        revision: @Sendable () -> Revision
    ) {
        var current = revision()
        var worker = current.makeWorker(environment: environment, signals: signals)
        var counters = RouteCounters(current.configuration.routes, signals: signals)
        while let batch = jobs.takeAll(max: Self.batchMax) {
            let latest = revision()
            if latest !== current {
                current = latest
                worker = current.makeWorker(environment: environment, signals: signals)
                counters = RouteCounters(current.configuration.routes, signals: signals)
            }
            for job in batch {
                pipeline.carry(job.accepted, under: current, with: worker, counters: counters, answer: job.answer)
            }
        }
    }
}
