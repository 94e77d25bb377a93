// SPDX-License-Identifier: Apache-2.0
// What scripts do with JSON values: null and opt, array and object, get and set by path, copy, merge and the rest, and
// json.encode/decode. All of it works alike on views, tagged tables and plain ones.
#include <stdlib.h>

#include "internal.h"


enum { DEPTH_MAX = 64 };

static void tag(lua_State *L, int index, int kind) {
    index = lua_absindex(L, index);
    lua_pushinteger(L, kind);
    lua_rawsetp(L, index, &hs_kind_key);
}

/// HS_JSON_ARRAY or HS_JSON_OBJECT.
static int table_kind(lua_State *L, int index) {
    uint32_t node;
    hs_document *D = hs_view_of(L, index, &node);
    if (D != NULL) return D->nodes[node].kind;
    lua_pushvalue(L, index);
    hs_resolve(L);
    lua_Integer kind = 0;
    if (lua_rawgetp(L, -1, &hs_kind_key) == LUA_TNUMBER) kind = lua_tointeger(L, -1);
    bool has_elements = lua_rawlen(L, -2) > 0;
    lua_pop(L, 2);
    if (kind != 0) return (int)kind;
    return has_elements ? HS_JSON_ARRAY : HS_JSON_OBJECT;
}

/// Pushes an empty object that keeps the order in which keys come.
static void push_object(lua_State *L) {
    lua_createtable(L, 0, 4);
    tag(L, -1, HS_JSON_OBJECT);
    lua_newtable(L);
    lua_rawsetp(L, -2, &hs_order_key);
}

/// object[key] = value, with both at the top; pops them.
static void ordered_set(lua_State *L, int object) {
    hs_charge(L, 1);
    lua_pushvalue(L, -2);
    bool is_new = lua_rawget(L, object) == LUA_TNIL;
    lua_pop(L, 1);
    if (is_new) {
        lua_rawgetp(L, object, &hs_order_key);
        lua_pushvalue(L, -3);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        lua_pop(L, 1);
    }
    lua_rawset(L, object);
}

static bool is_absent(lua_State *L, int index) { return lua_isnoneornil(L, index) || hs_is_null(L, index); }

static int json_is_null(lua_State *L) {
    lua_pushboolean(L, hs_is_null(L, 1));
    return 1;
}

static int json_opt(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, hs_is_null(L, 1) || lua_isnil(L, 1) ? 2 : 1);
    return 1;
}

static int json_array(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    uint32_t node;
    hs_document *D = hs_view_of(L, 1, &node);
    lua_settop(L, 1);
    if (D == NULL) tag(L, 1, HS_JSON_ARRAY);
    else if (D->nodes[node].kind != HS_JSON_ARRAY) return luaL_error(L, "array: this is a JSON object");
    return 1;
}

/// object{{k, v}, …} keeps that order; object{} or object() is an empty object.
static int json_object(lua_State *L) {
    if (!lua_isnoneornil(L, 1)) luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_object(L);
    if (lua_isnil(L, 1)) return 1;
    lua_Integer count = luaL_len(L, 1);
    for (lua_Integer n = 1; n <= count; n++) {
        if (lua_geti(L, 1, n) != LUA_TTABLE) return luaL_error(L, "object: entry %d is no {key, value}", (int)n);
        lua_geti(L, -1, 1);
        lua_geti(L, -2, 2);
        if (lua_type(L, -2) != LUA_TSTRING) return luaL_error(L, "object: the key of entry %d is no string", (int)n);
        if (!lua_isnil(L, -1)) ordered_set(L, 2);
        lua_settop(L, 2);
    }
    return 1;
}

static void push_copy(lua_State *L, int index, int depth);

/// Pushes a shallow or deep copy of the table at `index` that keeps kind and order.
static void push_table_copy(lua_State *L, int index, int depth) {
    if (depth > DEPTH_MAX) luaL_error(L, "copy: nested deeper than %d levels, or containing itself", DEPTH_MAX);
    luaL_checkstack(L, 20, NULL);
    index = lua_absindex(L, index);
    bool is_array = table_kind(L, index) == HS_JSON_ARRAY;
    if (is_array) {
        lua_newtable(L);
        tag(L, -1, HS_JSON_ARRAY);
    } else {
        push_object(L);
    }
    int copy = lua_gettop(L);
    hs_keys(L, index);
    int keys = copy + 1;
    lua_pushvalue(L, index);
    hs_resolve(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, keys);
    for (lua_Integer n = 1; n <= count; n++) {
        hs_charge(L, 2);
        lua_rawgeti(L, keys, n);
        lua_pushvalue(L, -1);
        lua_rawget(L, keys + 1);
        push_copy(L, -1, depth);
        lua_replace(L, -2);
        if (is_array) lua_rawset(L, copy);
        else ordered_set(L, copy);
    }
    lua_settop(L, copy);
}

static void push_copy(lua_State *L, int index, int depth) {
    if (lua_type(L, index) == LUA_TTABLE) push_table_copy(L, index, depth + 1);
    else lua_pushvalue(L, index);
}

static int json_copy(lua_State *L) {
    luaL_checkany(L, 1);
    push_copy(L, 1, 0);
    return 1;
}

// Paths: names between dots, [n] for positions.

typedef struct path {
    const char *at, *end;
} path;

/// Pushes the next key; false at the end.
static bool push_next_key(lua_State *L, path *p) {
    if (p->at >= p->end) return false;
    hs_charge(L, 1);
    if (*p->at == '[') {
        char *after;
        long long n = strtoll(p->at + 1, &after, 10);
        if (after == p->at + 1 || after >= p->end || *after != ']') luaL_error(L, "a position is written [1]");
        lua_pushinteger(L, n);
        p->at = after + 1;
        if (p->at < p->end && *p->at == '.') p->at++;
        return true;
    }
    const char *from = p->at;
    while (p->at < p->end && *p->at != '.' && *p->at != '[') p->at++;
    if (p->at == from) luaL_error(L, "a path has an empty name");
    lua_pushlstring(L, from, (size_t)(p->at - from));
    if (p->at < p->end && *p->at == '.') p->at++;
    return true;
}

static path check_path(lua_State *L, int index) {
    size_t count;
    const char *text = luaL_checklstring(L, index, &count);
    hs_charge_bytes(L, count);
    return (path){text, text + count};
}

static int json_get(lua_State *L) {
    luaL_checkany(L, 1);
    path p = check_path(L, 2);
    lua_settop(L, 3);
    lua_pushvalue(L, 1);
    while (push_next_key(L, &p)) {
        if (lua_type(L, 4) != LUA_TTABLE) {
            lua_pushvalue(L, 3);
            return 1;
        }
        lua_gettable(L, 4);
        lua_replace(L, 4);
    }
    if (is_absent(L, 4)) lua_pushvalue(L, 3);
    return 1;
}

static int json_set(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 3);
    path p = check_path(L, 2);
    lua_settop(L, 3);
    lua_pushvalue(L, 1);
    if (!push_next_key(L, &p)) return luaL_error(L, "set: the path is empty");
    while (push_next_key(L, &p)) {  // table, key, next key
        lua_pushvalue(L, 5);
        lua_gettable(L, 4);
        if (is_absent(L, -1)) {
            lua_pop(L, 1);
            lua_newtable(L);
            if (lua_isinteger(L, 6)) tag(L, -1, HS_JSON_ARRAY);
            lua_pushvalue(L, 5);
            lua_pushvalue(L, -2);
            lua_settable(L, 4);
        } else if (lua_type(L, -1) != LUA_TTABLE) {
            return luaL_error(L, "set: '%s' is a %s, not a table", lua_tostring(L, 5), luaL_typename(L, -1));
        }
        lua_replace(L, 4);
        lua_replace(L, 5);
    }
    lua_pushvalue(L, 3);
    lua_settable(L, 4);
    lua_pushvalue(L, 1);
    return 1;
}

/// Pushes the set of names given as a list or as arguments from 2 on, and their list above it.
static void push_names(lua_State *L) {
    int arguments = lua_gettop(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_Integer total = arguments - 1;
    bool is_list = arguments == 2 && lua_type(L, 2) == LUA_TTABLE;
    if (is_list) total = luaL_len(L, 2);
    for (lua_Integer n = 1; n <= total; n++) {
        hs_charge(L, 1);
        if (is_list) lua_geti(L, 2, n);
        else lua_pushvalue(L, (int)n + 1);
        if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "name %d is no string", (int)n);
        lua_pushvalue(L, -1);
        lua_rawseti(L, arguments + 2, n);
        lua_pushboolean(L, 1);
        lua_rawset(L, arguments + 1);
    }
}

static int json_pick(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    int arguments = lua_gettop(L);
    push_names(L);
    push_object(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, arguments + 2);
    for (lua_Integer n = 1; n <= count; n++) {
        lua_rawgeti(L, arguments + 2, n);
        lua_pushvalue(L, -1);
        if (lua_gettable(L, 1) == LUA_TNIL) lua_pop(L, 2);
        else ordered_set(L, arguments + 3);
    }
    return 1;
}

static int json_omit(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    int arguments = lua_gettop(L);
    push_names(L);
    push_object(L);
    hs_keys(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer n = 1; n <= count; n++) {
        lua_rawgeti(L, arguments + 4, n);
        lua_pushvalue(L, -1);
        bool is_omitted = lua_rawget(L, arguments + 1) != LUA_TNIL;
        lua_pop(L, 1);
        if (is_omitted) {
            lua_pop(L, 1);
            continue;
        }
        lua_pushvalue(L, -1);
        lua_gettable(L, 1);
        ordered_set(L, arguments + 3);
    }
    lua_settop(L, arguments + 3);
    return 1;
}

static bool is_object(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TTABLE && table_kind(L, index) == HS_JSON_OBJECT;
}

/// Sets the fields of the object at `from` in the copy at `into`; objects on both sides are merged in turn.
static void merge_into(lua_State *L, int into, int from, int depth) {
    if (depth > DEPTH_MAX) luaL_error(L, "merge: nested deeper than %d levels", DEPTH_MAX);
    luaL_checkstack(L, 20, NULL);
    int top = lua_gettop(L);
    hs_keys(L, from);
    lua_Integer count = (lua_Integer)lua_rawlen(L, top + 1);
    for (lua_Integer n = 1; n <= count; n++) {
        lua_rawgeti(L, top + 1, n);
        lua_pushvalue(L, -1);
        lua_gettable(L, from);
        lua_pushvalue(L, -2);
        lua_rawget(L, into);
        if (is_object(L, -1) && is_object(L, -2)) {
            merge_into(L, lua_gettop(L), lua_gettop(L) - 1, depth + 1);
        } else {
            lua_pop(L, 1);
            push_copy(L, -1, depth);
            lua_replace(L, -2);
            ordered_set(L, into);
        }
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

static int json_merge(lua_State *L) {
    int count = lua_gettop(L);
    push_object(L);
    for (int n = 1; n <= count; n++) {
        if (lua_isnil(L, n)) continue;
        luaL_checktype(L, n, LUA_TTABLE);
        if (!is_object(L, n)) return luaL_error(L, "merge: argument %d is an array", n);
        merge_into(L, count + 1, n, 0);
    }
    return 1;
}

static bool is_equal(lua_State *L, int a, int b, int depth) {
    if (depth > DEPTH_MAX) luaL_error(L, "equal: nested deeper than %d levels", DEPTH_MAX);
    hs_charge(L, 1);
    if (lua_type(L, a) != LUA_TTABLE || lua_type(L, b) != LUA_TTABLE) {
        if (lua_type(L, a) == LUA_TSTRING) hs_charge_bytes(L, lua_rawlen(L, a));
        return lua_compare(L, a, b, LUA_OPEQ);
    }
    if (lua_rawequal(L, a, b)) return true;
    luaL_checkstack(L, 20, NULL);
    int top = lua_gettop(L);
    hs_keys(L, a);
    hs_keys(L, b);
    lua_Integer count = (lua_Integer)lua_rawlen(L, top + 1);
    bool result = count == (lua_Integer)lua_rawlen(L, top + 2)
        && (count > 0 || table_kind(L, a) == table_kind(L, b));
    for (lua_Integer n = 1; n <= count && result; n++) {
        lua_rawgeti(L, top + 1, n);
        lua_pushvalue(L, -1);
        lua_gettable(L, a);
        lua_pushvalue(L, -2);
        lua_gettable(L, b);
        result = is_equal(L, top + 4, top + 5, depth + 1);
        lua_settop(L, top + 2);
    }
    lua_settop(L, top);
    return result;
}

static int json_equal(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, is_equal(L, 1, 2, 0));
    return 1;
}

static int json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    hs_state *S = hs_of(L);
    lua_settop(L, 1);
    hs_write_json(L, 1, "value", (size_t)16 << 20);
    lua_pushlstring(L, (const char *)S->out.at, S->out.count);
    return 1;
}

static int json_decode(lua_State *L) {
    hs_state *S = hs_of(L);
    size_t count;
    const char *text = luaL_checklstring(L, 1, &count);
    hs_charge(L, (int64_t)(count / 8) + 10);
    int before = S->document_count;
    S->reply.count = 0;
    int status = S->decode == NULL ? 1 : S->decode(S->context, (const uint8_t *)text, count, S);
    hs_rethrow_if_spent(L, LUA_OK);
    if (status != 0 || S->document_count != before + 1) {
        lua_pushlstring(L, S->reply.at == NULL ? "" : (const char *)S->reply.at, S->reply.count);
        return luaL_error(L, "json.decode: %s", lua_tostring(L, -1));
    }
    hs_push_document(L, before);
    return 1;
}

void hs_open_json(lua_State *L) {
    static const luaL_Reg globals[] = {{"is_null", json_is_null}, {"opt", json_opt}, {"array", json_array},
        {"object", json_object}, {"copy", json_copy}, {"get", json_get}, {"set", json_set}, {"pick", json_pick},
        {"omit", json_omit}, {"merge", json_merge}, {"equal", json_equal}, {NULL, NULL}};
    static const luaL_Reg module[] = {{"encode", json_encode}, {"decode", json_decode}, {NULL, NULL}};
    hs_open_views(L);
    lua_pushglobaltable(L);
    luaL_setfuncs(L, globals, 0);
    lua_pop(L, 1);
    luaL_newlib(L, module);
    lua_setglobal(L, "json");
}
