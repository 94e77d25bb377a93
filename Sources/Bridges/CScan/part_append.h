// SPDX-License-Identifier: Apache-2.0
// A part of kernels that cannot compress: the places of set bits, by `lowest` of the file that includes this.

/// One place after the other.
static inline uint32_t *append(uint32_t *out, uint32_t base, uint64_t marks) {
    const unsigned count = (unsigned)__builtin_popcountll(marks);
    for (unsigned done = 0; done < count; done += 8) {
        // Eight without a question: guessing where they end is what costs.
        for (unsigned at = done; at < done + 8; at += 1) {
            out[at] = base + lowest(marks);
            marks &= marks - 1;
        }
    }
    return out + count;
}
