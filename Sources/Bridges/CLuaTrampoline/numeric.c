// SPDX-License-Identifier: Apache-2.0
// math and utf8. Stock functions, with a random generator that only the call's seed decides (xoshiro256**, Blackman
// and Vigna 2018) and utf8 functions behind a charge.
#include "internal.h"

static uint64_t rotate(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t next_random(uint64_t s[4]) {
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/// Spreads the seed with splitmix64, so that similar seeds give unrelated sequences.
void hs_seed_random(hs_state *S, uint64_t seed) {
    for (int n = 0; n < 4; n++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        S->random[n] = z ^ z >> 31;
    }
}

void hs_seed(hs_state *S, uint64_t seed) { hs_seed_random(S, seed); }

static int math_random(lua_State *L) {
    hs_state *S = hs_of(L);
    hs_charge(L, 1);
    uint64_t value = next_random(S->random);
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, (double)(value >> 11) * 0x1.0p-53); return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)value);
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default: return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    uint64_t range = (uint64_t)high - (uint64_t)low;
    if (range != UINT64_MAX) {
        // Values in the part that does not divide evenly are drawn again.
        uint64_t width = range + 1, limit = UINT64_MAX - UINT64_MAX % width;
        while (value >= limit) value = next_random(S->random);
        value %= width;
    }
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + value));
    return 1;
}

void hs_open_math(lua_State *L) {
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    lua_pushnil(L);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
}

static bool is_continuation(const char *at) { return (*(const unsigned char *)at & 0xC0) == 0x80; }

/// One step of utf8.codes: text, byte position of the character before (0 at the start).
static int codes_step(lua_State *L) {
    size_t count;
    const char *text = luaL_checklstring(L, 1, &count);
    lua_Integer before = luaL_checkinteger(L, 2);
    size_t at = before < 0 ? 0 : (size_t)before;
    hs_charge(L, 1);
    while (before > 0 && at < count && is_continuation(text + at)) {
        hs_charge(L, 1);
        at++;
    }
    if (at >= count) return 0;
    // The stock function decodes and refuses invalid bytes.
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_call(L, 2, 1);
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_insert(L, -2);
    return 2;
}

static int text_codes(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/// Upvalue 1: stock utf8.offset. It may skip many continuation bytes; where it ended tells how many.
static int text_offset(lua_State *L) {
    size_t count;
    luaL_checklstring(L, 1, &count);
    lua_Integer n = luaL_checkinteger(L, 2), from = luaL_optinteger(L, 3, n > 0 ? 1 : (lua_Integer)count + 1);
    hs_charge(L, 1);
    int results = lua_tocfunction(L, lua_upvalueindex(1))(L);
    lua_Integer moved = lua_isinteger(L, -1) ? lua_tointeger(L, -1) - from : (lua_Integer)count;
    hs_charge_bytes(L, (size_t)(moved < 0 ? -moved : moved));
    return results;
}

void hs_open_utf8(lua_State *L) {
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    hs_wrap_stock(L, "len");
    hs_wrap_result(L, "char");
    lua_getfield(L, -1, "codepoint");
    lua_pushcclosure(L, codes_step, 1);
    lua_pushcclosure(L, text_codes, 1);
    lua_setfield(L, -2, "codes");
    hs_wrap_result(L, "codepoint");
    lua_getfield(L, -1, "offset");
    lua_pushcclosure(L, text_offset, 1);
    lua_setfield(L, -2, "offset");
    lua_pop(L, 1);
}
