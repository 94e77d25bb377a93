// SPDX-License-Identifier: Apache-2.0
// The writer's operations, run below a protected call, and reading the stack without raising.
#include "internal.h"

static uint32_t word(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void set_handle(lua_State *L, const char *type, size_t count, int64_t value) {
    int64_t *block = lua_newuserdatauv(L, sizeof *block, 0);
    *block = value;
    lua_pushlstring(L, type, count);
    if (luaL_newmetatable(L, lua_tostring(L, -1))) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "hs_handle");
    }
    lua_setmetatable(L, -3);
    lua_pop(L, 1);
}

/// Pushes what the operations say; returns how many values more stand on the stack. Their documents begin at slot
/// `documents`.
int hs_execute(lua_State *L, const uint8_t *ops, size_t count, int arguments, int documents) {
    int base = lua_gettop(L);
    const uint8_t *at = ops, *end = ops + count;
    while (at < end) {
        if (lua_gettop(L) - base > 30 || at == ops) luaL_checkstack(L, lua_gettop(L) - base + 60, NULL);
        uint8_t op = *at++;
        switch (op) {
        case HS_OP_NIL: lua_pushnil(L); break;
        case HS_OP_FALSE: lua_pushboolean(L, 0); break;
        case HS_OP_TRUE: lua_pushboolean(L, 1); break;
        case HS_OP_INTEGER: {
            int64_t value;
            memcpy(&value, at, 8);
            at += 8;
            lua_pushinteger(L, value);
            break;
        }
        case HS_OP_FLOAT: {
            double value;
            memcpy(&value, at, 8);
            at += 8;
            lua_pushnumber(L, value);
            break;
        }
        case HS_OP_STRING: {
            uint32_t n = word(at);
            lua_pushlstring(L, (const char *)at + 4, n);
            at += 4 + n;
            break;
        }
        case HS_OP_NUM: {
            uint32_t n = word(at);
            hs_push_number(L, (const char *)at + 4, n);
            at += 4 + n;
            break;
        }
        case HS_OP_TABLE: lua_createtable(L, (int)word(at), (int)word(at + 4)); at += 8; break;
        case HS_OP_SET: lua_rawset(L, -3); break;
        case HS_OP_APPEND: lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1); break;
        case HS_OP_REFERENCE: lua_rawgeti(L, LUA_REGISTRYINDEX, (int32_t)word(at)); at += 4; break;
        case HS_OP_JSON: hs_push_document(L, documents + (int)word(at)); at += 4; break;
        case HS_OP_HANDLE: {
            uint32_t n = word(at);
            int64_t value;
            memcpy(&value, at + 4, 8);
            set_handle(L, (const char *)at + 12, n, value);
            at += 12 + n;
            break;
        }
        case HS_OP_NULL: hs_push_null(L); break;
        case HS_OP_ARRAY:
            lua_pushinteger(L, HS_JSON_ARRAY);
            lua_rawsetp(L, -2, &hs_kind_key);
            break;
        case HS_OP_READONLY: {
            uint32_t n = word(at);
            lua_pushlstring(L, (const char *)at + 4, n);
            hs_freeze_table(L, -2, lua_tostring(L, -1));
            lua_pop(L, 1);
            at += 4 + n;
            break;
        }
        case HS_OP_ARGUMENT: {
            int n = (int)word(at);
            at += 4;
            if (n >= 1 && n <= arguments) lua_pushvalue(L, n);
            else lua_pushnil(L);
            break;
        }
        case HS_OP_LAZY: hs_push_lazy(L, *at++); break;
        default: luaL_error(L, "unknown operation %d", op);
        }
    }
    return lua_gettop(L) - base;
}

int32_t hs_top(const hs_state *S) { return lua_gettop(S->L); }
void hs_set_top(hs_state *S, int32_t top) { lua_settop(S->L, top); }

int32_t hs_kind(hs_state *S, int32_t index) {
    lua_State *L = S->L;
    switch (lua_type(L, index)) {
    case LUA_TNONE: return HS_NONE;
    case LUA_TNIL: return HS_NIL;
    case LUA_TBOOLEAN: return HS_BOOLEAN;
    case LUA_TNUMBER: return lua_isinteger(L, index) ? HS_INTEGER : HS_FLOAT;
    case LUA_TSTRING: return HS_STRING;
    case LUA_TTABLE: return HS_TABLE;
    case LUA_TFUNCTION: return HS_FUNCTION;
    case LUA_TUSERDATA: {
        size_t count;
        if (!lua_checkstack(L, 6)) return HS_OTHER;
        if (hs_is_null(L, index)) return HS_NULL;
        if (hs_test_num(L, index, &count) != NULL) return HS_NUM;
        int64_t value;
        return hs_handle(S, index, &value) != NULL ? HS_HANDLE : HS_OTHER;
    }
    default: return HS_OTHER;
    }
}

int32_t hs_boolean(hs_state *S, int32_t index) { return lua_toboolean(S->L, index); }
int64_t hs_integer(hs_state *S, int32_t index) { return lua_tointeger(S->L, index); }
double hs_double(hs_state *S, int32_t index) { return lua_tonumber(S->L, index); }

const uint8_t *hs_string(hs_state *S, int32_t index, size_t *count) {
    *count = 0;
    // lua_tolstring on a number would convert it in place, which allocates.
    if (lua_type(S->L, index) == LUA_TSTRING) return (const uint8_t *)lua_tolstring(S->L, index, count);
    return lua_checkstack(S->L, 6) ? (const uint8_t *)hs_test_num(S->L, index, count) : NULL;
}

/// The pseudo-field that names a handle's type is the metatable's __name.
static const char name_field[] = "__name";

static int handle_body(lua_State *L) {
    if (!lua_getmetatable(L, 1)) return 0;
    lua_getfield(L, -1, "hs_handle");
    if (!lua_toboolean(L, -1)) return 0;
    lua_pop(L, 1);
    lua_getfield(L, -1, name_field);
    return 1;
}

const char *hs_handle(hs_state *S, int32_t index, int64_t *value) {
    lua_State *L = S->L;
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_checkstack(L, 8)) return NULL;
    int64_t *block = lua_touserdata(L, index);
    index = lua_absindex(L, index);
    lua_pushcfunction(L, handle_body);
    lua_pushvalue(L, index);
    const char *name = NULL;
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
        name = lua_tostring(L, -1);  // Kept alive by the metatable.
        *value = *block;
    }
    lua_pop(L, 1);
    return name;
}

struct access {
    const uint8_t *key;
    size_t count;
    int64_t n;
};

static int field_body(lua_State *L) {
    struct access *job = lua_touserdata(L, 2);
    hs_charge(L, 1);
    uint32_t node;
    bool is_view = hs_view_of(L, 1, &node) != NULL;
    if (!is_view) {
        lua_pushvalue(L, 1);
        hs_resolve(L);
        lua_replace(L, 1);
    }
    if (job->key != NULL) lua_pushlstring(L, (const char *)job->key, job->count);
    else lua_pushinteger(L, job->n);
    if (is_view) lua_gettable(L, 1);
    else lua_rawget(L, 1);
    return 1;
}

static int value_body(lua_State *L) {  // table, key
    hs_charge(L, 1);
    uint32_t node;
    if (hs_view_of(L, 1, &node) != NULL) {
        lua_gettable(L, 1);
        return 1;
    }
    lua_pushvalue(L, 1);
    hs_resolve(L);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    return 1;
}

static int keys_body(lua_State *L) {
    lua_settop(L, 1);
    hs_keys(L, 1);
    return 1;
}

static int push(hs_state *S, lua_CFunction body, int32_t index, struct access *job, int32_t more) {
    lua_State *L = S->L;
    index = lua_absindex(L, index);
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_pushcfunction(L, body);
    lua_pushvalue(L, index);
    if (more != 0) lua_pushvalue(L, more);
    else lua_pushlightuserdata(L, job);
    return hs_settle(S, lua_pcall(L, 2, 1, 0));
}

int32_t hs_push_field(hs_state *S, int32_t index, const uint8_t *key, size_t count) {
    struct access job = {key, count, 0};
    return push(S, field_body, index, &job, 0);
}

int32_t hs_push_element(hs_state *S, int32_t index, int64_t n) {
    struct access job = {NULL, 0, n};
    return push(S, field_body, index, &job, 0);
}

int32_t hs_push_keys(hs_state *S, int32_t index) { return push(S, keys_body, index, NULL, 0); }

int32_t hs_push_value(hs_state *S, int32_t index) {
    int32_t key = lua_gettop(S->L);
    int status = push(S, value_body, index, NULL, key);
    if (status == HS_OK) lua_replace(S->L, key);
    return status;
}

static int length_body(lua_State *L) {
    uint32_t node;
    if (hs_view_of(L, 1, &node) != NULL) hs_load_view(L, 1);
    lua_settop(L, 1);
    hs_resolve(L);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

int64_t hs_length(hs_state *S, int32_t index) {
    if (push(S, length_body, index, NULL, 0) != HS_OK) return -1;
    int64_t length = lua_tointeger(S->L, -1);
    lua_pop(S->L, 1);
    return length;
}

static int reference_body(lua_State *L) {
    int32_t *reference = lua_touserdata(L, 2);
    lua_settop(L, 1);
    *reference = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t hs_reference(hs_state *S, int32_t index, int32_t *reference) {
    lua_State *L = S->L;
    *reference = 0;
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    index = lua_absindex(L, index);
    lua_pushcfunction(L, reference_body);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, reference);
    return hs_settle(S, lua_pcall(L, 2, 0, 0));
}
