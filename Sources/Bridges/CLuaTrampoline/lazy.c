// SPDX-License-Identifier: Apache-2.0
// Lazy tables of a call: what a script is given stands in the host until it is touched. A table starts empty; the
// metatable of its kind asks the host for a field. A writable kind keeps the answer as a raw field and remembers that
// the field was taken, so that a deleted one stays deleted; a read-only kind asks each time, since a raw field could be
// written. Who walks a table resolves it first (hs_resolve), which asks for all fields.
#include "internal.h"

static hs_lazy *kind_of(lua_State *L, int kind) {
    if (kind < 0 || kind >= HS_LAZY_KINDS) luaL_error(L, "unknown kind of table");
    return &hs_of(L)->lazy[kind];
}

void hs_push_lazy(lua_State *L, int kind) {
    hs_lazy *Z = kind_of(L, kind);
    lua_createtable(L, 0, Z->is_writable ? 4 : 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, Z->meta);
    lua_setmetatable(L, -2);
    // A table that a script kept from an earlier call is alive, so none of this call has its address.
    Z->table = lua_topointer(L, -1);
    Z->taken = 0;
}

/// Asks the host; pushes the value, or nothing and returns false where there is none.
static bool ask(lua_State *L, int kind, int field, const char *key, size_t count) {
    hs_state *S = hs_of(L);
    S->reply.count = 0;
    if (S->field == NULL || S->field(S->context, kind, field, (const uint8_t *)key, count, S) == 0) return false;
    hs_charge_bytes(L, S->reply.count);
    return hs_execute(L, S->reply.at, S->reply.count, 0, 0) == 1;
}

static int refuse_old(lua_State *L, const hs_lazy *Z) {
    return luaL_error(L, "'%s' belongs to an event that is over: copy() what is kept", Z->name);
}

/// The number of the field whose name is at index 2, or -1; upvalue 2 has the names.
static int field_at(lua_State *L) {
    lua_pushvalue(L, 2);
    int field = lua_rawget(L, lua_upvalueindex(2)) == LUA_TNUMBER ? (int)lua_tointeger(L, -1) : -1;
    lua_pop(L, 1);
    return field;
}

static int lazy_index(lua_State *L) {
    int kind = (int)lua_tointeger(L, lua_upvalueindex(1)), field = -1;
    hs_lazy *Z = &hs_of(L)->lazy[kind];
    hs_charge(L, 1);
    if (lua_type(L, 2) != LUA_TSTRING) return 0;
    if (Z->fields > 0 && (field = field_at(L)) < 0) return 0;
    if (lua_topointer(L, 1) != Z->table) return refuse_old(L, Z);
    if (field >= 0 && (Z->taken & 1u << field) != 0) return 0;
    size_t count;
    const char *key = lua_tolstring(L, 2, &count);
    bool is_there = ask(L, kind, field, key, count);
    if (!Z->is_writable) return is_there ? 1 : 0;
    if (is_there) {
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -2);
        lua_rawset(L, 1);
    }
    Z->taken |= 1u << field;
    return is_there ? 1 : 0;
}

static int lazy_newindex(lua_State *L) {
    hs_lazy *Z = &hs_of(L)->lazy[lua_tointeger(L, lua_upvalueindex(1))];
    hs_charge(L, 1);
    int field = field_at(L);
    if (field >= 0 && lua_topointer(L, 1) == Z->table) Z->taken |= 1u << field;
    if (lua_isnil(L, 2)) return luaL_error(L, "index is nil");
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
}

static int lazy_refuse(lua_State *L) {
    const hs_lazy *Z = &hs_of(L)->lazy[lua_tointeger(L, lua_upvalueindex(1))];
    const char *key = lua_type(L, 2) == LUA_TSTRING || lua_type(L, 2) == LUA_TNUMBER ? hs_tostring(L, 2, NULL) : "?";
    return luaL_error(L, "'%s.%s' is read-only", Z->name, key);
}

/// The kind of the lazy table at the top, or -1.
static int kind_at_top(lua_State *L) {
    if (!lua_getmetatable(L, -1)) return -1;
    const void *meta = lua_topointer(L, -1);
    lua_pop(L, 1);
    const hs_state *S = hs_of(L);
    for (int kind = 0; kind < HS_LAZY_KINDS; kind++)
        if (S->lazy[kind].meta_at == meta) return kind;
    return -1;
}

/// Sets all fields that were not taken yet in the table at `target`; `names` is the list of their names.
static void take_all(lua_State *L, hs_lazy *Z, int kind, int target, int names) {
    for (int field = 0; field < Z->fields; field++) {
        if ((Z->taken & 1u << field) != 0) continue;
        hs_charge(L, 1);
        lua_rawgeti(L, names, field + 1);
        if (ask(L, kind, field, NULL, 0)) lua_rawset(L, target);
        else lua_pop(L, 1);
        if (Z->is_writable) Z->taken |= 1u << field;
    }
}

void hs_resolve_lazy(lua_State *L) {
    int kind = kind_at_top(L);
    if (kind < 0) return;
    luaL_checkstack(L, 20, NULL);
    hs_lazy *Z = &hs_of(L)->lazy[kind];
    int table = lua_gettop(L);
    if (lua_topointer(L, table) != Z->table) {
        if (Z->is_writable) return;
        refuse_old(L, Z);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, Z->names);
    if (Z->is_writable) {
        take_all(L, Z, kind, table, table + 1);
        lua_settop(L, table);
        return;
    }
    if (Z->fields > 0) {
        lua_createtable(L, 0, Z->fields);
        take_all(L, Z, kind, table + 2, table + 1);
    } else if (!ask(L, kind, -1, NULL, 0)) {
        lua_newtable(L);
    }
    lua_pushvalue(L, -1);
    lua_rawsetp(L, table, &hs_frozen_key);
    lua_replace(L, table);
    lua_settop(L, table);
}

void hs_end_lazy(hs_state *S) {
    for (int kind = 0; kind < HS_LAZY_KINDS; kind++) S->lazy[kind].table = NULL;
}

struct definition {
    int kind, is_writable;
    const char *name, *fields;
};

static int define_body(lua_State *L) {
    const struct definition *job = lua_touserdata(L, 1);
    hs_lazy *Z = kind_of(L, job->kind);
    Z->is_writable = job->is_writable != 0;
    Z->fields = 0;
    strncpy(Z->name, job->name, sizeof Z->name - 1);
    lua_newtable(L);
    int names = lua_gettop(L);
    for (const char *at = job->fields; *at != '\0';) {
        size_t length = strcspn(at, ",");
        if (Z->fields == 31) return luaL_error(L, "a table of '%s' has too many fields", job->name);
        lua_pushlstring(L, at, length);
        lua_pushvalue(L, -1);
        lua_rawseti(L, names, Z->fields + 1);
        lua_pushinteger(L, Z->fields++);
        lua_rawset(L, names);
        at += length + (at[length] == ',' ? 1 : 0);
    }
    lua_newtable(L);
    lua_CFunction entries[] = {lazy_index, Z->is_writable ? lazy_newindex : lazy_refuse};
    static const char *const events[] = {"__index", "__newindex"};
    for (int n = 0; n < 2; n++) {
        lua_pushinteger(L, job->kind);
        lua_pushvalue(L, names);
        lua_pushcclosure(L, entries[n], 2);
        lua_setfield(L, -2, events[n]);
    }
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    Z->meta_at = lua_topointer(L, -1);
    Z->meta = luaL_ref(L, LUA_REGISTRYINDEX);
    Z->names = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t hs_define_lazy(hs_state *S, int32_t kind, const char *name, const char *fields, int32_t is_writable) {
    struct definition job = {kind, is_writable, name, fields};
    return hs_protect(S, define_body, &job);
}

void hs_set_field_body(hs_state *S, hs_field_body body) { S->field = body; }
