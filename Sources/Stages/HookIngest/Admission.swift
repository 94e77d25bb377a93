// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What is decided about a request when only its head is known.
struct Admission {
    /// Methods that carry events.
    static let allowed = "OPTIONS, POST, PUT"
    static let livenessPath = "/livez"

    var slot: SourceSlot?
    /// Nil: read the body and hand the request over.
    var answer: IngestAnswer?
    /// The answer is not kept until the body has been read.
    var isImmediate = false

    static func decide(_ head: RequestHead, posture: Posture, limits: IngestLimits) -> Admission {
        let slot = posture.table.slot(at: head.path)
        var admission = Admission(slot: slot, answer: self.answer(to: head, slot: slot, posture: posture))
        if admission.answer == nil, case .length(let length) = head.framing, let slot, length > slot.bodyBytesMax {
            admission.answer = IngestAnswer(BodyBuffer.tooLarge)
        }
        guard admission.answer != nil else { return admission }
        switch head.framing {
        case .none, .length(0): admission.isImmediate = true
        case .length(let length) where length <= limits.bodyBytesMax && !head.expectsContinue: break
        case .chunked where !head.expectsContinue: break
        case .length, .chunked:
            // The body is not worth reading, so the bytes behind this head belong to nothing.
            admission.isImmediate = true
            admission.answer?.closes = true
        }
        if admission.answer?.closes == true { admission.isImmediate = true }
        return admission
    }

    /// Nil where the request may bring an event.
    private static func answer(to head: RequestHead, slot: SourceSlot?, posture: Posture) -> IngestAnswer? {
        guard let slot else { return self.answerElsewhere(head) }
        switch head.method {
        case .post, .put: break
        case .options: return self.options(self.allowed, slot.consent(to: head))
        case .get, .head, .other: return self.methodNotAllowed(self.allowed)
        }
        if let refusal = posture.refusal { return refusal }
        if !head.hasLength {
            return .problem(status: 411, code: "http/length-required", detail: "Send Content-Length, or use chunks.")
        }
        if head.isCodedOtherwise {
            return .problem(
                status: 415, code: "http/content-encoding",
                detail: "The body may have one content coding: gzip, deflate, br or zstd.",
                headers: [("accept-encoding", "gzip, deflate, br, zstd")])
        }
        return nil
    }

    private static func answerElsewhere(_ head: RequestHead) -> IngestAnswer {
        if head.path.elementsEqual("*".utf8) { return self.options(self.allowed) }
        guard head.path.elementsEqual(self.livenessPath.utf8) else {
            return .problem(status: 404, code: "http/unknown-path", detail: "No source is configured for this path.")
        }
        switch head.method {
        case .get, .head: return IngestAnswer(status: 200, contentType: "text/plain", body: Array("ok\n".utf8))
        case .options: return self.options("GET, HEAD, OPTIONS")
        case .post, .put, .other: return self.methodNotAllowed("GET, HEAD, OPTIONS")
        }
    }

    private static func options(
        _ allowed: String, _ more: [(name: String, value: String)] = []
    ) -> IngestAnswer {
        // The handshake of CloudEvents wants 200 (web hook specification 1.0.2, section 4.2).
        IngestAnswer(
            status: more.isEmpty ? 204 : 200, headers: [("allow", allowed)] + more, contentType: "", body: [])
    }

    private static func methodNotAllowed(_ allowed: String) -> IngestAnswer {
        .problem(
            status: 405, code: "http/method", detail: "This path takes \(allowed).", headers: [("allow", allowed)])
    }
}
