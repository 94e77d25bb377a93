// SPDX-License-Identifier: Apache-2.0
// The globals: what stays of Lua's basic library, and budgeted versions of what can run long or show addresses.
#include <stdlib.h>

#include "internal.h"

/// Upvalue 1: a stock function. Charges the bytes of its string arguments, then runs it in this frame.
static int charged_entry(lua_State *L) {
    size_t bytes = 0;
    for (int n = lua_gettop(L); n > 0; n--)
        if (lua_type(L, n) == LUA_TSTRING) bytes += lua_rawlen(L, n);
    hs_charge_bytes(L, bytes);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Upvalue 1: a stock function. Runs it in this frame, then charges its results and the bytes in them.
static int charged_result(lua_State *L) {
    hs_charge(L, 1);
    int results = lua_tocfunction(L, lua_upvalueindex(1))(L);
    size_t bytes = 0;
    for (int n = 1; n <= results; n++)
        if (lua_type(L, -n) == LUA_TSTRING) bytes += lua_rawlen(L, -n);
    hs_charge(L, results);
    hs_charge_bytes(L, bytes);
    return results;
}

static void wrap(lua_State *L, const char *name, lua_CFunction entry) {
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, entry, 1);
    lua_setfield(L, -2, name);
}

void hs_wrap_stock(lua_State *L, const char *name) { wrap(L, name, charged_entry); }
void hs_wrap_result(lua_State *L, const char *name) { wrap(L, name, charged_result); }

const char *hs_tostring(lua_State *L, int index, size_t *count) {
    index = lua_absindex(L, index);
    hs_charge(L, 1);
    if (lua_type(L, index) != LUA_TSTRING && luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "'__tostring' must return a string");
        return lua_tolstring(L, -1, count);
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING: lua_pushvalue(L, index); break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, index));
        } else {
            char text[48];
            lua_pushlstring(L, text, hs_format_double(lua_tonumber(L, index), text));
        }
        break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TNIL: lua_pushliteral(L, "nil"); break;
    // No address: it would differ between two runs of the same event.
    default: lua_pushstring(L, luaL_typename(L, index)); break;
    }
    return lua_tolstring(L, -1, count);
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    hs_tostring(L, 1, NULL);
    return 1;
}

static int base_tonumber(lua_State *L) {
    size_t count;
    const char *text = hs_test_num(L, 1, &count);
    if (text != NULL && lua_isnoneornil(L, 2)) {
        hs_charge_bytes(L, count);
        lua_pushnumber(L, strtod(text, NULL));
        return 1;
    }
    return charged_entry(L);
}

static int base_print(lua_State *L) {
    hs_state *S = hs_of(L);
    int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int n = 1; n <= count; n++) {
        size_t bytes;
        if (n > 1) luaL_addchar(&line, '\t');
        hs_tostring(L, n, &bytes);
        hs_charge_bytes(L, bytes);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    if (S->print != NULL) S->print(S->context, (const uint8_t *)text, bytes);
    return 0;
}

static int base_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    hs_charge(L, 2);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    // A spent budget goes through every pcall.
    hs_rethrow_if_spent(L, status);
    if (status == LUA_OK) return lua_gettop(L);
    hs_of(L)->is_result_failure = false;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int base_setmetatable(lua_State *L) {
    static const char *const refused[] = {"__gc", "__close", "__mode", "__metatable", NULL};
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
    for (int n = 0; lua_istable(L, 2) && refused[n] != NULL; n++) {
        lua_pushstring(L, refused[n]);
        if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "a metatable must not have '%s' here", refused[n]);
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int ipairs_step(lua_State *L) {
    lua_Integer n = luaL_checkinteger(L, 2);
    if (n == LUA_MAXINTEGER) return 0;
    hs_charge(L, 1);
    lua_pushinteger(L, n + 1);
    return lua_geti(L, 1, n + 1) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, ipairs_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

// Order of keys: numbers by value, then strings by bytes, then booleans.

static int rank(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TNUMBER: return 0;
    case LUA_TSTRING: return 1;
    default: return 2;
    }
}

static bool key_less(lua_State *L, int a, int b) {
    int x = rank(L, a), y = rank(L, b);
    if (x != y) return x < y;
    if (x == 2) return lua_toboolean(L, a) < lua_toboolean(L, b);
    if (x == 0) return lua_compare(L, a, b, LUA_OPLT);
    size_t na, nb;
    const char *p = lua_tolstring(L, a, &na), *q = lua_tolstring(L, b, &nb);
    int order = memcmp(p, q, na < nb ? na : nb);
    return order != 0 ? order < 0 : na < nb;
}

/// Sifts element `at` of the heap in the table at `index` down; the heap is [1, count].
static void sift(lua_State *L, int index, lua_Integer at, lua_Integer count) {
    for (;;) {
        lua_Integer child = at * 2;
        if (child > count) return;
        lua_rawgeti(L, index, child);
        if (child < count) {
            lua_rawgeti(L, index, child + 1);
            if (key_less(L, -2, -1)) {
                lua_replace(L, -2);
                child++;
            } else {
                lua_pop(L, 1);
            }
        }
        lua_rawgeti(L, index, at);
        if (!key_less(L, -1, -2)) {
            lua_pop(L, 2);
            return;
        }
        lua_rawseti(L, index, child);
        lua_rawseti(L, index, at);
        at = child;
    }
}

/// Heap sort: no recursion, n·log n also for hostile input. Charged by the number of keys alone: the order in which
/// they come out of a table, and with it the number of comparisons, differs between processes.
static void sort_keys(lua_State *L, int index, lua_Integer count) {
    lua_Integer levels = 0;
    while (count >> levels > 1) levels++;
    hs_charge(L, count * levels);
    for (lua_Integer n = count / 2; n >= 1; n--) sift(L, index, n, count);
    for (lua_Integer n = count; n > 1; n--) {
        lua_rawgeti(L, index, 1);
        lua_rawgeti(L, index, n);
        lua_rawseti(L, index, 1);
        lua_rawseti(L, index, n);
        sift(L, index, 1, n - 1);
    }
}

/// Appends the keys of `content` that are not yet in the set at `seen` (0: no set), sorted, to the array at `keys`.
static lua_Integer append_sorted(lua_State *L, int content, int keys, lua_Integer count, int seen) {
    int rest = keys;
    if (count > 0) {
        lua_newtable(L);
        rest = lua_gettop(L);
    }
    lua_Integer n = 0;
    for (lua_pushnil(L); lua_next(L, content) != 0;) {
        lua_pop(L, 1);
        hs_charge(L, 1);
        if (hs_is_hidden(L, -1)) continue;
        int type = lua_type(L, -1);
        if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
            luaL_error(L, "keys of type %s have no defined order: use an array and ipairs", lua_typename(L, type));
        if (seen != 0) {
            lua_pushvalue(L, -1);
            bool is_seen = lua_rawget(L, seen) != LUA_TNIL;
            lua_pop(L, 1);
            if (is_seen) continue;
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, rest, ++n);
    }
    sort_keys(L, rest, n);
    if (rest == keys) return n;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, rest, i);
        lua_rawseti(L, keys, count + i);
    }
    lua_settop(L, rest - 1);
    return count + n;
}

/// Pushes the list that gives an ordered table its order (a view's source keys, or object{{k,v}}), or nil.
static bool push_order(lua_State *L, int index) {
    uint32_t node;
    hs_document *D = hs_view_of(L, index, &node);
    if (D == NULL) return lua_rawgetp(L, index, &hs_order_key) == LUA_TTABLE;
    if (D->nodes[node].kind != HS_JSON_OBJECT) {
        lua_pushnil(L);
        return false;
    }
    lua_createtable(L, (int)D->nodes[node].count, 0);
    lua_Integer n = 0;
    for (uint32_t at = node + 1; at < D->nodes[node].next; at = D->nodes[at + 1].next) {
        hs_charge(L, 1);
        hs_push_node_string(L, D, at);
        lua_rawseti(L, -2, ++n);
    }
    return true;
}

void hs_keys(lua_State *L, int index) {
    luaL_checkstack(L, 20, NULL);
    index = lua_absindex(L, index);
    uint32_t node;
    if (hs_view_of(L, index, &node) != NULL) hs_load_view(L, index);
    lua_pushvalue(L, index);
    hs_resolve(L);
    int content = lua_gettop(L);
    lua_newtable(L);
    int keys = lua_gettop(L);
    lua_Integer count = 0;
    int seen = 0;
    if (push_order(L, content)) {
        int order = lua_gettop(L);
        lua_newtable(L);
        seen = lua_gettop(L);
        lua_Integer total = (lua_Integer)lua_rawlen(L, order);
        for (lua_Integer n = 1; n <= total; n++) {
            hs_charge(L, 2);
            lua_rawgeti(L, order, n);
            lua_pushvalue(L, -1);
            bool is_there = lua_rawget(L, content) != LUA_TNIL;
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            bool is_new = lua_rawget(L, seen) == LUA_TNIL;
            lua_pop(L, 1);
            if (is_there && is_new) {
                lua_pushvalue(L, -1);
                lua_pushboolean(L, 1);
                lua_rawset(L, seen);
                lua_rawseti(L, keys, ++count);
            } else {
                lua_pop(L, 1);
            }
        }
    }
    append_sorted(L, content, keys, count, seen);
    lua_settop(L, keys);
    lua_replace(L, content);
}

/// Upvalues: the keys, the position. Arguments are ignored: the order is fixed at the start.
static int pairs_step(lua_State *L) {
    lua_settop(L, 1);
    for (;;) {
        hs_charge(L, 1);
        lua_Integer n = lua_tointeger(L, lua_upvalueindex(2)) + 1;
        lua_pushinteger(L, n);
        lua_replace(L, lua_upvalueindex(2));
        if (lua_rawgeti(L, lua_upvalueindex(1), n) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        // Content was resolved by pairs itself, so a raw read sees every field.
        if (lua_rawget(L, lua_upvalueindex(3)) != LUA_TNIL) return 2;
        lua_pop(L, 2);
    }
}

static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    hs_keys(L, 1);
    lua_pushinteger(L, 0);
    lua_pushvalue(L, 1);
    hs_resolve(L);
    lua_pushcclosure(L, pairs_step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

void hs_open_base(lua_State *L) {
    static const luaL_Reg own[] = {{"print", base_print}, {"pcall", base_pcall}, {"setmetatable", base_setmetatable},
        {"ipairs", base_ipairs}, {"pairs", base_pairs}, {"tostring", base_tostring}, {NULL, NULL}};
    static const char *const removed[] = {"dofile", "load", "loadfile", "loadstring", "collectgarbage", "xpcall", "next",
        "rawget", "rawset", "rawlen", "rawequal", "require", "warn", NULL};
    luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
    luaL_setfuncs(L, own, 0);
    for (int n = 0; removed[n] != NULL; n++) {
        lua_pushnil(L);
        lua_setfield(L, -2, removed[n]);
    }
    lua_getfield(L, -1, "tonumber");
    lua_pushcclosure(L, base_tonumber, 1);
    lua_setfield(L, -2, "tonumber");
    hs_wrap_stock(L, "error");
    hs_wrap_stock(L, "assert");
    lua_pop(L, 1);
    // luaL_requiref keeps modules in registry._LOADED; nothing reads it.
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
