// SPDX-License-Identifier: Apache-2.0
// The choice of a kernel, memory for the places, and what is rare enough to be written once and plainly.
#include "internal.h"
#include <pthread.h>
#include <stdlib.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IS_LITTLE 1
#else
// The kernels read words; on other machines the exact parser does all the work.
#define IS_LITTLE 0
#endif

int tape_has(tape_kernel kernel) {
    switch (kernel) {
    case TAPE_BEST:
    case TAPE_PLAIN: return IS_LITTLE;
#if defined(__x86_64__)
    case TAPE_SSE2: return 1;
    case TAPE_AVX512:
        return tape_has(TAPE_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
    case TAPE_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
            && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("popcnt");
#elif defined(__aarch64__) && IS_LITTLE
    case TAPE_NEON: return 1;
#endif
    default: return 0;
    }
}

static tape_kernel best(void) {
    // The same for the life of the process: all threads write the same value.
    static tape_kernel known = TAPE_BEST;
    tape_kernel kernel = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (kernel == TAPE_BEST) {
        kernel = tape_has(TAPE_AVX512) ? TAPE_AVX512
               : tape_has(TAPE_AVX2) ? TAPE_AVX2
               : tape_has(TAPE_SSE2) ? TAPE_SSE2
               : tape_has(TAPE_NEON) ? TAPE_NEON
                                     : TAPE_PLAIN;
        __atomic_store_n(&known, kernel, __ATOMIC_RELAXED);
    }
    return kernel;
}

/// A thread keeps room for texts of up to this many bytes; larger ones get their own.
enum { KEPT = 16 * 1024 };

/// Bytes of the shortest member, `"":0,`.
enum { MEMBER = 5 };

// Made when a thread parses its first text, so that threads which never do pay nothing; freed with the thread.
static _Thread_local uint32_t *kept_memory;
static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;
static int has_kept_key;

static void drop_kept(void *memory) {
    free(memory);
    kept_memory = NULL;
}

static void make_kept_key(void) { has_kept_key = pthread_key_create(&kept_key, drop_kept) == 0; }

/// The room of this thread; NULL where there is no memory.
static uint32_t *kept(void) {
    if (kept_memory) return kept_memory;
    pthread_once(&kept_once, make_kept_key);
    if (!has_kept_key) return NULL;
    uint32_t *memory = malloc((KEPT + KEPT / MEMBER + 2 * TAPE_SLACK) * sizeof *memory);
    if (memory && pthread_setspecific(kept_key, memory) != 0) {
        free(memory);
        return NULL;
    }
    kept_memory = memory;
    return memory;
}

static int find(tape_index *index) {
    switch (index->kernel) {
#if defined(__x86_64__)
    case TAPE_AVX512: return tape_find_avx512(index);
    case TAPE_AVX2: return tape_find_avx2(index);
    case TAPE_SSE2: return tape_find_sse2(index);
#elif defined(__aarch64__)
    case TAPE_NEON: return tape_find_neon(index);
#endif
    default: return tape_find_plain(index);
    }
}

/// Puts places behind the last that end every loop of the second step: those of a comma or a colon, of which two in a
/// row are wrong wherever they stand. 0 where the text has neither: such a text has hardly more than one value.
static int stop(tape_index *index) {
    const uint32_t *place = index->places;
    while (place < index->places_end && index->text[*place] != ',' && index->text[*place] != ':') place += 1;
    if (place == index->places_end) return 0;
    const uint32_t stopper = *place;
    for (size_t at = 0; at < 8; at += 1) index->places_end[at] = stopper;
    return 1;
}

size_t tape_find(tape_index *index, const uint8_t *text, size_t size, tape_kernel kernel) {
    if (!IS_LITTLE || size >= UINT32_MAX) return 0;
    index->text = text;
    index->size = size;
    index->kernel = kernel == TAPE_BEST ? best() : kernel;
    index->owned = NULL;
    if (size > KEPT) {
        index->owned = malloc((size + size / MEMBER + 2 * TAPE_SLACK) * sizeof(uint32_t));
        index->places = index->owned;
    } else {
        index->places = kept();
    }
    if (!index->places) return 0;
    index->keys = index->places + (size > KEPT ? size : KEPT) + TAPE_SLACK;
    if (find(index) && stop(index)) return index->nodes;
    tape_end(index);
    return 0;
}

size_t tape_build(const tape_index *index, void *nodes, size_t depth_max) {
    switch (index->kernel) {
#if defined(__x86_64__)
    case TAPE_AVX512: return tape_build_avx512(index, nodes, depth_max);
    case TAPE_AVX2: return tape_build_avx2(index, nodes, depth_max);
    case TAPE_SSE2: return tape_build_sse2(index, nodes, depth_max);
#elif defined(__aarch64__)
    case TAPE_NEON: return tape_build_neon(index, nodes, depth_max);
#endif
    default: return tape_build_plain(index, nodes, depth_max);
    }
}

void tape_end(tape_index *index) {
    free(index->owned);
    index->owned = NULL;
}

// Keys.

int tape_are_distinct_many(const uint32_t *marks, size_t count) {
    // Open addressing; at least half of the slots stay free.
    const size_t slots = (size_t)1 << (64 - __builtin_clzll((unsigned long long)count * 2 - 1));
    uint32_t *table = calloc(slots, sizeof *table);
    if (!table) return 0;
    // A fair mix needs about half a collision a key at this load; an attacker's keys get no more than a few.
    size_t patience = count * 4 + 32;
    int are_distinct = 1;
    for (size_t at = 0; at < count && are_distinct; at += 1) {
        size_t slot = (marks[at] >> 1) & (slots - 1);
        while (table[slot] != 0 && are_distinct) {
            patience -= 1;
            if (table[slot] == marks[at] || patience == 0) are_distinct = 0;
            slot = (slot + 1) & (slots - 1);
        }
        table[slot] = marks[at];
    }
    free(table);
    return are_distinct;
}

/// The value of a hexadecimal digit; above 15 for other bytes.
static unsigned hex_digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    const uint8_t letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10u : 16;
}

/// The four digits at `at`; above 0xFFFF where they are none.
static uint32_t hex_unit(const uint8_t *text, size_t at, size_t size) {
    if (size - at < 4) return UINT32_MAX;
    uint32_t unit = 0;
    for (size_t place = at; place < at + 4; place += 1) {
        const unsigned digit = hex_digit(text[place]);
        if (digit > 15) return UINT32_MAX;
        unit = unit << 4 | digit;
    }
    return unit;
}

size_t tape_escape(const uint8_t *text, size_t at, size_t size) {
    if (size - at < 2) return 0;
    switch (text[at + 1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 2;
    case 'u': break;
    default: return 0;
    }
    const uint32_t unit = hex_unit(text, at + 2, size);
    if (unit > 0xFFFF) return 0;
    if ((unit & 0xF800) != 0xD800) return at + 6;
    // Half of a pair must be the first half and be followed by the second.
    if ((unit & 0xFC00) != 0xD800 || size - at < 12 || text[at + 6] != '\\' || text[at + 7] != 'u') return 0;
    return (hex_unit(text, at + 8, size) & ~0x3FFu) == 0xDC00 ? at + 12 : 0;
}

/// Appends a character in UTF-8; the place behind it.
static size_t put(uint8_t *out, size_t at, uint32_t character) {
    if (character < 0x80) {
        out[at++] = (uint8_t)character;
    } else if (character < 0x800) {
        out[at++] = (uint8_t)(0xC0 | character >> 6);
        out[at++] = (uint8_t)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        out[at++] = (uint8_t)(0xE0 | character >> 12);
        out[at++] = (uint8_t)(0x80 | (character >> 6 & 0x3F));
        out[at++] = (uint8_t)(0x80 | (character & 0x3F));
    } else {
        out[at++] = (uint8_t)(0xF0 | character >> 18);
        out[at++] = (uint8_t)(0x80 | (character >> 12 & 0x3F));
        out[at++] = (uint8_t)(0x80 | (character >> 6 & 0x3F));
        out[at++] = (uint8_t)(0x80 | (character & 0x3F));
    }
    return at;
}

/// Keys up to this long may have escapes.
enum { ESCAPED_MAX = 256 };

/// The value of a key of at most `ESCAPED_MAX` bytes; its length.
static size_t resolve(const uint8_t *text, size_t first, size_t last, uint8_t *value) {
    size_t out = 0;
    // Every escape is longer than what it stands for.
    for (size_t at = first; at < last;) {
        if (text[at] != '\\') {
            value[out++] = text[at++];
            continue;
        }
        // The escapes were checked before.
        switch (text[at + 1]) {
        case 'b': value[out++] = 0x08; break;
        case 'f': value[out++] = 0x0C; break;
        case 'n': value[out++] = 0x0A; break;
        case 'r': value[out++] = 0x0D; break;
        case 't': value[out++] = 0x09; break;
        case 'u': {
            uint32_t character = hex_unit(text, at + 2, last);
            if ((character & 0xFC00) == 0xD800) {
                character = 0x10000 + ((character - 0xD800) << 10) + (hex_unit(text, at + 8, last) - 0xDC00);
                at += 6;
            }
            out = put(value, out, character);
            at += 4;
            break;
        }
        default: value[out++] = text[at + 1];
        }
        at += 2;
    }
    return out;
}

uint32_t tape_mark_rare(const uint8_t *text, size_t first, size_t last) {
    uint8_t value[ESCAPED_MAX + 8] = {0};
    if (last - first > ESCAPED_MAX) return 0;
    return tape_mark(value, resolve(text, first, last, value));
}

int tape_are_distinct_whole(
    const uint8_t *text, const tape_node *nodes, uint32_t object, uint32_t count, uint32_t *marks, uint32_t children
) {
    uint32_t *mark = marks;
    for (uint32_t key = object + 1; key < count; key = nodes[key + 1].next) {
        const uint8_t *bytes = text + nodes[key].start + 1;
        size_t length = nodes[key].end - nodes[key].start - 2;
        uint8_t value[ESCAPED_MAX];
        if (nodes[key].escaped) {
            if (length > sizeof value) return 0;
            length = resolve(text, nodes[key].start + 1, nodes[key].end - 1, value);
            bytes = value;
        }
        uint64_t mixed = length;
        for (; length >= 8; length -= 8, bytes += 8) {
            mixed = (mixed ^ tape_load(bytes)) * 0x9E3779B97F4A7C15u;
            mixed ^= mixed >> 32;
        }
        for (; length > 0; length -= 1, bytes += 1) mixed = (mixed ^ *bytes) * 0xC2B2AE3D27D4EB4Fu;
        *mark++ = (uint32_t)(mixed >> 32) | 1;
    }
    return tape_are_distinct_many(marks, children);
}

// Bytes.

size_t tape_sequence(const uint8_t *text, size_t at, size_t size) {
    // The table of RFC 3629, section 4.
    const uint8_t lead = text[at];
    uint8_t low = 0x80, high = 0xBF;
    size_t length;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return 0;
    }
    if (size - at < length || text[at + 1] < low || text[at + 1] > high) return 0;
    if (length > 2 && (text[at + 2] & 0xC0) != 0x80) return 0;
    if (length > 3 && (text[at + 3] & 0xC0) != 0x80) return 0;
    return length;
}

static size_t digits(const uint8_t *text, size_t at, size_t end) {
    while (at < end && text[at] >= '0' && text[at] <= '9') at += 1;
    return at;
}

int tape_is_number(const uint8_t *text, size_t at, size_t end) {
    if (at < end && text[at] == '-') at += 1;
    size_t behind = digits(text, at, end);
    if (behind == at || (text[at] == '0' && behind - at > 1)) return 0;
    at = behind;
    if (at < end && text[at] == '.') {
        behind = digits(text, at + 1, end);
        if (behind == at + 1) return 0;
        at = behind;
    }
    if (at < end && (text[at] | 0x20) == 'e') {
        at += 1;
        if (at < end && (text[at] == '+' || text[at] == '-')) at += 1;
        behind = digits(text, at, end);
        if (behind == at) return 0;
        at = behind;
    }
    return at == end;
}
