// SPDX-License-Identifier: Apache-2.0

/// Why a text is not taken as XML.
package struct XMLFailure: Error, Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// Not well-formed.
        case malformed
        /// A document type declaration: it could declare entities and name files.
        case declaration
        case encoding
        /// A limit; the detail says which.
        case limit
    }

    package let reason: Reason
    package let detail: String
    /// From 1; nil where it is not known.
    package let line: Int?

    package init(_ reason: Reason, _ detail: String, line: Int? = nil) {
        self.reason = reason
        self.detail = detail
        self.line = line
    }
}

/// What a document may cost.
package struct XMLLimits: Sendable {
    /// Elements in elements; the root is 1.
    package var depthMax = 64
    /// Elements in all.
    package var elementsMax = 100_000
    /// Attributes of one element, namespace declarations included.
    package var attributesMax = 256
    /// Bytes of one attribute's value.
    package var attributeBytesMax = 64 * 1024
    /// Bytes of one name, prefix included.
    package var nameBytesMax = 512

    package init() {}
}
