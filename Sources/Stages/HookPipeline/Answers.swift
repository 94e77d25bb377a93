// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookIngest
import HookVerify

/// What a sender hears, in one place: stages 2 and 5 say what happened, this says it in HTTP.
extension IngestAnswer {
    static let unrouted = IngestAnswer.problem(
        status: 422, code: "route/unmatched", title: "No route takes this event",
        detail: "defaults.unrouted is reject, and no route matched.")

    static func refused(_ failure: VerifyFailure) -> IngestAnswer {
        var headers: [(name: String, value: String)] = []
        if let scheme = failure.authenticate { headers.append(("www-authenticate", scheme)) }
        if let accept = failure.accept {
            headers.append((failure.code == "http/content-encoding" ? "accept-encoding" : "accept", accept))
        }
        if failure.status == 503 { headers.append(("retry-after", "5")) }
        var errors = failure.offset.map {
            [IngestAnswer.ProblemError(detail: failure.detail, code: failure.code, offset: $0)]
        }
        if !failure.violations.isEmpty {
            errors = failure.violations.map {
                IngestAnswer.ProblemError(pointer: $0.pointer, detail: $0.detail, code: $0.keyword, rule: $0.rule)
            }
        }
        if !failure.parts.isEmpty {
            errors = failure.parts.map {
                IngestAnswer.ProblemError(
                    pointer: $0.pointer, detail: $0.detail, code: $0.code, offset: $0.offset, rule: $0.rule)
            }
        }
        return .problem(
            status: failure.status, code: failure.code, title: failure.title, detail: failure.detail,
            errors: errors ?? [], headers: headers)
    }

    /// 202 as for every event that is durable: the sender has nothing to do.
    ///
    /// - Parameter code: why it is not routed; nil where it is.
    static func accepted(
        _ id: EventID, headers: [(name: String, value: String)], keptAside code: String?
    ) -> IngestAnswer {
        var answer = IngestAnswer.accepted(id, headers: headers)
        if let code { answer.outcome = .quarantined(code: code) }
        return answer
    }

    /// Nothing is durable: the sender must send again.
    static func notStored(_ failure: StoreFailure) -> IngestAnswer {
        .problem(
            status: failure.kind == .full ? 507 : 503, code: "store/\(failure.kind.rawValue)",
            title: "The event was not stored", detail: "Nothing was kept. Send it again.",
            headers: [("retry-after", failure.kind == .busy ? "1" : "5")])
    }

    static let overloaded = IngestAnswer.unavailable(
        code: "ingest/overloaded", detail: "The queue of requests is full. Send it again.", retryAfter: 1)
}
