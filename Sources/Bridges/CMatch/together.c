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

/// The leaves of a field that are worth a test: all, or those that may be equal.
typedef struct {
    uint32_t path, leaf, place;
    bool looks_up;
} leaf_walk;

static inline leaf_walk walk_of(match_scratch *scratch, uint32_t path, const uint32_t *test) {
    return (leaf_walk){.path = path, .leaf = NONE, .looks_up = match_looks_up(scratch, path, test)};
}

static inline uint32_t next_leaf(match_scratch *scratch, leaf_walk *walk, const uint32_t *test) {
    if (walk->looks_up) {
        walk->leaf = match_next_equal(scratch, walk->path, test, walk->leaf, &walk->place);
    } else {
        walk->leaf = walk->leaf == NONE ? scratch->reaches[walk->path].leaves : scratch->leaves[walk->leaf].next;
    }
    return walk->leaf;
}

static inline bool some_passes(
    match_scratch *scratch, const match_table *table, uint32_t path, const uint32_t *test) {
    const match_reach reach = scratch->reaches[path];
    if (reach.leaves == NONE) return false;
    leaf_walk walk = walk_of(scratch, path, test);
    for (uint32_t leaf; (leaf = next_leaf(scratch, &walk, test)) != NONE;) {
        if (is_scalar(&scratch->leaves[leaf]) && match_passes(scratch, table, leaf, test, reach)) return true;
    }
    return false;
}

/// Masks are cleared once an event, then by whoever has set them.
static void reserve(match_scratch *scratch) {
    const size_t wanted = scratch->element_count + 1;
    if (scratch->mask_capacity < wanted) {
        size_t other = scratch->mask_capacity, third = scratch->mask_capacity;
        scratch->satisfied = match_grow(scratch->satisfied, &other, wanted, sizeof(uint64_t));
        scratch->marked = match_grow(scratch->marked, &third, wanted, sizeof(uint32_t));
        scratch->present = match_grow(scratch->present, &scratch->mask_capacity, wanted, sizeof(uint64_t));
    }
    if (scratch->has_masks) return;
    memset(scratch->satisfied, 0, wanted * sizeof(uint64_t));
    memset(scratch->present, 0, wanted * sizeof(uint64_t));
    scratch->marked_count = 0;
    scratch->has_masks = true;
}

/// Remembers an element before its first mark.
static inline void touch(match_scratch *scratch, uint32_t element) {
    if (element == 0 || scratch->satisfied[element] || scratch->present[element]) return;
    size_t at = scratch->marked_count;
    scratch->marked_count += 1;
    for (; at > 0 && scratch->marked[(at - 1) / 2] < element; at = (at - 1) / 2) {
        scratch->marked[at] = scratch->marked[(at - 1) / 2];
    }
    scratch->marked[at] = element;
}

/// Takes the marked element with the highest number.
static uint32_t take(match_scratch *scratch) {
    uint32_t *heap = scratch->marked;
    const uint32_t highest = heap[0];
    scratch->marked_count -= 1;
    const size_t count = scratch->marked_count;
    const uint32_t last = heap[count];
    size_t at = 0;
    while (at * 2 + 1 < count) {
        size_t below = at * 2 + 1;
        if (below + 1 < count && heap[below + 1] > heap[below]) below += 1;
        if (heap[below] <= last) break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = last;
    return highest;
}

/// Marks the elements in which a field's values stand that pass; false where it is wanted and none does.
static bool mark(match_scratch *scratch, const match_table *table, const uint32_t *field, uint64_t bit) {
    const uint32_t path = field[0];
    const match_reach reach = scratch->reaches[path];
    if (field[1]) {
        for (uint32_t leaf = reach.leaves; leaf != NONE; leaf = scratch->leaves[leaf].next) {
            if (!is_scalar(&scratch->leaves[leaf])) continue;
            touch(scratch, scratch->leaves[leaf].element);
            scratch->present[scratch->leaves[leaf].element] |= bit;
        }
        return true;
    }
    if (reach.leaves == NONE) return false;
    bool has_any = false;
    leaf_walk walk = walk_of(scratch, path, field + 2);
    for (uint32_t leaf; (leaf = next_leaf(scratch, &walk, field + 2)) != NONE;) {
        const match_leaf *value = &scratch->leaves[leaf];
        const uint32_t element = value->element;
        if (!is_scalar(value) || scratch->satisfied[element] & bit) continue;
        if (!match_passes(scratch, table, leaf, field + 2, reach)) continue;
        touch(scratch, element);
        scratch->satisfied[element] |= bit;
        has_any = true;
    }
    return has_any;
}

static void forget(match_scratch *scratch) {
    while (scratch->marked_count > 0) {
        scratch->marked_count -= 1;
        scratch->satisfied[scratch->marked[scratch->marked_count]] = 0;
        scratch->present[scratch->marked[scratch->marked_count]] = 0;
    }
    scratch->satisfied[0] = 0;
    scratch->present[0] = 0;
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

/// What is the same for all elements of a clause.
typedef struct {
    /// The node of the trie that was asked for last, and the fields below it.
    uint32_t trie;
    uint64_t fields;
    /// Fields that must find a value.
    uint64_t wanted;
    bool is_dense;
} lifting;

/// Passes on to the element around what an element satisfies.
static void lift_element(
    match_scratch *scratch, const match_table *table, const uint32_t *code, uint32_t number, lifting *lift) {
    const match_element element = scratch->elements[number];
    if (element.trie != lift->trie) {
        lift->trie = element.trie;
        lift->fields = below(table, code, element.trie);
    }
    const uint64_t here = lift->fields & lift->wanted;
    const uint64_t satisfied = scratch->satisfied[number], present = scratch->present[number];
    scratch->satisfied[number] = 0;
    scratch->present[number] = 0;
    if (here == 0) {
        // Nothing chooses an element here, so that what must be absent must be so in all.
        if (present && !lift->is_dense) touch(scratch, element.parent);
        scratch->present[element.parent] |= present;
    } else if ((satisfied & here) == here && !(present & lift->fields)) {
        if (!lift->is_dense) touch(scratch, element.parent);
        scratch->satisfied[element.parent] |= here;
    }
}

static bool consistent(match_scratch *scratch, const match_table *table, const uint32_t *code) {
    reserve(scratch);
    uint64_t wanted = 0;
    const uint32_t *field = code + 2;
    for (uint32_t number = 0; number < code[1]; number += 1) {
        if (!field[1]) wanted |= 1ull << number;
        if (!mark(scratch, table, field, 1ull << number)) {
            forget(scratch);
            return false;
        }
        field += field[1] ? 2 : 2 + match_size(field[2]);
    }
    lifting lift = {.trie = NONE, .fields = 0, .wanted = wanted};
    // Elements inside others have higher numbers, so that an element comes when all is said about it. Where most are
    // marked, going through all is cheaper than keeping them in order.
    if (scratch->marked_count > scratch->element_count / 16) {
        scratch->marked_count = 0;
        lift.is_dense = true;
        for (size_t number = scratch->element_count; number > 0; number -= 1) {
            if (scratch->satisfied[number] | scratch->present[number]) {
                lift_element(scratch, table, code, (uint32_t)number, &lift);
            }
        }
    }
    while (scratch->marked_count > 0) lift_element(scratch, table, code, take(scratch), &lift);
    const bool holds = (scratch->satisfied[0] & wanted) == wanted && !scratch->present[0];
    forget(scratch);
    return holds;
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
