// SPDX-License-Identifier: Apache-2.0
// The kernel for every x86-64: sixteen bytes a step.
#if defined(__x86_64__)
#include "internal.h"
#include <emmintrin.h>

#define KERNEL(name) name##_sse2

static inline uint64_t bits(__m128i a, __m128i b, __m128i c, __m128i d) {
    return (uint64_t)(unsigned)_mm_movemask_epi8(a) | (uint64_t)(unsigned)_mm_movemask_epi8(b) << 16
         | (uint64_t)(unsigned)_mm_movemask_epi8(c) << 32 | (uint64_t)(unsigned)_mm_movemask_epi8(d) << 48;
}

static inline __m128i equal(__m128i bytes, char byte) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)); }

static inline __m128i openings(__m128i bytes) { return equal(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), '{'); }

static inline __m128i operators(__m128i bytes) {
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    return _mm_or_si128(
        _mm_or_si128(equal(folded, '{'), equal(folded, '}')), _mm_or_si128(equal(bytes, ','), equal(bytes, ':')));
}

static inline __m128i spaces(__m128i bytes) {
    return _mm_or_si128(
        _mm_or_si128(equal(bytes, ' '), equal(bytes, '\n')), _mm_or_si128(equal(bytes, '\t'), equal(bytes, '\r')));
}

static inline __m128i controls(__m128i bytes) {
    return _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F));
}

static inline tape_masks classify(const uint8_t *bytes) {
    const __m128i *const at = (const __m128i *)(const void *)bytes;
    const __m128i a = _mm_loadu_si128(at), b = _mm_loadu_si128(at + 1);
    const __m128i c = _mm_loadu_si128(at + 2), d = _mm_loadu_si128(at + 3);
    return (tape_masks){
        .quotes = bits(equal(a, '"'), equal(b, '"'), equal(c, '"'), equal(d, '"')),
        .backslashes = bits(equal(a, '\\'), equal(b, '\\'), equal(c, '\\'), equal(d, '\\')),
        .operators = bits(operators(a), operators(b), operators(c), operators(d)),
        .openings = bits(openings(a), openings(b), openings(c), openings(d)),
        .spaces = bits(spaces(a), spaces(b), spaces(c), spaces(d)),
        .controls = bits(controls(a), controls(b), controls(c), controls(d)),
        .high = bits(a, b, c, d),
    };
}

#include "part_words.h"
#include "part_append.h"

enum { DISTINCT_MAX = 64 };

static inline int are_distinct(uint32_t *marks, uint32_t count) {
    // Zeros, which no mark is, behind the last: blocks may reach over it.
    memset(marks + count, 0, 8 * sizeof *marks);
    __m128i found = _mm_setzero_si128();
    for (uint32_t one = 0; one + 1 < count; one += 1) {
        const __m128i mark = _mm_set1_epi32((int)marks[one]);
        for (uint32_t other = one + 1; other < count; other += 4) {
            const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(marks + other));
            found = _mm_or_si128(found, _mm_cmpeq_epi32(mark, block));
        }
    }
    return _mm_movemask_epi8(found) == 0;
}

#include "kernel.h"
#else
typedef int kernel_sse2_is_for_other_processors;
#endif
