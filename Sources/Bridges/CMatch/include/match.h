// SPDX-License-Identifier: Apache-2.0
// The hot loop of the routing table: reads an event off the parser's tape, looks its values up among the keys of the
// routes, and checks what was found. A table is a set of flat arrays that Swift has compiled; nothing here changes it.
// A scratch belongs to one match at a time. Time is linear in the event and in the routes that are found.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A node of the tape, laid out as HookCore's JSONNode; a test compares the two.
typedef struct {
    uint32_t start, end, next, count;
    uint8_t kind;
    bool is_escaped;
} match_node;

/// Kinds of values, in the order of HookCore's JSONKind.
enum match_kind {
    MATCH_NULL, MATCH_FALSE, MATCH_TRUE, MATCH_NUMBER, MATCH_STRING, MATCH_ARRAY, MATCH_OBJECT,
};

/// Words of conditions. A node is one word of head (operation in the low byte, words of the whole node above it), its
/// operands, then its children. Texts are a word of length and their bytes, filled up to whole words; 64-bit values
/// take two words, the low one first.
enum match_operation {
    /// Children, all or some of which hold.
    MATCH_AND = 1, MATCH_OR,
    /// A child that does not hold.
    MATCH_NOT,
    /// A path of the event and a test of what it reaches.
    MATCH_FIELD,
    /// Keys below an element and a test of what they reach: number of keys, words of them, the keys, the test.
    MATCH_BELOW,
    /// Fields that hold for the same elements of all arrays that they share: count, then for each a path, flags
    /// (1: the path must reach no scalar), and a test where there is no flag.
    MATCH_TOGETHER,
    // Tests.
    MATCH_IS_NULL, MATCH_IS_BOOL, MATCH_IS_NUMBER, MATCH_IS_TEXT, MATCH_IS_FOLDED, MATCH_HAS_PREFIX, MATCH_HAS_SUFFIX,
    MATCH_HAS_FOLDED_PREFIX, MATCH_HAS_FOLDED_SUFFIX, MATCH_CONTAINS,
    /// Pieces between the stars: their number, then texts.
    MATCH_GLOB,
    /// Comparison (0 gt, 1 gte, 2 lt, 3 lte), kind and bits of a number.
    MATCH_COMPARE,
    /// Kinds of both (low | high << 8), bits of both.
    MATCH_BETWEEN, MATCH_EXISTS,
    /// Number of blocks; for each its length, then high and low half.
    MATCH_CIDR,
    /// Children that are tests.
    MATCH_ANY_OF, MATCH_ALL_OF, MATCH_NOT_TEST,
    /// One of many texts: their number, their hashes in ascending order, a word for each that says how many words
    /// behind the head its text stands, the texts.
    MATCH_ONE_OF,
    /// Quantifier (0 any, 1 all, 2 none, 3 some) | 256 where the child is a condition and no test; the child.
    MATCH_ELEMENTS,
};

/// Ways in which a key finds values of a path.
enum match_class {
    MATCH_KEY_TEXT = 1, MATCH_KEY_NUMBER, MATCH_KEY_LITERAL, MATCH_KEY_FOLDED, MATCH_KEY_FACTOR, MATCH_KEY_REACHED,
    MATCH_KEY_ANY_TEXT, MATCH_KEY_PREFIX, MATCH_KEY_SUFFIX, MATCH_KEY_FOLDED_PREFIX, MATCH_KEY_FOLDED_SUFFIX,
    MATCH_KEY_BLOCK,
};

/// A key of the trie of paths.
typedef struct {
    /// Bits of keys that some child has: see match_key_bit.
    uint64_t filter;
    /// The path that ends here, or -1.
    int32_t path;
    uint32_t children;
    /// Places of this node and behind its last descendant in a walk from the root.
    uint32_t entry, leave;
} match_trie_node;

/// 0 as a child marks a free slot.
typedef struct {
    uint64_t hash;
    uint32_t parent, child;
    uint32_t key, length;
} match_trie_slot;

/// How values of one path are looked up.
typedef struct {
    /// Bit n: there are keys of class n.
    uint32_t classes;
    /// In `lengths`: for the classes from PREFIX to BLOCK, one after the other, a count and so many lengths.
    uint32_t lengths;
    /// In `intervals`.
    uint32_t interval_start, interval_count;
} match_probe;

/// A key: 32 bits of its hash, and one route (top bit set) or a place in `postings`, where a count and routes stand.
/// `UINT32_MAX` as a target marks a free slot.
typedef struct {
    uint32_t tag, target;
} match_slot;

/// Intervals of one path are sorted by their lower end; the root of any part is its middle.
typedef struct {
    double low, high;
    /// The highest upper end in the part whose middle this is.
    double highest;
    uint32_t route, unused;
} match_interval;

typedef struct {
    const uint32_t *code;
    /// Where the condition of each route begins in `code`.
    const uint32_t *routes;
    const match_trie_node *trie;
    const match_trie_slot *trie_slots;
    const uint8_t *trie_keys;
    const match_probe *probes;
    /// Where in a walk of the trie the node of each path comes; UINT32_MAX outside the body.
    const uint32_t *path_entries;
    const uint32_t *lengths;
    /// A bit for every key, by bits 20 and up of its hash: most values of an event are no key.
    const uint64_t *filter;
    const match_slot *slots;
    const uint32_t *postings;
    const match_interval *intervals;
    const uint32_t *remainder;
    uint64_t seed;
    /// Bits of `filter` less one; a power of two less one.
    uint64_t filter_mask;
    uint32_t trie_mask, slot_mask;
    uint32_t route_count, path_count, trie_count, remainder_count;
} match_table;

typedef struct match_scratch match_scratch;

/// Hashes of bytes under a seed. They pick candidates and rule out differences; equality is decided on the bytes.
uint64_t match_hash(const uint8_t *_Nullable bytes, size_t count, uint64_t seed);
/// The hash of four bytes of a text.
uint64_t match_hash_factor(const uint8_t *bytes, uint64_t seed);
/// The hash of a number of this kind (0 integer, 1 unsigned, 2 double) with these bits.
uint64_t match_hash_number(uint8_t kind, uint64_t bits, uint64_t seed);
uint64_t match_hash_block(uint64_t high, uint64_t low, uint32_t length, uint64_t seed);
/// The hash of a key: a way of finding on a path, with the hash of what it takes.
uint64_t match_hash_key(uint32_t path, uint32_t key_class, uint64_t value, uint64_t seed);
/// The hash of a key below a node of the trie, and the bit of the key in the filter of the node.
uint64_t match_hash_member(uint32_t parent, const uint8_t *_Nullable key, size_t count, uint64_t seed);
uint64_t match_key_bit(const uint8_t *_Nullable key, size_t count);

/// Reads the text of a valid JSON number by HookCore's rules; the kind (0 integer, 1 unsigned, 2 double).
uint8_t match_number(const uint8_t *text, size_t count, uint64_t *bits);
/// Order of two numbers: negative, zero, positive.
int match_number_order(uint8_t kind, uint64_t bits, uint8_t other_kind, uint64_t other_bits);
/// Reads an IP address; false where the text is none.
bool match_address(const uint8_t *text, size_t count, uint64_t *high, uint64_t *low);

/// Null where there is no memory.
match_scratch *_Nullable match_scratch_new(const match_table *table);
void match_scratch_free(match_scratch *scratch);
/// Bytes of memory that the scratch holds.
size_t match_scratch_bytes(const match_scratch *scratch);

/// Begins an event. `nodes` may be null where it has no JSON. Both must live until match_end.
void match_begin(
    match_scratch *scratch, const match_table *table, const uint8_t *_Nullable bytes,
    const match_node *_Nullable nodes);
/// Adds a value of a path that stands outside the body: a string or a number.
void match_add(match_scratch *scratch, uint32_t path, uint8_t kind, const uint8_t *_Nullable text, size_t count);
/// Finds the routes whose conditions hold, in ascending order. The list lives until the next call.
size_t match_find(match_scratch *scratch, const match_table *table, const uint32_t *_Nonnull *_Nonnull found);
/// Whether the condition at this place of the code holds.
bool match_holds(match_scratch *scratch, const match_table *table, uint32_t condition);
/// Forgets the event.
void match_end(match_scratch *scratch);
/// Routes that the last match_find looked at.
size_t match_candidate_count(const match_scratch *scratch);

#pragma clang assume_nonnull end
