// SPDX-License-Identifier: Apache-2.0
// Which lines of Lua hold code, and how often each ran: for the coverage of tests, never for live traffic.
#ifndef HOOKSWITCH_LINES_H
#define HOOKSWITCH_LINES_H

#include "trampoline.h"

/// Counts the lines that run from the next call on. A line hook makes every instruction slower.
void hs_trace_lines(hs_state *state);
int32_t hs_traced_chunks(const hs_state *state);
/// The name of chunk `n` and how often each of its lines ran; the index is the line. Valid until the next call.
const char *hs_traced_chunk(const hs_state *state, int32_t n, const uint32_t **counts, size_t *lines);
/// Lines with code of the function behind `reference` and of all functions in it: a byte for each line from 0, 1 where
/// there is code. NULL where it is no Lua function or memory ran out. Valid until the next call of this function.
const uint8_t *hs_lines_with_code(hs_state *state, int32_t reference, size_t *lines);

#endif
