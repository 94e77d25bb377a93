// SPDX-License-Identifier: Apache-2.0
// The string library besides patterns. Stock functions that are linear in their arguments run behind a charge; rep
// and format are checked first, because a few bytes of arguments make them produce much.
#include "internal.h"

static int text_rep(lua_State *L) {
    size_t count, gap;
    const char *text = luaL_checklstring(L, 1, &count);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *between = luaL_optlstring(L, 3, "", &gap);
    hs_charge(L, 1);
    if (times <= 0 || count + gap == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((uint64_t)times > (SIZE_MAX / 4) / (count + gap)) return luaL_error(L, "resulting string too large");
    size_t total = (size_t)times * count + (size_t)(times - 1) * gap;
    bool is_fill = count == 1 && gap == 0;
    hs_charge_bytes(L, is_fill ? total : total + (size_t)times * 8);
    luaL_Buffer out;
    char *at = luaL_buffinitsize(L, &out, total);
    if (is_fill) {
        memset(at, *text, total);
        times = 0;
    }
    for (lua_Integer n = 0; n < times; n++) {
        memcpy(at, text, count);
        at += count;
        if (n + 1 < times) {
            memcpy(at, between, gap);
            at += gap;
        }
    }
    luaL_pushresultsize(&out, total);
    return 1;
}

/// Upvalue 1: stock format. Arguments of %s become text first, so that no address and no 14-digit float appears.
static int text_format(lua_State *L) {
    size_t count;
    const char *format = luaL_checklstring(L, 1, &count), *end = format + count;
    size_t bytes = count;
    int argument = 1, top = lua_gettop(L);
    for (const char *at = format; at < end; at++) {
        if (*at != '%') continue;
        if (++at < end && *at == '%') continue;
        while (at < end && strchr("-+ #0123456789.", *at) != NULL && *at != '\0') at++;
        if (at >= end) break;
        argument++;
        if (*at == 'p') return luaL_error(L, "invalid conversion '%%p' to 'format': addresses differ between runs");
        if (argument > top) break;  // Stock format reports it.
        if (*at == 's') {
            hs_tostring(L, argument, NULL);
            lua_replace(L, argument);
        }
        if (lua_type(L, argument) == LUA_TSTRING) bytes += lua_rawlen(L, argument);
        hs_charge(L, 2);
    }
    hs_charge_bytes(L, bytes);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Their work is what they take in…
static const char *const by_arguments[] = {"lower", "upper", "reverse", "pack", "packsize", NULL};
/// …or what they give back, however long the text is that they look into.
static const char *const by_results[] = {"byte", "char", "len", "sub", "unpack", NULL};

void hs_open_string(lua_State *L) {
    // The stock opener also sets the metatable of strings; __index is this table.
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    for (int n = 0; by_arguments[n] != NULL; n++) hs_wrap_stock(L, by_arguments[n]);
    for (int n = 0; by_results[n] != NULL; n++) hs_wrap_result(L, by_results[n]);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, text_format, 1);
    lua_setfield(L, -2, "format");
    lua_pushcfunction(L, text_rep);
    lua_setfield(L, -2, "rep");
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    // Arithmetic on strings stays as in Lua; nobody may look at or change the metatable.
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 3);
}
