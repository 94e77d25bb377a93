// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// Writes one body in the format that a route asks for.
struct FormatWriter {
    struct Made {
        var bytes: [UInt8]
        var contentType: String
        /// Names in lower case.
        var headers: [(name: String, value: String)] = []
    }

    let body: OutputBody
    /// The place of the body among several of one target, from 1.
    let number: Int?

    func write(_ format: OutputFormat) throws(FormatFailure) -> Made {
        switch format {
        case .json:
            return Made(bytes: try self.body.document(for: "format json").bytes, contentType: "application/json")
        case .form, .xml, .text, .ndjson, .cloudEvents, .cloudEventsBinary, .cloudEventsBatch:
            throw FormatFailure("output/text", "format \(format.rawValue) is not written yet")
        }
    }
}
