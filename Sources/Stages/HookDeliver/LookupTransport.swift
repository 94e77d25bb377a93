// SPDX-License-Identifier: Apache-2.0
// HTTP look-ups, with the rules of every outgoing request: http and https only, no redirects, no proxy, a total deadline,
// a cap on the answer. A client of their own, so that they cannot take slots from deliveries.
package import CurlBridge
package import HookCore
import HookCrypto
import Synchronization

/// Fetches answers; the one way out for look-ups. Its thread begins with the first.
package final class LookupTransport: Sendable {
    package typealias Finish = @Sendable (LookupAnswer, Duration) -> Void

    private struct State {
        var client: CurlClient?
        var waiting: [UInt64: Finish] = [:]
        var next: UInt64 = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let addresses: AddressPolicy

    package init(addresses: AddressPolicy = .any) { self.addresses = addresses }

    /// Asks; `then` is called once, on a thread of the transport's own or at once.
    package func fetch(_ request: LookupRequest, secrets: any SecretReading, then: @escaping Finish) {
        var headers =
            request.headers + [("accept", "application/json"), ("user-agent", "hookswitch/\(HookswitchVersion.text)")]
        do throws(DeliverFailure) {
            if let auth = request.spec.auth { headers.append(try AttemptRequest.credentials(auth, secrets)) }
        } catch {
            // A secret may be there again in a moment.
            return then(LookupJudge.unavailable(error.detail), .zero)
        }
        let (client, number) = self.state.withLock { state -> (CurlClient?, UInt64) in
            guard !state.isStopped else { return (nil, 0) }
            // Counts requests of one process: 64 bits do not run out.
            state.next += 1
            state.waiting[state.next] = then
            let client = state.client ?? CurlClient { [weak self] in self?.report($0) }
            state.client = client
            return (client, state.next)
        }
        guard let client else { return then(LookupJudge.unavailable("the router is shutting down"), .zero) }
        let asked = CurlRequest(
            id: number, method: "GET", url: request.url, headers: headers, timeout: request.spec.timeout,
            connectTimeout: min(request.spec.timeout, .seconds(5)), responseBytesMax: LookupJudge.bytesMax,
            responseBytesKept: LookupJudge.bytesMax, verifiesTLS: request.spec.verifiesTLS, addresses: self.addresses)
        guard client.submit([asked]).isEmpty else {
            self.state.withLock { _ = $0.waiting.removeValue(forKey: number) }
            return then(LookupJudge.unavailable("too many look-ups under way"), .zero)
        }
    }

    /// Ends without an answer to what is under way.
    package func stop() {
        let client = self.state.withLock { state in
            state.isStopped = true
            state.waiting = [:]
            return state.client
        }
        client?.stop {}
    }

    private func report(_ results: [CurlResult]) {
        for result in results {
            let finish = self.state.withLock { $0.waiting.removeValue(forKey: result.id) }
            finish?(Self.answer(result), result.took)
        }
    }

    private static func answer(_ result: CurlResult) -> LookupAnswer {
        switch result.error?.cause {
        case nil:
            return result.status.map { LookupJudge.answer(status: $0, body: result.body) }
                ?? LookupJudge.unavailable("there was no answer")
        case .tooLarge:
            let message = "the answer has more than \(LookupJudge.bytesMax) bytes"
            return .failed(LookupFailure(code: "enrich/not-json", message: message, isTransient: false))
        case .egress, .config:
            return .failed(
                LookupFailure(code: "enrich/refused", message: result.error?.message ?? "", isTransient: false))
        default: return LookupJudge.unavailable(result.error?.message ?? "there was no answer")
        }
    }
}
