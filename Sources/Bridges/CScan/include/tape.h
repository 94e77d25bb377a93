// SPDX-License-Identifier: Apache-2.0
// JSON text (RFC 8259) to a tape of nodes, for texts without fault. In two steps: first the places of all quotes,
// brackets, commas, colons and first bytes of scalars, 64 bytes at a time; then the tape from these places alone.
// (The idea of the two steps: Langdale and Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 28, 2019.)
//
// Neither step explains a refusal. Whatever is wrong with a text, or looks as if it could be, the answer is 0, and the
// caller asks its exact parser, which finds the reason and the place.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// One value or key; the layout of `JSONNode`.
typedef struct {
    uint32_t start;
    uint32_t end;
    uint32_t next;
    uint32_t count;
    uint8_t kind;
    uint8_t escaped;
} tape_node;

/// Kinds of a node; the raw values of `JSONKind`.
enum { TAPE_NULL, TAPE_FALSE, TAPE_TRUE, TAPE_NUMBER, TAPE_STRING, TAPE_ARRAY, TAPE_OBJECT };

/// The instructions that are used. All give the same tapes.
typedef enum {
    /// The best that this processor has.
    TAPE_BEST,
    /// No more than C says.
    TAPE_PLAIN,
    TAPE_SSE2,
    /// AVX2, BMI and carry-less multiplication.
    TAPE_AVX2,
    /// AVX-512 with VBMI2, and what TAPE_AVX2 needs.
    TAPE_AVX512,
    TAPE_NEON,
} tape_kernel;

/// The places of one text, between the two steps. Owned by the thread that asked for it, which may have one at a time.
typedef struct {
    const uint8_t *text;
    size_t size;
    /// Ascending places, then a few that stop every loop.
    uint32_t *places;
    uint32_t *places_end;
    /// Room for a mark per open key.
    uint32_t *keys;
    /// Memory to be freed; NULL where the thread's own was enough.
    void *owned;
    /// Nodes that the tape will have, if the text is without fault.
    size_t nodes;
    tape_kernel kernel;
} tape_index;

/// 1 where this processor, and this build, has the kernel.
int tape_has(tape_kernel kernel);

/// Fills in `index`; the number of nodes for which `tape_build` needs room; 0 where the exact parser must decide, and
/// then nothing has to be ended.
size_t tape_find(tape_index *index, const uint8_t *text, size_t size, tape_kernel kernel);

/// Writes `tape_node`s to `nodes`; how many, which is never more than `tape_find` said; 0 where the exact parser must
/// decide. Texts with equal keys in one object are among these.
size_t tape_build(const tape_index *index, void *nodes, size_t depth_max);

/// Gives the memory of `index` back.
void tape_end(tape_index *index);
