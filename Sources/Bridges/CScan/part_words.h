// SPDX-License-Identifier: Apache-2.0
// A part of kernels without an instruction for it: bits of a word, by shifts and counts.

static inline uint64_t inside(uint64_t quotes) {
    for (unsigned step = 1; step < 64; step *= 2) quotes ^= quotes << step;
    return quotes;
}

static inline uint32_t lowest(uint64_t word) { return (uint32_t)__builtin_ctzll(word | (uint64_t)1 << 63); }
