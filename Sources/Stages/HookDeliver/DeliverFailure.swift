// SPDX-License-Identifier: Apache-2.0

/// Why the request of an attempt cannot be made. Nothing was sent.
package struct DeliverFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// A hole of the destination's templates has no value in the event, or one that may not stand there.
        case template
        /// The request that a script or template asked for is malformed.
        case request
        /// A secret is missing or unusable; it may come back, so the delivery is retried and never sent unsigned.
        case secret
    }

    package let kind: Kind
    /// For people; names fields and secrets, never their values.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The reason of the dead letter; nil where the attempt is retried.
    package var refusal: String? {
        switch self.kind {
        case .template: DeliveryReason.templateMissing
        case .request: DeliveryReason.requestInvalid
        case .secret: nil
        }
    }

    /// The failure as the result of an attempt.
    package var result: AttemptResult { AttemptResult(.config, detail: self.detail, refusal: self.refusal) }
}

/// Reasons of dead letters: codes of ``CodeRegistry``.
package enum DeliveryReason {
    /// The status is neither a success nor to be retried.
    package static let refusedStatus = "delivery/refused-status"
    /// No whole answer, and the policy does not retry that.
    package static let network = "delivery/network"
    package static let attemptsExhausted = "delivery/attempts-exhausted"
    package static let tooOld = "delivery/too-old"
    package static let gone = "delivery/gone"
    package static let templateMissing = "delivery/template-missing"
    package static let requestInvalid = "delivery/request-invalid"
}
