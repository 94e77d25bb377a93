// SPDX-License-Identifier: Apache-2.0
// The seam to the network. The real one is CurlTransport; tests answer from a script.
package import HookCore

/// How an attempt ended on the wire, before anybody judges it. The raw values are those of ``Settled/outcome``.
package enum AttemptOutcome: String, Sendable, CaseIterable {
    /// A whole answer came; its status decides.
    case answered = "status"
    case dns, connect, tls, timeout, reset
    /// The answer was larger than allowed; its status still decides.
    case tooLarge = "too-large"
    case `protocol`, egress
    /// A secret is missing or unusable: nothing was sent.
    case config
}

/// One finished attempt.
package struct AttemptResult: Sendable {
    package var outcome: AttemptOutcome
    /// HTTP status, where an answer began.
    package var status: Int?
    /// The text of `Retry-After`.
    package var retryAfter: String?
    /// One line for people.
    package var detail: String?
    /// At most 4 KiB of the answer's body.
    package var response: [UInt8]
    package var took: Duration
    /// The request can never be made: the reason of the dead letter, such as `delivery/template-missing`.
    package var refusal: String?

    package init(
        _ outcome: AttemptOutcome, status: Int? = nil, retryAfter: String? = nil, detail: String? = nil,
        response: [UInt8] = [], took: Duration = .zero, refusal: String? = nil
    ) {
        self.outcome = outcome
        self.status = status
        self.retryAfter = retryAfter
        self.detail = detail
        self.response = response
        self.took = took
        self.refusal = refusal
    }
}

/// A request with the limits of its attempt.
package struct OutboundAttempt: Sendable {
    package let delivery: DeliveryID
    package let request: OutboundRequest
    package let timeout: Duration
    package let connectTimeout: Duration
    package let responseBytesMax: Int
    package let verifiesTLS: Bool
    package let egress: EgressRule

    package init(delivery: DeliveryID, request: OutboundRequest, plan: DestinationPlan) {
        self.delivery = delivery
        self.request = request
        self.timeout = plan.policy.timeout
        self.connectTimeout = plan.policy.connectTimeout
        self.responseBytesMax = plan.policy.responseBytesMax
        self.verifiesTLS = plan.verifiesTLS
        self.egress = plan.egress
    }
}

/// A finished attempt of a delivery.
package struct FinishedAttempt: Sendable {
    package let delivery: DeliveryID
    package let result: AttemptResult

    package init(delivery: DeliveryID, result: AttemptResult) {
        self.delivery = delivery
        self.result = result
    }
}

/// Sends requests; the one way out of stage 6.
///
/// - Isolation: any thread; returns at once. Results come on a thread of the transport's own.
package protocol Transport: AnyObject, Sendable {
    /// Says where results go. Called once, before anything is sent.
    func start(_ sink: @escaping @Sendable ([FinishedAttempt]) -> Void)
    /// Each attempt ends in exactly one result, save those that ``stop(then:)`` cuts off.
    func send(_ attempts: [OutboundAttempt])
    /// Ends without reporting what is still under way, then calls back.
    func stop(then: @escaping @Sendable () -> Void)
}
