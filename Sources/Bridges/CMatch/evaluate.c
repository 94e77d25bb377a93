// SPDX-License-Identifier: Apache-2.0
// Whether compiled conditions hold for the event that was read. Values are walked once per test; groups over array
// elements walk the elements once, so the time is linear in the values whatever the arrays hold. Recursion is bounded
// by the depth of conditions and of bodies, which the checker and the parser limit.
#include "internal.h"
#include "tests.h"

static bool holds_for(
    match_scratch *scratch, const match_table *table, const uint32_t *code, match_reach reach);

bool match_condition(match_scratch *scratch, const match_table *table, const uint32_t *code) {
    const uint32_t *const end = code + match_size(code[0]);
    switch (match_op(code[0])) {
    case MATCH_AND:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (!match_condition(scratch, table, code)) return false;
        }
        return true;
    case MATCH_OR:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (match_condition(scratch, table, code)) return true;
        }
        return false;
    case MATCH_NOT: return !match_condition(scratch, table, code + 1);
    case MATCH_FIELD: return holds_for(scratch, table, code + 2, scratch->reaches[code[1]]);
    case MATCH_TOGETHER: return match_together(scratch, table, code);
    // Others stand in other places.
    default: return false;
    }
}

bool match_passes(
    match_scratch *scratch, const match_table *table, uint32_t leaf, const uint32_t *code, match_reach reach) {
    match_leaf *value = &scratch->leaves[leaf];
    const uint32_t *const end = code + match_size(code[0]);
    switch (match_op(code[0])) {
    case MATCH_IS_NULL: return value->kind == MATCH_NULL;
    case MATCH_IS_BOOL: return value->kind == (code[1] ? MATCH_TRUE : MATCH_FALSE);
    case MATCH_IS_NUMBER:
    case MATCH_COMPARE:
    case MATCH_BETWEEN: return value->kind == MATCH_NUMBER && match_passes_number(scratch, value, code);
    case MATCH_EXISTS: return code[1] != 0;
    case MATCH_ANY_OF:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (match_passes(scratch, table, leaf, code, reach)) return true;
        }
        return false;
    case MATCH_ALL_OF:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (!match_passes(scratch, table, leaf, code, reach)) return false;
        }
        return true;
    case MATCH_NOT_TEST: return !match_passes(scratch, table, leaf, code + 1, reach);
    case MATCH_ELEMENTS: return holds_for(scratch, table, code, reach);
    default: return value->kind == MATCH_STRING && match_passes_text(scratch, value, code);
    }
}

static bool some_passes(
    match_scratch *scratch, const match_table *table, const uint32_t *code, match_reach reach) {
    switch (match_op(code[0])) {
    case MATCH_EXISTS: return code[1] && reach.is_reached;
    case MATCH_ELEMENTS: return holds_for(scratch, table, code, reach);
    default: break;
    }
    if (reach.path != NONE && match_looks_up(scratch, reach.path, code)) {
        uint32_t place = 0, equal = NONE;
        while ((equal = match_next_equal(scratch, reach.path, code, equal, &place)) != NONE) {
            if (match_passes(scratch, table, equal, code, reach)) return true;
        }
        return false;
    }
    uint32_t leaf = reach.leaves;
    while (leaf != NONE) {
        // Read first: a test may grow the list of leaves.
        const uint32_t next = scratch->leaves[leaf].next;
        if (match_passes(scratch, table, leaf, code, reach)) return true;
        leaf = next;
    }
    return false;
}

static bool elements(
    match_scratch *scratch, const match_table *table, const uint32_t *code, match_reach reach);

/// Whether a test holds for everything that a path reaches.
static bool holds_for(
    match_scratch *scratch, const match_table *table, const uint32_t *code, match_reach reach) {
    const uint32_t *const end = code + match_size(code[0]);
    switch (match_op(code[0])) {
    case MATCH_EXISTS: return reach.is_reached == (code[1] != 0);
    case MATCH_ANY_OF:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (holds_for(scratch, table, code, reach)) return true;
        }
        return false;
    case MATCH_ALL_OF:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (!holds_for(scratch, table, code, reach)) return false;
        }
        return true;
    case MATCH_NOT_TEST: return reach.is_reached && !some_passes(scratch, table, code + 1, reach);
    case MATCH_ELEMENTS: return elements(scratch, table, code, reach);
    default: return some_passes(scratch, table, code, reach);
    }
}

// Elements of arrays.

/// Adds what stands at the end of a path: the value, or the array and its elements.
static void extend(match_scratch *scratch, match_reach *reach, uint32_t node) {
    reach->is_reached = true;
    if (scratch->nodes[node].kind != MATCH_ARRAY) {
        reach->leaves = match_append_leaf(scratch, node, reach->leaves, 0);
        return;
    }
    reach->arrays = match_append_leaf(scratch, node, reach->arrays, 0);
    const uint32_t end = scratch->nodes[node].next;
    uint32_t at = node + 1;
    while (at < end) {
        // Preorder: behind an array come its elements, so that arrays inside arrays are flattened.
        if (scratch->nodes[at].kind == MATCH_ARRAY) {
            at += 1;
            continue;
        }
        reach->leaves = match_append_leaf(scratch, at, reach->leaves, 0);
        at = scratch->nodes[at].next;
    }
}

static bool is_key(match_scratch *scratch, const match_node *node, const uint8_t *key, size_t count) {
    const uint8_t *inside = scratch->bytes + node->start + 1;
    const size_t length = node->end - node->start - 2;
    if (!node->is_escaped) return length == count && memcmp(inside, key, count) == 0;
    const size_t mark = scratch->text_count;
    const size_t resolved = match_resolve(scratch, inside, length);
    const bool is_equal = resolved == count && memcmp(scratch->text + mark, key, count) == 0;
    scratch->text_count = mark;
    return is_equal;
}

/// Follows keys below a place on the tape.
static void follow(
    match_scratch *scratch, match_reach *reach, uint32_t node, const uint32_t *keys, uint32_t count) {
    if (count == 0) {
        extend(scratch, reach, node);
        return;
    }
    const uint32_t end = scratch->nodes[node].next;
    if (scratch->nodes[node].kind == MATCH_ARRAY) {
        for (uint32_t at = node + 1; at < end; at = scratch->nodes[at].next) follow(scratch, reach, at, keys, count);
    } else if (scratch->nodes[node].kind == MATCH_OBJECT) {
        for (uint32_t at = node + 1; at < end; at = scratch->nodes[at + 1].next) {
            if (!is_key(scratch, &scratch->nodes[at], (const uint8_t *)(keys + 1), keys[0])) continue;
            follow(scratch, reach, at + 1, keys + 1 + (keys[0] + 3) / 4, count - 1);
            return;
        }
    }
}

/// Whether a condition in element scope holds for the element at this place.
static bool holds_at(match_scratch *scratch, const match_table *table, const uint32_t *code, uint32_t node) {
    const uint32_t *const end = code + match_size(code[0]);
    switch (match_op(code[0])) {
    case MATCH_AND:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (!holds_at(scratch, table, code, node)) return false;
        }
        return true;
    case MATCH_OR:
        for (code += 1; code < end; code += match_size(code[0])) {
            if (holds_at(scratch, table, code, node)) return true;
        }
        return false;
    case MATCH_NOT: return !holds_at(scratch, table, code + 1, node);
    case MATCH_BELOW: {
        match_reach reach = match_reach_of(NONE);
        follow(scratch, &reach, node, code + 3, code[1]);
        return holds_for(scratch, table, code + 3 + code[2], reach);
    }
    default: return false;
    }
}

static bool passes_at(
    match_scratch *scratch, const match_table *table, const uint32_t *code, bool is_condition, uint32_t node) {
    const size_t leaf_mark = scratch->leaf_count, text_mark = scratch->text_count;
    bool passes;
    if (is_condition) {
        passes = holds_at(scratch, table, code, node);
    } else {
        match_reach reach = match_reach_of(NONE);
        extend(scratch, &reach, node);
        passes = holds_for(scratch, table, code, reach);
    }
    scratch->leaf_count = leaf_mark;
    scratch->text_count = text_mark;
    return passes;
}

/// Values, elements of arrays included, one of which passes.
static bool some_value(
    match_scratch *scratch, const match_table *table, const uint32_t *code, bool is_condition, match_reach reach) {
    uint32_t leaf = reach.leaves;
    while (leaf != NONE) {
        const uint32_t next = scratch->leaves[leaf].next, node = scratch->leaves[leaf].node;
        if (node != NONE) {
            if (passes_at(scratch, table, code, is_condition, node)) return true;
        } else if (!is_condition) {
            // Outside the body a value is no more than itself.
            const uint32_t linked = scratch->leaves[leaf].next;
            scratch->leaves[leaf].next = NONE;
            const bool passes = holds_for(scratch, table, code, (match_reach){.leaves = leaf, .arrays = NONE, .count = 1, .path = NONE, .is_reached = true});
            scratch->leaves[leaf].next = linked;
            if (passes) return true;
        }
        leaf = next;
    }
    return false;
}

/// Over the elements of all arrays that the path ends in, together; arrays inside them are flattened.
static bool elements(
    match_scratch *scratch, const match_table *table, const uint32_t *code, match_reach reach) {
    enum { ANY, ALL, NO, SOME };
    const uint32_t quantifier = code[1] & 0xFF;
    const bool is_condition = code[1] >> 8;
    if (quantifier == SOME) return some_value(scratch, table, code + 2, is_condition, reach);
    if (reach.arrays == NONE) return false;
    bool has_elements = false;
    for (uint32_t array = reach.arrays; array != NONE; array = scratch->leaves[array].next) {
        const uint32_t node = scratch->leaves[array].node;
        const uint32_t end = scratch->nodes[node].next;
        uint32_t at = node + 1;
        while (at < end) {
            if (scratch->nodes[at].kind == MATCH_ARRAY) {
                at += 1;
                continue;
            }
            has_elements = true;
            if (passes_at(scratch, table, code + 2, is_condition, at) != (quantifier == ALL)) return quantifier == ANY;
            at = scratch->nodes[at].next;
        }
    }
    return quantifier == ANY ? false : quantifier == NO || has_elements;
}
