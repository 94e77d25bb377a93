// SPDX-License-Identifier: Apache-2.0
// The kernel for x86-64 processors since 2019, 2022 with AMD: 64 bytes a step. Only called where `tape_has` has found the instructions.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,bmi2,lzcnt,pclmul,popcnt"))), apply_to = function)
#include "internal.h"
#include <immintrin.h>

#define KERNEL(name) name##_avx512

static inline uint64_t equal(__m512i bytes, char byte) { return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte)); }

/// Each byte looked up by its lower half; zero for bytes of 0x80 and above.
static inline __m512i look_up(__m128i table, __m512i bytes) {
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table), bytes);
}

static inline tape_masks classify(const uint8_t *bytes) {
    // A byte is an operator if it is, but for the bit 0x20, the one that stands where its lower half says.
    const __m128i operators = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    const __m128i spaces = _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
    const __m512i block = _mm512_loadu_si512(bytes);
    const __m512i folded = _mm512_or_si512(block, _mm512_set1_epi8(0x20));
    return (tape_masks){
        .quotes = equal(block, '"'),
        .backslashes = equal(block, '\\'),
        .operators = _mm512_cmpeq_epi8_mask(look_up(operators, block), folded),
        .openings = equal(folded, '{'),
        .spaces = _mm512_cmpeq_epi8_mask(look_up(spaces, block), block),
        .controls = _mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(0x20)),
        .high = _mm512_movepi8_mask(block),
    };
}

static inline uint64_t inside(uint64_t quotes) {
    const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static const uint8_t ascending[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

static inline void put(uint32_t *out, __m512i base, __m128i places) {
    _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(places)));
}

static inline uint32_t *append(uint32_t *out, uint32_t base, uint64_t marks) {
    const unsigned count = (unsigned)__builtin_popcountll(marks);
    const __m512i places = _mm512_maskz_compress_epi8(marks, _mm512_loadu_si512(ascending));
    const __m512i bases = _mm512_set1_epi32((int)base);
    put(out, bases, _mm512_castsi512_si128(places));
    put(out + 16, bases, _mm512_extracti32x4_epi32(places, 1));
    if (count > 32) {
        put(out + 32, bases, _mm512_extracti32x4_epi32(places, 2));
        put(out + 48, bases, _mm512_extracti32x4_epi32(places, 3));
    }
    return out + count;
}

#include "part_distinct256.h"
#include "kernel.h"
#pragma clang attribute pop
#else
typedef int kernel_avx512_is_for_other_processors;
#endif
