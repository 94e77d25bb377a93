// SPDX-License-Identifier: Apache-2.0
// Stage 2 of 6: verify. In comes a whole request of a known source; out goes an event whose sender is who the source
// says, or a refusal, or the answer to a provider's handshake.
//
// Order: address, signature over the received bytes, and only then the body is looked at (JSON, handshake, mapping).
package import HookCore

/// What stage 2 makes of a request.
package enum VerifyVerdict: Sendable {
    case verified(Verified)
    /// The request brings several events, or none; all are accepted or none.
    case batch([Verified])
    /// The request is a provider's handshake: answer it, make no event.
    case challenge(ChallengeReply)
    case refused(VerifyFailure)
}

/// The answer to a handshake.
package struct ChallengeReply: Sendable, Equatable {
    package let status: Int
    package let contentType: String
    package let body: [UInt8]
}

/// Checks requests against the rules of their source.
///
/// - Isolation: immutable but for the cache of prepared keys; may be called from every event loop at once.
/// - Complexity: linear in the body; at most 32 signatures times the source's keys are compared.
package struct Verify: Sendable {
    let plans: [SourceName: VerifyPlan]

    /// Compiles one plan per source. `secrets` is asked again on every check, so that a rotated file counts at once.
    ///
    /// - Parameter catalogue: what sources with `validate` check their events against.
    package init(
        sources: [SourceSpec], secrets: any SecretReading, jsonDepthMax: Int = JSONLimits().depthMax,
        bodyBytesMax: Int = IngestLimits().bodyBytesMax, catalogue: CatalogueSpec = CatalogueSpec()
    ) {
        var plans: [SourceName: VerifyPlan] = [:]
        plans.reserveCapacity(sources.count)
        for source in sources {
            plans[source.name] = VerifyPlan(
                source: source, secrets: secrets, jsonDepthMax: jsonDepthMax, bodyBytesMax: bodyBytesMax,
                catalogue: catalogue)
        }
        self.plans = plans
    }

    /// HOT: checks one request. `now` is the wall clock; it decides whether a timestamp is inside its tolerance.
    package func check(_ accepted: Accepted, now: WallTime) -> VerifyVerdict {
        guard let plan = self.plans[accepted.source] else { return .refused(.unknownSource) }
        do {
            return try plan.check(accepted, now: now)
        } catch {
            return .refused(error)
        }
    }
}
