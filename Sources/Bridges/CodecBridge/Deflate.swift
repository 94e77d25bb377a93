// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Deflate (RFC 1951) in its three wrappings.
package enum Deflate {
    enum Wrapping {
        /// RFC 1952; several members in a row are one body.
        case gzip
        /// RFC 1950: what RFC 9110 calls deflate.
        case zlib
        /// Without a wrapping: what some senders call deflate.
        case raw

        /// zlib's `windowBits`.
        var windowBits: Int32 {
            switch self {
            case .gzip: 15 + 16
            case .zlib: 15
            case .raw: -15
            }
        }
    }

    /// Whether the bytes begin as RFC 1950 says (section 2.2): deflate, and a check sum over both bytes.
    static func isZlib(_ input: [UInt8]) -> Bool {
        guard input.count >= 2 else { return false }
        return input[0] & 0x0F == 8 && (Int(input[0]) << 8 | Int(input[1])) % 31 == 0
    }

    static func inflate(
        _ input: [UInt8], _ wrapping: Wrapping, to output: inout BoundedOutput
    ) throws(CodecFailure) {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(&stream, wrapping.windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw .outOfMemory
        }
        defer { unsafe inflateEnd(&stream) }
        unsafe try input.withUnsafeBufferPointer { bytes throws(CodecFailure) in
            unsafe try self.run(&stream, bytes, wrapping, to: &output)
        }
    }

    private static func run(
        _ stream: inout z_stream, _ bytes: UnsafeBufferPointer<UInt8>, _ wrapping: Wrapping,
        to output: inout BoundedOutput
    ) throws(CodecFailure) {
        let chunk = CodecChunk()
        // zlib only reads from it.
        unsafe stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        guard let count = UInt32(exactly: bytes.count) else { throw .tooLarge }
        unsafe stream.avail_in = count
        while true {
            unsafe stream.next_out = chunk.start
            unsafe stream.avail_out = UInt32(CodecChunk.size)
            let status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
            try unsafe output.append(chunk.written(CodecChunk.size - Int(stream.avail_out)))
            switch status {
            case Z_OK: continue
            case Z_STREAM_END:
                if unsafe stream.avail_in == 0 { return }
                guard wrapping == .gzip, unsafe inflateReset(&stream) == Z_OK else { throw .malformed }
            case Z_MEM_ERROR: throw .outOfMemory
            // Also where the input ends too early: then no progress is possible.
            default: throw .malformed
            }
        }
    }

    /// A gzip member (RFC 1952) without time and name: equal bytes give equal members.
    ///
    /// - Parameter level: 1 (fast) to 9 (small).
    package static func gzip(_ input: [UInt8], level: Int = 6) throws(CodecFailure) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard
            unsafe deflateInit2_(
                &stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { throw .outOfMemory }
        defer { unsafe deflateEnd(&stream) }
        guard let count = UInt32(exactly: input.count) else { throw .tooLarge }
        let capacity = Int(unsafe deflateBound(&stream, UInt(input.count)))
        var isDone = false
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, written in
            unsafe input.withUnsafeBufferPointer { bytes in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
                unsafe stream.avail_in = count
                unsafe stream.next_out = buffer.baseAddress
                unsafe stream.avail_out = UInt32(clamping: capacity)
                isDone = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
                written = unsafe capacity - Int(stream.avail_out)
            }
        }
        guard isDone else { throw .outOfMemory }
        return output
    }
}
