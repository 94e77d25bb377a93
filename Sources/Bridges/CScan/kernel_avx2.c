// SPDX-License-Identifier: Apache-2.0
// The kernel for x86-64 processors since 2013: 32 bytes a step. Only called where `tape_has` has found the instructions.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,pclmul,popcnt"))), apply_to = function)
#include "internal.h"
#include <immintrin.h>

#define KERNEL(name) name##_avx2

static inline uint64_t bits(__m256i a, __m256i b) {
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

static inline __m256i equal(__m256i bytes, char byte) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte)); }

/// Each byte looked up by its lower half; zero for bytes of 0x80 and above.
static inline __m256i look_up(__m128i table, __m256i bytes) {
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), bytes);
}

static inline __m256i operators(__m256i bytes, __m256i folded) {
    // A byte is an operator if it is, but for the bit 0x20, the one that stands where its lower half says.
    const __m128i table = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    return _mm256_cmpeq_epi8(look_up(table, bytes), folded);
}

static inline __m256i spaces(__m256i bytes) {
    const __m128i table = _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
    return _mm256_cmpeq_epi8(look_up(table, bytes), bytes);
}

static inline __m256i controls(__m256i bytes) {
    return _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, _mm256_set1_epi8(0x1F)), _mm256_set1_epi8(0x1F));
}

static inline tape_masks classify(const uint8_t *bytes) {
    const __m256i *const at = (const __m256i *)(const void *)bytes;
    const __m256i a = _mm256_loadu_si256(at), b = _mm256_loadu_si256(at + 1);
    const __m256i folded_a = _mm256_or_si256(a, _mm256_set1_epi8(0x20));
    const __m256i folded_b = _mm256_or_si256(b, _mm256_set1_epi8(0x20));
    return (tape_masks){
        .quotes = bits(equal(a, '"'), equal(b, '"')),
        .backslashes = bits(equal(a, '\\'), equal(b, '\\')),
        .operators = bits(operators(a, folded_a), operators(b, folded_b)),
        .openings = bits(equal(folded_a, '{'), equal(folded_b, '{')),
        .spaces = bits(spaces(a), spaces(b)),
        .controls = bits(controls(a), controls(b)),
        .high = bits(a, b),
    };
}

static inline uint64_t inside(uint64_t quotes) {
    const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)quotes), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline uint32_t lowest(uint64_t word) { return (uint32_t)_tzcnt_u64(word); }

#include "part_append.h"
#include "part_distinct256.h"
#include "kernel.h"
#pragma clang attribute pop
#else
typedef int kernel_avx2_is_for_other_processors;
#endif
