// SPDX-License-Identifier: Apache-2.0
// The quick way from a text to its tape, in C with the widest vectors that the processor has. It knows texts without
// fault only: for everything else, refusals and duplicate keys, the exact parser has the word.
import CScan

/// The instructions with which texts are parsed. All give the same tapes and the same refusals; what is chosen, and why
/// one would, is a matter of speed and of tests.
package enum JSONKernel: String, Sendable, CaseIterable {
    /// The best that this processor has.
    case best
    /// None: the exact parser alone, one byte after the other.
    case exact
    /// Portable C.
    case plain
    case sse2
    case avx2
    case avx512
    case neon

    /// Whether this processor, and this build, has it.
    package var isAvailable: Bool { self.code.map { tape_has($0) != 0 } ?? true }

    private var code: tape_kernel? {
        switch self {
        case .best: TAPE_BEST
        case .exact: nil
        case .plain: TAPE_PLAIN
        case .sse2: TAPE_SSE2
        case .avx2: TAPE_AVX2
        case .avx512: TAPE_AVX512
        case .neon: TAPE_NEON
        }
    }

    /// HOT: the tape of a text; nil where the exact parser must decide.
    ///
    /// - Complexity: linear in the bytes; allocates the tape, exactly as large as it is, and for texts above 16 KiB
    ///   the places of their structure.
    package func tape(of bytes: [UInt8], depthMax: Int) -> ContiguousArray<JSONNode>? {
        guard let code = self.code, depthMax >= 0 else { return nil }
        return unsafe bytes.withUnsafeBufferPointer { text -> ContiguousArray<JSONNode>? in
            guard let base = text.baseAddress else { return nil }
            var index = unsafe tape_index()
            let room = unsafe tape_find(&index, base, text.count, code)
            if room == 0 { return nil }
            defer { unsafe tape_end(&index) }
            let tape = unsafe ContiguousArray<JSONNode>(unsafeUninitializedCapacity: room) { nodes, count in
                guard let first = nodes.baseAddress else { return }
                // The C side writes nodes in the layout of `JSONNode`, which a test holds.
                count = unsafe tape_build(&index, UnsafeMutableRawPointer(first), depthMax)
            }
            return tape.isEmpty ? nil : tape
        }
    }
}
