// SPDX-License-Identifier: Apache-2.0
// The table library: as Lua 5.4's, with a charge for every element moved or compared. Elements are read and written
// with metamethods, so that lazy JSON arrays work.
#include "internal.h"

static lua_Integer check_length(lua_State *L, int index) {
    luaL_checktype(L, index, LUA_TTABLE);
    hs_charge(L, 1);
    return luaL_len(L, index);
}

static int table_insert(lua_State *L) {
    lua_Integer end = check_length(L, 1), at;
    if (end == LUA_MAXINTEGER) return luaL_error(L, "the table is too long");
    end++;
    switch (lua_gettop(L)) {
    case 2: at = end; break;
    case 3:
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        for (lua_Integer n = end; n > at; n--) {
            hs_charge(L, 1);
            lua_geti(L, 1, n - 1);
            lua_seti(L, 1, n);
        }
        break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L) {
    lua_Integer size = check_length(L, 1), at = luaL_optinteger(L, 2, size);
    if (lua_gettop(L) >= 2)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_geti(L, 1, at);
    for (; at < size; at++) {
        hs_charge(L, 1);
        lua_geti(L, 1, at + 1);
        lua_seti(L, 1, at);
    }
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

static int table_move(lua_State *L) {
    lua_Integer from = luaL_checkinteger(L, 2), end = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = !lua_isnoneornil(L, 5) ? 5 : 1;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, target, LUA_TTABLE);
    if (end < from) {
        lua_pushvalue(L, target);
        return 1;
    }
    luaL_argcheck(L, from > 0 || end < LUA_MAXINTEGER + from, 3, "too many elements to move");
    lua_Integer count = end - from + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    bool is_forward = to > end || to <= from || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
    for (lua_Integer n = 0; n < count; n++) {
        lua_Integer i = is_forward ? n : count - 1 - n;
        hs_charge(L, 1);
        lua_geti(L, 1, from + i);
        lua_seti(L, target, to + i);
    }
    lua_pushvalue(L, target);
    return 1;
}

static int table_concat(lua_State *L) {
    lua_Integer last = check_length(L, 1);
    size_t gap;
    const char *between = luaL_optlstring(L, 2, "", &gap);
    lua_Integer n = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (; n <= last; n++) {
        lua_geti(L, 1, n);
        if (!lua_isstring(L, -1))
            luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)n);
        if (lua_type(L, -1) == LUA_TNUMBER) {
            hs_tostring(L, -1, NULL);
            lua_remove(L, -2);
        }
        hs_charge_bytes(L, lua_rawlen(L, -1) + gap);
        luaL_addvalue(&out);
        if (n < last) luaL_addlstring(&out, between, gap);
        if (n == LUA_MAXINTEGER) break;
    }
    luaL_pushresult(&out);
    return 1;
}

static int table_pack(lua_State *L) {
    int count = lua_gettop(L);
    hs_charge(L, count);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int n = count; n >= 1; n--) lua_rawseti(L, 1, n);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L) {
    lua_Integer from = luaL_optinteger(L, 2, 1);
    lua_Integer end = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    if (from > end) return 0;
    lua_Unsigned count = (lua_Unsigned)end - (lua_Unsigned)from;
    if (count >= 100000 || !lua_checkstack(L, (int)++count)) return luaL_error(L, "too many results to unpack");
    for (; from < end; from++) {
        hs_charge(L, 1);
        lua_geti(L, 1, from);
    }
    lua_geti(L, 1, end);
    return (int)count;
}

// Sort: merge sort over a copy. Unlike quicksort it makes n·log n comparisons also for hostile input, and a comparison
// that contradicts itself cannot lead it out of bounds; contradictions that show are reported.

static bool less(lua_State *L, int a, int b) {
    hs_charge(L, 2);
    if (lua_isnil(L, 2)) {
        if (lua_type(L, a) == LUA_TSTRING && lua_type(L, b) == LUA_TSTRING) {
            size_t x = lua_rawlen(L, a), y = lua_rawlen(L, b);
            if ((x < y ? x : y) > 64) hs_charge_bytes(L, x < y ? x : y);
        }
        return lua_compare(L, a, b, LUA_OPLT);
    }
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

/// Merges [low, middle) and [middle, high) of the table at `from` into the one at `to`; positions from 0.
static void merge(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
    lua_Integer a = low, b = middle;
    for (lua_Integer n = low; n < high; n++) {
        bool takes_second = a >= middle;
        if (a < middle && b < high) {
            lua_rawgeti(L, from, b + 1);
            lua_rawgeti(L, from, a + 1);
            takes_second = less(L, -2, -1);
            if (takes_second && lua_rawequal(L, -1, -2)) luaL_error(L, "invalid order function for sorting");
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, (takes_second ? b++ : a++) + 1);
        lua_rawseti(L, to, n + 1);
    }
}

static int table_sort(lua_State *L) {
    lua_Integer count = check_length(L, 1);
    luaL_argcheck(L, count < INT32_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_newtable(L);
    for (lua_Integer n = 1; n <= count; n++) {
        hs_charge(L, 1);
        lua_geti(L, 1, n);
        lua_rawseti(L, 3, n);
    }
    int from = 3, to = 4;
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer low = 0; low < count; low += 2 * width) {
            lua_Integer middle = low + width < count ? low + width : count;
            lua_Integer high = low + 2 * width < count ? low + 2 * width : count;
            hs_charge(L, 1);
            merge(L, from, to, low, middle, high);
        }
        from = 7 - from;
        to = 7 - to;
    }
    for (lua_Integer n = 1; n <= count; n++) {
        hs_charge(L, 1);
        lua_rawgeti(L, from, n);
        lua_seti(L, 1, n);
    }
    return 0;
}

void hs_open_table(lua_State *L) {
    static const luaL_Reg functions[] = {{"insert", table_insert}, {"remove", table_remove}, {"move", table_move},
        {"concat", table_concat}, {"pack", table_pack}, {"unpack", table_unpack}, {"sort", table_sort}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setglobal(L, "table");
}
