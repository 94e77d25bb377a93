// SPDX-License-Identifier: Apache-2.0
// What the C files share. Functions taking a lua_State may raise and are only called below lua_pcall.
#ifndef HOOKSWITCH_INTERNAL_H
#define HOOKSWITCH_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <string.h>

#include "include/trampoline.h"

#define HS_FRAMES 24
#define HS_LAZY_KINDS 8

/// A growing byte buffer outside Lua's heap; freed with the state.
typedef struct hs_bytes {
    uint8_t *at;
    size_t count, room;
} hs_bytes;

/// A JSON document that views read from. `flags` holds a byte for each node, see jsonview.c.
typedef struct hs_document {
    const uint8_t *bytes;
    const hs_node *nodes;
    size_t count, node_count;
    uint8_t *flags;
    void *owned;
    size_t owned_size;
    bool may_repeat;
    char name[32];
} hs_document;

/// A kind of lazy table, see lazy.c; `table` is the one of the call under way.
typedef struct hs_lazy {
    const void *table, *meta_at;
    uint32_t taken;
    int meta, names, fields;
    bool is_writable;
    char name[24];
} hs_lazy;

/// How often the lines of one chunk ran, see lines.c.
typedef struct hs_chunk {
    char *name;
    uint32_t *counts;
    size_t room;
} hs_chunk;

struct hs_state {
    lua_State *L;
    // Memory: all counts in bytes; `ceiling` is absolute.
    size_t used, ceiling, cap, baseline, reported;
    int64_t blocks, allocations, fail_at;
    bool frozen;
    // Budget.
    int64_t steps, limit, unclocked;
    int armed, spent, drain_base, drained;
    bool draining, counting;
    uint64_t deadline, wall;
    uint64_t random[4];
    // Boundary.
    void *context;
    hs_host_body host;
    hs_decode_body decode;
    hs_print_body print;
    hs_field_body field;
    hs_lazy lazy[HS_LAZY_KINDS];
    hs_bytes reply, out, message;
    bool is_result_failure;
    hs_frame frames[HS_FRAMES];
    int frame_count;
    // Documents of the call: slot i has the serial first_serial + i.
    hs_document *documents;
    int document_count, document_room;
    uint32_t first_serial;
    // Slot of the first document of a host function's reply.
    int reply_documents;
    // Coverage: LUA_MASKLINE is in the mask only where lines are traced.
    int hook_mask, chunk_count, chunk_last;
    hs_chunk *chunks;
    hs_bytes code;
};

static inline hs_state *hs_of(lua_State *L) { return *(hs_state **)lua_getextraspace(L); }

// budget.c
void hs_charge(lua_State *L, int64_t steps);
void hs_charge_bytes(lua_State *L, size_t bytes);
void hs_arm(hs_state *S, const hs_limits *limits);
void hs_disarm(hs_state *S);
bool hs_calibrate(hs_state *S);
void hs_rethrow_if_spent(lua_State *L, int status);

// lines.c
void hs_note_line(lua_State *L, lua_Debug *ar);
void hs_drop_chunks(hs_state *S);

// state.c
void hs_report_memory(hs_state *S);
bool hs_grow(hs_bytes *buffer, size_t more);
bool hs_put(hs_bytes *buffer, const void *bytes, size_t count);

// call.c
int hs_message_handler(lua_State *L);
int hs_settle(hs_state *S, int status);
void hs_set_message(hs_state *S, const char *text, size_t count);

/// Runs `body` protected with `context` as a light userdata argument above what stands on the stack.
int hs_protect(hs_state *S, lua_CFunction body, void *context);

// lazy.c
void hs_push_lazy(lua_State *L, int kind);
/// Where the table at the top is lazy, makes its fields real; a read-only one is replaced by its content.
void hs_resolve_lazy(lua_State *L);
void hs_end_lazy(hs_state *S);

// ops.c
int hs_execute(lua_State *L, const uint8_t *ops, size_t count, int arguments, int documents);

// Libraries: each opens into the table at the top or into the globals.
void hs_open_base(lua_State *L);
void hs_open_string(lua_State *L);
void hs_open_patterns(lua_State *L);
void hs_open_table(lua_State *L);
void hs_open_utf8(lua_State *L);
void hs_open_math(lua_State *L);
void hs_open_json(lua_State *L);
void hs_open_views(lua_State *L);
void hs_open_num(lua_State *L);
void hs_seed_random(hs_state *S, uint64_t seed);

// freeze.c: a frozen table is an empty proxy; its content stands in another table below a hidden key.
extern const char hs_frozen_key, hs_kind_key, hs_order_key, hs_view_key, hs_environments_key;
void hs_freeze_table(lua_State *L, int index, const char *name);
/// The shared globals and libraries.
void hs_freeze_shared(lua_State *L);
/// Those, and the globals of every file.
void hs_freeze_all(lua_State *L);
/// Replaces the table at the top by the table that holds its content.
void hs_resolve(lua_State *L);
bool hs_is_hidden(lua_State *L, int index);

// base.c
/// Replaces the stock function `name` of the table at the top by one that charges its string arguments first, …
void hs_wrap_stock(lua_State *L, const char *name);
/// … or its results afterwards.
void hs_wrap_result(lua_State *L, const char *name);
/// Pushes the text of the value at `index`, without addresses, honouring __tostring.
const char *hs_tostring(lua_State *L, int index, size_t *count);
/// Pushes an array of the keys of the table at `index` in the defined order.
void hs_keys(lua_State *L, int index);

// number.c
/// Shortest text that reads back as the same double; `target` has room for 40 bytes.
size_t hs_format_double(double value, char *target);
int hs_compare_decimal(const char *a, size_t na, const char *b, size_t nb);
void hs_push_number(lua_State *L, const char *text, size_t count);
void hs_push_num(lua_State *L, const char *text, size_t count);
const char *hs_test_num(lua_State *L, int index, size_t *count);

// jsonview.c
void hs_push_document(lua_State *L, int slot);
void hs_push_null(lua_State *L);
bool hs_is_null(lua_State *L, int index);
/// The document and node that the table at `index` is a view of, or NULL.
hs_document *hs_view_of(lua_State *L, int index, uint32_t *node);
/// Makes every field of a view real.
void hs_load_view(lua_State *L, int index);
int hs_new_document(
    hs_state *S, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, bool may_repeat,
    const char *name);
void hs_drop_documents(hs_state *S);
void hs_push_node(lua_State *L, hs_document *D, uint32_t node);
void hs_push_node_string(lua_State *L, hs_document *D, uint32_t node);
uint32_t hs_find_member(lua_State *L, hs_document *D, uint32_t node, const char *key, size_t count);

void hs_push_last_members(lua_State *L, hs_document *D, uint32_t node);
bool hs_is_last_member(lua_State *L, int members, uint32_t value);

// jsonwrite.c
/// Writes into S->out; raises with S->is_result_failure set where the value cannot be JSON.
bool hs_write_json(lua_State *L, int index, const char *path, size_t cap);

#endif
