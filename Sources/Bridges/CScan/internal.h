// SPDX-License-Identifier: Apache-2.0
// What the kernels share.
#pragma once
#include "tape.h"
#include <string.h>

/// Which of the 64 bytes of a block are what; bit 0 is the first byte.
typedef struct {
    uint64_t quotes;
    uint64_t backslashes;
    /// `{`, `}`, `[`, `]`, `,` and `:`. Control characters may be among them; the second step looks at the bytes.
    uint64_t operators;
    /// `{` and `[`.
    uint64_t openings;
    uint64_t spaces;
    /// Below 0x20.
    uint64_t controls;
    /// 0x80 and above.
    uint64_t high;
} tape_masks;

/// Places behind the last one that may be written, and are read.
enum { TAPE_SLACK = 80 };

int tape_find_plain(tape_index *index);
int tape_find_sse2(tape_index *index);
int tape_find_avx2(tape_index *index);
int tape_find_avx512(tape_index *index);
int tape_find_neon(tape_index *index);
size_t tape_build_plain(const tape_index *index, tape_node *nodes, size_t depth_max);
size_t tape_build_sse2(const tape_index *index, tape_node *nodes, size_t depth_max);
size_t tape_build_avx2(const tape_index *index, tape_node *nodes, size_t depth_max);
size_t tape_build_avx512(const tape_index *index, tape_node *nodes, size_t depth_max);
size_t tape_build_neon(const tape_index *index, tape_node *nodes, size_t depth_max);

/// Whether `count` marks, each odd, are distinct; 0 where it cannot say. For objects with many keys.
int tape_are_distinct_many(const uint32_t *marks, size_t count);

/// Whether the keys of `object`, the last on the tape, are distinct, by marks of all their bytes, which are written to
/// `marks`; 0 where it cannot say. For objects of which two keys have the same mark.
int tape_are_distinct_whole(
    const uint8_t *text, const tape_node *nodes, uint32_t object, uint32_t count, uint32_t *marks, uint32_t children);

/// The mark of a key that has escapes or stands near an end of the text; `last` is the place of its closing quote. 0
/// where it cannot say.
uint32_t tape_mark_rare(const uint8_t *text, size_t first, size_t last);

/// The length of the UTF-8 sequence of two to four bytes at `at`; 0 where it is none.
size_t tape_sequence(const uint8_t *text, size_t at, size_t size);

/// Whether the bytes are a JSON number, none left over.
int tape_is_number(const uint8_t *text, size_t at, size_t end);

/// The place behind the escape at `at`, or behind a pair of escapes that is one character; 0 where it is none.
size_t tape_escape(const uint8_t *text, size_t at, size_t size);

static inline uint64_t tape_load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/// Spreads two words and a length over 32 bits; odd, so that 0 is never a mark. Wraps, as hashes do.
static inline uint32_t tape_mix(uint64_t length, uint64_t front, uint64_t back) {
    const uint64_t mixed = (front ^ length << 56) * 0x9E3779B97F4A7C15u + (back ^ back >> 29) * 0xC2B2AE3D27D4EB4Fu;
    return (uint32_t)(mixed >> 32) | 1;
}

/// The mark of a key, of which eight bytes behind the start and eight before the end may be read: its length and as many
/// of its first and its last bytes. Without a branch, since the lengths of keys are what no processor can foresee.
static inline uint32_t tape_mark(const uint8_t *start, size_t length) {
    const uint64_t front = tape_load(start);
    const uint64_t back = tape_load(length < 8 ? start : start + length - 8);
    const uint64_t mask = length < 8 ? ((uint64_t)1 << (8 * length)) - 1 : ~(uint64_t)0;
    return tape_mix(length, front & mask, back & mask);
}
