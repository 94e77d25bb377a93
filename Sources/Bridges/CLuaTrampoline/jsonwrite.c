// SPDX-License-Identifier: Apache-2.0
// Lua values → JSON text. What a view never touched is copied from its document; a scalar that stands where it stood,
// with the value it had, keeps its characters; everything else is written new. A container that turns out to be
// unchanged is replaced by its original text at its end.
#include <math.h>
#include <stdio.h>

#include "internal.h"

enum { DEPTH_MAX = 64 };

/// The way to the value being written, innermost first.
typedef struct step {
    const struct step *parent;
    const char *key;
    size_t key_count;
    lua_Integer index;
} step;

typedef struct writer {
    lua_State *L;
    hs_state *S;
    const char *root;
    size_t cap;
} writer;

static void push_path(writer *w, const step *at) {
    lua_State *L = w->L;
    const step *steps[DEPTH_MAX + 8];
    int count = 0;
    for (; at != NULL && count < DEPTH_MAX + 8; at = at->parent) steps[count++] = at;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, w->root);
    while (count-- > 0) {
        char number[32];
        if (steps[count]->key != NULL) {
            luaL_addchar(&buffer, '.');
            luaL_addlstring(&buffer, steps[count]->key, steps[count]->key_count);
        } else {
            luaL_addlstring(&buffer, number,
                (size_t)snprintf(number, sizeof number, "[%lld]", (long long)steps[count]->index));
        }
    }
    luaL_pushresult(&buffer);
}

static void fail(writer *w, const step *at, const char *reason) {
    push_path(w, at);
    lua_pushfstring(w->L, "%s: %s", lua_tostring(w->L, -1), reason);
    w->S->is_result_failure = true;
    lua_error(w->L);
}

static void put(writer *w, const step *at, const void *bytes, size_t count) {
    hs_bytes *out = &w->S->out;
    if (count > w->cap || out->count > w->cap - count) {
        char reason[64];
        snprintf(reason, sizeof reason, "the JSON is larger than %zu bytes", w->cap);
        fail(w, at, reason);
    }
    hs_charge_bytes(w->L, count);
    if (!hs_put(out, bytes, count)) {
        w->S->spent = HS_MEMORY;
        hs_rethrow_if_spent(w->L, LUA_ERRMEM);
    }
}

/// Length of the UTF-8 sequence at `at` (RFC 3629), or 0.
static size_t sequence(const uint8_t *at, const uint8_t *end) {
    uint8_t first = *at, low = 0x80, high = 0xBF;
    size_t length;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) length = 2;
    else if (first >= 0xE0 && first <= 0xEF) length = 3;
    else if (first >= 0xF0 && first <= 0xF4) length = 4;
    else return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if ((size_t)(end - at) < length || at[1] < low || at[1] > high) return 0;
    for (size_t n = 2; n < length; n++)
        if ((at[n] & 0xC0) != 0x80) return 0;
    return length;
}

static void put_string(writer *w, const step *at, const char *text, size_t count) {
    const uint8_t *from = (const uint8_t *)text, *end = from + count, *run = from;
    put(w, at, "\"", 1);
    while (from < end) {
        size_t length = sequence(from, end);
        if (length == 0) fail(w, at, "this string is not valid UTF-8: send bytes as base64");
        if (*from >= 0x20 && *from != '"' && *from != '\\') {
            from += length;
            continue;
        }
        put(w, at, run, (size_t)(from - run));
        char escape[8];
        static const char letters[] = "btn\0fr";
        if (*from == '"' || *from == '\\') snprintf(escape, sizeof escape, "\\%c", *from);
        else if (*from >= 8 && *from <= 13 && *from != 11) snprintf(escape, sizeof escape, "\\%c", letters[*from - 8]);
        else snprintf(escape, sizeof escape, "\\u%04x", *from);
        put(w, at, escape, strlen(escape));
        run = ++from;
    }
    put(w, at, run, (size_t)(from - run));
    put(w, at, "\"", 1);
}

static void put_number(writer *w, const step *at, int index) {
    char text[48];
    if (lua_isinteger(w->L, index)) {
        put(w, at, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(w->L, index)));
        return;
    }
    double value = lua_tonumber(w->L, index);
    if (!isfinite(value)) fail(w, at, isnan(value) ? "NaN is not a JSON number" : "infinity is not a JSON number");
    put(w, at, text, hs_format_double(value, text));
}

/// Whether the value at `index` is still the scalar that the document has at `node`.
static bool is_same_scalar(writer *w, int index, hs_document *D, uint32_t node) {
    lua_State *L = w->L;
    switch (D->nodes[node].kind) {
    case HS_JSON_NULL: return hs_is_null(L, index);
    case HS_JSON_FALSE: return lua_isboolean(L, index) && !lua_toboolean(L, index);
    case HS_JSON_TRUE: return lua_isboolean(L, index) && lua_toboolean(L, index);
    case HS_JSON_NUMBER: {
        hs_push_node(L, D, node);
        size_t a, b;
        const char *x = hs_test_num(L, index, &a), *y = hs_test_num(L, -1, &b);
        bool is_same = false;
        if (x != NULL && y != NULL) is_same = a == b && memcmp(x, y, a) == 0;
        else if (lua_isinteger(L, index) && lua_isinteger(L, -1)) is_same = lua_rawequal(L, index, -1);
        else if (lua_type(L, index) == LUA_TNUMBER && lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, index)
            && !lua_isinteger(L, -1)) {
            // By bits, because 0.0 equals -0.0.
            double p = lua_tonumber(L, index), q = lua_tonumber(L, -1);
            is_same = memcmp(&p, &q, sizeof p) == 0;
        }
        lua_pop(L, 1);
        return is_same;
    }
    case HS_JSON_STRING: {
        if (lua_type(L, index) != LUA_TSTRING) return false;
        hs_push_node_string(L, D, node);
        bool is_same = lua_rawequal(L, index, -1);
        lua_pop(L, 1);
        return is_same;
    }
    default: return false;
    }
}

static int tape_depth(const hs_document *D, uint32_t node) {
    uint32_t ends[DEPTH_MAX + 1];
    int depth = 0, deepest = 0;
    for (uint32_t at = node; at < D->nodes[node].next; at++) {
        while (depth > 0 && at >= ends[depth - 1]) depth--;
        if (D->nodes[at].kind < HS_JSON_ARRAY) continue;
        if (depth > DEPTH_MAX) return depth;
        ends[depth++] = D->nodes[at].next;
        if (depth > deepest) deepest = depth;
    }
    return deepest;
}

static void put_original(writer *w, const step *at, hs_document *D, uint32_t node) {
    put(w, at, D->bytes + D->nodes[node].start, D->nodes[node].end - D->nodes[node].start);
}

static bool write_value(writer *w, const step *at, int index, int depth, hs_document *here, uint32_t place);

static void put_key(writer *w, const step *at, bool *is_first, int index) {
    size_t count;
    const char *key = lua_tolstring(w->L, index, &count);
    put(w, at, *is_first ? "" : ",", *is_first ? 0 : 1);
    *is_first = false;
    put_string(w, at, key, count);
    put(w, at, ":", 1);
}

/// Counts fields; anything but string keys is an error for an object.
static lua_Integer count_fields(writer *w, const step *at, int index) {
    lua_State *L = w->L;
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        hs_charge(L, 1);
        if (hs_is_hidden(L, -2)) continue;
        if (lua_type(L, -2) != LUA_TSTRING) fail(w, at, "an object has a key that is no string");
        count++;
    }
    return count;
}

/// Writes the fields of the table at `index` that are listed by hs_keys, from key number `first` on.
static void write_fields(writer *w, const step *at, int index, int depth, bool *is_first, int keys, lua_Integer first) {
    lua_State *L = w->L;
    lua_Integer total = (lua_Integer)lua_rawlen(L, keys);
    for (lua_Integer n = first; n <= total; n++) {
        lua_rawgeti(L, keys, n);
        if (lua_type(L, -1) != LUA_TSTRING) fail(w, at, "an object has a key that is no string");
        size_t count;
        const char *key = lua_tolstring(L, -1, &count);
        step below = {at, key, count, 0};
        put_key(w, &below, is_first, lua_gettop(L));
        lua_pushvalue(L, -1);
        lua_rawget(L, index);
        write_value(w, &below, lua_gettop(L), depth, NULL, 0);
        lua_pop(L, 2);
    }
}

static bool write_view_object(writer *w, const step *at, int index, int depth, hs_document *D, uint32_t node) {
    lua_State *L = w->L;
    bool is_clean = true, is_first = true;
    lua_Integer present = 0;
    hs_push_last_members(L, D, node);
    int members = lua_gettop(L);
    put(w, at, "{", 1);
    for (uint32_t key = node + 1, next; key < D->nodes[node].next; key = next) {
        uint32_t value = key + 1;
        next = D->nodes[value].next;
        hs_charge(L, 1);
        size_t count = D->nodes[key].end - D->nodes[key].start;
        if (D->may_repeat) {
            hs_push_node_string(L, D, key);
            bool is_last = hs_is_last_member(L, members, value);
            lua_pop(L, 1);
            if (!is_last) continue;
        }
        if ((D->flags[value] & 1) == 0) {
            if (!is_first) put(w, at, ",", 1);
            is_first = false;
            put_original(w, at, D, key);
            put(w, at, ":", 1);
            put_original(w, at, D, value);
            continue;
        }
        hs_push_node_string(L, D, key);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, index) == LUA_TNIL) {
            is_clean = false;
            lua_pop(L, 2);
            continue;
        }
        present++;
        step below = {at, lua_tostring(L, -2), lua_rawlen(L, -2), 0};
        if (!is_first) put(w, at, ",", 1);
        is_first = false;
        put(w, at, D->bytes + D->nodes[key].start, count);
        put(w, at, ":", 1);
        if (!write_value(w, &below, lua_gettop(L), depth, D, value)) is_clean = false;
        lua_pop(L, 2);
    }
    if (count_fields(w, at, index) != present) {
        is_clean = false;
        // New fields: those of the table that the document does not have.
        lua_createtable(L, 0, (int)D->nodes[node].count);
        int known = lua_gettop(L);
        for (uint32_t key = node + 1; key < D->nodes[node].next; key = D->nodes[key + 1].next) {
            hs_push_node_string(L, D, key);
            lua_pushboolean(L, 1);
            lua_rawset(L, known);
        }
        lua_newtable(L);
        int fresh = lua_gettop(L);
        for (lua_pushnil(L); lua_next(L, index) != 0;) {
            hs_charge(L, 1);
            lua_pushvalue(L, -2);
            bool is_new = !hs_is_hidden(L, -1) && lua_rawget(L, known) == LUA_TNIL;
            lua_settop(L, fresh + 2);
            if (is_new) {
                lua_pushvalue(L, -2);
                lua_insert(L, -2);
                lua_rawset(L, fresh);
            } else {
                lua_pop(L, 1);
            }
        }
        hs_keys(L, fresh);
        write_fields(w, at, index, depth, &is_first, fresh + 1, 1);
        lua_settop(L, fresh - 1);
    }
    lua_settop(L, members - 1);
    put(w, at, "}", 1);
    return is_clean;
}

/// The length of the table at `index`, which must have the keys 1…n and no other; -1 where it has others.
static lua_Integer array_length(writer *w, int index) {
    lua_State *L = w->L;
    lua_Integer length = (lua_Integer)lua_rawlen(L, index), count = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        hs_charge(L, 1);
        if (hs_is_hidden(L, -2)) continue;
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length) return -1;
        count++;
    }
    return count == length ? length : -1;
}

static bool write_array(writer *w, const step *at, int index, int depth, hs_document *D, uint32_t node) {
    lua_State *L = w->L;
    lua_Integer length = array_length(w, index);
    if (length < 0) fail(w, at, "an array has holes or keys that are no positions");
    bool is_clean = D != NULL && (uint64_t)length == D->nodes[node].count;
    uint32_t source = D == NULL ? 0 : node + 1;
    put(w, at, "[", 1);
    for (lua_Integer n = 1; n <= length; n++) {
        step below = {at, NULL, 0, n};
        if (n > 1) put(w, at, ",", 1);
        lua_rawgeti(L, index, n);
        bool has_source = D != NULL && source < D->nodes[node].next;
        if (!write_value(w, &below, lua_gettop(L), depth, has_source ? D : NULL, source)) is_clean = false;
        if (has_source) source = D->nodes[source].next;
        lua_pop(L, 1);
    }
    put(w, at, "]", 1);
    return is_clean;
}

static bool write_plain(writer *w, const step *at, int index, int depth) {
    lua_State *L = w->L;
    lua_rawgetp(L, index, &hs_kind_key);
    lua_Integer kind = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (kind != HS_JSON_OBJECT && (kind == HS_JSON_ARRAY || lua_rawlen(L, index) > 0))
        return write_array(w, at, index, depth, NULL, 0);
    bool is_first = true;
    put(w, at, "{", 1);
    count_fields(w, at, index);
    hs_keys(L, index);
    write_fields(w, at, index, depth, &is_first, lua_gettop(L), 1);
    lua_pop(L, 1);
    put(w, at, "}", 1);
    return false;
}

static bool write_table(writer *w, const step *at, int index, int depth, hs_document *here, uint32_t place) {
    lua_State *L = w->L;
    if (depth >= DEPTH_MAX) fail(w, NULL, "the value is nested deeper than 64 levels, or contains itself");
    luaL_checkstack(L, 20, NULL);
    uint32_t node;
    hs_document *D = hs_view_of(L, index, &node);
    if (D == NULL) {
        lua_pushvalue(L, index);
        hs_resolve(L);
        // A read-only event table hides its content, which may be a view.
        bool is_view = hs_view_of(L, -1, &node) != NULL;
        bool is_clean = is_view ? write_table(w, at, lua_gettop(L), depth, here, place)
                                : write_plain(w, at, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
        return is_clean;
    }
    bool is_object = D->nodes[node].kind == HS_JSON_OBJECT;
    bool is_in_place = here == D && place == node;
    if (!is_in_place && depth + tape_depth(D, node) > DEPTH_MAX) fail(w, at, "the value is nested deeper than 64 levels");
    size_t start = w->S->out.count;
    bool is_clean = true;
    if (is_object) is_clean = write_view_object(w, at, index, depth + 1, D, node);
    else if ((D->flags[node] & 2) != 0) is_clean = write_array(w, at, index, depth + 1, D, node);
    if (!is_clean) return false;
    w->S->out.count = start;
    put_original(w, at, D, node);
    return is_in_place;
}

/// Writes one value; `here`/`place` name the document and node that stood in this place, if any.
/// Returns whether the original text was written in its place.
static bool write_value(writer *w, const step *at, int index, int depth, hs_document *here, uint32_t place) {
    lua_State *L = w->L;
    hs_charge(L, 1);
    if (here != NULL && is_same_scalar(w, index, here, place)) {
        put_original(w, at, here, place);
        return true;
    }
    size_t count;
    switch (lua_type(L, index)) {
    case LUA_TNIL: fail(w, at, "there is no value (nil); JSON null is `null`"); break;
    case LUA_TBOOLEAN: lua_toboolean(L, index) ? put(w, at, "true", 4) : put(w, at, "false", 5); break;
    case LUA_TNUMBER: put_number(w, at, index); break;
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &count);
        put_string(w, at, text, count);
        break;
    }
    case LUA_TTABLE: return write_table(w, at, index, depth, here, place);
    default: {
        if (hs_is_null(L, index)) {
            put(w, at, "null", 4);
            break;
        }
        const char *text = hs_test_num(L, index, &count);
        char reason[64];
        snprintf(reason, sizeof reason, "a %s cannot be JSON", luaL_typename(L, index));
        if (text == NULL) fail(w, at, reason);
        put(w, at, text, count);
    }
    }
    return false;
}

/// Returns whether the value is the untouched root of document 0.
bool hs_write_json(lua_State *L, int index, const char *path, size_t cap) {
    hs_state *S = hs_of(L);
    writer w = {L, S, path, cap};
    index = lua_absindex(L, index);
    luaL_checkstack(L, 20, NULL);
    S->out.count = 0;
    bool has_root = S->document_count > 0 && lua_type(L, index) == LUA_TTABLE;
    return write_value(&w, NULL, index, 0, has_root ? &S->documents[0] : NULL, 0);
}

struct write_job {
    const char *path;
    size_t cap;
    bool is_unchanged;
};

static int write_body(lua_State *L) {
    struct write_job *job = lua_touserdata(L, 2);
    job->is_unchanged = hs_write_json(L, 1, job->path, job->cap);
    return 0;
}

int32_t hs_json_write(
    hs_state *S, int32_t index, const char *path, size_t cap, const uint8_t **bytes, size_t *count,
    int32_t *unchanged) {
    lua_State *L = S->L;
    struct write_job job = {path, cap, false};
    S->frame_count = 0;
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    index = lua_absindex(L, index);
    lua_pushcfunction(L, write_body);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, &job);
    int kind = hs_settle(S, lua_pcall(L, 2, 0, 0));
    *bytes = S->out.at;
    *count = S->out.count;
    *unchanged = job.is_unchanged;
    return kind;
}
