// SPDX-License-Identifier: Apache-2.0
// Two scans over bytes that Swift cannot yet write as tightly: sixteen bytes a step with SSE2 (part of x86-64) or NEON
// (part of AArch64), so nothing is chosen at run time; one byte a step elsewhere. Inline, so that the caller's loop
// pays no call. Both read [at, end) only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/// The first place from `at` on whose byte cannot be passed over inside a JSON string: a quote, a backslash, a control
/// character or a byte of 0x80 and above; `end` where there is none.
static inline size_t scan_plain_run(const uint8_t *bytes, size_t at, size_t end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    for (; end - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at));
        // Compared as signed bytes, 0x80 and above are negative and so below the space too.
        const __m128i stop = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)), _mm_cmplt_epi8(block, space));
        const unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask) return at + (size_t)__builtin_ctz(mask);
    }
#elif defined(__ARM_NEON) && defined(__aarch64__)
    const uint8x16_t quote = vdupq_n_u8('"'), backslash = vdupq_n_u8('\\');
    const int8x16_t space = vdupq_n_s8(0x20);
    for (; end - at >= 16; at += 16) {
        const uint8x16_t block = vld1q_u8(bytes + at);
        const uint8x16_t stop = vorrq_u8(
            vorrq_u8(vceqq_u8(block, quote), vceqq_u8(block, backslash)), vcltq_s8(vreinterpretq_s8_u8(block), space));
        // Narrowing by four bits leaves one nibble a byte: NEON's stand-in for a movemask.
        const uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(stop), 4)), 0);
        if (mask) return at + ((size_t)__builtin_ctzll(mask) >> 2);
    }
#endif
    for (; at < end; at += 1) {
        const uint8_t byte = bytes[at];
        if (byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x80) return at;
    }
    return end;
}

/// The first place from `at` on that is no JSON white space; `end` where there is none.
static inline size_t scan_space(const uint8_t *bytes, size_t at, size_t end) {
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t');
    const __m128i feed = _mm_set1_epi8('\n'), carriage = _mm_set1_epi8('\r');
    for (; end - at >= 16; at += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + at));
        const __m128i blank = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(block, space), _mm_cmpeq_epi8(block, tab)),
            _mm_or_si128(_mm_cmpeq_epi8(block, feed), _mm_cmpeq_epi8(block, carriage)));
        const unsigned mask = (unsigned)_mm_movemask_epi8(blank) ^ 0xFFFFu;
        if (mask) return at + (size_t)__builtin_ctz(mask);
    }
#endif
    for (; at < end; at += 1) {
        const uint8_t byte = bytes[at];
        if (byte != ' ' && byte != '\n' && byte != '\t' && byte != '\r') return at;
    }
    return end;
}
