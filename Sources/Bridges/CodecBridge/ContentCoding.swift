// SPDX-License-Identifier: Apache-2.0
// Content codings of HTTP (RFC 9110, section 8.4.1; RFC 7932; RFC 8878). A few bytes can stand for gigabytes, so the
// output is bounded while it grows: by its size, and by how many times larger than the input it is.

/// A content coding that is understood.
package enum ContentCoding: String, Sendable, CaseIterable {
    case gzip, deflate, br, zstd

    /// The coding of this name, without regard to case; `x-gzip` is gzip (RFC 9110, section 8.4.1.3).
    package init?(name: some Collection<UInt8>) {
        let lower = String(decoding: name.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
        guard let coding = ContentCoding(rawValue: lower == "x-gzip" ? "gzip" : lower) else { return nil }
        self = coding
    }
}

/// How much may come out of a coded body.
package struct CodecLimits: Sendable {
    package var bytesMax: Int
    /// How many times larger than its coded form a body may be.
    package var ratioMax: Int
    /// Below so many bytes no ratio harms.
    package var ratioFreeBytes: Int

    package init(bytesMax: Int, ratioMax: Int = 100, ratioFreeBytes: Int = 64 * 1024) {
        self.bytesMax = bytesMax
        self.ratioMax = ratioMax
        self.ratioFreeBytes = ratioFreeBytes
    }
}

/// Why a coded body cannot be read.
package enum CodecFailure: Error, Sendable, Equatable {
    /// The bytes are not of the coding, end too early, or go on behind its end.
    case malformed
    case tooLarge
    case ratio
    case outOfMemory
}

extension ContentCoding {
    /// Undoes the coding.
    ///
    /// - Bounds: `limits` hold while the output grows; what is kept besides it is one window of the coding: 32 KiB of
    ///   deflate, at most 16 MiB of brotli, at most 8 MiB of zstd (RFC 9659).
    /// - Complexity: linear in the output; no more than the limits allow is ever decoded.
    package func decode(_ input: [UInt8], limits: CodecLimits) throws(CodecFailure) -> [UInt8] {
        var output = BoundedOutput(limits, inputCount: input.count)
        switch self {
        case .gzip: try Deflate.inflate(input, .gzip, to: &output)
        case .deflate: try Deflate.inflate(input, Deflate.isZlib(input) ? .zlib : .raw, to: &output)
        case .br: try Brotli.decode(input, to: &output)
        case .zstd: try Zstd.decode(input, to: &output)
        }
        return output.bytes
    }
}

/// Collects a body while it is decoded, as long as it keeps its limits.
struct BoundedOutput {
    private(set) var bytes: [UInt8] = []
    private let bytesMax: Int
    private let ratioBytesMax: Int

    init(_ limits: CodecLimits, inputCount: Int) {
        self.bytesMax = limits.bytesMax
        let (product, overflow) = inputCount.multipliedReportingOverflow(by: limits.ratioMax)
        self.ratioBytesMax = max(limits.ratioFreeBytes, overflow ? .max : product)
    }

    mutating func append(_ chunk: UnsafeBufferPointer<UInt8>) throws(CodecFailure) {
        if self.bytes.count + chunk.count > self.bytesMax { throw .tooLarge }
        if self.bytes.count + chunk.count > self.ratioBytesMax { throw .ratio }
        unsafe self.bytes.append(contentsOf: chunk)
    }
}

/// Memory that a decoder writes into.
@safe struct CodecChunk: ~Copyable {
    static let size = 64 * 1024
    private let memory: UnsafeMutablePointer<UInt8>

    init() { unsafe self.memory = .allocate(capacity: Self.size) }

    deinit { unsafe self.memory.deallocate() }

    var start: UnsafeMutablePointer<UInt8> { unsafe self.memory }

    func written(_ count: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: self.memory, count: count)
    }
}
