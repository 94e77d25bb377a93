// SPDX-License-Identifier: Apache-2.0
// What the files of this target share.
#pragma once
#include "match.h"
#include <string.h>

#define NONE UINT32_MAX

/// One value that a path reaches, or one array that a path ends in.
typedef struct {
    /// Hash of a string, bits of a number; see `state`.
    uint64_t value;
    /// Its bytes; for strings without the quotes.
    uint32_t start, end;
    /// The next value of the same path, or NONE.
    uint32_t next;
    /// The element of an array that it stands in; 0 for none.
    uint32_t element;
    /// Place on the tape; NONE outside the body.
    uint32_t node;
    /// The next leaf of the path with an equal hash, where the path is indexed; NONE at the end.
    uint32_t twin;
    /// Its path, where that is indexed.
    uint32_t path;
    uint8_t kind;
    /// The bytes stand in `text`, not in the body.
    bool is_own;
    /// `value` was computed.
    bool is_read;
    uint8_t number_kind;
} match_leaf;

/// What a path reaches.
typedef struct {
    uint32_t leaves, arrays;
    /// How many leaves, and of which path; the path is NONE below an element.
    uint32_t count, path;
    bool is_reached, is_indexed;
    /// Walks through a long list so far.
    uint8_t walks;
} match_reach;

static inline match_reach match_reach_of(uint32_t path) {
    return (match_reach){.leaves = UINT32_MAX, .arrays = UINT32_MAX, .path = path};
}

/// An object that is an element of an array, met on the way along the trie.
typedef struct {
    uint32_t parent;
    /// The node of the trie that the array stands at.
    uint32_t trie;
} match_element;

typedef struct {
    uint32_t end, trie, element;
    bool is_object;
} match_frame;

struct match_scratch {
    const uint8_t *bytes;
    const match_node *nodes;
    uint64_t seed;
    match_leaf *leaves;
    uint8_t *text;
    match_element *elements;
    match_frame *frames;
    /// By element: fields of the clause at hand that it satisfies, and those that it must not have and has.
    uint64_t *satisfied, *present;
    match_reach *reaches;
    uint32_t *touched;
    uint32_t *candidates;
    uint32_t *opened;
    uint32_t *found;
    /// Hashes of keys that the table may hold.
    uint64_t *keys;
    /// Leaves of long lists by path and hash, and its slots less one; 0 slots until an event needs it.
    uint32_t *twins;
    size_t twin_capacity;
    uint32_t twin_mask;
    /// Elements whose masks are not 0, as a heap with the highest number first.
    uint32_t *marked;
    size_t marked_count;
    bool has_masks;
    /// Bits by route and by slot: seen for this event.
    uint64_t *seen_routes, *seen_slots;
    uint8_t *folded;
    size_t leaf_count, leaf_capacity, text_count, text_capacity, element_count, element_capacity;
    size_t frame_capacity, mask_capacity, touched_count, candidate_count, opened_count, found_count, found_capacity;
    size_t folded_capacity, opened_capacity, key_count, key_capacity;
    size_t fixed_bytes;
    uint32_t path_count, route_count;
};

/// Memory that grows; ends the process where there is none, as Swift does.
void *match_grow(void *memory, size_t *capacity, size_t wanted, size_t item);

static inline uint64_t match_load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

static inline uint32_t match_load_half(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

/// 64 by 64 bits, both halves folded together: the mixing step of wyhash (public domain, Wang Yi).
static inline uint64_t match_mix(uint64_t one, uint64_t other) {
    const __uint128_t product = (__uint128_t)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/// Up to eight bytes as one word; different texts of one length give different words.
static inline uint64_t match_short(const uint8_t *bytes, size_t count) {
    if (count >= 8) return match_load(bytes);
    if (count >= 4) return (uint64_t)match_load_half(bytes) | (uint64_t)match_load_half(bytes + count - 4) << 32;
    if (count == 0) return 0;
    return (uint64_t)bytes[0] | (uint64_t)bytes[count >> 1] << 8 | (uint64_t)bytes[count - 1] << 16;
}

static inline uint64_t match_hash_inline(const uint8_t *bytes, size_t count, uint64_t seed) {
    uint64_t hash = seed ^ 0xA0761D6478BD642Full;
    size_t rest = count;
    while (rest > 16) {
        hash = match_mix(match_load(bytes) ^ 0xE7037ED1A0B428DBull, match_load(bytes + 8) ^ hash);
        bytes += 16;
        rest -= 16;
    }
    uint64_t first, last;
    if (rest > 8) {
        first = match_load(bytes);
        last = match_load(bytes + rest - 8);
    } else {
        first = match_short(bytes, rest);
        last = 0;
    }
    return match_mix(0x8EBC6AF09C88C6E3ull ^ count, match_mix(first ^ 0x589965CC75374CC3ull, last ^ hash));
}

static inline uint64_t match_key_inline(uint32_t path, uint32_t key_class, uint64_t value, uint64_t seed) {
    return match_mix(value ^ 0x1D8E4E27C47D124Full, seed ^ ((uint64_t)path << 8 | key_class) * 0x9E3779B97F4A7C15ull);
}

static inline uint64_t match_factor_inline(const uint8_t *bytes, uint64_t seed) {
    return match_mix(match_load_half(bytes) ^ 0xEB44ACCAB455D165ull, seed ^ 0xA0761D6478BD642Full);
}

static inline uint64_t match_member_inline(uint32_t parent, const uint8_t *key, size_t count, uint64_t seed) {
    const uint64_t first = match_short(key, count), last = count > 8 ? match_load(key + count - 8) : 0;
    return match_mix(first ^ ((uint64_t)parent << 32 | count), last ^ seed ^ 0xE7037ED1A0B428DBull);
}

static inline uint64_t match_bit_inline(const uint8_t *key, size_t count) {
    return 1ull << ((count * 5 + (count ? key[0] + 3u * key[count - 1] : 0)) & 63);
}

static inline uint8_t match_fold(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

static inline const uint8_t *match_text_of(const match_scratch *scratch, const match_leaf *leaf) {
    return (leaf->is_own ? scratch->text : scratch->bytes) + leaf->start;
}

/// The folded text of a leaf; lives until the next call.
const uint8_t *match_folded(match_scratch *scratch, const uint8_t *text, size_t count);

/// Makes `value` valid: the hash of a string, the bits of a number.
void match_read_value(match_scratch *scratch, match_leaf *leaf);

static inline void match_need_value(match_scratch *scratch, match_leaf *leaf) {
    if (!leaf->is_read) match_read_value(scratch, leaf);
}

/// Appends the value at a place on the tape; its index.
uint32_t match_append_leaf(match_scratch *scratch, uint32_t node, uint32_t next, uint32_t element);

/// Resolves the escapes of the inside of a string behind the end of `text`; bytes appended.
size_t match_resolve(match_scratch *scratch, const uint8_t *inside, size_t count);

/// A list of so many leaves that was walked so often is worth an index of its own.
enum { MATCH_LONG_LIST = 32, MATCH_WALKS_MAX = 4 };

bool match_is_equality(const uint32_t *code);

/// Whether to look a test up in the index of a path, not walk through its leaves.
static inline bool match_looks_up(match_scratch *scratch, uint32_t path, const uint32_t *code) {
    match_reach *reach = &scratch->reaches[path];
    if (reach->count <= MATCH_LONG_LIST || !match_is_equality(code)) return false;
    if (reach->walks == MATCH_WALKS_MAX) return true;
    reach->walks += 1;
    return false;
}

/// Visits leaves that may be equal to what a test of plain equality asks for. Begin with NONE and *place = 0; NONE at the
/// end.
uint32_t match_next_equal(
    match_scratch *scratch, uint32_t path, const uint32_t *code, uint32_t previous, uint32_t *place);

void match_walk(match_scratch *scratch, const match_table *table);
void match_collect(match_scratch *scratch, const match_table *table);
bool match_condition(match_scratch *scratch, const match_table *table, const uint32_t *code);
/// Whether one value passes a test. `reach`: everything that its path reaches.
bool match_passes(
    match_scratch *scratch, const match_table *table, uint32_t leaf, const uint32_t *code, match_reach reach);
bool match_together(match_scratch *scratch, const match_table *table, const uint32_t *code);

static inline uint32_t match_op(uint32_t head) { return head & 0xFF; }
static inline uint32_t match_size(uint32_t head) { return head >> 8; }

static inline uint64_t match_wide(const uint32_t *code) { return (uint64_t)code[0] | (uint64_t)code[1] << 32; }
