// SPDX-License-Identifier: Apache-2.0
// The kernel for processors without vectors that we know: eight bytes a step in ordinary words.
#include "internal.h"

#define KERNEL(name) name##_plain

static inline uint64_t bit(int is_set, unsigned place) { return (uint64_t)is_set << place; }

static inline tape_masks classify(const uint8_t *bytes) {
    tape_masks masks = {0};
    for (unsigned place = 0; place < 64; place += 1) {
        const uint8_t byte = bytes[place];
        masks.quotes |= bit(byte == '"', place);
        masks.backslashes |= bit(byte == '\\', place);
        const uint8_t folded = byte | 0x20;
        masks.openings |= bit(folded == '{', place);
        masks.operators |= bit((folded == '{') | (folded == '}') | (byte == ',') | (byte == ':'), place);
        masks.spaces |= bit((byte == ' ') | (byte == '\n') | (byte == '\t') | (byte == '\r'), place);
        masks.controls |= bit(byte < 0x20, place);
        masks.high |= bit(byte >= 0x80, place);
    }
    return masks;
}

#include "part_words.h"
#include "part_append.h"

enum { DISTINCT_MAX = 16 };

static inline int are_distinct(uint32_t *marks, uint32_t count) {
    uint32_t equal = 0;
    for (uint32_t one = 0; one + 1 < count; one += 1) {
        for (uint32_t other = one + 1; other < count; other += 1) equal |= marks[one] == marks[other];
    }
    return !equal;
}

#include "kernel.h"
