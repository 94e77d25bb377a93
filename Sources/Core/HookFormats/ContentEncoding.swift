// SPDX-License-Identifier: Apache-2.0
import CodecBridge

/// How much may come out of a body with a content coding.
package struct CodingLimits: Sendable {
    package var bytesMax: Int
    /// How many times larger than its coded form a body may be; 64 KiB it may always have.
    package var ratioMax: Int

    package init(bytesMax: Int, ratioMax: Int = 100) {
        self.bytesMax = bytesMax
        self.ratioMax = ratioMax
    }
}

/// Content codings of requests and deliveries.
package enum ContentEncoding {
    /// What a sender may use, for `Accept-Encoding` in an answer.
    package static let accepted = "gzip, deflate, br, zstd"

    /// The body behind the coding that `Content-Encoding` names.
    ///
    /// - Errors: 415 `http/content-encoding` for other codings and for several in a row, 413 `coding/too-large` and
    ///   `coding/ratio`, 400 `coding/invalid`.
    package static func decode(
        _ body: [UInt8], _ header: ArraySlice<UInt8>, limits: CodingLimits
    ) throws(FormatFailure) -> [UInt8] {
        guard let coding = ContentCoding(name: header) else {
            throw FormatFailure(
                "http/content-encoding", "The body may have one content coding: \(self.accepted).", status: 415)
        }
        do throws(CodecFailure) {
            return try coding.decode(body, limits: CodecLimits(bytesMax: limits.bytesMax, ratioMax: limits.ratioMax))
        } catch {
            switch error {
            case .malformed:
                throw FormatFailure("coding/invalid", "The body is no \(coding.rawValue), or ends too early.")
            case .tooLarge:
                throw FormatFailure(
                    "coding/too-large", "The body is larger than \(limits.bytesMax) bytes once it is decoded.",
                    status: 413)
            case .ratio:
                throw FormatFailure(
                    "coding/ratio", "The body is more than \(limits.ratioMax) times larger once it is decoded.",
                    status: 413)
            case .outOfMemory:
                throw FormatFailure("coding/too-large", "There is no memory to decode the body.", status: 413)
            }
        }
    }

    /// A gzip member; nil where there is no memory for it.
    package static func gzip(_ body: [UInt8]) -> [UInt8]? {
        // The other cases of the error are about reading.
        try? Deflate.gzip(body)
    }
}
