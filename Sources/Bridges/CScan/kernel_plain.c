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

static inline uint64_t inside(uint64_t quotes) {
    for (unsigned step = 1; step < 64; step *= 2) quotes ^= quotes << step;
    return quotes;
}

static inline uint32_t lowest(uint64_t bits) { return (uint32_t)__builtin_ctzll(bits | (uint64_t)1 << 63); }

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

enum { DISTINCT_MAX = 16 };

static inline int are_distinct(uint32_t *marks, uint32_t count) {
    uint32_t equal = 0;
    for (uint32_t one = 0; one + 1 < count; one += 1) {
        for (uint32_t other = one + 1; other < count; other += 1) equal |= marks[one] == marks[other];
    }
    return !equal;
}

#include "kernel.h"
