// SPDX-License-Identifier: Apache-2.0
// HTTP out: one libcurl multi handle on one thread of its own. Requests go in through a bounded queue, results come
// back
// in batches. No policy here: what a result means is the caller's business.
import CCurl
import Synchronization

/// Sends HTTP requests, many at once, on one thread.
///
/// - Isolation: any thread may submit; results come on the curl thread, which must not be blocked.
/// - Bounds: at most ``Options/requestsMax`` requests wait or run; more are refused, never queued.
package final class CurlClient: Sendable {
    package struct Options: Sendable {
        /// Requests waiting or running.
        package var requestsMax = 4096
        /// Idle connections kept for reuse; must exceed the usual concurrency, or each request opens one.
        package var connectionsKept = 1024

        package init() {}
    }

    private struct State {
        var waiting: [CurlRequest] = []
        /// Waiting and running.
        var count = 0
        var isStopped = false
        var multi: MultiHandle?
        var stopped: [@Sendable () -> Void] = []
        var hasEnded = false
    }

    private let options: Options
    private let state = Mutex(State())
    private let onResults: @Sendable ([CurlResult]) -> Void

    /// Starts the thread. `onResults` gets every result exactly once, never an empty batch.
    package init(options: Options = Options(), onResults: @escaping @Sendable ([CurlResult]) -> Void) {
        self.options = options
        self.onResults = onResults
        startThread { [self] in self.run() }
    }

    /// Hands requests over; those that the queue had no room for, or all after ``stop(then:)``, come back.
    package func submit(_ requests: [CurlRequest]) -> [CurlRequest] {
        let (refused, multi) = self.state.withLock { state -> ([CurlRequest], MultiHandle?) in
            guard !state.isStopped else { return (requests, nil) }
            let room = max(0, self.options.requestsMax - state.count)
            let wasEmpty = state.waiting.isEmpty
            state.waiting.append(contentsOf: requests.prefix(room))
            state.count += min(room, requests.count)
            // A queue that is not empty has woken the thread already.
            return (Array(requests.dropFirst(room)), wasEmpty ? state.multi : nil)
        }
        multi?.wake()
        return refused
    }

    /// Ends every request that is not done with `.aborted`, then the thread; calls back when it has ended.
    package func stop(then: @escaping @Sendable () -> Void) {
        let (hasEnded, multi) = self.state.withLock { state in
            state.isStopped = true
            if !state.hasEnded { state.stopped.append(then) }
            return (state.hasEnded, state.multi)
        }
        multi?.wake()
        if hasEnded { then() }
    }

    /// libcurl's version and TLS library, for the log.
    package static var version: String { unsafe String(cString: curl_version()) }
}

extension CurlClient {
    /// The body of the curl thread.
    private func run() {
        guard let loop = CurlLoop(connectionsKept: self.options.connectionsKept) else {
            preconditionFailure("libcurl cannot be initialised")
        }
        self.state.withLock { $0.multi = loop.multi }
        while let requests = self.takeWaiting() {
            var results = requests.compactMap(loop.begin)
            results += loop.turn()
            self.report(results)
            // Whoever submitted since has woken the handle, so the sleep ends at once.
            loop.sleep()
        }
        self.report(loop.abort())
        self.end()
    }

    /// What is to be begun; nil once stopped.
    private func takeWaiting() -> [CurlRequest]? {
        self.state.withLock { state in
            if state.isStopped { return nil }
            var taken: [CurlRequest] = []
            swap(&taken, &state.waiting)
            return taken
        }
    }

    private func report(_ results: [CurlResult]) {
        if results.isEmpty { return }
        self.state.withLock { $0.count -= results.count }
        self.onResults(results)
    }

    private func end() {
        let waiting = self.state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        self.report(waiting.map { CurlResult(failing: $0.id, .stopped) })
        let stopped = self.state.withLock { state in
            state.hasEnded = true
            state.multi = nil
            return state.stopped
        }
        for then in stopped { then() }
    }
}
