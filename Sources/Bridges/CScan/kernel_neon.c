// SPDX-License-Identifier: Apache-2.0
// The kernel for every AArch64: sixteen bytes a step.
#if defined(__aarch64__) && defined(__ARM_NEON)
#include "internal.h"
#include <arm_neon.h>

#define KERNEL(name) name##_neon

/// One bit a byte: NEON's stand-in for a movemask. Each byte keeps the bit of its place, then neighbours are added.
static inline uint64_t bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    const uint8x16_t places = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t low = vpaddq_u8(vandq_u8(a, places), vandq_u8(b, places));
    const uint8x16_t high = vpaddq_u8(vandq_u8(c, places), vandq_u8(d, places));
    uint8x16_t sum = vpaddq_u8(low, high);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

static inline uint8x16_t equal(uint8x16_t bytes, uint8_t byte) { return vceqq_u8(bytes, vdupq_n_u8(byte)); }

static inline uint8x16_t openings(uint8x16_t bytes) { return equal(vorrq_u8(bytes, vdupq_n_u8(0x20)), '{'); }

static inline uint8x16_t operators(uint8x16_t bytes) {
    const uint8x16_t folded = vorrq_u8(bytes, vdupq_n_u8(0x20));
    return vorrq_u8(vorrq_u8(equal(folded, '{'), equal(folded, '}')), vorrq_u8(equal(bytes, ','), equal(bytes, ':')));
}

static inline uint8x16_t spaces(uint8x16_t bytes) {
    return vorrq_u8(vorrq_u8(equal(bytes, ' '), equal(bytes, '\n')), vorrq_u8(equal(bytes, '\t'), equal(bytes, '\r')));
}

static inline uint8x16_t controls(uint8x16_t bytes) { return vcltq_u8(bytes, vdupq_n_u8(0x20)); }

static inline uint8x16_t high(uint8x16_t bytes) { return vcgeq_u8(bytes, vdupq_n_u8(0x80)); }

static inline tape_masks classify(const uint8_t *bytes) {
    const uint8x16_t a = vld1q_u8(bytes), b = vld1q_u8(bytes + 16);
    const uint8x16_t c = vld1q_u8(bytes + 32), d = vld1q_u8(bytes + 48);
    return (tape_masks){
        .quotes = bits(equal(a, '"'), equal(b, '"'), equal(c, '"'), equal(d, '"')),
        .backslashes = bits(equal(a, '\\'), equal(b, '\\'), equal(c, '\\'), equal(d, '\\')),
        .operators = bits(operators(a), operators(b), operators(c), operators(d)),
        .openings = bits(openings(a), openings(b), openings(c), openings(d)),
        .spaces = bits(spaces(a), spaces(b), spaces(c), spaces(d)),
        .controls = bits(controls(a), controls(b), controls(c), controls(d)),
        .high = bits(high(a), high(b), high(c), high(d)),
    };
}

#include "part_words.h"
#include "part_append.h"

enum { DISTINCT_MAX = 64 };

static inline int are_distinct(uint32_t *marks, uint32_t count) {
    // Zeros, which no mark is, behind the last: blocks may reach over it.
    memset(marks + count, 0, 8 * sizeof *marks);
    uint32x4_t found = vdupq_n_u32(0);
    for (uint32_t one = 0; one + 1 < count; one += 1) {
        const uint32x4_t mark = vdupq_n_u32(marks[one]);
        for (uint32_t other = one + 1; other < count; other += 4) {
            found = vorrq_u32(found, vceqq_u32(mark, vld1q_u32(marks + other)));
        }
    }
    return vmaxvq_u32(found) == 0;
}

#include "kernel.h"
#else
typedef int kernel_neon_is_for_other_processors;
#endif
