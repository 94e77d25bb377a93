// SPDX-License-Identifier: Apache-2.0
// Long lists of values, by hash: a body with thousands of values on one path must not cost each of thousands of routes
// a walk through all of them.
#include "internal.h"

static inline uint32_t slot_of(const match_scratch *scratch, uint32_t path, uint64_t value, uint8_t kind) {
    return (uint32_t)match_mix(value ^ scratch->seed, 0x9E3779B97F4A7C15ull ^ ((uint64_t)path << 8 | kind))
        & scratch->twin_mask;
}

/// Strings and numbers of kinds 0 to 2, as one word.
static inline uint8_t twin_kind(const match_leaf *leaf) { return leaf->kind == MATCH_STRING ? 9 : leaf->number_kind; }

static void begin(match_scratch *scratch) {
    size_t slots = 64;
    while (slots < scratch->leaf_count * 2) slots *= 2;
    if (slots > scratch->twin_capacity) {
        scratch->twins = match_grow(scratch->twins, &scratch->twin_capacity, slots, sizeof(uint32_t));
    }
    memset(scratch->twins, 0xFF, slots * sizeof(uint32_t));
    scratch->twin_mask = (uint32_t)(slots - 1);
}

/// Which leaf stands at the head of a chain; where it is or would be.
static uint32_t head(const match_scratch *scratch, uint32_t path, uint64_t value, uint8_t kind) {
    uint32_t at = slot_of(scratch, path, value, kind);
    while (scratch->twins[at] != NONE) {
        const match_leaf *leaf = &scratch->leaves[scratch->twins[at]];
        if (leaf->value == value && twin_kind(leaf) == kind && leaf->path == path) return at;
        at = (at + 1) & scratch->twin_mask;
    }
    return at;
}

static void index_path(match_scratch *scratch, uint32_t path) {
    if (scratch->twin_mask == 0) begin(scratch);
    for (uint32_t leaf = scratch->reaches[path].leaves; leaf != NONE; leaf = scratch->leaves[leaf].next) {
        match_leaf *value = &scratch->leaves[leaf];
        if (value->kind != MATCH_STRING && value->kind != MATCH_NUMBER) continue;
        match_need_value(scratch, value);
        value->path = path;
        const uint32_t at = head(scratch, path, value->value, twin_kind(value));
        value->twin = scratch->twins[at];
        scratch->twins[at] = leaf;
    }
    scratch->reaches[path].is_indexed = true;
}

bool match_is_equality(const uint32_t *code) {
    switch (match_op(code[0])) {
    case MATCH_IS_TEXT:
    case MATCH_IS_NUMBER:
    case MATCH_ONE_OF: return true;
    default: return false;
    }
}

uint32_t match_next_equal(
    match_scratch *scratch, uint32_t path, const uint32_t *code, uint32_t previous, uint32_t *place) {
    if (previous != NONE && scratch->leaves[previous].twin != NONE) return scratch->leaves[previous].twin;
    if (!scratch->reaches[path].is_indexed) index_path(scratch, path);
    const uint32_t values = match_op(code[0]) == MATCH_ONE_OF ? code[1] : 1;
    while (*place < values) {
        uint64_t value;
        uint8_t kind = 9;
        switch (match_op(code[0])) {
        case MATCH_IS_TEXT: value = match_hash_inline((const uint8_t *)(code + 2), code[1], scratch->seed); break;
        case MATCH_IS_NUMBER:
            value = match_wide(code + 2);
            kind = (uint8_t)code[1];
            break;
        default: value = match_wide(code + 2 + (size_t)*place * 2); break;
        }
        *place += 1;
        const uint32_t at = head(scratch, path, value, kind);
        if (scratch->twins[at] != NONE) return scratch->twins[at];
    }
    return NONE;
}
