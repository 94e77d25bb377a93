// SPDX-License-Identifier: Apache-2.0
// The two steps, compiled once for each set of instructions. Before it includes this file, a kernel defines
//   KERNEL(name)        the name with the kernel's suffix
//   classify(bytes)     tape_masks of 64 bytes
//   inside(quotes)      bit n: whether the number of bits up to and including n is odd
//   are_distinct(m, n)  whether n marks differ, n <= DISTINCT_MAX; the eight behind them are overwritten
//   append(out, b, s)   writes b plus the place of each bit of s, and up to 64 places of rubbish; where they end
#include "internal.h"

/// Bits of the bytes that a backslash escapes. `carry`: whether the block before ended in an open escape.
static inline uint64_t escaped(uint64_t backslashes, uint64_t *carry) {
    if (!backslashes) {
        const uint64_t first = *carry;
        *carry = 0;
        return first;
    }
    // Rare enough to go one by one: each backslash that is not escaped itself escapes the byte after it.
    uint64_t result = *carry;
    *carry = 0;
    uint64_t rest = backslashes & ~result;
    while (rest) {
        const unsigned place = (unsigned)__builtin_ctzll(rest);
        if (place == 63) {
            *carry = 1;
            break;
        }
        result |= (uint64_t)2 << place;
        rest &= place == 62 ? 0 : ~(uint64_t)0 << (place + 2);
    }
    return result;
}

/// What one block hands to the next.
typedef struct {
    /// All ones inside a string.
    uint64_t string;
    uint64_t escape;
    /// 1 behind a byte of a scalar.
    uint64_t scalar;
    /// Set bits: faults.
    uint64_t faults;
    /// Behind the last UTF-8 sequence that was looked at.
    size_t sequence_end;
    size_t quotes;
    size_t others;
} carried;

/// Checks the UTF-8 sequences that begin in a block. `known`: where the last one before ends; the end of the last one
/// here; SIZE_MAX where one is broken.
static __attribute__((noinline)) size_t KERNEL(sequences)(
    const tape_index *index, size_t base, uint64_t high, size_t known
) {
    for (; high; high &= high - 1) {
        const size_t at = base + (size_t)__builtin_ctzll(high);
        // A continuation byte of a sequence that is known already.
        if (at < known) continue;
        const size_t length = tape_sequence(index->text, at, index->size);
        if (!length) return SIZE_MAX;
        known = at + length;
    }
    return known;
}

static inline __attribute__((always_inline)) uint32_t *KERNEL(block)(
    const uint8_t *bytes, const tape_index *index, size_t base, carried *carry, uint32_t *out
) {
    const tape_masks masks = classify(bytes);
    const uint64_t escapes = escaped(masks.backslashes, &carry->escape);
    const uint64_t quotes = masks.quotes & ~escapes;
    // From an opening quote up to, without, the closing one.
    const uint64_t string = inside(quotes) ^ carry->string;
    carry->string = (uint64_t)((int64_t)string >> 63);
    carry->faults |= masks.controls & string;

    const uint64_t scalars = ~(masks.operators | masks.spaces | masks.quotes | string);
    const uint64_t starts = scalars & ~(scalars << 1 | carry->scalar);
    carry->scalar = scalars >> 63;

    carry->quotes += (size_t)__builtin_popcountll(quotes);
    carry->others += (size_t)__builtin_popcountll((masks.openings & ~string) | starts);
    if (masks.high) carry->sequence_end = KERNEL(sequences)(index, base, masks.high, carry->sequence_end);
    const uint64_t marks = quotes | (masks.operators & ~string) | starts | (masks.backslashes & ~escapes & string);
    return append(out, (uint32_t)base, marks);
}

/// Step one. 1 where the text may be without fault.
int KERNEL(tape_find)(tape_index *index) {
    carried carry = {0};
    uint32_t *out = index->places;
    uint8_t last[64];
    for (size_t base = 0; base < index->size; base += 64) {
        const uint8_t *bytes = index->text + base;
        if (index->size - base < sizeof last) {
            memset(last, ' ', sizeof last);
            memcpy(last, bytes, index->size - base);
            bytes = last;
        }
        out = KERNEL(block)(bytes, index, base, &carry, out);
    }
    if (carry.faults || carry.string || carry.escape || carry.sequence_end > index->size) return 0;
    index->places_end = out;
    index->nodes = carry.quotes / 2 + carry.others;
    return 1;
}

static inline int is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

/// Whether `text[at..<end]` are digits, of which there are at most 16.
static inline int are_digits(const uint8_t *text, size_t at, size_t end, size_t size) {
    const size_t length = end - at;
    if (length > 16 || at + 16 > size) return 0;
    uint64_t low = tape_load(text + at), high = tape_load(text + at + 8);
    // Bytes behind the end become zeros.
    if (length < 8) {
        low = (low << (8 * (8 - length))) | (0x3030303030303030u >> (8 * length));
        high = 0x3030303030303030u;
    } else if (length < 16) {
        high = length == 8 ? 0x3030303030303030u
                           : (high << (8 * (16 - length))) | (0x3030303030303030u >> (8 * (length - 8)));
    }
    const uint64_t tops = 0xF0F0F0F0F0F0F0F0u, zeros = 0x3030303030303030u, sixes = 0x0606060606060606u;
    return ((low & tops) == zeros) & ((high & tops) == zeros) & (((low + sixes) & tops) == zeros)
        & (((high + sixes) & tops) == zeros);
}

enum { NO_SCALAR = 255 };

/// The kind of the scalar that is not a string and fills `text[at..<end]`; `NO_SCALAR` where it is none.
static inline uint8_t KERNEL(scalar)(const uint8_t *text, size_t at, size_t end, size_t size) {
    if (end <= at) return NO_SCALAR;
    const uint8_t first = text[at];
    if (first <= '9') {
        const int is_integer = first != '0' && are_digits(text, at, end, size);
        return is_integer || tape_is_number(text, at, end) ? TAPE_NUMBER : NO_SCALAR;
    }
    const size_t length = end - at;
    if (length == 4) {
        if (memcmp(text + at, "true", 4) == 0) return TAPE_TRUE;
        if (memcmp(text + at, "null", 4) == 0) return TAPE_NULL;
    } else if (length == 5 && memcmp(text + at, "false", 5) == 0) {
        return TAPE_FALSE;
    }
    return NO_SCALAR;
}

/// Step two.
size_t KERNEL(tape_build)(const tape_index *index, tape_node *nodes, size_t depth_max) {
    enum { OUTSIDE = UINT32_MAX };
    const uint8_t *const text = index->text;
    const size_t size = index->size;
    const uint32_t *at = index->places;
    uint32_t *marks = index->keys;
    // The next free node, and its number.
    tape_node *node = nodes;
    uint32_t count = 0;
    const tape_node *const limit = nodes + index->nodes;
    tape_node *container = NULL;
    uint32_t children = 0;
    size_t depth = 0;

// Appends a node without children.
#define LEAF(from, to, type, has_escapes)                                                                             \
    do {                                                                                                              \
        if (node == limit) return 0;                                                                                  \
        count += 1;                                                                                                   \
        *node++ = (tape_node){(from), (to), count, 0, (type), (has_escapes)};                                         \
    } while (0)

// Appends the string at `at`, a key or a value, and goes behind it. `last` becomes the place of the closing quote.
#define STRING(first, last, has_escapes)                                                                              \
    do {                                                                                                              \
        last = at[1];                                                                                                 \
        has_escapes = 0;                                                                                              \
        at += 2;                                                                                                      \
        if (__builtin_expect(text[last] != '"', 0)) {                                                                 \
            has_escapes = 1;                                                                                          \
            do {                                                                                                      \
                const size_t behind = tape_escape(text, last, size);                                                  \
                if (!behind) return 0;                                                                                \
                while (*at < behind) at += 1;                                                                         \
                last = *at;                                                                                           \
                at += 1;                                                                                              \
            } while (text[last] != '"');                                                                              \
        }                                                                                                             \
        LEAF(first, last + 1, TAPE_STRING, has_escapes);                                                              \
    } while (0)

// The value at `at`, and the way on where it is a container.
#define VALUE()                                                                                                       \
    do {                                                                                                              \
        const uint32_t first = at[0];                                                                                 \
        const uint8_t byte = text[first];                                                                             \
        if (byte == '"') {                                                                                            \
            uint32_t last;                                                                                            \
            uint8_t has_escapes;                                                                                      \
            STRING(first, last, has_escapes);                                                                         \
        } else if (byte == '{') {                                                                                     \
            goto object;                                                                                              \
        } else if (byte == '[') {                                                                                     \
            goto array;                                                                                               \
        } else {                                                                                                      \
            uint32_t end = at[1];                                                                                     \
            at += 1;                                                                                                  \
            while (end > first && is_space(text[end - 1])) end -= 1;                                                  \
            const uint8_t kind = KERNEL(scalar)(text, first, end, size);                                              \
            if (kind == NO_SCALAR) return 0;                                                                          \
            LEAF(first, end, kind, 0);                                                                                \
        }                                                                                                             \
    } while (0)

    if (text[at[0]] == '{') goto object;
    if (text[at[0]] == '[') goto array;
    return 0;

object:
    if (depth == depth_max || node == limit) return 0;
    // While it is open, a container remembers the one around it and, in `end`, where the marks of its keys begin.
    *node = (tape_node){at[0], (uint32_t)(marks - index->keys), OUTSIDE, 0, TAPE_OBJECT, 0};
    if (container) {
        container->count = children;
        node->next = (uint32_t)(container - nodes);
    }
    depth += 1;
    container = node;
    node += 1;
    count += 1;
    children = 0;
    at += 1;
    if (text[at[0]] == '}') goto end;
object_key : {
    const uint32_t first = at[0];
    if (text[first] != '"') return 0;
    uint32_t last;
    uint8_t has_escapes;
    STRING(first, last, has_escapes);
    if (__builtin_expect(has_escapes || last < 8 || first + 9 > size, 0)) {
        *marks = tape_mark_rare(text, first + 1, last);
        if (!*marks) return 0;
    } else {
        *marks = tape_mark(text + first + 1, last - first - 1);
    }
    marks += 1;
    children += 1;
    if (text[at[0]] != ':') return 0;
    at += 1;
    VALUE();
}
object_next:
    if (text[at[0]] == ',') {
        at += 1;
        goto object_key;
    }
    if (text[at[0]] != '}') return 0;
    marks = index->keys + container->end;
    if (children > 1
        && !(children <= DISTINCT_MAX ? are_distinct(marks, children) : tape_are_distinct_many(marks, children))
        && !tape_are_distinct_whole(text, nodes, (uint32_t)(container - nodes), count, marks, children)) {
        return 0;
    }
    goto end;

array:
    if (depth == depth_max || node == limit) return 0;
    *node = (tape_node){at[0], 0, OUTSIDE, 0, TAPE_ARRAY, 0};
    if (container) {
        container->count = children;
        node->next = (uint32_t)(container - nodes);
    }
    depth += 1;
    container = node;
    node += 1;
    count += 1;
    children = 0;
    at += 1;
    if (text[at[0]] == ']') goto end;
array_value:
    children += 1;
    VALUE();
array_next:
    if (text[at[0]] == ',') {
        at += 1;
        goto array_value;
    }
    if (text[at[0]] != ']') return 0;

end : {
    const uint32_t parent = container->next;
    container->end = at[0] + 1;
    container->next = count;
    container->count = children;
    at += 1;
    depth -= 1;
    if (parent == OUTSIDE) return at == index->places_end ? count : 0;
    container = nodes + parent;
    children = container->count;
    if (container->kind == TAPE_OBJECT) goto object_next;
    goto array_next;
}
#undef LEAF
#undef STRING
#undef VALUE
}
