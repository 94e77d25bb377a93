// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// What the demo's senders and endpoints saw, kept apart from the router, so that its summary is a check and not an echo.
final class DemoLedger: Sendable {
    struct Count: Sendable {
        var requests = 0
        var accepted: [String] = []
        var answers = 0
        var delivered: Set<String> = []
        var failedAnswers = 0
    }

    private let state = Mutex(Count())

    var count: Count { self.state.withLock { $0 } }

    func sent() -> Int {
        self.state.withLock {
            $0.requests += 1
            return $0.requests
        }
    }

    /// A sender was told that its event is kept.
    func accepted(_ id: String) { self.state.withLock { $0.accepted.append(id) } }

    /// An endpoint answered a delivery.
    func answered(_ delivery: String, status: Int) {
        self.state.withLock {
            $0.answers += 1
            if status < 300 { $0.delivered.insert(delivery) } else { $0.failedAnswers += 1 }
        }
    }
}
