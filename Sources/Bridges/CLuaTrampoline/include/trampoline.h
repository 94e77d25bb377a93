// SPDX-License-Identifier: Apache-2.0
// Everything Swift may call. No function here raises: each one that runs Lua code does so inside lua_pcall, because
// a Lua error is a longjmp and must not cross a Swift frame.
#ifndef HOOKSWITCH_TRAMPOLINE_H
#define HOOKSWITCH_TRAMPOLINE_H

#include <stddef.h>
#include <stdint.h>

/// One sandboxed lua_State with its budgets; used by one thread.
typedef struct hs_state hs_state;

/// The layout of one node of a JSON tape; a test compares it with the Swift type.
typedef struct hs_node {
    uint32_t start, end, next, count;
    uint8_t kind, escaped;
} hs_node;

enum { HS_JSON_NULL, HS_JSON_FALSE, HS_JSON_TRUE, HS_JSON_NUMBER, HS_JSON_STRING, HS_JSON_ARRAY, HS_JSON_OBJECT };

/// What a protected call came to.
enum { HS_OK, HS_SYNTAX, HS_RUNTIME, HS_STEPS, HS_MEMORY, HS_WALL, HS_RESULT };

/// What a value on the stack is.
enum {
    HS_NONE, HS_NIL, HS_BOOLEAN, HS_INTEGER, HS_FLOAT, HS_STRING, HS_TABLE, HS_FUNCTION, HS_HANDLE, HS_NULL, HS_NUM,
    HS_OTHER
};

/// Operations of the writer: what is to be pushed is written down as bytes first and pushed inside a protected call.
enum {
    HS_OP_NIL, HS_OP_FALSE, HS_OP_TRUE, HS_OP_INTEGER, HS_OP_FLOAT, HS_OP_STRING, HS_OP_TABLE, HS_OP_SET, HS_OP_APPEND,
    HS_OP_REFERENCE, HS_OP_JSON, HS_OP_HANDLE, HS_OP_NULL, HS_OP_ARRAY, HS_OP_READONLY, HS_OP_NUM, HS_OP_ARGUMENT,
    HS_OP_LAZY
};

/// One level of a traceback.
typedef struct hs_frame {
    char chunk[160];
    char function[64];
    int32_t line;
} hs_frame;

/// Budgets of one call.
typedef struct hs_limits {
    int64_t steps;
    int64_t memory_bytes;
    int64_t wall_nanoseconds;
} hs_limits;

/// Runs the host function `index`: arguments stand on the stack from 1; the answer goes through `hs_reply`.
/// Returns 0, or 1 where the reply is the text of an error.
typedef int32_t (*hs_host_body)(void *context, int32_t index, hs_state *state);
/// Parses a JSON text and hands the tape to `hs_decoded`. Returns 0, or 1 with the reason through `hs_reply`.
typedef int32_t (*hs_decode_body)(void *context, const uint8_t *bytes, size_t count, hs_state *state);
/// Takes a line that a script printed.
typedef void (*hs_print_body)(void *context, const uint8_t *bytes, size_t count);
/// Writes the value of a field of a lazy table as operations through `hs_reply`, and returns 1; or 0 where there is
/// none. `field` is the number of a declared field; -1 for a kind without: then `key` names it, or is NULL and all
/// fields are wanted, as one table.
typedef int32_t (*hs_field_body)(
    void *context, int32_t kind, int32_t field, const uint8_t *key, size_t count, hs_state *state);

/// A new state with the sandbox's library, or NULL when memory ran out. `fail_at` > 0 makes that allocation and all
/// after it fail (for tests).
hs_state *hs_open(int64_t memory_bytes, int64_t fail_at);
void hs_close(hs_state *state);
/// Closes and tells what Lua did not give back: 0 when all blocks were freed.
int64_t hs_close_balance(hs_state *state);
void hs_set_bodies(hs_state *state, void *context, hs_host_body host, hs_decode_body decode, hs_print_body print);
void hs_set_field_body(hs_state *state, hs_field_body field);
/// Declares a kind (0 to 7) of lazy table; `fields` are its names with commas between, or empty where any key may be
/// there. `name` stands in messages.
int32_t hs_define_lazy(hs_state *state, int32_t kind, const char *name, const char *fields, int32_t is_writable);

/// Makes allocation number `fail_at` from now, and all after it, fail; 0 ends that.
void hs_fail_allocations(hs_state *state, int64_t fail_at);
/// Bytes and blocks that Lua holds now.
int64_t hs_bytes_in_use(const hs_state *state);
int64_t hs_blocks_in_use(const hs_state *state);
/// Bytes and blocks of all states of the process together; zero when all are closed.
int64_t hs_all_bytes(void);

int32_t hs_register(hs_state *state, const char *name, int32_t index, int64_t cost);
/// Compiles a text chunk; `environment` is a reference or 0 for the globals. `reference` gets the function.
int32_t hs_load(
    hs_state *state, const char *chunk, const uint8_t *source, size_t count, int32_t environment, int32_t *reference);
/// A table that reads through to the globals; global names of a script live there.
int32_t hs_new_environment(hs_state *state, int32_t *reference);
/// The function or value `name` of an environment or of the globals (environment 0); `reference` is 0 where it is nil.
int32_t hs_get_named(hs_state *state, int32_t environment, const char *name, int32_t *reference, int32_t *kind);
/// Makes the shared globals and libraries read-only: what a file does while it loads reaches no other file.
int32_t hs_seal(hs_state *state);
/// Makes globals, environments and the tables in them read-only, and takes the memory baseline.
int32_t hs_freeze(hs_state *state);
void hs_unref(hs_state *state, int32_t reference);

/// Adds a document for the next call; its memory must live until `hs_end`. Returns its number, or -1.
int32_t hs_add_document(
    hs_state *state, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, int32_t may_repeat,
    const char *name);
/// Seeds math.random of the next call.
void hs_seed(hs_state *state, uint64_t seed);
/// Runs a function; its results stand on the stack from 1 until `hs_end`.
int32_t hs_call(
    hs_state *state, int32_t reference, const uint8_t *ops, size_t count, const hs_limits *limits, int32_t *results);
/// Drops results and documents of the call.
void hs_end(hs_state *state);
/// Calls the function at `index` from inside a host function; results are pushed on the stack.
int32_t hs_invoke(hs_state *state, int32_t index, const uint8_t *ops, size_t count, int32_t *results);
/// Pushes a value of the registry.
int32_t hs_push_reference(hs_state *state, int32_t reference);
/// Steps of the call that ran last, exact.
int64_t hs_steps(const hs_state *state);
int64_t hs_steps_left(const hs_state *state);
/// The kind of the budget that was spent (then the state must be thrown away), or 0.
int32_t hs_poisoned(const hs_state *state);
/// Charges host work; returns 0 when the budget is spent (then return from the host function at once).
int32_t hs_host_charge(hs_state *state, int64_t steps);

// Failure of the last call.
const char *hs_message(const hs_state *state, size_t *count);
int32_t hs_frame_count(const hs_state *state);
const hs_frame *hs_frame_at(const hs_state *state, int32_t n);
// Swift imports the arrays as tuples; these give their text.
static inline const char *hs_frame_chunk(const hs_frame *frame) { return frame->chunk; }
static inline const char *hs_frame_function(const hs_frame *frame) { return frame->function; }

// Answers of callbacks. Documents of a reply are handed over with `hs_decoded` between `hs_begin_reply` and `hs_reply`.
void hs_begin_reply(hs_state *state);
int32_t hs_reply(hs_state *state, const uint8_t *bytes, size_t count);
/// Copies a document into the state; it lives until the call ends. Returns 0, or 1 when memory ran out.
int32_t hs_decoded(
    hs_state *state, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, const char *name);

// Reading the stack. None of these changes a value or raises.
int32_t hs_top(const hs_state *state);
void hs_set_top(hs_state *state, int32_t top);
int32_t hs_kind(hs_state *state, int32_t index);
int32_t hs_boolean(hs_state *state, int32_t index);
int64_t hs_integer(hs_state *state, int32_t index);
double hs_double(hs_state *state, int32_t index);
/// Bytes of a string or of the text of a num value; they live while the value stands on the stack.
const uint8_t *hs_string(hs_state *state, int32_t index, size_t *count);
/// The handle and type of a userdata made by HS_OP_HANDLE.
const char *hs_handle(hs_state *state, int32_t index, int64_t *value);
int64_t hs_length(hs_state *state, int32_t index);
/// Push a field / an element / the list of keys (in the defined order), reading through views. HS_OK or a failure.
int32_t hs_push_field(hs_state *state, int32_t index, const uint8_t *key, size_t count);
int32_t hs_push_element(hs_state *state, int32_t index, int64_t n);
int32_t hs_push_keys(hs_state *state, int32_t index);
/// Pushes table[key at top], replacing the key.
int32_t hs_push_value(hs_state *state, int32_t index);
int32_t hs_reference(hs_state *state, int32_t index, int32_t *reference);

/// Writes the value at `index` as JSON; `unchanged` is 1 where it is the untouched root of document 0.
/// The bytes live until the next write.
int32_t hs_json_write(
    hs_state *state, int32_t index, const char *path, size_t cap, const uint8_t **bytes, size_t *count,
    int32_t *unchanged);

#endif
