// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// Unix signals as calls on a queue.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// Watches until it is released; the signals' own effects are off from then on.
    init(_ signals: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "signals")
        self.sources = signals.map { number in
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { body(number) }
            source.resume()
            return source
        }
    }

    deinit { for source in self.sources { source.cancel() } }
}
