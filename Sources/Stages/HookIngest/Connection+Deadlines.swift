// SPDX-License-Identifier: Apache-2.0
import HookCore

extension Connection {
    /// The minimum rate counts from here on: slow starts are common, slow bodies are attacks.
    private static let rateGrace: Duration = .seconds(5)

    /// Ends the connection where a deadline has passed or the body trickles.
    func sweep(now: Duration) {
        switch self.state {
        case .head where now >= self.deadline:
            if self.isIdle {
                self.close()
            } else {
                self.fail(Self.timedOut("The header did not arrive in time."))
            }
        case .body where now >= self.deadline:
            self.fail(Self.timedOut("The body did not arrive in time."))
        case .body where self.isTrickling(now):
            self.fail(Self.timedOut("The body arrived more slowly than this server waits for."))
        case .lingering where now >= self.deadline: self.close()
        case .head, .body, .awaiting, .lingering, .closed: break
        }
    }

    private func isTrickling(_ now: Duration) -> Bool {
        let elapsed = now - self.bodyBegan
        guard elapsed > Self.rateGrace else { return false }
        let seconds = Int(clamping: elapsed.components.seconds)
        let (expected, overflow) = seconds.multipliedReportingOverflow(by: self.loop.shared.limits.bodyRateMin)
        return overflow || self.body.count < expected
    }

    private static func timedOut(_ detail: String) -> IngestAnswer {
        .problem(status: 408, code: "http/timeout", detail: detail, closes: true)
    }

    /// Shutdown: an idle connection ends now, a busy one with its answer.
    func drain() {
        if self.isIdle { self.close() }
    }
}
