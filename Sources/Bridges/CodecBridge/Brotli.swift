// SPDX-License-Identifier: Apache-2.0

internal import CBrotli

/// Brotli (RFC 7932); windows beyond 16 MiB ("large window brotli") are refused by the decoder.
enum Brotli {
    static func decode(_ input: [UInt8], to output: inout BoundedOutput) throws(CodecFailure) {
        guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { throw .outOfMemory }
        defer { unsafe BrotliDecoderDestroyInstance(state) }
        unsafe try input.withUnsafeBufferPointer { bytes throws(CodecFailure) in
            let chunk = CodecChunk()
            var left = bytes.count
            var next = bytes.baseAddress
            while true {
                var room = CodecChunk.size
                var place: UnsafeMutablePointer<UInt8>? = unsafe chunk.start
                let status = unsafe BrotliDecoderDecompressStream(state, &left, &next, &room, &place, nil)
                try unsafe output.append(chunk.written(CodecChunk.size - room))
                switch status {
                case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: continue
                case BROTLI_DECODER_RESULT_SUCCESS:
                    if left == 0 { return }
                    throw .malformed
                default: throw .malformed
                }
            }
        }
    }
}
