// SPDX-License-Identifier: Apache-2.0
// The protected boundary: loading, calling, failures with their place, and the entry of host functions.
#include <stdio.h>

#include "internal.h"

void hs_set_message(hs_state *S, const char *text, size_t count) {
    S->message.count = 0;
    if (!hs_put(&S->message, text, count)) S->message.count = 0;
}

static void copy_name(char *target, size_t room, const char *text) {
    snprintf(target, room, "%s", text == NULL ? "" : text);
}

/// Keeps the traceback of Lua frames; leaves the error object alone.
int hs_message_handler(lua_State *L) {
    hs_state *S = hs_of(L);
    S->frame_count = 0;
    lua_Debug ar;
    for (int level = 0; S->frame_count < HS_FRAMES && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sln", &ar) || ar.currentline < 0) continue;
        hs_frame *frame = &S->frames[S->frame_count++];
        copy_name(frame->chunk, sizeof frame->chunk, *ar.source == '=' || *ar.source == '@' ? ar.source + 1 : ar.source);
        copy_name(frame->function, sizeof frame->function, *ar.what == 'm' ? "main chunk" : ar.name);
        frame->line = ar.currentline;
    }
    return 1;
}

/// Turns a status of lua_pcall into a kind and keeps the message; pops the error object.
int hs_settle(hs_state *S, int status) {
    lua_State *L = S->L;
    if (status == LUA_OK) return HS_OK;
    if (status == LUA_ERRMEM && S->spent == 0) S->spent = HS_MEMORY;
    size_t count = 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &count) : NULL;
    if (text != NULL) {
        hs_set_message(S, text, count);
    } else {
        char line[64];
        int n = snprintf(line, sizeof line, "the error is a value of type %s", luaL_typename(L, -1));
        hs_set_message(S, line, n > 0 ? (size_t)n : 0);
    }
    lua_pop(L, 1);
    bool was_result = S->is_result_failure;
    S->is_result_failure = false;
    if (S->spent != 0) return S->spent;
    if (was_result) return HS_RESULT;
    return status == LUA_ERRSYNTAX ? HS_SYNTAX : HS_RUNTIME;
}

const char *hs_message(const hs_state *S, size_t *count) {
    *count = S->message.count;
    return (const char *)S->message.at;
}

int32_t hs_frame_count(const hs_state *S) { return S->frame_count; }
const hs_frame *hs_frame_at(const hs_state *S, int32_t n) { return &S->frames[n]; }

int hs_protect(hs_state *S, lua_CFunction body, void *context) {
    lua_State *L = S->L;
    S->frame_count = 0;
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, context);
    return hs_settle(S, lua_pcall(L, 1, 0, 0));
}

struct load {
    const char *chunk;
    const uint8_t *source;
    size_t count;
    int environment, reference, kind;
};

static int load_body(lua_State *L) {
    struct load *job = lua_touserdata(L, 1);
    int status = luaL_loadbufferx(L, (const char *)job->source, job->count, job->chunk, "t");
    if (status != LUA_OK) return lua_error(L);
    if (job->environment != 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, job->environment);
        lua_setupvalue(L, -2, 1);
    }
    job->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t hs_load(
    hs_state *S, const char *chunk, const uint8_t *source, size_t count, int32_t environment, int32_t *reference) {
    struct load job = {chunk, source, count, environment, 0, 0};
    if (!lua_checkstack(S->L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_pushcfunction(S->L, load_body);
    lua_pushlightuserdata(S->L, &job);
    S->frame_count = 0;
    int status = lua_pcall(S->L, 1, 0, 0);
    // A syntax error raised again by lua_error arrives as a runtime error.
    int kind = hs_settle(S, status == LUA_ERRRUN ? LUA_ERRSYNTAX : status);
    *reference = job.reference;
    return kind;
}

static int environment_index(lua_State *L) {
    lua_pushvalue(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
    return 1;
}

static int environment_body(lua_State *L) {
    struct load *job = lua_touserdata(L, 1);
    lua_newtable(L);
    // The file's own globals, not the shared ones: `_G.x = 1` must reach nobody else.
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    lua_createtable(L, 0, 2);
    lua_pushglobaltable(L);
    lua_pushcclosure(L, environment_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &hs_environments_key);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
    job->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t hs_new_environment(hs_state *S, int32_t *reference) {
    struct load job = {0};
    int kind = hs_protect(S, environment_body, &job);
    *reference = job.reference;
    return kind;
}

static int named_body(lua_State *L) {
    struct load *job = lua_touserdata(L, 1);
    if (job->environment != 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, job->environment);
    } else {
        lua_pushglobaltable(L);
    }
    hs_resolve(L);
    lua_pushstring(L, job->chunk);
    lua_rawget(L, -2);
    job->kind = hs_kind(hs_of(L), -1);
    job->reference = lua_isnil(L, -1) ? 0 : luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t hs_get_named(hs_state *S, int32_t environment, const char *name, int32_t *reference, int32_t *kind) {
    struct load job = {.chunk = name, .environment = environment};
    int status = hs_protect(S, named_body, &job);
    *reference = job.reference;
    *kind = job.kind;
    return status;
}

static int freeze_body(lua_State *L) {
    hs_freeze_all(L);
    return 0;
}

static int freeze_shared_body(lua_State *L) {
    hs_freeze_shared(L);
    return 0;
}

int32_t hs_seal(hs_state *S) { return hs_protect(S, freeze_shared_body, NULL); }

int32_t hs_freeze(hs_state *S) {
    if (S->frozen) return HS_OK;
    int kind = hs_protect(S, freeze_body, NULL);
    if (kind != HS_OK) return kind;
    lua_gc(S->L, LUA_GCCOLLECT);
    S->baseline = S->used;
    S->frozen = true;
    return HS_OK;
}

void hs_unref(hs_state *S, int32_t reference) {
    // luaL_unref only overwrites slots that exist: it cannot raise.
    luaL_unref(S->L, LUA_REGISTRYINDEX, reference);
}

struct job {
    int reference;
    const uint8_t *ops;
    size_t count;
};

static int call_body(lua_State *L) {
    struct job *job = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, job->reference);
    hs_execute(L, job->ops, job->count, 0, 0);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

int32_t hs_call(
    hs_state *S, int32_t reference, const uint8_t *ops, size_t count, const hs_limits *limits, int32_t *results) {
    lua_State *L = S->L;
    *results = 0;
    if (S->spent != 0) {
        static const char text[] = "this state has spent a budget before";
        hs_set_message(S, text, sizeof text - 1);
        return S->spent;
    }
    lua_settop(L, 0);
    S->frame_count = 0;
    S->is_result_failure = false;
    struct job job = {reference, ops, count};
    hs_arm(S, limits);
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_pushcfunction(L, hs_message_handler);
    lua_pushcfunction(L, call_body);
    lua_pushlightuserdata(L, &job);
    int status = lua_pcall(L, 1, LUA_MULTRET, 1);
    lua_remove(L, 1);
    int kind = hs_settle(S, status);
    *results = kind == HS_OK ? lua_gettop(L) : 0;
    return kind;
}

void hs_end(hs_state *S) {
    lua_settop(S->L, 0);
    hs_disarm(S);
    hs_end_lazy(S);
    hs_drop_documents(S);
    hs_report_memory(S);
}

int32_t hs_invoke(hs_state *S, int32_t index, const uint8_t *ops, size_t count, int32_t *results) {
    lua_State *L = S->L;
    if (!lua_checkstack(L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_pushvalue(L, index);
    int reference;
    if (hs_reference(S, -1, &reference) != HS_OK) return HS_MEMORY;
    lua_pop(L, 1);
    int base = lua_gettop(L);
    struct job job = {reference, ops, count};
    lua_pushcfunction(L, hs_message_handler);
    lua_pushcfunction(L, call_body);
    lua_pushlightuserdata(L, &job);
    int status = lua_pcall(L, 1, LUA_MULTRET, base + 1);
    lua_remove(L, base + 1);
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    int kind = hs_settle(S, status);
    *results = kind == HS_OK ? lua_gettop(L) - base : 0;
    return kind;
}

int32_t hs_push_reference(hs_state *S, int32_t reference) {
    if (!lua_checkstack(S->L, 20)) return hs_settle(S, LUA_ERRMEM);
    lua_rawgeti(S->L, LUA_REGISTRYINDEX, reference);
    return HS_OK;
}

void hs_begin_reply(hs_state *S) { S->reply_documents = S->document_count; }

/// Entry of every host function; upvalues: index, cost.
static int host_entry(lua_State *L) {
    hs_state *S = hs_of(L);
    hs_charge(L, lua_tointeger(L, lua_upvalueindex(2)));
    luaL_checkstack(L, 40, NULL);
    int arguments = lua_gettop(L);
    S->reply.count = 0;
    int status = S->host == NULL ? 1 : S->host(S->context, (int32_t)lua_tointeger(L, lua_upvalueindex(1)), S);
    if (S->spent != 0) hs_rethrow_if_spent(L, LUA_OK);
    lua_settop(L, arguments);
    if (status != 0) {
        luaL_where(L, 1);
        lua_pushlstring(L, S->reply.at == NULL ? "" : (const char *)S->reply.at, S->reply.count);
        lua_concat(L, 2);
        return lua_error(L);
    }
    return hs_execute(L, S->reply.at, S->reply.count, arguments, S->reply_documents);
}

struct registration {
    const char *name;
    int32_t index;
    int64_t cost;
};

static int register_body(lua_State *L) {
    struct registration *job = lua_touserdata(L, 1);
    lua_pushglobaltable(L);
    const char *part = job->name;
    for (const char *dot = strchr(part, '.'); dot != NULL; part = dot + 1, dot = strchr(part, '.')) {
        lua_pushlstring(L, part, (size_t)(dot - part));
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TTABLE) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, -5);
        }
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
    lua_pushstring(L, part);
    lua_pushinteger(L, job->index);
    lua_pushinteger(L, job->cost);
    lua_pushcclosure(L, host_entry, 2);
    lua_rawset(L, -3);
    return 0;
}

int32_t hs_register(hs_state *S, const char *name, int32_t index, int64_t cost) {
    struct registration job = {name, index, cost};
    return hs_protect(S, register_body, &job);
}

int32_t hs_reply(hs_state *S, const uint8_t *bytes, size_t count) {
    S->reply.count = 0;
    return hs_put(&S->reply, bytes, count) ? 1 : 0;
}
