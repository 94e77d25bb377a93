// SPDX-License-Identifier: Apache-2.0
#include "internal.h"
#include <stdlib.h>

void *match_grow(void *memory, size_t *capacity, size_t wanted, size_t item) {
    size_t size = *capacity ? *capacity : 64;
    while (size < wanted) size *= 2;
    void *larger = realloc(memory, size * item);
    if (!larger) abort();
    *capacity = size;
    return larger;
}

uint64_t match_hash(const uint8_t *bytes, size_t count, uint64_t seed) { return match_hash_inline(bytes, count, seed); }

uint64_t match_hash_factor(const uint8_t *bytes, uint64_t seed) { return match_factor_inline(bytes, seed); }

uint64_t match_hash_number(uint8_t kind, uint64_t bits, uint64_t seed) {
    return match_mix(bits ^ 0x589965CC75374CC3ull, seed ^ (0xEB44ACCAB455D165ull + kind));
}

uint64_t match_hash_block(uint64_t high, uint64_t low, uint32_t length, uint64_t seed) {
    return match_mix(high ^ seed ^ length, match_mix(low ^ 0x8EBC6AF09C88C6E3ull, seed ^ 0xE7037ED1A0B428DBull));
}

uint64_t match_hash_key(uint32_t path, uint32_t key_class, uint64_t value, uint64_t seed) {
    return match_key_inline(path, key_class, value, seed);
}

uint64_t match_hash_member(uint32_t parent, const uint8_t *key, size_t count, uint64_t seed) {
    return match_member_inline(parent, key, count, seed);
}

uint64_t match_key_bit(const uint8_t *key, size_t count) { return match_bit_inline(key, count); }

match_scratch *match_scratch_new(const match_table *table) {
    match_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch) return NULL;
    const size_t paths = table->path_count, routes = table->route_count;
    scratch->path_count = table->path_count;
    scratch->route_count = table->route_count;
    scratch->reaches = calloc(paths + 1, sizeof *scratch->reaches);
    scratch->touched = calloc(paths + 1, sizeof *scratch->touched);
    scratch->candidates = calloc(routes + 1, sizeof *scratch->candidates);
    scratch->seen_routes = calloc(routes / 64 + 1, sizeof(uint64_t));
    scratch->seen_slots = calloc((size_t)table->slot_mask / 64 + 1, sizeof(uint64_t));
    if (!scratch->reaches || !scratch->touched || !scratch->candidates || !scratch->seen_routes
        || !scratch->seen_slots) {
        match_scratch_free(scratch);
        return NULL;
    }
    for (size_t path = 0; path <= paths; path += 1) scratch->reaches[path] = match_reach_of((uint32_t)path);
    scratch->seed = table->seed;
    scratch->fixed_bytes = sizeof *scratch + (paths + 1) * (sizeof(match_reach) + 4) + (routes + 1) * 4
        + (routes / 64 + 1) * 8 + ((size_t)table->slot_mask / 64 + 1) * 8;
    return scratch;
}

void match_scratch_free(match_scratch *scratch) {
    free(scratch->leaves);
    free(scratch->text);
    free(scratch->elements);
    free(scratch->frames);
    free(scratch->satisfied);
    free(scratch->present);
    free(scratch->reaches);
    free(scratch->touched);
    free(scratch->candidates);
    free(scratch->opened);
    free(scratch->found);
    free(scratch->keys);
    free(scratch->twins);
    free(scratch->marked);
    free(scratch->seen_routes);
    free(scratch->seen_slots);
    free(scratch->folded);
    free(scratch);
}

size_t match_scratch_bytes(const match_scratch *scratch) {
    return scratch->fixed_bytes + scratch->leaf_capacity * sizeof(match_leaf) + scratch->text_capacity
        + scratch->element_capacity * sizeof(match_element) + scratch->frame_capacity * sizeof(match_frame)
        + scratch->mask_capacity * 20 + scratch->opened_capacity * 4 + scratch->found_capacity * 4
        + scratch->folded_capacity + scratch->key_capacity * 8
        + scratch->twin_capacity * 4;
}

void match_begin(
    match_scratch *scratch, const match_table *table, const uint8_t *bytes, const match_node *nodes) {
    static const uint8_t nothing[1];
    scratch->bytes = bytes ? bytes : nothing;
    scratch->nodes = nodes;
    scratch->element_count = 0;
    scratch->twin_mask = 0;
    scratch->has_masks = false;
    if (nodes) match_walk(scratch, table);
}

void match_end(match_scratch *scratch) {
    for (size_t place = 0; place < scratch->touched_count; place += 1) {
        scratch->reaches[scratch->touched[place]] = match_reach_of(scratch->touched[place]);
    }
    scratch->touched_count = 0;
    scratch->leaf_count = 0;
    scratch->text_count = 0;
    scratch->bytes = NULL;
    scratch->nodes = NULL;
}

size_t match_candidate_count(const match_scratch *scratch) { return scratch->candidate_count; }

bool match_holds(match_scratch *scratch, const match_table *table, uint32_t condition) {
    return match_condition(scratch, table, table->code + condition);
}

static int ascending(const void *one, const void *other) {
    const uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return left < right ? -1 : left > right;
}

static void sort(uint32_t *numbers, size_t count) {
    if (count > 24) {
        qsort(numbers, count, sizeof *numbers, ascending);
        return;
    }
    for (size_t place = 1; place < count; place += 1) {
        const uint32_t number = numbers[place];
        size_t at = place;
        while (at > 0 && numbers[at - 1] > number) {
            numbers[at] = numbers[at - 1];
            at -= 1;
        }
        numbers[at] = number;
    }
}

size_t match_find(match_scratch *scratch, const match_table *table, const uint32_t **found) {
    match_collect(scratch, table);
    if (scratch->found_capacity < scratch->candidate_count + 1) {
        scratch->found = match_grow(scratch->found, &scratch->found_capacity, scratch->candidate_count + 1, 4);
    }
    // Conditions come from memory while those before are checked.
    enum { AHEAD = 4 };
    const size_t candidates = scratch->candidate_count;
    for (size_t place = 0; place < AHEAD && place < candidates; place += 1) {
        __builtin_prefetch(table->code + table->routes[scratch->candidates[place]]);
    }
    size_t count = 0;
    for (size_t place = 0; place < candidates; place += 1) {
        if (place + AHEAD < candidates) {
            __builtin_prefetch(table->code + table->routes[scratch->candidates[place + AHEAD]]);
        }
        const uint32_t route = scratch->candidates[place];
        if (match_condition(scratch, table, table->code + table->routes[route])) {
            scratch->found[count] = route;
            count += 1;
        }
    }
    sort(scratch->found, count);
    scratch->found_count = count;
    *found = scratch->found;
    return count;
}
