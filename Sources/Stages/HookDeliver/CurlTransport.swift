// SPDX-License-Identifier: Apache-2.0
package import CurlBridge
import HookCore
import Synchronization

/// The transport over libcurl: one thread, connections kept and used again.
package final class CurlTransport: Transport {
    private struct State {
        var client: CurlClient?
        /// Deliveries on the wire, by the number that libcurl's thread knows them by.
        var deliveries: [UInt64: DeliveryID] = [:]
        var nextNumber: UInt64 = 0
        var sink: (@Sendable ([FinishedAttempt]) -> Void)?
    }

    private let state = Mutex(State())
    private let addresses: AddressPolicy
    private let requestsMax: Int

    /// - Parameter requestsMax: attempts at once; more end as `connect`.
    package init(addresses: AddressPolicy = .any, requestsMax: Int = 1024) {
        self.addresses = addresses
        self.requestsMax = requestsMax
    }

    package func start(_ sink: @escaping @Sendable ([FinishedAttempt]) -> Void) {
        var options = CurlClient.Options()
        options.requestsMax = self.requestsMax
        options.connectionsKept = self.requestsMax
        let client = CurlClient(options: options) { [weak self] in self?.report($0) }
        self.state.withLock {
            $0.client = client
            $0.sink = sink
        }
    }

    package func send(_ attempts: [OutboundAttempt]) {
        let (client, requests) = self.state.withLock { state in
            let requests = attempts.map { attempt in
                // Counts requests of one process: 64 bits do not run out.
                state.nextNumber += 1
                state.deliveries[state.nextNumber] = attempt.delivery
                return self.request(attempt, number: state.nextNumber)
            }
            return (state.client, requests)
        }
        let refused = client?.submit(requests) ?? requests
        if refused.isEmpty { return }
        let failure = CurlError(.connect, message: "too many requests under way")
        self.report(refused.map { ($0.id, AttemptResult(failure)) })
    }

    package func stop(then: @escaping @Sendable () -> Void) {
        let client = self.state.withLock { state in
            state.sink = nil
            return state.client
        }
        if let client { client.stop(then: then) } else { then() }
    }

    private func request(_ attempt: OutboundAttempt, number: UInt64) -> CurlRequest {
        CurlRequest(
            id: number, method: attempt.request.method, url: attempt.request.url, headers: attempt.request.headers,
            body: attempt.request.body, timeout: attempt.timeout, connectTimeout: attempt.connectTimeout,
            responseBytesMax: attempt.responseBytesMax, verifiesTLS: attempt.verifiesTLS,
            addresses: AddressPolicy(attempt.egress) ?? self.addresses)
    }

    private func report(_ results: [CurlResult]) { self.report(results.map { ($0.id, AttemptResult($0)) }) }

    private func report(_ results: [(id: UInt64, result: AttemptResult)]) {
        let (sink, finished) = self.state.withLock { state in
            let finished = results.compactMap { entry in
                state.deliveries.removeValue(forKey: entry.id).map {
                    FinishedAttempt(delivery: $0, result: entry.result)
                }
            }
            return (state.sink, finished)
        }
        if !finished.isEmpty { sink?(finished) }
    }
}

extension AttemptResult {
    fileprivate init(_ result: CurlResult) {
        self.init(
            result.error.map { AttemptOutcome($0.cause) } ?? .answered, status: result.status,
            retryAfter: result.retryAfter, detail: result.error?.message, response: result.body, took: result.took)
        // The same malformed request would be refused the same way again.
        if result.error?.cause == .config { self.refusal = DeliveryReason.requestInvalid }
    }

    fileprivate init(_ error: CurlError) {
        self.init(AttemptOutcome(error.cause), detail: error.message)
    }
}

extension AddressPolicy {
    /// Nil where the destination itself asks for nothing.
    fileprivate init?(_ rule: EgressRule) {
        switch rule {
        case .anywhere: return nil
        case .publicOnly(let blocks):
            self = .denyPrivate(
                except: blocks.map { AddressBlock(base: PeerAddress(high: $0.high, low: $0.low), prefix: $0.prefix) })
        }
    }
}

extension AttemptOutcome {
    fileprivate init(_ cause: CurlError.Class) {
        switch cause {
        case .dns: self = .dns
        case .connect: self = .connect
        case .tls: self = .tls
        case .timeout: self = .timeout
        case .reset, .aborted: self = .reset
        case .tooLarge: self = .tooLarge
        case .protocol: self = .protocol
        case .egress: self = .egress
        case .config: self = .config
        }
    }
}
