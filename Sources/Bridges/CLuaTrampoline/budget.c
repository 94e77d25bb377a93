// SPDX-License-Identifier: Apache-2.0
// Steps: VM instructions counted by a hook, plus what C functions charge. The hook fires every so many instructions;
// what remains of the last interval is measured at the end by running a loop of known length into the hook, so the
// count is exact and the interval is free to change.
#include <time.h>

#include "internal.h"

// A short interval makes the loop at the end of a call short, which every call pays for.
// It grows while a call runs, so that the loop stays short beside the call.
enum { INTERVAL = 250, SHORT_INTERVAL = 50, CLOCK_EVERY = 20000 };

// With this much memory in use, one instruction (a concatenation, a comparison) can take milliseconds: look more often.
static const size_t large_memory = 1u << 20;

static const char drain_key = 0;

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

/// The clock starts with the first look at it: a short call needs none.
static bool is_late(hs_state *S) {
    uint64_t at = now();
    if (S->deadline == 0) S->deadline = at + S->wall;
    return at > S->deadline;
}

static void on_count(lua_State *L, lua_Debug *ar);

static void spend(lua_State *L, hs_state *S, int kind) {
    if (S->spent == 0) S->spent = kind;
    if (S->armed != 1) {
        S->armed = 1;
        lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    }
    switch (S->spent) {
    case HS_STEPS: lua_pushliteral(L, "the step budget is spent"); break;
    case HS_WALL: lua_pushliteral(L, "the time limit is over"); break;
    default: lua_pushliteral(L, "not enough memory"); break;
    }
    lua_error(L);
}

static void on_count(lua_State *L, lua_Debug *ar) {
    hs_state *S = hs_of(L);
    if (ar->event == LUA_HOOKLINE) {
        if (!S->draining) hs_note_line(L, ar);
        return;
    }
    if (S->draining) {
        // The loop's internal variables: its index, and how many turns remain. Before the loop there are none.
        const char *name = lua_getlocal(L, ar, 1);
        bool is_looping = name != NULL && *name == '(' && strcmp(name, "(for state)") == 0;
        if (S->drained < 0) S->drained = is_looping ? (int)lua_tointeger(L, -1) : 0;
        if (name != NULL) lua_pop(L, 1);
        if (!is_looping) return;
        lua_pushinteger(L, 0);
        lua_setlocal(L, ar, 2);
        return;
    }
    if (S->spent != 0) spend(L, S, S->spent);
    S->steps += S->armed;
    if (S->steps >= S->limit) {
        S->steps = S->limit;
        spend(L, S, HS_STEPS);
    }
    if (is_late(S)) spend(L, S, HS_WALL);
    S->unclocked = 0;
    int64_t left = S->limit - S->steps;
    int next = S->armed * 2 < INTERVAL ? S->armed * 2 : INTERVAL;
    if (S->used > S->baseline + large_memory) next = SHORT_INTERVAL;
    if (next > left) next = (int)left;
    if (next != S->armed) {
        S->armed = next;
        lua_sethook(L, on_count, S->hook_mask, next);
    }
}

void hs_charge(lua_State *L, int64_t steps) {
    hs_state *S = hs_of(L);
    if (!S->counting) return;
    if (S->spent != 0) spend(L, S, S->spent);
    if (steps < 0 || steps >= S->limit - S->steps) {
        S->steps = S->limit;
        spend(L, S, HS_STEPS);
    }
    S->steps += steps;
    S->unclocked += steps;
    if (S->unclocked > CLOCK_EVERY) {
        S->unclocked = 0;
        if (is_late(S)) spend(L, S, HS_WALL);
    }
}

void hs_charge_bytes(lua_State *L, size_t bytes) { hs_charge(L, (int64_t)(bytes / 32) + 1); }

void hs_rethrow_if_spent(lua_State *L, int status) {
    hs_state *S = hs_of(L);
    if (status == LUA_ERRMEM && S->spent == 0) S->spent = HS_MEMORY;
    if (S->spent != 0) spend(L, S, S->spent);
}

void hs_arm(hs_state *S, const hs_limits *limits) {
    S->steps = 0;
    S->unclocked = 0;
    S->limit = limits->steps;
    S->deadline = 0;
    S->wall = (uint64_t)limits->wall_nanoseconds;
    S->ceiling = (S->frozen ? S->baseline : S->used) + (size_t)limits->memory_bytes;
    S->armed = S->limit < SHORT_INTERVAL ? (int)S->limit : SHORT_INTERVAL;
    S->counting = true;
    lua_sethook(S->L, on_count, S->hook_mask, S->armed);
}

/// The loop's turn at which the hook fires.
static int drain(hs_state *S) {
    lua_State *L = S->L;
    S->draining = true;
    S->drained = -1;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &drain_key);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) lua_pop(L, 1);
    S->draining = false;
    return S->drained < 0 ? 0 : S->drained;
}

void hs_disarm(hs_state *S) {
    if (!S->counting) return;
    S->counting = false;
    if (S->spent == 0) {
        // Instructions since the hook fired last = the interval less what the loop could still run.
        int64_t rest = (int64_t)S->armed - (drain(S) + S->drain_base);
        if (rest > 0) S->steps += rest;
    }
    lua_sethook(S->L, NULL, 0, 0);
    S->ceiling = S->used + S->cap;
}

static int keep_drain(lua_State *L) {
    static const char loop[] = "for i = 1, 5000 do end";
    if (luaL_loadbufferx(L, loop, sizeof loop - 1, "=drain", "t") != LUA_OK) lua_error(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &drain_key);
    return 0;
}

bool hs_calibrate(hs_state *S) {
    lua_State *L = S->L;
    lua_pushcfunction(L, keep_drain);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) return false;
    lua_sethook(L, on_count, LUA_MASKCOUNT, INTERVAL);
    int turn = drain(S);
    lua_sethook(L, NULL, 0, 0);
    S->drain_base = INTERVAL - turn;
    return turn > 0;
}

int64_t hs_steps(const hs_state *S) { return S->steps; }
int64_t hs_steps_left(const hs_state *S) { return S->limit - S->steps; }
int32_t hs_poisoned(const hs_state *S) { return S->spent; }

static int charge_body(lua_State *L) {
    hs_charge(L, lua_tointeger(L, 1));
    return 0;
}

int32_t hs_host_charge(hs_state *S, int64_t steps) {
    lua_State *L = S->L;
    if (!lua_checkstack(L, 4)) return 0;
    lua_pushcfunction(L, charge_body);
    lua_pushinteger(L, steps);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 1;
    lua_pop(L, 1);
    return 0;
}
