// SPDX-License-Identifier: Apache-2.0
// Read-only tables: the content moves into a table of its own and the old table becomes an empty proxy over it. Who
// walks tables (pairs, the JSON writer, copy) resolves proxies first, so only scripts that write notice.
#include "internal.h"

const char hs_frozen_key = 0, hs_kind_key = 0, hs_order_key = 0, hs_view_key = 0, hs_environments_key = 0;

bool hs_is_hidden(lua_State *L, int index) { return lua_type(L, index) == LUA_TLIGHTUSERDATA; }

void hs_resolve(lua_State *L) {
    if (lua_type(L, -1) != LUA_TTABLE) return;
    if (lua_rawgetp(L, -1, &hs_frozen_key) == LUA_TTABLE) {
        lua_replace(L, -2);
        return;
    }
    lua_pop(L, 1);
    hs_resolve_lazy(L);
}

static int refuse_write(lua_State *L) {
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    const char *key = lua_type(L, 2) == LUA_TSTRING || lua_type(L, 2) == LUA_TNUMBER ? hs_tostring(L, 2, NULL) : "?";
    if (*name == '\0') return luaL_error(L, "global '%s' is read-only after load: use 'local'", key);
    return luaL_error(L, "'%s.%s' is read-only", name, key);
}

static int frozen_length(lua_State *L) {
    lua_rawgetp(L, 1, &hs_frozen_key);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

/// Freezes the table at `index`; `name` is what stands before the key in the error, empty for globals.
void hs_freeze_table(lua_State *L, int index, const char *name) {
    luaL_checkstack(L, 12, NULL);
    index = lua_absindex(L, index);
    if (lua_rawgetp(L, index, &hs_frozen_key) != LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    int content = lua_gettop(L);
    // Assigning nil to a field that exists is allowed while lua_next walks.
    for (lua_pushnil(L); lua_next(L, index) != 0;) {
        hs_charge(L, 1);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, content);
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, index);
    }
    // What the table fell back to before (an environment to the globals) stays behind the content.
    if (lua_getmetatable(L, index)) lua_setmetatable(L, content);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, content);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, frozen_length);
    lua_setfield(L, -2, "__len");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, index);
    lua_pushvalue(L, content);
    lua_rawsetp(L, index, &hs_frozen_key);
    lua_settop(L, content - 1);
}

/// Freezes the tables below the one at `index` that have no metatable of their own, then the table itself.
static void freeze_below(lua_State *L, int index, const char *name, int depth) {
    luaL_checkstack(L, 12, NULL);
    index = lua_absindex(L, index);
    if (lua_rawgetp(L, index, &hs_frozen_key) != LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    lua_pop(L, 1);
    // The mark comes first, so that a cycle ends; the content is set by hs_freeze_table below.
    lua_newtable(L);
    int todo = lua_gettop(L);
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -1) != LUA_TTABLE || lua_type(L, -2) == LUA_TLIGHTUSERDATA) continue;
        lua_pushvalue(L, -2);
        lua_rawseti(L, todo, ++count);
        lua_pushvalue(L, -1);
        lua_rawseti(L, todo, ++count);
    }
    hs_freeze_table(L, index, name);
    for (lua_Integer n = 1; n < count && depth < 16; n += 2) {
        lua_rawgeti(L, todo, n);
        lua_rawgeti(L, todo, n + 1);
        bool is_plain = !lua_getmetatable(L, -1);
        if (!is_plain) lua_pop(L, 1);
        if (is_plain && lua_type(L, -2) == LUA_TSTRING) {
            if (*name == '\0') lua_pushvalue(L, -2);
            else lua_pushfstring(L, "%s.%s", name, lua_tostring(L, -2));
            freeze_below(L, -2, lua_tostring(L, -1), depth + 1);
        } else if (is_plain) {
            lua_pushfstring(L, "%s[…]", name);
            freeze_below(L, -2, lua_tostring(L, -1), depth + 1);
        }
        lua_settop(L, todo);
    }
    lua_settop(L, todo - 1);
}

void hs_freeze_shared(lua_State *L) {
    lua_pushglobaltable(L);
    freeze_below(L, -1, "", 0);
    lua_pop(L, 1);
}

void hs_freeze_all(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &hs_environments_key);
    int environments = lua_gettop(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, environments);
    for (lua_Integer n = 1; n <= count; n++) {
        lua_rawgeti(L, environments, n);
        freeze_below(L, -1, "", 0);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    hs_freeze_shared(L);
}
