// SPDX-License-Identifier: Apache-2.0
// Tests of one string and of one number.
#include "internal.h"
#include "tests.h"

const uint8_t *match_folded(match_scratch *scratch, const uint8_t *text, size_t count) {
    if (count > scratch->folded_capacity) {
        scratch->folded = match_grow(scratch->folded, &scratch->folded_capacity, count, 1);
    }
    for (size_t at = 0; at < count; at += 1) scratch->folded[at] = match_fold(text[at]);
    return scratch->folded;
}

void match_read_value(match_scratch *scratch, match_leaf *leaf) {
    const uint8_t *text = match_text_of(scratch, leaf);
    const size_t count = leaf->end - leaf->start;
    if (leaf->kind == MATCH_STRING) {
        leaf->value = match_hash_inline(text, count, scratch->seed);
    } else if (leaf->kind == MATCH_NUMBER) {
        leaf->number_kind = match_number(text, count, &leaf->value);
    }
    leaf->is_read = true;
}

typedef struct {
    const uint8_t *bytes;
    size_t count;
} slice;

/// The text at a place of the code: its length, then its bytes.
static inline slice text_at(const uint32_t *code) { return (slice){(const uint8_t *)(code + 1), code[0]}; }

static inline const uint32_t *behind(const uint32_t *code) { return code + 1 + (code[0] + 3) / 4; }

static bool begins_folded(const uint8_t *text, slice folded) {
    for (size_t at = 0; at < folded.count; at += 1) {
        if (match_fold(text[at]) != folded.bytes[at]) return false;
    }
    return true;
}

static const uint8_t *find(const uint8_t *text, size_t count, slice needle) {
    if (needle.count == 0) return text;
    while (count >= needle.count) {
        const uint8_t *found = memchr(text, needle.bytes[0], count - needle.count + 1);
        if (!found) return NULL;
        if (memcmp(found, needle.bytes, needle.count) == 0) return found;
        count -= (size_t)(found - text) + 1;
        text = found + 1;
    }
    return NULL;
}

// First and last piece are anchored, those between are found from left to right; the leftmost place is always good
// enough, so there is no backtracking.
static bool glob(const uint8_t *text, size_t count, const uint32_t *code) {
    const uint32_t pieces = code[0];
    code += 1;
    const slice first = text_at(code);
    if (pieces == 1) return count == first.count && memcmp(text, first.bytes, count) == 0;
    if (count < first.count || memcmp(text, first.bytes, first.count) != 0) return false;
    text += first.count;
    count -= first.count;
    code = behind(code);
    for (uint32_t place = 1; place + 1 < pieces; place += 1) {
        const slice piece = text_at(code);
        const uint8_t *found = find(text, count, piece);
        if (!found) return false;
        count -= (size_t)(found - text) + piece.count;
        text = found + piece.count;
        code = behind(code);
    }
    const slice last = text_at(code);
    return count >= last.count && memcmp(text + count - last.count, last.bytes, last.count) == 0;
}

static bool in_blocks(const uint8_t *text, size_t count, const uint32_t *code) {
    uint64_t high, low;
    if (!match_address(text, count, &high, &low)) return false;
    const uint32_t blocks = code[0];
    code += 1;
    for (uint32_t block = 0; block < blocks; block += 1, code += 5) {
        const uint32_t length = code[0];
        const uint64_t high_mask = length == 0 ? 0 : length >= 64 ? ~0ull : ~0ull << (64 - length);
        const uint64_t low_mask = length <= 64 ? 0 : length >= 128 ? ~0ull : ~0ull << (128 - length);
        if ((high & high_mask) == match_wide(code + 1) && (low & low_mask) == match_wide(code + 3)) return true;
    }
    return false;
}

static bool one_of(uint64_t hash, const uint8_t *text, size_t count, const uint32_t *code) {
    const uint32_t texts = code[1];
    const uint32_t *hashes = code + 2, *places = hashes + (size_t)texts * 2;
    uint32_t low = 0, high = texts;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (match_wide(hashes + (size_t)middle * 2) < hash) low = middle + 1; else high = middle;
    }
    for (; low < texts && match_wide(hashes + (size_t)low * 2) == hash; low += 1) {
        const slice wanted = text_at(code + places[low]);
        if (wanted.count == count && memcmp(wanted.bytes, text, count) == 0) return true;
    }
    return false;
}

bool match_passes_text(match_scratch *scratch, match_leaf *leaf, const uint32_t *code) {
    const uint8_t *text = match_text_of(scratch, leaf);
    const size_t count = leaf->end - leaf->start;
    const slice wanted = text_at(code + 1);
    switch (match_op(code[0])) {
    case MATCH_IS_TEXT: return count == wanted.count && memcmp(text, wanted.bytes, count) == 0;
    case MATCH_IS_FOLDED: return count == wanted.count && begins_folded(text, wanted);
    case MATCH_HAS_PREFIX: return count >= wanted.count && memcmp(text, wanted.bytes, wanted.count) == 0;
    case MATCH_HAS_SUFFIX:
        return count >= wanted.count && memcmp(text + count - wanted.count, wanted.bytes, wanted.count) == 0;
    case MATCH_HAS_FOLDED_PREFIX: return count >= wanted.count && begins_folded(text, wanted);
    case MATCH_HAS_FOLDED_SUFFIX:
        return count >= wanted.count && begins_folded(text + count - wanted.count, wanted);
    case MATCH_CONTAINS: return find(text, count, wanted) != NULL;
    case MATCH_GLOB: return glob(text, count, code + 1);
    case MATCH_CIDR: return in_blocks(text, count, code + 1);
    case MATCH_ONE_OF:
        match_need_value(scratch, leaf);
        return one_of(leaf->value, text, count, code);
    default: return false;
    }
}

bool match_passes_number(match_scratch *scratch, match_leaf *leaf, const uint32_t *code) {
    match_need_value(scratch, leaf);
    const uint64_t bits = leaf->value;
    const uint8_t kind = leaf->number_kind;
    switch (match_op(code[0])) {
    case MATCH_IS_NUMBER: return kind == code[1] && bits == match_wide(code + 2);
    case MATCH_COMPARE: {
        const int order = match_number_order(kind, bits, (uint8_t)code[2], match_wide(code + 3));
        switch (code[1]) {
        case 0: return order > 0;
        case 1: return order >= 0;
        case 2: return order < 0;
        default: return order <= 0;
        }
    }
    case MATCH_BETWEEN:
        return match_number_order(kind, bits, (uint8_t)code[1], match_wide(code + 2)) >= 0
            && match_number_order(kind, bits, (uint8_t)(code[1] >> 8), match_wide(code + 4)) <= 0;
    default: return false;
    }
}
