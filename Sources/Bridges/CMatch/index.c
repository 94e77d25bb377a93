// SPDX-License-Identifier: Apache-2.0
// Looks the event's values up among the keys of the table and gathers every route that may hold, each once.
#include "internal.h"

static inline void add(match_scratch *scratch, const match_table *table, uint32_t route) {
    const uint64_t bit = 1ull << (route & 63);
    if (scratch->seen_routes[route >> 6] & bit) return;
    scratch->seen_routes[route >> 6] |= bit;
    scratch->candidates[scratch->candidate_count] = route;
    scratch->candidate_count += 1;
    __builtin_prefetch(&table->routes[route]);
}

/// Whether a list of routes is met for the first time: an array that repeats one value thousands of times must not walk
/// the same long list as often.
static inline bool opens(match_scratch *scratch, uint32_t slot) {
    const uint64_t bit = 1ull << (slot & 63);
    if (scratch->seen_slots[slot >> 6] & bit) return false;
    scratch->seen_slots[slot >> 6] |= bit;
    if (scratch->opened_count == scratch->opened_capacity) {
        scratch->opened = match_grow(scratch->opened, &scratch->opened_capacity, scratch->opened_count + 1, 4);
    }
    scratch->opened[scratch->opened_count] = slot;
    scratch->opened_count += 1;
    return true;
}

/// Remembers a key that the table may hold. Most keys of an event are ruled out by one bit; what is left is read later,
/// when it has come from memory.
static inline void find(match_scratch *scratch, const match_table *table, uint64_t hash) {
    const uint64_t bit = hash >> 20 & table->filter_mask;
    if (!(table->filter[bit >> 6] >> (bit & 63) & 1)) return;
    if (scratch->key_count == scratch->key_capacity) {
        scratch->keys = match_grow(scratch->keys, &scratch->key_capacity, scratch->key_count + 1, sizeof(uint64_t));
    }
    scratch->keys[scratch->key_count] = hash;
    scratch->key_count += 1;
    __builtin_prefetch(&table->slots[(uint32_t)hash & table->slot_mask]);
}

static inline void open_key(match_scratch *scratch, const match_table *table, uint64_t hash) {
    const uint32_t tag = (uint32_t)(hash >> 32);
    uint32_t at = (uint32_t)hash & table->slot_mask;
    while (true) {
        const match_slot slot = table->slots[at];
        if (slot.target == NONE) return;
        if (slot.tag == tag) {
            if (slot.target >> 31) {
                add(scratch, table, slot.target & 0x7FFFFFFF);
            } else if (opens(scratch, at)) {
                const uint32_t *list = table->postings + slot.target;
                for (uint32_t place = 1; place <= list[0]; place += 1) add(scratch, table, list[place]);
            }
            // Keys with equal tags may stand behind one another; a route found too many only costs a check.
        }
        at = (at + 1) & table->slot_mask;
    }
}

static inline void find_key(
    match_scratch *scratch, const match_table *table, uint32_t path, uint32_t key_class, uint64_t value) {
    find(scratch, table, match_key_inline(path, key_class, value, table->seed));
}

static void find_around(
    match_scratch *scratch, const match_table *table, const match_interval *intervals, size_t low, size_t high,
    double value) {
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const match_interval *interval = &intervals[middle];
        if (interval->highest < value) return;
        find_around(scratch, table, intervals, low, middle, value);
        if (interval->low > value) return;
        if (value <= interval->high) add(scratch, table, interval->route);
        low = middle + 1;
    }
}

static double as_double(const match_leaf *leaf) {
    double value;
    switch (leaf->number_kind) {
    case 0: return (double)(int64_t)leaf->value;
    case 1: return (double)leaf->value;
    default: memcpy(&value, &leaf->value, 8); return value;
    }
}

static inline bool has(const match_probe *probe, uint32_t key_class) { return probe->classes >> key_class & 1; }

static void find_factors(
    match_scratch *scratch, const match_table *table, uint32_t path, const uint8_t *text, size_t count) {
    for (size_t at = 0; at + 4 <= count; at += 1) {
        find_key(scratch, table, path, MATCH_KEY_FACTOR, match_factor_inline(text + at, table->seed));
    }
}

static void find_blocks(
    match_scratch *scratch, const match_table *table, uint32_t path, const uint32_t *lengths, const uint8_t *text,
    size_t count) {
    uint64_t high, low;
    if (!match_address(text, count, &high, &low)) return;
    for (uint32_t place = 1; place <= lengths[0]; place += 1) {
        const uint32_t length = lengths[place];
        const uint64_t top = length == 0 ? 0 : length >= 64 ? high : high & ~0ull << (64 - length);
        const uint64_t bottom = length <= 64 ? 0 : length >= 128 ? low : low & ~0ull << (128 - length);
        find_key(scratch, table, path, MATCH_KEY_BLOCK, match_hash_block(top, bottom, length, table->seed));
    }
}

/// Beginnings and ends of a text, in every length that the path has keys of.
static void find_parts(
    match_scratch *scratch, const match_table *table, uint32_t path, const match_probe *probe, const uint8_t *text,
    size_t count) {
    const uint32_t *lengths = table->lengths + probe->lengths;
    const uint8_t *folded = NULL;
    for (uint32_t key_class = MATCH_KEY_PREFIX; key_class <= MATCH_KEY_FOLDED_SUFFIX; key_class += 1) {
        const bool is_end = key_class == MATCH_KEY_SUFFIX || key_class == MATCH_KEY_FOLDED_SUFFIX;
        const uint8_t *from = text;
        if (key_class >= MATCH_KEY_FOLDED_PREFIX && lengths[0] > 0) {
            if (!folded) folded = match_folded(scratch, text, count);
            from = folded;
        }
        for (uint32_t place = 1; place <= lengths[0] && lengths[place] <= count; place += 1) {
            const uint8_t *part = is_end ? from + count - lengths[place] : from;
            find_key(scratch, table, path, key_class, match_hash_inline(part, lengths[place], table->seed));
        }
        lengths += 1 + lengths[0];
    }
    if (has(probe, MATCH_KEY_BLOCK)) find_blocks(scratch, table, path, lengths, text, count);
}

/// Looks one string up in every way that its path has keys for.
static void find_text(
    match_scratch *scratch, const match_table *table, uint32_t path, const match_probe *probe, match_leaf *leaf) {
    const uint8_t *text = match_text_of(scratch, leaf);
    const size_t count = leaf->end - leaf->start;
    if (has(probe, MATCH_KEY_TEXT)) {
        match_need_value(scratch, leaf);
        find_key(scratch, table, path, MATCH_KEY_TEXT, leaf->value);
    }
    if (probe->classes >> MATCH_KEY_PREFIX) find_parts(scratch, table, path, probe, text, count);
    if (has(probe, MATCH_KEY_FOLDED)) {
        const uint8_t *folded = match_folded(scratch, text, count);
        find_key(scratch, table, path, MATCH_KEY_FOLDED, match_hash_inline(folded, count, table->seed));
    }
    if (has(probe, MATCH_KEY_FACTOR)) find_factors(scratch, table, path, text, count);
    if (has(probe, MATCH_KEY_ANY_TEXT)) find_key(scratch, table, path, MATCH_KEY_ANY_TEXT, 0);
}

static void find_leaf(
    match_scratch *scratch, const match_table *table, uint32_t path, const match_probe *probe, match_leaf *leaf) {
    switch (leaf->kind) {
    case MATCH_STRING: find_text(scratch, table, path, probe, leaf); break;
    case MATCH_NUMBER:
        if (!has(probe, MATCH_KEY_NUMBER) && probe->interval_count == 0) break;
        match_need_value(scratch, leaf);
        if (has(probe, MATCH_KEY_NUMBER)) {
            const uint64_t hash = match_hash_number(leaf->number_kind, leaf->value, table->seed);
            find_key(scratch, table, path, MATCH_KEY_NUMBER, hash);
        }
        if (probe->interval_count > 0) {
            const match_interval *intervals = table->intervals + probe->interval_start;
            find_around(scratch, table, intervals, 0, probe->interval_count, as_double(leaf));
        }
        break;
    case MATCH_NULL:
    case MATCH_FALSE:
    case MATCH_TRUE:
        if (has(probe, MATCH_KEY_LITERAL)) find_key(scratch, table, path, MATCH_KEY_LITERAL, leaf->kind);
        break;
    default: break;
    }
}

void match_collect(match_scratch *scratch, const match_table *table) {
    scratch->candidate_count = 0;
    scratch->key_count = 0;
    for (uint32_t place = 0; place < table->remainder_count; place += 1) add(scratch, table, table->remainder[place]);
    for (size_t place = 0; place < scratch->touched_count; place += 1) {
        const uint32_t path = scratch->touched[place];
        const match_probe *probe = &table->probes[path];
        if (probe->classes == 0 && probe->interval_count == 0) continue;
        if (has(probe, MATCH_KEY_REACHED)) find_key(scratch, table, path, MATCH_KEY_REACHED, 0);
        uint32_t leaf = scratch->reaches[path].leaves;
        while (leaf != NONE) {
            find_leaf(scratch, table, path, probe, &scratch->leaves[leaf]);
            leaf = scratch->leaves[leaf].next;
        }
    }
    for (size_t place = 0; place < scratch->key_count; place += 1) open_key(scratch, table, scratch->keys[place]);
    // What was seen is forgotten by going through it again: nothing is cleared that this event did not touch.
    for (size_t place = 0; place < scratch->candidate_count; place += 1) {
        scratch->seen_routes[scratch->candidates[place] >> 6] = 0;
    }
    for (size_t place = 0; place < scratch->opened_count; place += 1) scratch->seen_slots[scratch->opened[place] >> 6] = 0;
    scratch->opened_count = 0;
}
