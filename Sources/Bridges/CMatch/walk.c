// SPDX-License-Identifier: Apache-2.0
// One walk over the tape and the trie of paths together: what every path reaches. Subtrees that no path enters are
// skipped by one look at the tape.
#include "internal.h"

static inline void touch(match_scratch *scratch, uint32_t path) {
    if (scratch->reaches[path].is_reached) return;
    scratch->reaches[path].is_reached = true;
    scratch->touched[scratch->touched_count] = path;
    scratch->touched_count += 1;
}

static inline match_leaf *new_leaf(match_scratch *scratch) {
    if (scratch->leaf_count == scratch->leaf_capacity) {
        scratch->leaves = match_grow(
            scratch->leaves, &scratch->leaf_capacity, scratch->leaf_count + 1, sizeof *scratch->leaves);
    }
    scratch->leaf_count += 1;
    return &scratch->leaves[scratch->leaf_count - 1];
}

static void append_text(match_scratch *scratch, const uint8_t *bytes, size_t count) {
    if (scratch->text_count + count > scratch->text_capacity) {
        scratch->text = match_grow(scratch->text, &scratch->text_capacity, scratch->text_count + count, 1);
    }
    if (count) memcpy(scratch->text + scratch->text_count, bytes, count);
    scratch->text_count += count;
}

static inline uint32_t hex(const uint8_t *digits) {
    uint32_t value = 0;
    for (int place = 0; place < 4; place += 1) {
        const uint8_t digit = digits[place];
        value = value << 4 | (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return value;
}

static size_t utf8(uint32_t scalar, uint8_t out[4]) {
    if (scalar < 0x80) {
        out[0] = (uint8_t)scalar;
        return 1;
    }
    if (scalar < 0x800) {
        out[0] = (uint8_t)(0xC0 | scalar >> 6);
        out[1] = (uint8_t)(0x80 | (scalar & 0x3F));
        return 2;
    }
    if (scalar < 0x10000) {
        out[0] = (uint8_t)(0xE0 | scalar >> 12);
        out[1] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (scalar & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | scalar >> 18);
    out[1] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (scalar & 0x3F));
    return 4;
}

// The parser has accepted the escapes, so that nothing is read behind `inside + count`.
size_t match_resolve(match_scratch *scratch, const uint8_t *inside, size_t count) {
    const size_t before = scratch->text_count;
    size_t at = 0;
    while (at < count) {
        const uint8_t *run = inside + at;
        const uint8_t *stop = memchr(run, '\\', count - at);
        const size_t plain = stop ? (size_t)(stop - run) : count - at;
        append_text(scratch, run, plain);
        at += plain;
        if (!stop) break;
        const uint8_t kind = inside[at + 1];
        uint8_t out[4] = {kind};
        size_t length = 1;
        at += 2;
        switch (kind) {
        case 'b': out[0] = 0x08; break;
        case 'f': out[0] = 0x0C; break;
        case 'n': out[0] = 0x0A; break;
        case 'r': out[0] = 0x0D; break;
        case 't': out[0] = 0x09; break;
        case 'u': {
            uint32_t scalar = hex(inside + at);
            at += 4;
            if ((scalar & 0xFC00) == 0xD800) {
                scalar = 0x10000 + ((scalar - 0xD800) << 10) + (hex(inside + at + 2) - 0xDC00);
                at += 6;
            }
            length = utf8(scalar, out);
            break;
        }
        default: break;
        }
        append_text(scratch, out, length);
    }
    return scratch->text_count - before;
}

uint32_t match_append_leaf(match_scratch *scratch, uint32_t place, uint32_t next, uint32_t element) {
    const match_node *node = &scratch->nodes[place];
    match_leaf *leaf = new_leaf(scratch);
    *leaf = (match_leaf){
        .start = node->start, .end = node->end, .next = next, .element = element, .node = place, .kind = node->kind,
    };
    if (node->kind == MATCH_STRING) {
        leaf->start += 1;
        leaf->end -= 1;
        if (node->is_escaped) {
            const size_t start = scratch->text_count;
            const size_t count = match_resolve(scratch, scratch->bytes + leaf->start, leaf->end - leaf->start);
            leaf->start = (uint32_t)start;
            leaf->end = (uint32_t)(start + count);
            leaf->is_own = true;
        }
    }
    return (uint32_t)(scratch->leaf_count - 1);
}

void match_add(match_scratch *scratch, uint32_t path, uint8_t kind, const uint8_t *text, size_t count) {
    touch(scratch, path);
    match_leaf *leaf = new_leaf(scratch);
    *leaf = (match_leaf){
        .start = (uint32_t)scratch->text_count, .end = (uint32_t)(scratch->text_count + count),
        .next = scratch->reaches[path].leaves, .node = NONE, .kind = kind, .is_own = true,
    };
    append_text(scratch, text, count);
    scratch->reaches[path].leaves = (uint32_t)(scratch->leaf_count - 1);
    scratch->reaches[path].count += 1;
}

/// The child under a key, or 0.
static inline uint32_t child(
    const match_table *table, uint32_t parent, const uint8_t *key, size_t count) {
    if (!(table->trie[parent].filter & match_bit_inline(key, count))) return 0;
    const uint64_t hash = match_member_inline(parent, key, count, table->seed);
    uint32_t at = (uint32_t)hash & table->trie_mask;
    while (true) {
        const match_trie_slot *slot = &table->trie_slots[at];
        if (!slot->child) return 0;
        if (slot->hash == hash && slot->parent == parent && slot->length == count
            && memcmp(table->trie_keys + slot->key, key, count) == 0) {
            return slot->child;
        }
        at = (at + 1) & table->trie_mask;
    }
}

static uint32_t escaped_child(
    match_scratch *scratch, const match_table *table, uint32_t parent, const uint8_t *key, size_t count) {
    const size_t mark = scratch->text_count;
    const size_t length = match_resolve(scratch, key, count);
    const uint32_t found = child(table, parent, scratch->text + mark, length);
    scratch->text_count = mark;
    return found;
}

static uint32_t new_element(match_scratch *scratch, uint32_t parent, uint32_t trie) {
    // Element 0 is the event itself.
    scratch->element_count += 1;
    if (scratch->element_count >= scratch->element_capacity) {
        scratch->elements = match_grow(
            scratch->elements, &scratch->element_capacity, scratch->element_count + 1, sizeof *scratch->elements);
    }
    scratch->elements[scratch->element_count] = (match_element){parent, trie};
    return (uint32_t)scratch->element_count;
}

void match_walk(match_scratch *scratch, const match_table *table) {
    size_t depth = 0;
    uint32_t at = 0, trie = 0;
    // What surrounds the value at hand; the event as a whole stands in an object of its own.
    match_frame frame = {.end = scratch->nodes[0].next, .trie = 0, .element = 0, .is_object = true};
    while (true) {
        const match_node *node = &scratch->nodes[at];
        const match_trie_node *asked = &table->trie[trie];
        if (node->kind < MATCH_ARRAY || (node->kind == MATCH_OBJECT && !asked->children)) {
            if (asked->path >= 0) {
                const uint32_t path = (uint32_t)asked->path;
                touch(scratch, path);
                scratch->reaches[path].leaves =
                    match_append_leaf(scratch, at, scratch->reaches[path].leaves, frame.element);
                scratch->reaches[path].count += 1;
            }
            at = node->next;
        } else {
            uint32_t element = frame.element;
            const bool is_object = node->kind == MATCH_OBJECT, is_element = !frame.is_object;
            if (asked->path >= 0) {
                const uint32_t path = (uint32_t)asked->path;
                match_reach *reach = &scratch->reaches[path];
                touch(scratch, path);
                if (is_object) {
                    reach->leaves = match_append_leaf(scratch, at, reach->leaves, element);
                    reach->count += 1;
                } else if (!is_element) {
                    // Arrays inside arrays are flattened into the outermost one.
                    reach->arrays = match_append_leaf(scratch, at, reach->arrays, element);
                }
            }
            if (is_object && is_element) element = new_element(scratch, element, trie);
            if (depth + 1 > scratch->frame_capacity) {
                scratch->frames = match_grow(
                    scratch->frames, &scratch->frame_capacity, depth + 1, sizeof *scratch->frames);
            }
            scratch->frames[depth] = frame;
            depth += 1;
            frame = (match_frame){.end = node->next, .trie = trie, .element = element, .is_object = is_object};
            at += 1;
        }
        // On to the next value that a path enters.
        while (true) {
            if (at >= frame.end) {
                if (depth == 0) return;
                depth -= 1;
                frame = scratch->frames[depth];
                continue;
            }
            trie = frame.trie;
            if (!frame.is_object) break;
            const match_node *key = &scratch->nodes[at];
            const uint8_t *name = scratch->bytes + key->start + 1;
            const size_t count = key->end - key->start - 2;
            trie = key->is_escaped ? escaped_child(scratch, table, frame.trie, name, count)
                                   : child(table, frame.trie, name, count);
            at += 1;
            if (trie) break;
            at = scratch->nodes[at].next;
        }
    }
}
