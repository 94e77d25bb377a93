// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline

/// An answer that says no, as a problem document (RFC 9457).
struct AdminProblem: Error {
    let status: Int
    let code: String
    let title: String
    let detail: String
    var violations: [SchemaViolation] = []

    static func badRequest(_ detail: String) -> AdminProblem {
        AdminProblem(status: 400, code: "api/bad-request", title: "The request is not understood", detail: detail)
    }

    static func notFound(_ detail: String) -> AdminProblem {
        AdminProblem(status: 404, code: "api/not-found", title: "There is no such thing", detail: detail)
    }

    static let unauthorized = AdminProblem(
        status: 401, code: "api/unauthorized", title: "A token is needed",
        detail: "Send Authorization: Bearer with one of the tokens of hookswitch.yaml.")

    static func forbidden(_ detail: String) -> AdminProblem {
        AdminProblem(status: 403, code: "api/forbidden", title: "Not allowed", detail: detail)
    }

    static func store(_ failure: StoreFailure) -> AdminProblem {
        AdminProblem(
            status: 503, code: "store/\(failure.kind.rawValue)", title: "The store does not answer",
            detail: failure.detail)
    }

    static func repair(_ failure: RepairFailure) -> AdminProblem {
        switch failure {
        case .notFound: .notFound("Nothing is stored under this id.")
        case .payloadGone:
            AdminProblem(
                status: 410, code: "store/payload-gone", title: "The payload is gone",
                detail: "Its retention has passed; only what happened is still known.")
        case .refused(let code, let detail):
            AdminProblem(status: 409, code: code, title: "The running configuration refuses it", detail: detail)
        case .stillHeld(let failure):
            AdminProblem(
                status: 409, code: failure.code, title: "The script still fails",
                detail: "\(failure.script): \(failure.message)")
        case .stillInvalid(let breach):
            AdminProblem(
                status: 409, code: breach.code, title: "The event breaks its schema still",
                detail: "\(breach.name): \(breach.summary)", violations: breach.violations)
        case .store(let failure): .store(failure)
        }
    }

    var json: JSONValue {
        [
            "type": .string("urn:hookswitch:problem:\(self.code)"),
            "title": .string(self.title),
            "status": .int(self.status),
            "detail": .string(self.detail),
            "code": .string(self.code),
            "errors": .array(self.violations.map(\.json)),
        ]
    }
}
