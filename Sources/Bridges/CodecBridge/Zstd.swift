// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Zstandard (RFC 8878); windows beyond 8 MiB are refused, as RFC 9659 says for HTTP.
enum Zstd {
    /// Binary logarithm of 8 MiB.
    private static let windowLogMax: Int32 = 23

    static func decode(_ input: [UInt8], to output: inout BoundedOutput) throws(CodecFailure) {
        guard let stream = unsafe ZSTD_createDStream() else { throw .outOfMemory }
        defer { unsafe ZSTD_freeDStream(stream) }
        _ = unsafe ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLogMax)
        unsafe try input.withUnsafeBufferPointer { bytes throws(CodecFailure) in
            let chunk = CodecChunk()
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while true {
                var target = unsafe ZSTD_outBuffer(dst: chunk.start, size: CodecChunk.size, pos: 0)
                let before = unsafe source.pos
                let status = unsafe ZSTD_decompressStream(stream, &target, &source)
                if ZSTD_isError(status) != 0 { throw .malformed }
                try unsafe output.append(chunk.written(target.pos))
                if unsafe source.pos == source.size {
                    // Zero: a frame ended here and all of it was written.
                    if status == 0 { return }
                    if unsafe target.pos == 0 { throw .malformed }
                } else if unsafe source.pos == before && target.pos == 0 {
                    throw .malformed
                }
            }
        }
    }
}
