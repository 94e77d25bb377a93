// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Why bytes are not what they say they are, or why a value has no form of the kind that is asked for.
package struct FormatFailure: Error, Sendable, Equatable {
    /// Stable code of the registry, e.g. `xml/invalid`.
    package let code: String
    /// One sentence.
    package let detail: String
    /// Byte offset into the body, where it is known.
    package let offset: Int?
    /// What a sender of such a body is answered: 400, 413 or 415.
    package let status: Int

    package init(_ code: String, _ detail: String, at offset: Int? = nil, status: Int = 400) {
        self.code = code
        self.detail = detail
        self.offset = offset
        self.status = status
    }
}

extension FormatFailure {
    package init(_ failure: JSONFailure) {
        let code =
            switch failure.reason {
            case .duplicateKey: "json/duplicate-key"
            case .tooDeep: "json/too-deep"
            default: "json/invalid"
            }
        self.init(code, "At byte \(failure.offset): \(failure.reason.rawValue).", at: failure.offset)
    }
}
