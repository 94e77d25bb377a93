// SPDX-License-Identifier: Apache-2.0
// The state: an allocator with a ceiling, and the sandbox's library opened into a fresh lua_State.
#include <stdatomic.h>
#include <stdlib.h>

#include "internal.h"

static _Atomic int64_t all_bytes;

static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
    hs_state *S = context;
    if (block == NULL) old_size = 0;  // Lua passes the kind of object here.
    if (new_size == 0) {
        if (block != NULL) {
            S->used -= old_size;
            S->blocks--;
            free(block);
        }
        return NULL;
    }
    if (new_size > old_size) {  // Lua relies on a shrink never failing.
        S->allocations++;
        if (S->fail_at > 0 && S->allocations >= S->fail_at) return NULL;
        if (S->used - old_size + new_size > S->ceiling) return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved == NULL) return new_size <= old_size ? block : NULL;
    S->used = S->used - old_size + new_size;
    if (block == NULL) S->blocks++;
    return moved;
}

/// Once per call and not per block: an atomic addition costs as much as a small block.
void hs_report_memory(hs_state *S) {
    if (S->used == S->reported) return;
    atomic_fetch_add(&all_bytes, (int64_t)S->used - (int64_t)S->reported);
    S->reported = S->used;
}

bool hs_grow(hs_bytes *buffer, size_t more) {
    if (buffer->room - buffer->count >= more) return true;
    size_t room = buffer->room * 2 + more + 256;
    uint8_t *moved = realloc(buffer->at, room);
    if (moved == NULL) return false;
    buffer->at = moved;
    buffer->room = room;
    return true;
}

bool hs_put(hs_bytes *buffer, const void *bytes, size_t count) {
    if (!hs_grow(buffer, count)) return false;
    if (count > 0) memcpy(buffer->at + buffer->count, bytes, count);
    buffer->count += count;
    return true;
}

static int open_library(lua_State *L) {
    hs_open_base(L);
    hs_open_string(L);
    hs_open_patterns(L);
    hs_open_table(L);
    hs_open_utf8(L);
    hs_open_math(L);
    hs_open_num(L);
    hs_open_json(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &hs_environments_key);
    return 0;
}

static int at_panic(lua_State *L) {
    (void)L;
    abort();  // Every call is protected; an unprotected error is a bug of ours.
}

hs_state *hs_open(int64_t memory_bytes, int64_t fail_at) {
    hs_state *S = calloc(1, sizeof *S);
    if (S == NULL) return NULL;
    S->cap = (size_t)memory_bytes;
    S->ceiling = S->cap + (4u << 20);
    S->fail_at = fail_at;
    S->limit = INT64_MAX;
    S->first_serial = 1;
    S->hook_mask = LUA_MASKCOUNT;
    S->L = lua_newstate(allocate, S);
    if (S->L == NULL) {
        free(S);
        return NULL;
    }
    *(hs_state **)lua_getextraspace(S->L) = S;
    lua_atpanic(S->L, at_panic);
    hs_seed_random(S, 0);
    lua_pushcfunction(S->L, open_library);
    if (lua_pcall(S->L, 0, 0, 0) != LUA_OK || !hs_calibrate(S)) {
        hs_close(S);
        return NULL;
    }
    S->baseline = S->used;
    hs_report_memory(S);
    return S;
}

int64_t hs_close_balance(hs_state *S) {
    hs_disarm(S);
    hs_drop_documents(S);
    lua_close(S->L);
    hs_report_memory(S);
    int64_t balance = S->blocks == 0 ? (int64_t)S->used : -S->blocks;
    hs_drop_chunks(S);
    free(S->documents);
    free(S->reply.at);
    free(S->out.at);
    free(S->message.at);
    free(S);
    return balance;
}

void hs_close(hs_state *S) { (void)hs_close_balance(S); }

void hs_set_bodies(hs_state *S, void *context, hs_host_body host, hs_decode_body decode, hs_print_body print) {
    S->context = context;
    S->host = host;
    S->decode = decode;
    S->print = print;
}

void hs_fail_allocations(hs_state *S, int64_t fail_at) {
    S->allocations = 0;
    S->fail_at = fail_at;
}

int64_t hs_bytes_in_use(const hs_state *S) { return (int64_t)S->used; }
int64_t hs_blocks_in_use(const hs_state *S) { return S->blocks; }
int64_t hs_all_bytes(void) { return atomic_load(&all_bytes); }
