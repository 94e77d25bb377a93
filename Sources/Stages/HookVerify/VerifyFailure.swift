// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookFormats

/// Why a request was refused by stage 2, ready for a problem document (RFC 9457).
///
/// The texts never depend on how near a request came to passing: a missing, a malformed and a wrong signature are
/// one and the same answer.
package struct VerifyFailure: Error, Sendable, Equatable {
    /// HTTP status of the answer.
    package let status: Int
    /// Stable code of ``CodeRegistry``, e.g. `verify/signature`.
    package let code: String
    package let title: String
    package let detail: String
    /// Byte offset into the body, for failures of JSON.
    package let offset: Int?
    /// Value of `WWW-Authenticate`, which RFC 9110 (section 15.5.2) wants on every 401.
    package let authenticate: String?
    /// Value of `Accept` or `Accept-Encoding`, which tell the sender of a 415 what would be taken (RFC 9110, 15.5.16).
    package let accept: String?
    /// Where the event breaks its schema.
    package let violations: [SchemaViolation]
    /// Faults inside the request, each at its place.
    package let parts: [Part]

    package init(
        status: Int, code: String, title: String, detail: String, offset: Int? = nil, authenticate: String? = nil,
        accept: String? = nil, violations: [SchemaViolation] = [], parts: [Part] = []
    ) {
        self.accept = accept
        self.violations = violations
        self.parts = parts
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.offset = offset
        self.authenticate = authenticate
    }
}

extension VerifyFailure {
    static let unknownSource = VerifyFailure(
        status: 404, code: "http/unknown-path", title: "Not found", detail: "No source is configured for this request.")

    static let address = VerifyFailure(
        status: 403, code: "verify/address", title: "Address not allowed",
        detail: "The source does not accept requests from this address.")

    static let secretMissing = VerifyFailure(
        status: 503, code: "verify/secret-missing", title: "Source cannot verify",
        detail: "A secret of this source cannot be read at the moment; nothing is accepted without it.")

    static let secretMalformed = VerifyFailure(
        status: 503, code: "verify/secret-malformed", title: "Source cannot verify",
        detail: "A secret of this source does not have the form that the source says; nothing is accepted without it.")

    static func signature(status: Int) -> VerifyFailure {
        VerifyFailure(
            status: status, code: "verify/signature", title: "Signature not accepted",
            detail: "The request does not carry a valid signature of this source.",
            authenticate: status == 401 ? "Signature" : nil)
    }

    static func timestamp(status: Int) -> VerifyFailure {
        VerifyFailure(
            status: status, code: "verify/timestamp", title: "Timestamp not accepted",
            detail: "The signed timestamp is outside the tolerance of this source.",
            authenticate: status == 401 ? "Signature" : nil)
    }

    static func mediaType(_ accepts: [BodyKind]) -> VerifyFailure {
        let types = accepts.flatMap(\.mediaTypes).joined(separator: ", ")
        return VerifyFailure(
            status: 415, code: "http/media-type", title: "Media type not taken",
            detail: "The source takes \(types).", accept: types)
    }

    static func credentials(scheme: String) -> VerifyFailure {
        VerifyFailure(
            status: 401, code: "verify/credentials", title: "Credentials not accepted",
            detail: "The request does not carry the credentials of this source.", authenticate: scheme)
    }

    static func schema(_ breach: SchemaBreach) -> VerifyFailure {
        VerifyFailure(
            status: 422, code: breach.code, title: "Not what the catalogue says",
            detail: "\(breach.name): \(breach.summary).", violations: breach.violations)
    }

    static func mapping(_ code: String, _ detail: String) -> VerifyFailure {
        VerifyFailure(status: 400, code: code, title: "Not an event", detail: detail)
    }

    init(_ failure: FormatFailure) {
        let isJSON = failure.code.utf8.starts(with: "json/".utf8)
        self.init(
            status: failure.status, code: failure.code,
            title: isJSON ? "Body is not acceptable JSON" : "Body is not acceptable",
            detail: failure.detail, offset: failure.offset,
            accept: failure.code == "http/content-encoding" ? ContentEncoding.accepted : nil)
    }
}
