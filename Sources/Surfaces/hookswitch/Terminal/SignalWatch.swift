// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// Unix signals as calls on a queue.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]
    /// Signals that were watched before. Dispatch puts a handler of its own in the place of `SIG_IGN`, once for all
    /// watches; ignoring a signal again would take that handler away.
    private static let watched = Mutex<Set<Int32>>([])

    /// Watches until it is released; the signals' own effects are off from then on.
    init(_ signals: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "signals")
        self.sources = signals.map { number in
            if Self.watched.withLock({ $0.insert(number).inserted }) { _ = signal(number, SIG_IGN) }
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { body(number) }
            source.resume()
            return source
        }
    }

    deinit { for source in self.sources { source.cancel() } }
}
