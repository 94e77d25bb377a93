// SPDX-License-Identifier: Apache-2.0
// Several fields that must hold for the same elements of all arrays that they share. Arrays are a tree, so the elements
// that satisfy all fields below their array are found from the leaves up: linear in the values, where a comparison of
// every combination would be exponential in the fields.
#include "internal.h"

static inline bool is_scalar(const match_leaf *leaf) { return leaf->kind < MATCH_ARRAY; }

static bool some_scalar(match_scratch *scratch, uint32_t path) {
    for (uint32_t leaf = scratch->reaches[path].leaves; leaf != NONE; leaf = scratch->leaves[leaf].next) {
        if (is_scalar(&scratch->leaves[leaf])) return true;
    }
    return false;
}

static inline bool some_passes(
    match_scratch *scratch, const match_table *table, uint32_t path, const uint32_t *test) {
    const match_reach reach = scratch->reaches[path];
    for (uint32_t leaf = reach.leaves; leaf != NONE; leaf = scratch->leaves[leaf].next) {
        if (is_scalar(&scratch->leaves[leaf]) && match_passes(scratch, table, leaf, test, reach)) return true;
    }
    return false;
}

static void reserve(match_scratch *scratch) {
    const size_t wanted = scratch->element_count + 1;
    if (scratch->mask_capacity < wanted) {
        size_t other = scratch->mask_capacity;
        scratch->satisfied = match_grow(scratch->satisfied, &other, wanted, sizeof(uint64_t));
        scratch->present = match_grow(scratch->present, &scratch->mask_capacity, wanted, sizeof(uint64_t));
    }
    memset(scratch->satisfied, 0, wanted * sizeof(uint64_t));
    memset(scratch->present, 0, wanted * sizeof(uint64_t));
}

/// Marks the elements in which a field's values stand that pass; false where it is wanted and none does.
static bool mark(match_scratch *scratch, const match_table *table, const uint32_t *field, uint64_t bit) {
    const bool is_absent = field[1] != 0;
    const match_reach reach = scratch->reaches[field[0]];
    bool has_any = is_absent;
    for (uint32_t leaf = reach.leaves; leaf != NONE; leaf = scratch->leaves[leaf].next) {
        const match_leaf *value = &scratch->leaves[leaf];
        if (!is_scalar(value)) continue;
        if (is_absent) {
            scratch->present[value->element] |= bit;
        } else if (!(scratch->satisfied[value->element] & bit)
                   && match_passes(scratch, table, leaf, field + 2, reach)) {
            scratch->satisfied[value->element] |= bit;
            has_any = true;
        }
    }
    return has_any;
}

/// The fields whose paths lead through a node of the trie.
static uint64_t below(const match_table *table, const uint32_t *code, uint32_t trie) {
    const match_trie_node *node = &table->trie[trie];
    uint64_t fields = 0;
    const uint32_t *field = code + 2;
    for (uint32_t number = 0; number < code[1]; number += 1) {
        const uint32_t entry = table->path_entries[field[0]];
        if (entry >= node->entry && entry < node->leave) fields |= 1ull << number;
        field += field[1] ? 2 : 2 + match_size(field[2]);
    }
    return fields;
}

static bool consistent(match_scratch *scratch, const match_table *table, const uint32_t *code) {
    reserve(scratch);
    uint64_t wanted = 0;
    const uint32_t *field = code + 2;
    for (uint32_t number = 0; number < code[1]; number += 1) {
        if (!field[1]) wanted |= 1ull << number;
        if (!mark(scratch, table, field, 1ull << number)) return false;
        field += field[1] ? 2 : 2 + match_size(field[2]);
    }
    uint32_t trie = NONE;
    uint64_t fields = 0;
    // Elements inside others have higher numbers.
    for (size_t number = scratch->element_count; number > 0; number -= 1) {
        const match_element element = scratch->elements[number];
        if (element.trie != trie) {
            trie = element.trie;
            fields = below(table, code, trie);
        }
        const uint64_t here = fields & wanted;
        if (here == 0) {
            // Nothing chooses an element here, so that what must be absent must be so in all.
            scratch->present[element.parent] |= scratch->present[number];
        } else if ((scratch->satisfied[number] & here) == here && !(scratch->present[number] & fields)) {
            scratch->satisfied[element.parent] |= here;
        }
    }
    return (scratch->satisfied[0] & wanted) == wanted && !scratch->present[0];
}

bool match_together(match_scratch *scratch, const match_table *table, const uint32_t *code) {
    if (scratch->element_count > 0) return consistent(scratch, table, code);
    const uint32_t *field = code + 2;
    for (uint32_t number = 0; number < code[1]; number += 1) {
        if (field[1]) {
            if (some_scalar(scratch, field[0])) return false;
            field += 2;
        } else {
            if (!some_passes(scratch, table, field[0], field + 2)) return false;
            field += 2 + match_size(field[2]);
        }
    }
    return true;
}
