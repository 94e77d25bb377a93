// SPDX-License-Identifier: Apache-2.0
// Lines for coverage. What ran is told by a line hook. What could run stands in the debug information of functions, but
// lua_getinfo gives it for functions that exist only, and a function that was never reached does not exist yet; so the
// main chunk is dumped and the prototypes in it are read, which is exactly what lua_getinfo's "L" does for one of them.
#include "include/lines.h"

#include <stdlib.h>

#include "internal.h"

// Files are at most 1 MiB, so no line is beyond this.
enum { LINE_MAX_KEPT = 1 << 21 };

void hs_trace_lines(hs_state *S) { S->hook_mask = LUA_MASKCOUNT | LUA_MASKLINE; }

static hs_chunk *chunk_named(hs_state *S, const char *name) {
    if (S->chunk_last < S->chunk_count && strcmp(S->chunks[S->chunk_last].name, name) == 0)
        return &S->chunks[S->chunk_last];
    for (int n = 0; n < S->chunk_count; n++) {
        if (strcmp(S->chunks[n].name, name) != 0) continue;
        S->chunk_last = n;
        return &S->chunks[n];
    }
    hs_chunk *moved = realloc(S->chunks, sizeof *moved * (size_t)(S->chunk_count + 1));
    if (moved == NULL) return NULL;
    S->chunks = moved;
    char *copy = strdup(name);
    if (copy == NULL) return NULL;
    S->chunk_last = S->chunk_count++;
    S->chunks[S->chunk_last] = (hs_chunk){copy, NULL, 0};
    return &S->chunks[S->chunk_last];
}

/// Where memory runs out a line is not counted; a test of coverage is not worth more.
void hs_note_line(lua_State *L, lua_Debug *ar) {
    if (!lua_getinfo(L, "Sl", ar) || ar->currentline < 0 || ar->currentline >= LINE_MAX_KEPT) return;
    hs_chunk *chunk = chunk_named(hs_of(L), *ar->source == '@' || *ar->source == '=' ? ar->source + 1 : ar->source);
    if (chunk == NULL) return;
    size_t line = (size_t)ar->currentline;
    if (line >= chunk->room) {
        size_t room = line * 2 + 64;
        uint32_t *moved = realloc(chunk->counts, room * sizeof *moved);
        if (moved == NULL) return;
        memset(moved + chunk->room, 0, (room - chunk->room) * sizeof *moved);
        chunk->counts = moved;
        chunk->room = room;
    }
    if (chunk->counts[line] < UINT32_MAX) chunk->counts[line]++;
}

void hs_drop_chunks(hs_state *S) {
    for (int n = 0; n < S->chunk_count; n++) {
        free(S->chunks[n].name);
        free(S->chunks[n].counts);
    }
    free(S->chunks);
    free(S->code.at);
}

int32_t hs_traced_chunks(const hs_state *S) { return S->chunk_count; }

const char *hs_traced_chunk(const hs_state *S, int32_t n, const uint32_t **counts, size_t *lines) {
    *counts = S->chunks[n].counts;
    *lines = S->chunks[n].room;
    return S->chunks[n].name;
}

// The binary form of Lua 5.4 (ldump.c): what is not needed is passed over.

typedef struct reader {
    const uint8_t *at, *end;
    bool is_good;
} reader;

static const uint8_t *pass(reader *R, uint64_t count) {
    const uint8_t *at = R->at;
    if (count > (uint64_t)(R->end - R->at)) {
        R->is_good = false;
        return at;
    }
    R->at += count;
    return at;
}

static uint8_t byte(reader *R) {
    const uint8_t *at = pass(R, 1);
    return R->is_good ? *at : 0x80;
}

/// Seven bits a byte, the highest first; the last byte has its top bit set.
static uint64_t number(reader *R) {
    uint64_t value = 0;
    uint8_t next;
    do {
        next = byte(R);
        value = value << 7 | (next & 0x7F);
    } while (R->is_good && !(next & 0x80));
    return value;
}

static void text(reader *R) {
    uint64_t size = number(R);
    if (size > 0) pass(R, size - 1);
}

static void constants(reader *R) {
    uint64_t count = number(R);
    for (uint64_t n = 0; n < count && R->is_good; n++) {
        switch (byte(R)) {
        case 0x03: case 0x13: pass(R, 8); break;  // integer, float
        case 0x04: case 0x14: text(R); break;     // short and long strings
        default: break;                           // nil, false, true
        }
    }
}

static void mark(hs_bytes *lines, int64_t line) {
    if (line <= 0 || line >= LINE_MAX_KEPT) return;
    size_t need = (size_t)line + 1;
    if (need > lines->count) {
        if (!hs_grow(lines, need - lines->count)) return;
        memset(lines->at + lines->count, 0, need - lines->count);
        lines->count = need;
    }
    lines->at[line] = 1;
}

/// The debug information of one function: a difference for each instruction, or -128 where the next absolute line counts.
static void line_info(reader *R, int64_t line, bool is_vararg, hs_bytes *lines) {
    uint64_t count = number(R);
    const int8_t *differences = (const int8_t *)pass(R, count);
    uint64_t absolute = number(R);
    for (uint64_t n = 0; n < count && R->is_good; n++) {
        if (differences[n] == -128 && absolute > 0) {
            number(R);
            line = (int64_t)number(R);
            absolute--;
        } else {
            line += differences[n];
        }
        // The first instruction of a vararg function only arranges its arguments. The last one is the return that the
        // compiler adds at the `end`; behind a return of the user's it can never run.
        if ((n == 0 && is_vararg) || n == count - 1) continue;
        mark(lines, line);
    }
    for (; absolute > 0 && R->is_good; absolute--) {
        number(R);
        number(R);
    }
}

static void function(reader *R, int depth, hs_bytes *lines) {
    if (depth > 200) R->is_good = false;
    text(R);
    int64_t line = (int64_t)number(R);
    number(R);
    byte(R);
    bool is_vararg = byte(R) != 0;
    byte(R);
    pass(R, number(R) * 4);
    constants(R);
    pass(R, number(R) * 3);
    uint64_t inner = number(R);
    for (uint64_t n = 0; n < inner && R->is_good; n++) function(R, depth + 1, lines);
    line_info(R, line, is_vararg, lines);
    uint64_t locals = number(R);
    for (uint64_t n = 0; n < locals && R->is_good; n++) {
        text(R);
        number(R);
        number(R);
    }
    uint64_t names = number(R);
    for (uint64_t n = 0; n < names && R->is_good; n++) text(R);
}

static int keep(lua_State *L, const void *piece, size_t size, void *target) {
    (void)L;
    return hs_put(target, piece, size) ? 0 : 1;
}

const uint8_t *hs_lines_with_code(hs_state *S, int32_t reference, size_t *lines) {
    // Signature, version, format, check data, three sizes, two check numbers (lundump.h), and the count of upvalues.
    enum { HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1 };
    lua_State *L = S->L;
    *lines = 0;
    if (!lua_checkstack(L, 2)) return NULL;
    lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
    hs_bytes dump = {0};
    int status = lua_isfunction(L, -1) && !lua_iscfunction(L, -1) ? lua_dump(L, keep, &dump, 0) : 1;
    lua_pop(L, 1);
    S->code.count = 0;
    reader R = {dump.at, dump.at + dump.count, status == 0 && dump.count > HEADER};
    // Another version would be read wrongly: better no lines than wrong ones.
    if (R.is_good && dump.at[4] == 0x54 && dump.at[5] == 0) {
        pass(&R, HEADER);
        function(&R, 0, &S->code);
    } else {
        R.is_good = false;
    }
    free(dump.at);
    if (!R.is_good) return NULL;
    *lines = S->code.count;
    return S->code.at;
}
